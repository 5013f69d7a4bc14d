/* SPDX-License-Identifier: GPL-2.0-or-later
 * feed.c: the change feed and the doorbells. */
#include "server/domain/plant/feed.h"

/* Where the feed stands: everything below xmin is decided. oldest: NULL when nothing is kept. A cursor that is higher than xmin
 * comes from another life of the database. */
static const TilldStatement feed_stand = {
  .name = "feed-stand",
  .sql = "SELECT pg_snapshot_xmin (pg_current_snapshot ()) AS xmin, (SELECT min (xact) FROM feed) AS oldest",
  .columns = { { "xmin", DB_XID_TYPE }, { "oldest", DB_XID_TYPE, DB_NULL_OK } },
};
TILLD_STATEMENT (feed_stand)

static const TilldStatement feed_rows = {
  .name = "feed-rows",
  .sql = "SELECT kind, coalesce (ids, '{}') AS ids, coalesce (uuids, '{}') AS uuids FROM feed WHERE xact >= $1 AND xact < $2 ORDER BY xact, seq",
  .params = { DB_XID_TYPE, DB_XID_TYPE },
  .columns = { { "kind", DB_TEXT_TYPE }, { "ids", DB_I64_ARRAY_TYPE }, { "uuids", DB_UUID_ARRAY_TYPE } },
};
TILLD_STATEMENT (feed_rows)

static const TilldStatement feed_add_ids = {
  .name = "feed-add-ids", .sql = "INSERT INTO feed (kind, ids) VALUES ($1, $2)", .params = { DB_TEXT_TYPE, DB_I64_ARRAY_TYPE },
};
TILLD_STATEMENT (feed_add_ids)

static const TilldStatement feed_add_uuid = {
  .name = "feed-add-uuid", .sql = "INSERT INTO feed (kind, uuids) VALUES ($1, ARRAY[$2])", .params = { DB_TEXT_TYPE, DB_UUID_TYPE },
};
TILLD_STATEMENT (feed_add_uuid)

static const TilldStatement feed_sweep = { .name = "feed-sweep", .sql = "DELETE FROM feed WHERE at < now () - interval '1 hour'" };
TILLD_STATEMENT (feed_sweep)

static const TilldStatement bell_ring = {
  .name = "bell-ring",
  .sql = "SELECT pg_notify ($1, '')::text AS rung",
  .params = { DB_TEXT_TYPE },
  .columns = { { "rung", DB_TEXT_TYPE } },
};
TILLD_STATEMENT (bell_ring)

static void
row_free (gpointer data)
{
  TilldFeedRow *row = data;

  g_free (row->kind);
  g_free (row->ids);
  g_free (row->uuids);
  g_free (row);
}

void
tilld_feed_batch_clear (TilldFeedBatch *batch)
{
  g_clear_pointer (&batch->rows, g_ptr_array_unref);
}

/* Two statements, two snapshots: the second sees at least what the first did, and xmin bounds it from above. */
gboolean
tilld_feed_read (TilldDb *db, gint64 cursor, TilldFeedBatch *ret, GError **error)
{
  g_autoptr (TilldRows) stand = NULL;
  g_autoptr (TilldRows) rows = NULL;
  gint64 xmin, oldest;

  if (!tilld_db_exec (db, &feed_stand, NULL, 0, &stand, error))
    return FALSE;
  xmin = tilld_row_i64 (stand, 0, "xmin");
  oldest = tilld_row_i64 (stand, 0, "oldest");
  if (cursor > 0 && cursor < xmin && !tilld_db_query (db, &feed_rows, &rows, error, DB_XID (cursor), DB_XID (xmin)))
    return FALSE;
  *ret = (TilldFeedBatch){ .cursor = xmin, .reset = cursor > xmin, .rows = g_ptr_array_new_with_free_func (row_free) };
  /* A cursor far behind what is kept: at most a lull of the whole plant looks the same, and costs one load more. */
  if (cursor > 0 && oldest > 0 && cursor < oldest && cursor < xmin - 100000)
    ret->reset = TRUE;
  for (guint i = 0; rows != NULL && !ret->reset && i < tilld_rows_count (rows); i++)
    {
      TilldFeedRow *row = g_new0 (TilldFeedRow, 1);

      row->kind = tilld_row_dup_text (rows, i, "kind");
      row->ids = tilld_row_i64_array (rows, i, "ids", &row->n_ids);
      row->uuids = tilld_row_uuid_array (rows, i, "uuids", &row->n_uuids);
      g_ptr_array_add (ret->rows, row);
    }
  return TRUE;
}

gboolean
tilld_feed_add_ids (TilldDb *db, const char *kind, const gint64 *ids, guint n, GError **error)
{
  return tilld_db_query (db, &feed_add_ids, NULL, error, DB_TEXT (kind), DB_I64_ARRAY (ids, n));
}

gboolean
tilld_feed_add_uuid (TilldDb *db, const char *kind, const TillId *id, GError **error)
{
  return tilld_db_query (db, &feed_add_uuid, NULL, error, DB_TEXT (kind), DB_UUID (id));
}

gboolean
tilld_feed_sweep (TilldDb *db, GError **error)
{
  return tilld_db_exec (db, &feed_sweep, NULL, 0, NULL, error);
}

gboolean
tilld_bell_ring (TilldDb *db, const char *channel, GError **error)
{
  return tilld_db_query (db, &bell_ring, NULL, error, DB_TEXT (channel));
}
