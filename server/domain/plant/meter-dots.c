/* SPDX-License-Identifier: GPL-2.0-or-later
 * meter-dots.c: state of many meters in few bytes each, for the board and for events. */
#include "server/domain/plant/meter.h"

#define DOTS \
  "SELECT m.id, m.area, meter_shown_state (s.state, s.lost, s.read_at, g.status_interval_s) AS state, coalesce (s.mode, 0::smallint) AS mode, " \
  "coalesce (s.relay, 0::smallint) AS relay, meter_shown_flags (s.flags, p.frozen, m.life_support, gs.link_class, s.read_at, g.status_interval_s) AS flags " \
  "FROM meter m JOIN gateway g ON g.id = m.gateway LEFT JOIN meter_state s ON s.meter = m.id LEFT JOIN gateway_session gs ON gs.gateway = m.gateway " \
  "LEFT JOIN meter_purse p ON p.meter = m.id WHERE m.retired_at IS NULL "
#define DOT_COLUMNS                                                                                               \
  { { "id", DB_I64_TYPE }, { "area", DB_I64_TYPE }, { "state", DB_I16_TYPE }, { "mode", DB_I16_TYPE }, { "relay", DB_I16_TYPE }, \
    { "flags", DB_I32_TYPE } }

#define PAGE 20000 /* a million rows at once would be held twice */

static const TilldStatement dots_all = {
  .name = "meter-dots", .sql = DOTS "AND m.id > $1 ORDER BY m.id LIMIT $2", .params = { DB_I64_TYPE, DB_I32_TYPE }, .columns = DOT_COLUMNS,
};
TILLD_STATEMENT (dots_all)

static const TilldStatement dots_scope = {
  .name = "meter-dots-scope",
  .sql = DOTS "AND m.area IN (SELECT id FROM area WHERE lineage && $1) ORDER BY m.id",
  .params = { DB_I64_ARRAY_TYPE },
  .columns = DOT_COLUMNS,
};
TILLD_STATEMENT (dots_scope)

static const TilldStatement dots_of = {
  .name = "meter-dots-of", .sql = DOTS "AND m.id = ANY ($1) ORDER BY m.id", .params = { DB_I64_ARRAY_TYPE }, .columns = DOT_COLUMNS,
};
TILLD_STATEMENT (dots_of)

static const TilldStatement meter_read_at = {
  .name = "meter-read-at",
  .sql = "SELECT a.lineage, s.read_at FROM meter m JOIN area a ON a.id = m.area LEFT JOIN meter_state s ON s.meter = m.id "
         "WHERE m.id = $1 AND m.retired_at IS NULL AND ($2 OR a.lineage && $3)",
  .params = { DB_I64_TYPE, DB_BOOL_TYPE, DB_I64_ARRAY_TYPE },
  .columns = { { "lineage", DB_I64_ARRAY_TYPE }, { "read_at", DB_TS_TYPE, DB_NULL_OK } },
};
TILLD_STATEMENT (meter_read_at)

static void
append_dots (TilldRows *rows, GArray *dots)
{
  for (guint i = 0; i < tilld_rows_count (rows); i++)
    {
      TilldMeterDot dot = { .id = tilld_row_i64 (rows, i, "id"), .area = tilld_row_i64 (rows, i, "area"),
                            .state = (guint8) tilld_row_i64 (rows, i, "state"), .mode = (guint8) tilld_row_i64 (rows, i, "mode"),
                            .relay = (guint8) tilld_row_i64 (rows, i, "relay"), .flags = (guint32) tilld_row_i64 (rows, i, "flags") };
      g_array_append_val (dots, dot);
    }
}

static gboolean
append_all (TilldDb *db, GArray *dots, GError **error)
{
  gint64 last = 0;
  guint n = PAGE;

  while (n == PAGE)
    {
      g_autoptr (TilldRows) rows = NULL;

      if (!tilld_db_query (db, &dots_all, &rows, error, DB_I64 (last), DB_I32 (PAGE)))
        return FALSE;
      n = tilld_rows_count (rows);
      append_dots (rows, dots);
      if (n > 0)
        last = tilld_row_i64 (rows, n - 1, "id");
    }
  return TRUE;
}

gboolean
tilld_meter_dots (TilldDb *db, const TilldActor *who, GArray *ret_dots, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;
  gboolean ok;

  g_assert (tilld_actor_is_set (who));
  if (who->areas == NULL)
    return append_all (db, ret_dots, error);
  ok = tilld_db_query (db, &dots_scope, &rows, error, DB_I64_ARRAY (who->areas->data, who->areas->len));
  if (ok)
    append_dots (rows, ret_dots);
  return ok;
}

gboolean
tilld_meter_dots_of (TilldDb *db, const gint64 *ids, guint n, GArray *ret_dots, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;

  if (!tilld_db_query (db, &dots_of, &rows, error, DB_I64_ARRAY (ids, n)))
    return FALSE;
  append_dots (rows, ret_dots);
  return TRUE;
}

gboolean
tilld_meter_read_at (TilldDb *db, const TilldActor *who, gint64 id, TillTime *ret_read_at, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;
  const GArray *areas = who->areas;

  g_assert (tilld_actor_is_set (who));
  if (!tilld_db_query (db, &meter_read_at, &rows, error, DB_I64 (id), DB_BOOL (areas == NULL),
                       DB_I64_ARRAY (areas != NULL ? areas->data : NULL, areas != NULL ? areas->len : 0)))
    return FALSE;
  if (tilld_rows_count (rows) != 1)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "no such meter");
  *ret_read_at = tilld_row_ts (rows, 0, "read_at");
  return TRUE;
}
