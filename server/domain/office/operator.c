/* SPDX-License-Identifier: GPL-2.0-or-later
 * operator.c: people and services that may log in. */
#include "server/domain/office/operator.h"
#include "server/domain/office/audit.h"
#include "server/domain/office/row-json.h"
#include "server/domain/office/session.h"

static const TilldStatement operator_credentials = {
  .name = "operator-credentials",
  .sql = "SELECT id, account, password, must_change, coalesce (password_until < now (), false) AS over "
         "FROM operator WHERE account = lower ($1) AND active AND kind = 0",
  .params = { DB_TEXT_TYPE },
  .columns = { { "id", DB_I64_TYPE }, { "account", DB_TEXT_TYPE }, { "password", DB_TEXT_TYPE }, { "must_change", DB_BOOL_TYPE },
               { "over", DB_BOOL_TYPE } },
};
TILLD_STATEMENT (operator_credentials)

static const TilldStatement operator_insert = {
  .name = "operator-insert",
  .sql = "INSERT INTO operator (account, name, password, must_change, phone, kind, sale_limit, password_until) VALUES (lower ($1), $2, $3, $4, $5, $6, $7, "
         "now () + make_interval (hours => $8)) RETURNING id",
  .params = { DB_TEXT_TYPE, DB_TEXT_TYPE, DB_TEXT_TYPE, DB_BOOL_TYPE, DB_TEXT_TYPE, DB_I16_TYPE, DB_I64_TYPE, DB_I32_TYPE },
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
  .sql = "UPDATE operator SET password = $2, must_change = $3, password_until = now () + make_interval (hours => $4), version = version + 1 "
         "WHERE id = $1 RETURNING account",
  .params = { DB_I64_TYPE, DB_TEXT_TYPE, DB_BOOL_TYPE, DB_I32_TYPE },
  .columns = { { "account", DB_TEXT_TYPE } },
};
TILLD_STATEMENT (operator_password)

/* As the log tells it: neither password nor telephone, the log is read by more people than may see them. */
static const TilldStatement operator_body = {
  .name = "operator-body",
  .sql = "SELECT to_jsonb (o) - 'password' - 'password_until' - 'totp' - 'totp_step' - 'phone' - 'last_login' || jsonb_build_object ("
         "'roles', ARRAY (SELECT r.name FROM operator_role x JOIN role r ON r.id = x.role WHERE x.operator = o.id ORDER BY 1), "
         "'areas', ARRAY (SELECT a.area FROM operator_area a WHERE a.operator = o.id ORDER BY 1)) AS body FROM operator o WHERE o.id = $1",
  .params = { DB_I64_TYPE },
  .columns = { { "body", DB_JSON_TYPE } },
};
TILLD_STATEMENT (operator_body)

static const TilldStatement operator_scope = {
  .name = "operator-scope",
  .sql = "INSERT INTO operator_area (operator, area) SELECT DISTINCT $1, a FROM unnest ($2::bigint[]) a",
  .params = { DB_I64_TYPE, DB_I64_ARRAY_TYPE },
};
TILLD_STATEMENT (operator_scope)

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
                               .password = tilld_row_dup_text (rows, 0, "password"), .must_change = tilld_row_bool (rows, 0, "must_change"),
                               .over = tilld_row_bool (rows, 0, "over") };
  return TRUE;
}

gboolean
tilld_operator_body (TilldDb *db, gint64 id, char **ret, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;

  if (!tilld_db_query (db, &operator_body, &rows, error, DB_I64 (id)))
    return FALSE;
  if (tilld_rows_count (rows) != 1)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "no such operator");
  *ret = tilld_row_dup_text (rows, 0, "body");
  return TRUE;
}

gboolean
tilld_operator_note (TilldDb *db, const TilldActor *who, const char *action, gint64 id, const char *before, GError **error)
{
  g_autofree char *object = g_strdup_printf ("operator:%" G_GINT64_FORMAT, id), *after = NULL;

  return tilld_operator_body (db, id, &after, error) &&
         tilld_audit_write (db, who, &(TilldAuditEntry){ .action = action, .object = object, .before = before, .after = after }, error);
}

gboolean
tilld_operator_give (TilldDb *db, gint64 id, const char *const *roles, const GArray *areas, GError **error)
{
  g_autoptr (TilldRows) granted = NULL;
  guint n = g_strv_length ((char **) roles);

  if (!tilld_db_query (db, &operator_grant, &granted, error, DB_I64 (id), DB_TEXT_ARRAY (roles, n)))
    return FALSE;
  if (tilld_rows_count (granted) != n)
    {
      till_fail (error, TILL_ERROR_INVALID, "there is no such role");
      if (error != NULL)
        till_error_add_field (*error, "roles", "must name roles that exist");
      return FALSE;
    }
  return areas == NULL || tilld_db_query (db, &operator_scope, NULL, error, DB_I64 (id), DB_I64_ARRAY ((const gint64 *) areas->data, areas->len));
}

gboolean
tilld_operator_create (TilldDb *db, const TilldActor *who, const TilldOperatorNew *in, gint64 *ret_id, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;
  gint64 id;

  g_assert (tilld_actor_is_set (who));
  if (!tilld_db_query (db, &operator_insert, &rows, error, DB_TEXT (in->account), DB_TEXT (in->name), DB_TEXT (in->password), DB_BOOL (in->must_change),
                       DB_TEXT (in->phone), DB_I16 (in->service), DB_I64 (in->sale_limit), DB_I32_IF (in->hours > 0, in->hours)))
    return FALSE;
  id = tilld_row_i64 (rows, 0, "id");
  if (!tilld_operator_give (db, id, in->roles, in->areas, error) || !tilld_operator_note (db, who, "operator.create", id, NULL, error))
    return FALSE;
  *ret_id = id;
  return TRUE;
}

gboolean
tilld_operator_set_password (TilldDb *db, const TilldActor *who, gint64 id, const TilldOperatorPassword *in, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;
  g_autofree char *object = g_strdup_printf ("operator:%" G_GINT64_FORMAT, id);

  g_assert (tilld_actor_is_set (who));
  if (!tilld_db_query (db, &operator_password, &rows, error, DB_I64 (id), DB_TEXT (in->hash), DB_BOOL (in->must_change),
                       DB_I32_IF (in->hours > 0, in->hours)))
    return FALSE;
  if (tilld_rows_count (rows) != 1)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "no such operator");
  return tilld_session_end_all (db, id, error) &&
         tilld_audit_write (db, who, &(TilldAuditEntry){ .action = "operator.password", .object = object }, error);
}

static const TilldStatement shape = {
  .name = "operator-list",
  .sql = "o.id AS id, o.account AS account, o.name AS name, o.phone AS phone, o.kind AS kind, o.active AS active, o.must_change AS must_change, "
         "o.totp_on AS totp, "
         "nullif (o.sale_limit, 0) AS sale_limit, "
         "o.last_login AS last_login, o.version AS version, "
         "ARRAY (SELECT r.name FROM operator_role x JOIN role r ON r.id = x.role WHERE x.operator = o.id ORDER BY 1) AS roles, "
         "ARRAY (SELECT a.area FROM operator_area a WHERE a.operator = o.id ORDER BY 1) AS areas, "
         "ARRAY (SELECT p.path FROM operator_area a JOIN area p ON p.id = a.area WHERE a.operator = o.id ORDER BY 1) AS area_paths",
  .columns = { { "id", DB_I64_TYPE }, { "account", DB_TEXT_TYPE }, { "name", DB_TEXT_TYPE }, { "phone", DB_TEXT_TYPE, DB_NULL_OK },
               { "kind", DB_I16_TYPE }, { "active", DB_BOOL_TYPE },
               { "must_change", DB_BOOL_TYPE }, { "totp", DB_BOOL_TYPE },
               { "sale_limit", DB_I64_TYPE, DB_NULL_OK }, { "last_login", DB_TS_TYPE, DB_NULL_OK },
               { "version", DB_I32_TYPE }, { "roles", DB_TEXT_ARRAY_TYPE }, { "areas", DB_I64_ARRAY_TYPE },
               { "area_paths", DB_TEXT_ARRAY_TYPE } },
};

static const char *
kind_word (int kind)
{
  return kind == 0 ? "person" : "service";
}

gboolean
tilld_operator_kind_from_word (const char *word, int *ret)
{
  *ret = g_str_equal (word, "service");
  return *ret || g_str_equal (word, "person");
}

static const TilldJsonField fields[] = {
  { "id", TILLD_JSON_INT }, { "account", TILLD_JSON_TEXT }, { "name", TILLD_JSON_TEXT }, { "phone", TILLD_JSON_TEXT },
  { "kind", TILLD_JSON_ENUM, NULL, kind_word }, { "active", TILLD_JSON_BOOL }, { "must_change", TILLD_JSON_BOOL }, { "totp", TILLD_JSON_BOOL },
  { "sale_limit", TILLD_JSON_MONEY }, { "last_login", TILLD_JSON_TIME }, { "version", TILLD_JSON_INT }, { "roles", TILLD_JSON_TEXTS },
  { "areas", TILLD_JSON_INTS }, { "area_paths", TILLD_JSON_TEXTS }, { NULL },
};
static const TilldListFilter filters[] = {
  { "id", TILLD_FILTER_I64, "o.id = ANY ($#)" },
  { "active", TILLD_FILTER_BOOL, "o.active = $#" },
  { "kind", TILLD_FILTER_WORD, "o.kind = ANY ($#)", tilld_operator_kind_from_word },
  { "role", TILLD_FILTER_TEXT,
    "EXISTS (SELECT FROM operator_role x JOIN role r ON r.id = x.role WHERE x.operator = o.id AND r.name = ANY (string_to_array ($#, ',')))" },
  { "q", TILLD_FILTER_LIKE, "o.account ILIKE $# OR o.name ILIKE $#" },
  { NULL },
};
static const TilldListSort sorts[] = {
  { "id", "o.id" }, { "account", "o.account" }, { "name", "o.name" }, { "active", "o.active" }, { "last_login", "o.last_login" }, { NULL },
};
static const TilldListSpec spec = {
  .shape = &shape, .from = "FROM operator o", .scope = TILLD_OPERATOR_SCOPE ("$#"), .filters = filters, .sorts = sorts, .order = "o.account",
};
TILLD_LIST (spec)

static const TilldJsonList list = { &spec, fields, "o.id = $#", "operator" };

gboolean
tilld_operator_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error)
{
  return tilld_list_serve (db, who, &list, query, w, error);
}

gboolean
tilld_operator_get (TilldDb *db, const TilldActor *who, gint64 id, TillJsonWrite *w, GError **error)
{
  return tilld_record_serve (db, who, &list, id, w, error);
}
