/* SPDX-License-Identifier: GPL-2.0-or-later
 * operator-edit.c: operators made and changed by other operators, and what these may give. */
#include "server/domain/office/operator-edit.h"
#include <string.h>
#include "server/domain/office/role.h"
#include "server/domain/office/session.h"
#include "shared/api/till-limits.h"
#include "shared/base/till-text.h"

/* Two who take each other's rights away at once: one after the other, so that the second sees what the first left. */
static const TilldStatement order = {
  .name = "operator-order",
  .sql = "SELECT pg_advisory_xact_lock (8008, 0)::text AS held",
  .columns = { { "held", DB_TEXT_TYPE } },
};
TILLD_STATEMENT (order)

#define FULL_ADMINISTRATOR                                                                                                         \
  "(o.active AND o.kind = 0 AND NOT EXISTS (SELECT FROM operator_area x WHERE x.operator = o.id) AND (SELECT count (DISTINCT p.permission) " \
  "FROM operator_role x JOIN role_permission p ON p.role = x.role WHERE x.operator = o.id AND p.permission IN ('operators.edit', 'roles.edit')) = 2)"

static const TilldStatement lock = {
  .name = "operator-lock",
  .sql = "SELECT o.account, o.version, o.kind, o.active, " FULL_ADMINISTRATOR " AS full_administrator, "
         "ARRAY (SELECT r.name FROM operator_role x JOIN role r ON r.id = x.role WHERE x.operator = o.id ORDER BY 1) AS roles, "
         "ARRAY (SELECT x.area FROM operator_area x WHERE x.operator = o.id ORDER BY 1) AS areas, "
         "ARRAY (SELECT DISTINCT p.permission FROM operator_role x JOIN role_permission p ON p.role = x.role WHERE x.operator = o.id) AS permissions "
         "FROM operator o WHERE o.id = $1 AND ($2 OR " TILLD_OPERATOR_SCOPE ("$3") ") FOR UPDATE",
  .params = { DB_I64_TYPE, DB_BOOL_TYPE, DB_I64_ARRAY_TYPE },
  .columns = { { "account", DB_TEXT_TYPE }, { "version", DB_I32_TYPE }, { "kind", DB_I16_TYPE }, { "active", DB_BOOL_TYPE },
               { "full_administrator", DB_BOOL_TYPE, DB_NULL_OK }, { "roles", DB_TEXT_ARRAY_TYPE }, { "areas", DB_I64_ARRAY_TYPE },
               { "permissions", DB_TEXT_ARRAY_TYPE } },
};
TILLD_STATEMENT (lock)

static const TilldStatement full_administrators = {
  .name = "operator-administrators",
  .sql = "SELECT count (*) AS n FROM operator o WHERE " FULL_ADMINISTRATOR,
  .columns = { { "n", DB_I64_TYPE } },
};
TILLD_STATEMENT (full_administrators)

static const TilldStatement role_words = {
  .name = "operator-role-words",
  .sql = "SELECT r.name, ARRAY (SELECT p.permission FROM role_permission p WHERE p.role = r.id) AS permissions FROM role r WHERE r.name = ANY ($1)",
  .params = { DB_TEXT_ARRAY_TYPE },
  .columns = { { "name", DB_TEXT_TYPE }, { "permissions", DB_TEXT_ARRAY_TYPE } },
};
TILLD_STATEMENT (role_words)

static const TilldStatement areas_seen = {
  .name = "operator-areas-seen",
  .sql = "SELECT count (*) AS n FROM area WHERE id = ANY ($1) AND ($2 OR lineage && $3)",
  .params = { DB_I64_ARRAY_TYPE, DB_BOOL_TYPE, DB_I64_ARRAY_TYPE },
  .columns = { { "n", DB_I64_TYPE } },
};
TILLD_STATEMENT (areas_seen)

/* $2: bits of what is given. */
static const TilldStatement update = {
  .name = "operator-update",
  .sql = "UPDATE operator SET name = CASE WHEN $2 & 1 <> 0 THEN $3 ELSE name END, phone = CASE WHEN $2 & 2 <> 0 THEN $4 ELSE phone END,"
         " active = CASE WHEN $2 & 16 <> 0 THEN $5 ELSE active END, sale_limit = CASE WHEN $2 & 32 <> 0 THEN $6 ELSE sale_limit END,"
         " version = version + 1 WHERE id = $1",
  .params = { DB_I64_TYPE, DB_I32_TYPE, DB_TEXT_TYPE, DB_TEXT_TYPE, DB_BOOL_TYPE, DB_I64_TYPE },
};
TILLD_STATEMENT (update)

/* What is running learns of it at once. */
static const TilldStatement take = {
  .name = "operator-take",
  .sql = "WITH roles AS (DELETE FROM operator_role WHERE operator = $1 AND $2), areas AS (DELETE FROM operator_area WHERE operator = $1 AND $3) "
         "SELECT pg_notify ('till_login', '')::text AS rung",
  .params = { DB_I64_TYPE, DB_BOOL_TYPE, DB_BOOL_TYPE },
  .columns = { { "rung", DB_TEXT_TYPE } },
};
TILLD_STATEMENT (take)

static const TilldStatement drop_totp = {
  .name = "operator-drop-totp",
  .sql = "UPDATE operator SET totp = NULL, totp_on = false, totp_step = 0, version = version + 1 WHERE id = $1 AND totp_on RETURNING id",
  .params = { DB_I64_TYPE },
  .columns = { { "id", DB_I64_TYPE } },
};
TILLD_STATEMENT (drop_totp)

void
tilld_operator_record_clear (TilldOperatorRecord *record)
{
  g_clear_pointer (&record->account, g_free);
  g_clear_pointer (&record->name, g_free);
  g_clear_pointer (&record->phone, g_free);
  g_clear_pointer (&record->roles, g_ptr_array_unref);
  g_clear_pointer (&record->areas, g_array_unref);
}

/* --- reading --- */

static void
read_roles (TillJsonRead *r, gboolean fresh, TilldOperatorRecord *ret)
{
  JsonArray *array = NULL;

  if (!till_json_read_array (r, "roles", fresh ? TILL_REQUIRED : TILL_OPTIONAL, TILLD_OPERATOR_ROLES_MAX, &array) || array == NULL)
    return;
  ret->given |= TILLD_OPERATOR_ROLES;
  ret->roles = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode   *node = json_array_get_element (array, i);
      const char *word = JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING ? json_node_get_string (node) : "";

      if (*word == '\0' || strlen (word) > 32)
        till_json_read_error (r, "roles", "number %u must be the name of a role", i + 1);
      else if (g_ptr_array_find_with_equal_func (ret->roles, word, g_str_equal, NULL))
        till_json_read_error (r, "roles", "names %s twice", word);
      else
        g_ptr_array_add (ret->roles, g_strdup (word));
    }
  if (json_array_get_length (array) == 0)
    till_json_read_error (r, "roles", "must name at least one role");
  g_ptr_array_add (ret->roles, NULL);
}

static void
read_areas (TillJsonRead *r, TilldOperatorRecord *ret)
{
  JsonArray *array = NULL;

  if (!till_json_read_array (r, "areas", TILL_OPTIONAL, TILLD_OPERATOR_AREAS_MAX, &array) || array == NULL)
    return;
  ret->given |= TILLD_OPERATOR_AREAS;
  ret->areas = g_array_new (FALSE, FALSE, sizeof (gint64));
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      gint64    area = JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64 ? json_node_get_int (node) : 0;
      gboolean  twice = FALSE;

      for (guint k = 0; k < ret->areas->len; k++)
        twice |= g_array_index (ret->areas, gint64, k) == area;
      if (area <= 0)
        till_json_read_error (r, "areas", "number %u must be the id of an area", i + 1);
      else if (twice)
        till_json_read_error (r, "areas", "names %" G_GINT64_FORMAT " twice", area);
      else
        g_array_append_val (ret->areas, area);
    }
}

static gboolean
is_account (const char *text)
{
  gsize len = strlen (text);

  return len >= 3 && len <= 32 && strspn (text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") == len;
}

void
tilld_operator_record_read (TillJsonRead *r, gboolean fresh, TilldOperatorRecord *ret)
{
  if (fresh && till_json_read_text (r, "account", TILL_REQUIRED, 32, &ret->account) && ret->account != NULL && !is_account (ret->account))
    till_json_read_error (r, "account", "must be 3 to 32 letters, digits, points, dashes and underscores");
  if (fresh)
    till_json_read_enum (r, "kind", TILL_OPTIONAL, tilld_operator_kind_from_word, &ret->service);
  if (till_json_read_text (r, "name", fresh ? TILL_REQUIRED : TILL_OPTIONAL, TILL_NAME_CHARS, &ret->name) && ret->name != NULL)
    ret->given |= TILLD_OPERATOR_NAME;
  if (r->object != NULL && json_object_has_member (r->object, "phone")) /* null takes it away */
    ret->given |= TILLD_OPERATOR_PHONE;
  if (till_json_read_text (r, "phone", TILL_OPTIONAL, 32, &ret->phone) && ret->phone != NULL && !till_text_is_phone (ret->phone))
    till_json_read_error (r, "phone", "must be 5 to 20 digits, with a + before them where one belongs");
  read_roles (r, fresh, ret);
  read_areas (r, ret);
  if (r->object != NULL && json_object_has_member (r->object, "sale_limit"))
    ret->given |= TILLD_OPERATOR_SALE_LIMIT;
  if (till_json_read_money (r, "sale_limit", TILL_OPTIONAL, &ret->sale_limit) && ret->sale_limit < 0)
    till_json_read_error (r, "sale_limit", "must not be below 0");
  if (!fresh && till_json_read_has (r, "active"))
    ret->given |= TILLD_OPERATOR_ACTIVE;
  if (!fresh)
    till_json_read_bool (r, "active", TILL_OPTIONAL, &ret->active);
}

/* --- what one may give --- */

static gboolean
refuse (GError **error, TillError code, const char *member, const char *reason)
{
  till_fail (error, code, "%s", reason);
  if (error != NULL)
    till_error_add_field (*error, member, reason);
  return FALSE;
}

static gboolean
may_give (const TilldActor *who, char **words)
{
  TillPermissionSet set = tilld_role_set_of_words (words);

  return (set & ~who->permissions) == 0 || till_permission_set_has (who->permissions, TILL_PERMISSION_ROLES_EDIT);
}

static gboolean
check_roles (TilldDb *db, const TilldActor *who, const GPtrArray *roles, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;

  if (!tilld_db_query (db, &role_words, &rows, error, DB_TEXT_ARRAY ((const char *const *) roles->pdata, roles->len - 1)))
    return FALSE;
  if (tilld_rows_count (rows) != roles->len - 1)
    return refuse (error, TILL_ERROR_INVALID, "roles", "roles must name roles that exist (GET /roles)");
  for (guint i = 0; i < tilld_rows_count (rows); i++)
    {
      g_auto (GStrv) words = tilld_row_strv (rows, i, "permissions");
      g_autofree char *reason = NULL;

      if (may_give (who, words))
        continue;
      reason = g_strdup_printf ("the role %s has permissions that you do not have yourself", tilld_row_text (rows, i, "name"));
      return refuse (error, TILL_ERROR_FORBIDDEN, "roles", reason);
    }
  return TRUE;
}

static gboolean
check_areas (TilldDb *db, const TilldActor *who, const GArray *areas, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;
  guint n = who->areas != NULL ? who->areas->len : 0;

  if (areas == NULL || areas->len == 0)
    return who->areas == NULL || refuse (error, TILL_ERROR_FORBIDDEN, "areas", "areas are needed: you see some areas only, and give no more than these");
  if (!tilld_db_query (db, &areas_seen, &rows, error, DB_I64_ARRAY ((const gint64 *) areas->data, areas->len), DB_BOOL (who->areas == NULL),
                       DB_I64_ARRAY (n > 0 ? (const gint64 *) who->areas->data : NULL, n)))
    return FALSE;
  return tilld_row_i64 (rows, 0, "n") == areas->len || refuse (error, TILL_ERROR_INVALID, "areas", "areas must be areas you may see");
}

static gboolean
check_gifts (TilldDb *db, const TilldActor *who, const TilldOperatorRecord *in, gboolean fresh, GError **error)
{
  return ((in->given & TILLD_OPERATOR_ROLES) == 0 || check_roles (db, who, in->roles, error)) &&
         ((!fresh && (in->given & TILLD_OPERATOR_AREAS) == 0) || check_areas (db, who, in->areas, error));
}

/* --- verbs --- */

gboolean
tilld_operator_add (TilldDb *db, const TilldActor *who, const TilldOperatorRecord *in, const char *password, gint64 *ret_id, GError **error)
{
  TilldOperatorNew new = { .account = in->account, .name = in->name, .password = password, .phone = in->phone,
                           .roles = (const char *const *) in->roles->pdata, .areas = in->areas, .must_change = !in->service,
                           .service = in->service != 0, .sale_limit = in->sale_limit, .hours = in->service ? 0 : TILLD_ONE_TIME_HOURS };

  return tilld_db_query (db, &order, NULL, error) && check_gifts (db, who, in, TRUE, error) && tilld_operator_create (db, who, &new, ret_id, error);
}

/* The row of one whom the caller may manage. */
static gboolean
lock_managed (TilldDb *db, const TilldActor *who, gint64 id, TilldRows **ret_rows, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;
  g_auto (GStrv) words = NULL;
  guint n = who->areas != NULL ? who->areas->len : 0;

  g_assert (tilld_actor_is_set (who));
  if (!tilld_db_query (db, &order, NULL, error) ||
      !tilld_db_query (db, &lock, &rows, error, DB_I64 (id), DB_BOOL (who->areas == NULL),
                       DB_I64_ARRAY (n > 0 ? (const gint64 *) who->areas->data : NULL, n)))
    return FALSE;
  if (tilld_rows_count (rows) == 0)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "there is no operator %" G_GINT64_FORMAT, id);
  words = tilld_row_strv (rows, 0, "permissions");
  if (!may_give (who, words))
    return till_fail (error, TILL_ERROR_FORBIDDEN, "%s has permissions that you do not have yourself", tilld_row_text (rows, 0, "account"));
  *ret_rows = g_steal_pointer (&rows);
  return TRUE;
}

/* Sorted as the database's. */
static gboolean
same_roles (TilldRows *rows, const GPtrArray *roles)
{
  g_auto (GStrv) now = tilld_row_strv (rows, 0, "roles");

  if (g_strv_length (now) != roles->len - 1)
    return FALSE;
  for (guint i = 0; now[i] != NULL; i++)
    if (!g_strv_contains ((const char *const *) roles->pdata, now[i]))
      return FALSE;
  return TRUE;
}

static gboolean
same_areas (TilldRows *rows, const GArray *areas)
{
  guint n = 0;
  g_autofree gint64 *now = tilld_row_i64_array (rows, 0, "areas", &n);
  guint found = 0;

  for (guint i = 0; i < n; i++)
    for (guint k = 0; k < areas->len; k++)
      found += g_array_index (areas, gint64, k) == now[i];
  return n == areas->len && found == n;
}

/* Only what differs is a change: an editor may send the whole record back. */
static guint
changes (TilldRows *rows, const TilldOperatorRecord *in)
{
  guint given = in->given;

  if ((given & TILLD_OPERATOR_ROLES) != 0 && same_roles (rows, in->roles))
    given &= ~(guint) TILLD_OPERATOR_ROLES;
  if ((given & TILLD_OPERATOR_AREAS) != 0 && same_areas (rows, in->areas))
    given &= ~(guint) TILLD_OPERATOR_AREAS;
  if ((given & TILLD_OPERATOR_ACTIVE) != 0 && tilld_row_bool (rows, 0, "active") == in->active)
    given &= ~(guint) TILLD_OPERATOR_ACTIVE;
  return given;
}

static gboolean
check_self (const TilldActor *who, gint64 id, guint given, GError **error)
{
  if (id != who->operator_id)
    return TRUE;
  if ((given & TILLD_OPERATOR_ROLES) != 0)
    return refuse (error, TILL_ERROR_CONFLICT, "roles", "nobody changes the own roles: another administrator does");
  if ((given & TILLD_OPERATOR_AREAS) != 0)
    return refuse (error, TILL_ERROR_CONFLICT, "areas", "nobody changes the own areas: another administrator does");
  return (given & TILLD_OPERATOR_ACTIVE) == 0
         || refuse (error, TILL_ERROR_CONFLICT, "active", "nobody switches themselves off: another administrator does");
}

/* After the change, in its transaction. */
static gboolean
check_last (TilldDb *db, gboolean was_administrator, guint given, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;

  if (!was_administrator)
    return TRUE;
  if (!tilld_db_query (db, &full_administrators, &rows, error))
    return FALSE;
  return tilld_row_i64 (rows, 0, "n") > 0
         || refuse (error, TILL_ERROR_CONFLICT, (given & TILLD_OPERATOR_ACTIVE) != 0 ? "active" : (given & TILLD_OPERATOR_ROLES) != 0 ? "roles" : "areas",
                    "this is the last administrator: make another one first, who sees all areas");
}

gboolean
tilld_operator_change (TilldDb *db, const TilldActor *who, gint64 id, const TilldOperatorRecord *in, gint64 version, GError **error)
{
  static const char *const none[] = { NULL };
  g_autoptr (TilldRows) rows = NULL;
  g_autofree char *before = NULL;
  guint given;
  gboolean roles, areas, off;

  if (!lock_managed (db, who, id, &rows, error))
    return FALSE;
  if (tilld_row_i64 (rows, 0, "version") != version)
    return till_fail (error, TILL_ERROR_STALE, "somebody changed this operator since: load it again");
  given = changes (rows, in);
  roles = (given & TILLD_OPERATOR_ROLES) != 0;
  areas = (given & TILLD_OPERATOR_AREAS) != 0;
  off = (given & TILLD_OPERATOR_ACTIVE) != 0 && !in->active;
  if (!check_self (who, id, given, error) || ((roles || areas) && !check_gifts (db, who, in, FALSE, error)) ||
      !tilld_operator_body (db, id, &before, error) ||
      !tilld_db_query (db, &update, NULL, error, DB_I64 (id), DB_I32 (given), DB_TEXT (in->name), DB_TEXT (in->phone), DB_BOOL (in->active),
                       DB_I64 (in->sale_limit)) ||
      !tilld_db_query (db, &take, NULL, error, DB_I64 (id), DB_BOOL (roles), DB_BOOL (areas)) ||
      !tilld_operator_give (db, id, roles ? (const char *const *) in->roles->pdata : none, areas ? in->areas : NULL, error))
    return FALSE;
  return check_last (db, tilld_row_bool (rows, 0, "full_administrator"), given, error) && (!off || tilld_session_end_all (db, id, error)) &&
         tilld_operator_note (db, who, off ? "operator.block" : (given & TILLD_OPERATOR_ACTIVE) != 0 ? "operator.activate" : "operator.change", id, before,
                              error);
}

gboolean
tilld_operator_may_reset (TilldDb *db, const TilldActor *who, gint64 id, gboolean *ret_service, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;

  if (!lock_managed (db, who, id, &rows, error))
    return FALSE;
  if (id == who->operator_id)
    return till_fail (error, TILL_ERROR_CONFLICT, "this is you: change your own password by POST /session/password");
  *ret_service = tilld_row_i64 (rows, 0, "kind") != 0;
  if (*ret_service && !tilld_row_bool (rows, 0, "active"))
    return till_fail (error, TILL_ERROR_CONFLICT, "%s is switched off: switch it on before it gets a key", tilld_row_text (rows, 0, "account"));
  return TRUE;
}

gboolean
tilld_operator_reset (TilldDb *db, const TilldActor *who, gint64 id, const char *password, const guint8 *key_hash, GError **error)
{
  gboolean service;

  if (!tilld_operator_may_reset (db, who, id, &service, error))
    return FALSE;
  g_assert (service == (key_hash != NULL));
  return tilld_operator_set_password (db, who, id,
                                      &(TilldOperatorPassword){ .hash = service ? "" : password, .must_change = !service,
                                                                .hours = service ? 0 : TILLD_ONE_TIME_HOURS },
                                      error) &&
         (!service || tilld_session_key (db, id, key_hash, error));
}

gboolean
tilld_operator_drop_totp (TilldDb *db, const TilldActor *who, gint64 id, GError **error)
{
  g_autoptr (TilldRows) rows = NULL, dropped = NULL;

  if (!lock_managed (db, who, id, &rows, error))
    return FALSE;
  if (id == who->operator_id)
    return till_fail (error, TILL_ERROR_CONFLICT, "this is you: another administrator takes your second factor away");
  if (!tilld_db_query (db, &drop_totp, &dropped, error, DB_I64 (id)))
    return FALSE;
  if (tilld_rows_count (dropped) == 0)
    return till_fail (error, TILL_ERROR_CONFLICT, "%s has no second factor", tilld_row_text (rows, 0, "account"));
  return tilld_session_end_all (db, id, error) && tilld_operator_note (db, who, "operator.totp-drop", id, NULL, error);
}
