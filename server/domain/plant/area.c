/* SPDX-License-Identifier: GPL-2.0-or-later
 * area.c: the tree of places. Path and lineage are kept by the database. */
#include "server/domain/plant/area.h"
#include "server/domain/office/audit.h"
#include "server/domain/office/row-json.h"
#include "server/domain/plant/feed.h"

static const TilldStatement area_expand = {
  .name = "area-expand",
  .sql = "SELECT id FROM area WHERE lineage && $1 ORDER BY id",
  .params = { DB_I64_ARRAY_TYPE },
  .columns = { { "id", DB_I64_TYPE } },
};
TILLD_STATEMENT (area_expand)

static const TilldStatement area_lineage = {
  .name = "area-lineage",
  .sql = "SELECT lineage FROM area WHERE id = $1 AND retired_at IS NULL",
  .params = { DB_I64_TYPE },
  .columns = { { "lineage", DB_I64_ARRAY_TYPE } },
};
TILLD_STATEMENT (area_lineage)

static const TilldStatement area_insert = {
  .name = "area-insert",
  .sql = "INSERT INTO area (site, parent, kind, name) VALUES ($1, nullif ($2, 0), $3, $4) RETURNING id",
  .params = { DB_I64_TYPE, DB_I64_TYPE, DB_I16_TYPE, DB_TEXT_TYPE },
  .columns = { { "id", DB_I64_TYPE } },
};
TILLD_STATEMENT (area_insert)

gboolean
tilld_area_expand (TilldDb *db, const GArray *roots, GArray **ret_areas, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;
  GArray *areas;

  *ret_areas = NULL;
  if (roots == NULL)
    return TRUE;
  if (!tilld_db_query (db, &area_expand, &rows, error, DB_I64_ARRAY (roots->data, roots->len)))
    return FALSE;
  areas = g_array_sized_new (FALSE, FALSE, sizeof (gint64), tilld_rows_count (rows));
  for (guint i = 0; i < tilld_rows_count (rows); i++)
    g_array_append_vals (areas, &(gint64){ tilld_row_i64 (rows, i, "id") }, 1);
  *ret_areas = areas;
  return TRUE;
}

static gboolean
in_scope (const GArray *roots, const gint64 *lineage, guint n)
{
  for (guint i = 0; i < roots->len; i++)
    for (guint k = 0; k < n; k++)
      if (g_array_index (roots, gint64, i) == lineage[k])
        return TRUE;
  return FALSE;
}

gboolean
tilld_area_check (TilldDb *db, const TilldActor *who, gint64 area, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;
  g_autofree gint64 *lineage = NULL;
  guint n = 0;

  if (!tilld_db_query (db, &area_lineage, &rows, error, DB_I64 (area)))
    return FALSE;
  if (tilld_rows_count (rows) == 1)
    lineage = tilld_row_i64_array (rows, 0, "lineage", &n);
  if (n == 0 || (who->areas != NULL && !in_scope (who->areas, lineage, n)))
    return till_fail (error, TILL_ERROR_NOT_FOUND, "no such area");
  return TRUE;
}

gboolean
tilld_area_create (TilldDb *db, const TilldActor *who, const TilldAreaNew *in, gint64 *ret_id, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;
  g_autofree char *object = NULL;
  gint64 id;

  g_assert (tilld_actor_is_set (who));
  if (in->parent == 0 && who->areas != NULL)
    return till_fail (error, TILL_ERROR_FORBIDDEN, "an area of its own needs an operator of all areas");
  if (in->parent != 0 && !tilld_area_check (db, who, in->parent, error))
    return FALSE;
  if (!tilld_db_query (db, &area_insert, &rows, error, DB_I64 (who->site), DB_I64 (in->parent), DB_I16 (in->kind), DB_TEXT (in->name)))
    return FALSE;
  id = tilld_row_i64 (rows, 0, "id");
  object = g_strdup_printf ("area:%" G_GINT64_FORMAT, id);
  if (!tilld_feed_add_ids (db, "plant", &id, 1, error) ||
      !tilld_audit_write (db, who, &(TilldAuditEntry){ .action = "area.create", .object = object }, error))
    return FALSE;
  *ret_id = id;
  return TRUE;
}

static const TilldStatement shape = {
  .name = "area-list",
  .sql = "a.id AS id, a.parent AS parent, a.site AS site, a.kind AS kind, a.name AS name, a.path AS path, a.version AS version, "
         "(SELECT count (*) FROM meter m JOIN area x ON x.id = m.area WHERE m.retired_at IS NULL AND x.lineage @> ARRAY[a.id]) AS meters",
  .columns = { { "id", DB_I64_TYPE }, { "parent", DB_I64_TYPE, DB_NULL_OK }, { "site", DB_I64_TYPE }, { "kind", DB_I16_TYPE },
               { "name", DB_TEXT_TYPE }, { "path", DB_TEXT_TYPE }, { "version", DB_I32_TYPE }, { "meters", DB_I64_TYPE } },
};

static const char *
kind_word (int kind)
{
  return till_area_kind_word ((TillAreaKind) kind);
}

static const TilldJsonField fields[] = {
  { "id", TILLD_JSON_INT }, { "parent", TILLD_JSON_INT }, { "site", TILLD_JSON_INT }, { "kind", TILLD_JSON_ENUM, NULL, kind_word },
  { "name", TILLD_JSON_TEXT }, { "path", TILLD_JSON_TEXT }, { "meters", TILLD_JSON_INT }, { "version", TILLD_JSON_INT }, { NULL },
};
static const TilldListFilter filters[] = {
  { "id", TILLD_FILTER_I64, "a.id = ANY ($#)" },
  { "parent", TILLD_FILTER_I64, "a.parent = ANY ($#)" },
  { "kind", TILLD_FILTER_WORD, "a.kind = ANY ($#)", till_area_kind_from_word },
  { "area", TILLD_FILTER_I64, "a.lineage && $#" },
  { "q", TILLD_FILTER_LIKE, "a.path ILIKE $#" },
  { NULL },
};
static const TilldListSort sorts[] = {
  { "path", "a.path" }, { "name", "a.name" }, { "kind", "a.kind" }, { "id", "a.id" }, { NULL },
};
static const TilldListSpec spec = {
  .shape = &shape, .from = "FROM area a", .where = "a.retired_at IS NULL", .filters = filters, .sorts = sorts, .order = "a.path, a.id",
  /* Ancestors too, so that the tree hangs together. */
  .scope = "a.lineage && $# OR EXISTS (SELECT FROM area d WHERE d.id = ANY ($#) AND a.id = ANY (d.lineage))",
};
TILLD_LIST (spec)

static const TilldJsonList list = { &spec, fields, "a.id = $#", "area" };

gboolean
tilld_area_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error)
{
  return tilld_list_serve (db, who, &list, query, w, error);
}

gboolean
tilld_area_get (TilldDb *db, const TilldActor *who, gint64 id, TillJsonWrite *w, GError **error)
{
  return tilld_record_serve (db, who, &list, id, w, error);
}
