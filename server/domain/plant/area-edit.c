/* SPDX-License-Identifier: GPL-2.0-or-later
 * area-edit.c: areas change and go, each with its audit row. One change of the tree at a time: two that are right alone could close a ring. */
#include "server/domain/plant/area-edit.h"
#include "server/domain/office/audit.h"
#include "server/domain/plant/feed.h"

static const TilldStatement tree_lock = {
  .name = "area-tree-lock",
  .sql = "SELECT id FROM site WHERE id = $1 FOR NO KEY UPDATE",
  .params = { DB_I64_TYPE },
  .columns = { { "id", DB_I64_TYPE } },
};
static const TilldStatement area_lock = {
  .name = "area-lock",
  .sql = "SELECT a.version, coalesce (a.parent, 0) AS parent, to_jsonb (a) AS body, "
         "(SELECT count (*) FROM area x WHERE x.parent = a.id AND x.retired_at IS NULL) AS areas, "
         "(SELECT count (*) FROM meter m WHERE m.area = a.id AND m.retired_at IS NULL) AS meters, "
         "(SELECT count (*) FROM gateway g WHERE g.area = a.id AND g.retired_at IS NULL) AS gateways, "
         "(SELECT count (*) FROM customer k WHERE k.area = a.id AND (EXISTS (SELECT FROM account c WHERE c.customer = k.id AND c.state <> 2) "
         "OR NOT EXISTS (SELECT FROM account c WHERE c.customer = k.id))) AS customers, "
         "(SELECT count (*) FROM operator_area o WHERE o.area = a.id) AS operators, "
         "EXISTS (SELECT FROM area x WHERE x.parent = a.id) OR EXISTS (SELECT FROM meter m WHERE m.area = a.id) "
         "OR EXISTS (SELECT FROM gateway g WHERE g.area = a.id) OR EXISTS (SELECT FROM customer k WHERE k.area = a.id) "
         "OR EXISTS (SELECT FROM sale s WHERE s.area = a.id) OR EXISTS (SELECT FROM approval p WHERE p.area = a.id) AS has_history "
         "FROM area a WHERE a.id = $1 AND a.retired_at IS NULL FOR UPDATE OF a",
  .params = { DB_I64_TYPE },
  .columns = { { "version", DB_I32_TYPE }, { "parent", DB_I64_TYPE }, { "body", DB_JSON_TYPE }, { "areas", DB_I64_TYPE }, { "meters", DB_I64_TYPE },
               { "gateways", DB_I64_TYPE }, { "customers", DB_I64_TYPE }, { "operators", DB_I64_TYPE }, { "has_history", DB_BOOL_TYPE } },
};
static const TilldStatement area_update = {
  .name = "area-update",
  .sql = "UPDATE area SET name = CASE WHEN $2 & 1 <> 0 THEN $3 ELSE name END, parent = CASE WHEN $2 & 2 <> 0 THEN nullif ($4, 0) ELSE parent END, "
         "kind = CASE WHEN $2 & 4 <> 0 THEN $5 ELSE kind END, version = version + 1 WHERE id = $1 RETURNING to_jsonb (area) AS body",
  .params = { DB_I64_TYPE, DB_I32_TYPE, DB_TEXT_TYPE, DB_I64_TYPE, DB_I16_TYPE },
  .columns = { { "body", DB_JSON_TYPE } },
};
static const TilldStatement area_delete = { .name = "area-delete", .sql = "DELETE FROM area WHERE id = $1", .params = { DB_I64_TYPE } };
static const TilldStatement area_retire = {
  .name = "area-retire",
  .sql = "UPDATE area SET retired_at = now (), version = version + 1 WHERE id = $1",
  .params = { DB_I64_TYPE },
};
TILLD_STATEMENT (tree_lock)
TILLD_STATEMENT (area_lock)
TILLD_STATEMENT (area_update)
TILLD_STATEMENT (area_delete)
TILLD_STATEMENT (area_retire)

void
tilld_area_change_clear (TilldAreaChange *change)
{
  g_clear_pointer (&change->name, g_free);
}

static gboolean
lock (TilldDb *db, const TilldActor *who, gint64 id, gint64 version, TilldRows **ret_rows, GError **error)
{
  g_assert (tilld_actor_is_set (who) && tilld_db_in_transaction (db));
  if (!tilld_db_query (db, &tree_lock, NULL, error, DB_I64 (who->site)) || !tilld_area_check (db, who, id, error) ||
      !tilld_db_query (db, &area_lock, ret_rows, error, DB_I64 (id)))
    return FALSE;
  if (tilld_rows_count (*ret_rows) != 1)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "no such area");
  return tilld_row_i64 (*ret_rows, 0, "version") == version || till_fail (error, TILL_ERROR_STALE, "somebody changed this area since: load it again");
}

static gboolean
tell (TilldDb *db, const TilldActor *who, gint64 id, const char *before, const char *after, GError **error)
{
  g_autofree char *object = g_strdup_printf ("area:%" G_GINT64_FORMAT, id);

  return tilld_feed_add_ids (db, "plant", &id, 1, error) &&
         tilld_audit_write (db, who, &(TilldAuditEntry){ .action = "plant.edit", .object = object, .before = before, .after = after }, error);
}

static gboolean
check_parent (TilldDb *db, const TilldActor *who, gint64 parent, GError **error)
{
  if (parent == 0)
    return who->areas == NULL || till_fail (error, TILL_ERROR_FORBIDDEN, "an area of its own needs an operator of all areas");
  if (tilld_area_check (db, who, parent, NULL))
    return TRUE;
  till_fail (error, TILL_ERROR_INVALID, "parent must be an area you may see");
  if (error != NULL)
    till_error_add_field (*error, "parent", "must be an area you may see");
  return FALSE;
}

gboolean
tilld_area_update (TilldDb *db, const TilldActor *who, const TilldAreaChange *change, GError **error)
{
  g_autoptr (TilldRows) before = NULL, after = NULL;

  if (!lock (db, who, change->id, change->version, &before, error))
    return FALSE;
  if ((change->given & TILLD_AREA_PARENT) != 0 && change->parent != tilld_row_i64 (before, 0, "parent") && !check_parent (db, who, change->parent, error))
    return FALSE;
  return tilld_db_query (db, &area_update, &after, error, DB_I64 (change->id), DB_I32 (change->given), DB_TEXT (change->name), DB_I64 (change->parent),
                         DB_I16 (change->kind)) &&
         tell (db, who, change->id, tilld_row_text (before, 0, "body"), tilld_row_text (after, 0, "body"), error);
}

gboolean
tilld_area_retire (TilldDb *db, const TilldActor *who, gint64 id, gint64 version, GError **error)
{
  static const struct { const char *column, *what; } inside[] = {
    { "areas", "areas" }, { "meters", "meters" }, { "gateways", "gateways" }, { "customers", "customers" }, { "operators", "operators who see only it" },
  };
  g_autoptr (TilldRows) rows = NULL;
  g_autoptr (GString) what = g_string_new (NULL);

  if (!lock (db, who, id, version, &rows, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (inside); i++)
    if (tilld_row_i64 (rows, 0, inside[i].column) > 0)
      g_string_append_printf (what, "%s%" G_GINT64_FORMAT " %s", what->len > 0 ? ", " : "", tilld_row_i64 (rows, 0, inside[i].column), inside[i].what);
  if (what->len > 0)
    return till_fail (error, TILL_ERROR_CONFLICT, "the area is not empty: %s; move them first", what->str);
  return tilld_db_query (db, tilld_row_bool (rows, 0, "has_history") ? &area_retire : &area_delete, NULL, error, DB_I64 (id)) &&
         tell (db, who, id, tilld_row_text (rows, 0, "body"), NULL, error);
}
