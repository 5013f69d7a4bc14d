/* SPDX-License-Identifier: GPL-2.0-or-later
 * operator.c: people and services that may log in. */
#include "server/domain/office/operator.h"
#include "server/domain/office/audit.h"
#include "server/domain/office/row-json.h"
#include "server/domain/office/session.h"

static const TilldStatement operator_credentials = {
  .name = "operator-credentials",
  .sql = "SELECT id, account, password, must_change FROM operator WHERE account = lower ($1) AND active",
  .params = { DB_TEXT_TYPE },
  .columns = { { "id", DB_I64_TYPE }, { "account", DB_TEXT_TYPE }, { "password", DB_TEXT_TYPE }, { "must_change", DB_BOOL_TYPE } },
};
TILLD_STATEMENT (operator_credentials)

static const TilldStatement operator_insert = {
  .name = "operator-insert",
  .sql = "INSERT INTO operator (account, name, password, must_change) VALUES (lower ($1), $2, $3, $4) RETURNING id",
  .params = { DB_TEXT_TYPE, DB_TEXT_TYPE, DB_TEXT_TYPE, DB_BOOL_TYPE },
  .columns = { { "id", DB_I64_TYPE } },
};
TILLD_STATEMENT (operator_insert)

static const TilldStatement operator_grant = {
  .name = "operator-grant",
  .sql = "INSERT INTO operator_role (operator, role) SELECT $1, id FROM role WHERE name = ANY ($2) RETURNING role",
  .params = { DB_I64_TYPE, DB_TEXT_ARRAY_TYPE },
  .columns = { { "role", DB_I64_TYPE } },
};
TILLD_STATEMENT (operator_grant)

static const TilldStatement operator_password = {
  .name = "operator-password",
  .sql = "UPDATE operator SET password = $2, must_change = $3, version = version + 1 WHERE id = $1 RETURNING account",
  .params = { DB_I64_TYPE, DB_TEXT_TYPE, DB_BOOL_TYPE },
  .columns = { { "account", DB_TEXT_TYPE } },
};
TILLD_STATEMENT (operator_password)

static const TilldStatement operator_active = {
  .name = "operator-active",
  .sql = "UPDATE operator SET active = $2, version = version + 1 WHERE id = $1 RETURNING account",
  .params = { DB_I64_TYPE, DB_BOOL_TYPE },
  .columns = { { "account", DB_TEXT_TYPE } },
};
TILLD_STATEMENT (operator_active)

void
tilld_credentials_clear (TilldCredentials *credentials)
{
  g_clear_pointer (&credentials->password, g_free);
  g_clear_pointer (&credentials->account, g_free);
}

gboolean
tilld_operator_credentials (TilldDb *db, const char *account, TilldCredentials *ret, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;

  if (!tilld_db_query (db, &operator_credentials, &rows, error, DB_TEXT (account)))
    return FALSE;
  *ret = (TilldCredentials){ 0 };
  if (tilld_rows_count (rows) == 1)
    *ret = (TilldCredentials){ .id = tilld_row_i64 (rows, 0, "id"), .account = tilld_row_dup_text (rows, 0, "account"),
                               .password = tilld_row_dup_text (rows, 0, "password"), .must_change = tilld_row_bool (rows, 0, "must_change") };
  return TRUE;
}

/* action and "operator:ID" into the log. */
static gboolean
note (TilldDb *db, const TilldActor *who, const char *action, gint64 id, GError **error)
{
  g_autofree char *object = g_strdup_printf ("operator:%" G_GINT64_FORMAT, id);

  return tilld_audit_write (db, who, &(TilldAuditEntry){ .action = action, .object = object }, error);
}

gboolean
tilld_operator_create (TilldDb *db, const TilldActor *who, const TilldOperatorNew *in, gint64 *ret_id, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;
  g_autoptr (TilldRows) granted = NULL;
  guint n = g_strv_length ((char **) in->roles);
  gint64 id;

  g_assert (tilld_actor_is_set (who));
  if (!tilld_db_query (db, &operator_insert, &rows, error, DB_TEXT (in->account), DB_TEXT (in->name), DB_TEXT (in->password),
                       DB_BOOL (in->must_change)))
    return FALSE;
  id = tilld_row_i64 (rows, 0, "id");
  if (!tilld_db_query (db, &operator_grant, &granted, error, DB_I64 (id), DB_TEXT_ARRAY (in->roles, n)))
    return FALSE;
  if (tilld_rows_count (granted) != n)
    {
      till_fail (error, TILL_ERROR_INVALID, "there is no such role");
      if (error != NULL)
        till_error_add_field (*error, "roles", "must name roles that exist");
      return FALSE;
    }
  if (!note (db, who, "operator.create", id, error))
    return FALSE;
  *ret_id = id;
  return TRUE;
}

static gboolean
change (TilldDb *db, const TilldActor *who, gint64 id, TilldRows *rows, const char *action, GError **error)
{
  if (tilld_rows_count (rows) != 1)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "no such operator");
  return tilld_session_end_all (db, id, error) && note (db, who, action, id, error);
}

gboolean
tilld_operator_set_password (TilldDb *db, const TilldActor *who, gint64 id, const char *hash, gboolean must_change, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;

  g_assert (tilld_actor_is_set (who));
  return tilld_db_query (db, &operator_password, &rows, error, DB_I64 (id), DB_TEXT (hash), DB_BOOL (must_change)) &&
         change (db, who, id, rows, "operator.password", error);
}

gboolean
tilld_operator_set_active (TilldDb *db, const TilldActor *who, gint64 id, gboolean active, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;

  g_assert (tilld_actor_is_set (who));
  return tilld_db_query (db, &operator_active, &rows, error, DB_I64 (id), DB_BOOL (active)) &&
         change (db, who, id, rows, active ? "operator.activate" : "operator.block", error);
}

static const TilldStatement shape = {
  .name = "operator-list",
  .sql = "o.id AS id, o.account AS account, o.name AS name, o.kind AS kind, o.active AS active, o.must_change AS must_change, "
         "nullif (o.sale_limit, 0) AS sale_limit, "
         "o.last_login AS last_login, o.version AS version, "
         "ARRAY (SELECT r.name FROM operator_role x JOIN role r ON r.id = x.role WHERE x.operator = o.id ORDER BY 1) AS roles, "
         "ARRAY (SELECT a.area FROM operator_area a WHERE a.operator = o.id ORDER BY 1) AS areas",
  .columns = { { "id", DB_I64_TYPE }, { "account", DB_TEXT_TYPE }, { "name", DB_TEXT_TYPE }, { "kind", DB_I16_TYPE }, { "active", DB_BOOL_TYPE },
               { "must_change", DB_BOOL_TYPE }, { "sale_limit", DB_I64_TYPE, DB_NULL_OK }, { "last_login", DB_TS_TYPE, DB_NULL_OK },
               { "version", DB_I32_TYPE }, { "roles", DB_TEXT_ARRAY_TYPE }, { "areas", DB_I64_ARRAY_TYPE } },
};

static const char *
kind_word (int kind)
{
  return kind == 0 ? "person" : "service";
}

static const TilldJsonField fields[] = {
  { "id", TILLD_JSON_INT }, { "account", TILLD_JSON_TEXT }, { "name", TILLD_JSON_TEXT }, { "kind", TILLD_JSON_ENUM, NULL, kind_word },
  { "active", TILLD_JSON_BOOL }, { "must_change", TILLD_JSON_BOOL }, { "sale_limit", TILLD_JSON_MONEY }, { "last_login", TILLD_JSON_TIME },
  { "version", TILLD_JSON_INT }, { "roles", TILLD_JSON_TEXTS }, { "areas", TILLD_JSON_INTS }, { NULL },
};
static const TilldListFilter filters[] = {
  { "id", TILLD_FILTER_I64, "o.id = ANY ($#)" },
  { "active", TILLD_FILTER_BOOL, "o.active = $#" },
  { "q", TILLD_FILTER_LIKE, "o.account ILIKE $# OR o.name ILIKE $#" },
  { NULL },
};
static const TilldListSort sorts[] = {
  { "id", "o.id" }, { "account", "o.account" }, { "name", "o.name" }, { "active", "o.active" }, { "last_login", "o.last_login" }, { NULL },
};
static const TilldListSpec spec = { .shape = &shape, .from = "FROM operator o", .filters = filters, .sorts = sorts, .order = "o.account" };
TILLD_LIST (spec)

gboolean
tilld_operator_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error)
{
  static const TilldJsonList list = { &spec, fields, "o.id = $#", "operator" };

  return tilld_list_serve (db, who, &list, query, w, error);
}
