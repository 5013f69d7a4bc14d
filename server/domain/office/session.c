/* SPDX-License-Identifier: GPL-2.0-or-later
 * session.c: log-in sessions. The database's clock decides what has ended. */
#include "server/domain/office/session.h"
#include <string.h>
#include "server/domain/office/audit.h"
#include "server/domain/office/operator.h"
#include "server/domain/office/role.h"
#include "server/domain/office/row-json.h"

static const TilldStatement session_insert = {
  .name = "session-insert",
  .sql = "WITH seen AS (UPDATE operator SET last_login = now () WHERE id = $2 AND active RETURNING id) "
         "INSERT INTO session (token, operator, address) SELECT $1, id, $3 FROM seen RETURNING expires_at",
  .params = { DB_BYTES_TYPE, DB_I64_TYPE, DB_TEXT_TYPE },
  .columns = { { "expires_at", DB_TS_TYPE } },
};
TILLD_STATEMENT (session_insert)

/* The key of a service: it ends by hand only. */
static const TilldStatement session_key = {
  .name = "session-key",
  .sql = "INSERT INTO session (token, operator, expires_at) VALUES ($1, $2, now () + interval '100 years')",
  .params = { DB_BYTES_TYPE, DB_I64_TYPE },
};
TILLD_STATEMENT (session_key)

/* Idle 15 minutes, a person's: used_at is renewed when it is older than 10 s, so that a busy session costs no write a request. */
static const TilldStatement session_find = {
  .name = "session-find",
  .sql = "SELECT s.operator, s.expires_at, o.account, o.name, o.sale_limit, o.must_change, s.used_at < now () - interval '10 seconds' AS renew, "
         "(SELECT id FROM site ORDER BY id LIMIT 1) AS site, "
         "ARRAY (SELECT DISTINCT p.permission FROM operator_role r JOIN role_permission p ON p.role = r.role WHERE r.operator = o.id) AS permissions, "
         "ARRAY (SELECT a.area FROM operator_area a WHERE a.operator = o.id ORDER BY 1) AS areas "
         "FROM session s JOIN operator o ON o.id = s.operator "
         "WHERE s.token = $1 AND o.active AND s.expires_at > now () AND (o.kind = 1 OR s.used_at > now () - interval '15 minutes')",
  .params = { DB_BYTES_TYPE },
  .columns = { { "operator", DB_I64_TYPE }, { "expires_at", DB_TS_TYPE }, { "account", DB_TEXT_TYPE }, { "name", DB_TEXT_TYPE },
               { "sale_limit", DB_I64_TYPE }, { "must_change", DB_BOOL_TYPE }, { "renew", DB_BOOL_TYPE }, { "site", DB_I64_TYPE, DB_NULL_OK },
               { "permissions", DB_TEXT_ARRAY_TYPE }, { "areas", DB_I64_ARRAY_TYPE } },
};
TILLD_STATEMENT (session_find)

static const TilldStatement session_renew = {
  .name = "session-renew", .sql = "UPDATE session SET used_at = now () WHERE token = $1", .params = { DB_BYTES_TYPE },
};
TILLD_STATEMENT (session_renew)

static const TilldStatement session_delete = {
  .name = "session-delete", .sql = "DELETE FROM session WHERE token = $1", .params = { DB_BYTES_TYPE },
};
TILLD_STATEMENT (session_delete)

static const TilldStatement session_delete_all = {
  .name = "session-delete-all",
  .sql = "WITH gone AS (DELETE FROM session WHERE operator = $1) SELECT pg_notify ('till_login', '')::text AS rung",
  .params = { DB_I64_TYPE },
  .columns = { { "rung", DB_TEXT_TYPE } },
};
TILLD_STATEMENT (session_delete_all)

/* By the id of the list, with the same scope. */
static const TilldStatement session_cut = {
  .name = "session-cut",
  .sql = "WITH gone AS (DELETE FROM session s USING operator o WHERE o.id = s.operator AND left (encode (s.token, 'hex'), 16) = $1 "
         "AND ($2 OR " TILLD_OPERATOR_SCOPE ("$3") ") AND ($4 OR NOT EXISTS (SELECT FROM operator_role x JOIN role_permission p ON p.role = x.role "
         "WHERE x.operator = o.id AND p.permission <> ALL ($5))) RETURNING s.operator) SELECT operator, pg_notify ('till_login', '')::text AS rung FROM gone",
  .params = { DB_TEXT_TYPE, DB_BOOL_TYPE, DB_I64_ARRAY_TYPE, DB_BOOL_TYPE, DB_TEXT_ARRAY_TYPE },
  .columns = { { "operator", DB_I64_TYPE }, { "rung", DB_TEXT_TYPE } },
};
TILLD_STATEMENT (session_cut)

static const TilldStatement session_sweep = {
  .name = "session-sweep",
  .sql = "DELETE FROM session s USING operator o WHERE o.id = s.operator "
         "AND (s.expires_at <= now () OR (o.kind = 0 AND s.used_at <= now () - interval '15 minutes'))",
};
TILLD_STATEMENT (session_sweep)

static const TilldStatement session_who = {
  .name = "session-who",
  .sql = "SELECT o.id, o.account, o.name, o.must_change, "
         "ARRAY (SELECT r.name FROM operator_role x JOIN role r ON r.id = x.role WHERE x.operator = o.id ORDER BY 1) AS roles, "
         "ARRAY (SELECT a.area FROM operator_area a WHERE a.operator = o.id ORDER BY 1) AS areas FROM operator o WHERE o.id = $1",
  .params = { DB_I64_TYPE },
  .columns = { { "id", DB_I64_TYPE }, { "account", DB_TEXT_TYPE }, { "name", DB_TEXT_TYPE }, { "must_change", DB_BOOL_TYPE },
               { "roles", DB_TEXT_ARRAY_TYPE }, { "areas", DB_I64_ARRAY_TYPE } },
};
TILLD_STATEMENT (session_who)

gboolean
tilld_session_begin (TilldDb *db, const TilldActor *who, gint64 operator_id, const guint8 hash[TILLD_SESSION_TOKEN],
                     TillTime *ret_expires_at, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;
  g_autofree char *object = g_strdup_printf ("operator:%" G_GINT64_FORMAT, operator_id);
  TilldActor self = *who;

  g_assert (tilld_actor_is_set (who));
  self.operator_id = operator_id;
  if (!tilld_db_query (db, &session_insert, &rows, error, DB_BYTES (hash, TILLD_SESSION_TOKEN), DB_I64 (operator_id), tilld_db_text (who->address)))
    return FALSE;
  if (tilld_rows_count (rows) != 1)
    return till_fail (error, TILL_ERROR_UNAUTHENTICATED, "no active operator");
  if (!tilld_audit_write (db, &self, &(TilldAuditEntry){ .action = "session.begin", .object = object }, error))
    return FALSE;
  *ret_expires_at = tilld_row_ts (rows, 0, "expires_at");
  return TRUE;
}

static void
fill_actor (TilldRows *rows, TilldActor *ret)
{
  guint n = 0;
  g_autofree gint64 *areas = NULL;
  g_auto (GStrv) words = NULL;

  *ret = (TilldActor){ .operator_id = tilld_row_i64 (rows, 0, "operator"), .site = MAX (1, tilld_row_i64 (rows, 0, "site")),
                       .account = tilld_row_dup_text (rows, 0, "account"), .name = tilld_row_dup_text (rows, 0, "name"),
                       .sale_limit = tilld_row_i64 (rows, 0, "sale_limit"),
                       .must_change = tilld_row_bool (rows, 0, "must_change") };
  words = tilld_row_strv (rows, 0, "permissions");
  ret->permissions = tilld_role_set_of_words (words);
  areas = tilld_row_i64_array (rows, 0, "areas", &n);
  if (n == 0)
    return;
  ret->areas = g_array_sized_new (FALSE, FALSE, sizeof (gint64), n);
  g_array_append_vals (ret->areas, areas, n);
}

gboolean
tilld_session_identify (TilldDb *db, const guint8 hash[TILLD_SESSION_TOKEN], TilldActor *ret_actor, TillTime *ret_expires_at, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;

  if (!tilld_db_query (db, &session_find, &rows, error, DB_BYTES (hash, TILLD_SESSION_TOKEN)))
    return FALSE;
  if (tilld_rows_count (rows) != 1)
    return till_fail (error, TILL_ERROR_UNAUTHENTICATED, "no such session");
  if (tilld_row_bool (rows, 0, "renew") && !tilld_db_query (db, &session_renew, NULL, error, DB_BYTES (hash, TILLD_SESSION_TOKEN)))
    return FALSE;
  fill_actor (rows, ret_actor);
  *ret_expires_at = tilld_row_ts (rows, 0, "expires_at");
  return TRUE;
}

gboolean
tilld_session_end (TilldDb *db, const TilldActor *who, const guint8 hash[TILLD_SESSION_TOKEN], GError **error)
{
  g_assert (tilld_actor_is_set (who));
  return tilld_db_query (db, &session_delete, NULL, error, DB_BYTES (hash, TILLD_SESSION_TOKEN)) &&
         tilld_audit_write (db, who, &(TilldAuditEntry){ .action = "session.end" }, error);
}

gboolean
tilld_session_end_all (TilldDb *db, gint64 operator_id, GError **error)
{
  return tilld_db_query (db, &session_delete_all, NULL, error, DB_I64 (operator_id));
}

gboolean
tilld_session_key (TilldDb *db, gint64 operator_id, const guint8 hash[TILLD_SESSION_TOKEN], GError **error)
{
  return tilld_db_query (db, &session_key, NULL, error, DB_BYTES (hash, TILLD_SESSION_TOKEN), DB_I64 (operator_id));
}

gboolean
tilld_session_cut (TilldDb *db, const TilldActor *who, const char *id, GError **error)
{
  const char           *mine[TILL_PERMISSION_N];
  g_autoptr (TilldRows) rows = NULL;
  g_autofree char      *object = NULL;
  guint                 n = 0, n_areas = who->areas != NULL ? who->areas->len : 0;

  g_assert (tilld_actor_is_set (who));
  for (guint i = 0; i < TILL_PERMISSION_N; i++)
    if (till_permission_set_has (who->permissions, i))
      mine[n++] = till_permission_word (i);
  if (!tilld_db_query (db, &session_cut, &rows, error, DB_TEXT (id), DB_BOOL (who->areas == NULL),
                       DB_I64_ARRAY (n_areas > 0 ? (const gint64 *) who->areas->data : NULL, n_areas),
                       DB_BOOL (till_permission_set_has (who->permissions, TILL_PERMISSION_ROLES_EDIT)), DB_TEXT_ARRAY (mine, n)))
    return FALSE;
  if (tilld_rows_count (rows) == 0)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "there is no such session, or it is not yours to end");
  object = g_strdup_printf ("operator:%" G_GINT64_FORMAT, tilld_row_i64 (rows, 0, "operator"));
  return tilld_audit_write (db, who, &(TilldAuditEntry){ .action = "session.end", .object = object }, error);
}

gboolean
tilld_session_sweep (TilldDb *db, GError **error)
{
  return tilld_db_exec (db, &session_sweep, NULL, 0, NULL, error);
}

gboolean
tilld_session_write (TilldDb *db, const TilldActor *who, TillJsonWrite *w, GError **error)
{
  static const TilldJsonField fields[] = {
    { "id", TILLD_JSON_INT }, { "account", TILLD_JSON_TEXT }, { "name", TILLD_JSON_TEXT }, { "must_change", TILLD_JSON_BOOL },
    { "roles", TILLD_JSON_TEXTS }, { "areas", TILLD_JSON_INTS }, { NULL },
  };
  g_autoptr (TilldRows) rows = NULL;

  if (!tilld_db_query (db, &session_who, &rows, error, DB_I64 (who->operator_id)))
    return FALSE;
  if (tilld_rows_count (rows) != 1)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "no such operator");
  till_json_write_begin_object (w, "operator");
  tilld_row_write (rows, 0, fields, w);
  till_json_write_begin_array (w, "permissions");
  for (guint i = 0; i < TILL_PERMISSION_N; i++)
    if (till_permission_set_has (who->permissions, i))
      till_json_write_text (w, NULL, till_permission_word (i));
  till_json_write_end_array (w);
  till_json_write_end_object (w);
  return TRUE;
}

static const TilldStatement shape = {
  .name = "session-list",
  .sql = "left (encode (s.token, 'hex'), 16) AS id, s.operator AS operator, o.account AS account, o.name AS name, s.address AS address, "
         "s.created_at AS created_at, s.used_at AS used_at, s.expires_at AS expires_at",
  .columns = { { "id", DB_TEXT_TYPE }, { "operator", DB_I64_TYPE }, { "account", DB_TEXT_TYPE }, { "name", DB_TEXT_TYPE }, { "address", DB_TEXT_TYPE },
               { "created_at", DB_TS_TYPE }, { "used_at", DB_TS_TYPE }, { "expires_at", DB_TS_TYPE } },
};
static const TilldJsonField list_fields[] = {
  { "id", TILLD_JSON_TEXT }, { "operator", TILLD_JSON_INT }, { "account", TILLD_JSON_TEXT }, { "name", TILLD_JSON_TEXT },
  { "address", TILLD_JSON_TEXT }, { "created_at", TILLD_JSON_TIME }, { "used_at", TILLD_JSON_TIME }, { "expires_at", TILLD_JSON_TIME }, { NULL },
};
static const TilldListFilter filters[] = { { "operator", TILLD_FILTER_I64, "s.operator = ANY ($#)" }, { NULL } };
static const TilldListSort sorts[] = { { "created_at", "s.created_at" }, { "used_at", "s.used_at" }, { "name", "o.name" }, { NULL } };
static const TilldListSpec spec = {
  .shape = &shape, .from = "FROM session s JOIN operator o ON o.id = s.operator",
  .where = "s.expires_at > now () AND (o.kind = 1 OR s.used_at > now () - interval '15 minutes')", .scope = TILLD_OPERATOR_SCOPE ("$#"),
  .filters = filters, .sorts = sorts, .order = "s.created_at DESC, s.token",
};
TILLD_LIST (spec)

gboolean
tilld_session_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error)
{
  static const TilldJsonList list = { &spec, list_fields, NULL, "session" };

  return tilld_list_serve (db, who, &list, query, w, error);
}
