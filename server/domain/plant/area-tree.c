/* SPDX-License-Identifier: GPL-2.0-or-later
 * area-tree.c: all areas of a site in one query. Decides nothing. */
#include "server/domain/plant/area-tree.h"

static const TilldStatement area_tree = {
  .name = "area-tree",
  .sql = "SELECT id, parent, kind, name, path FROM area WHERE site = $1 AND retired_at IS NULL ORDER BY path, id",
  .params = { DB_I64_TYPE },
  .columns = { { "id", DB_I64_TYPE }, { "parent", DB_I64_TYPE, DB_NULL_OK }, { "kind", DB_I16_TYPE }, { "name", DB_TEXT_TYPE },
               { "path", DB_TEXT_TYPE } },
};
TILLD_STATEMENT (area_tree)

static void
node_clear (gpointer data)
{
  TilldAreaNode *node = data;
  g_free (node->name);
  g_free (node->path);
}

gboolean
tilld_area_tree (TilldDb *db, gint64 site, GArray **ret_nodes, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;

  if (!tilld_db_query (db, &area_tree, &rows, error, DB_I64 (site)))
    return FALSE;
  *ret_nodes = g_array_new (FALSE, FALSE, sizeof (TilldAreaNode));
  g_array_set_clear_func (*ret_nodes, node_clear);
  for (guint i = 0; i < tilld_rows_count (rows); i++)
    {
      TilldAreaNode node = { .id = tilld_row_i64 (rows, i, "id"), .parent = tilld_row_i64 (rows, i, "parent"),
                             .kind = (int) tilld_row_i64 (rows, i, "kind"), .name = tilld_row_dup_text (rows, i, "name"),
                             .path = tilld_row_dup_text (rows, i, "path") };
      g_array_append_val (*ret_nodes, node);
    }
  return TRUE;
}
