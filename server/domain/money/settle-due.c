/* SPDX-License-Identifier: GPL-2.0-or-later
 * settle-due.c: which meters are to be settled, and what people see of those the server settles. */
#include "server/domain/money/settle.h"

static const TilldStatement due = {
  .name = "settle-due",
  .sql = "SELECT m.id FROM meter m JOIN account_meter am ON am.meter = m.id AND am.until IS NULL"
         " LEFT JOIN settle_state st ON st.meter = m.id WHERE m.settlement = 1 AND m.retired_at IS NULL AND m.tariff IS NOT NULL"
         " AND EXISTS (SELECT FROM reading r WHERE r.meter = m.id AND r.energy_total IS NOT NULL"
         " AND r.at > coalesce (st.at, am.since - interval '1 us') AND r.at <= now ()) ORDER BY st.at NULLS FIRST, m.id LIMIT $1",
  .params = { DB_I64_TYPE },
  .columns = { { "id", DB_I64_TYPE } },
};
TILLD_STATEMENT (due)

static const TilldStatement daily = {
  .name = "settle-daily",
  .sql = "SELECT m.id FROM meter m JOIN meter_purse p ON p.meter = m.id WHERE m.settlement = 0 AND m.purse IN (1, 2)"
         " AND m.retired_at IS NULL AND p.has_baseline AND NOT p.frozen AND m.id > $1 ORDER BY m.id LIMIT $2",
  .params = { DB_I64_TYPE, DB_I64_TYPE },
  .columns = { { "id", DB_I64_TYPE } },
};
TILLD_STATEMENT (daily)

static const TilldStatement states = {
  .name = "settle-states", .sql = "SELECT settle_states () AS changed", .columns = { { "changed", DB_I64_TYPE } },
};
TILLD_STATEMENT (states)

static void
take (TilldRows *rows, GArray *meters)
{
  for (guint i = 0; i < tilld_rows_count (rows); i++)
    {
      gint64 id = tilld_row_i64 (rows, i, "id");

      g_array_append_val (meters, id);
    }
}

gboolean
tilld_settle_due (TilldDb *db, guint limit, GArray *ret_meters, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;

  if (!tilld_db_query (db, &due, &rows, error, DB_I64 (limit)))
    return FALSE;
  take (rows, ret_meters);
  return TRUE;
}

gboolean
tilld_settle_daily (TilldDb *db, gint64 above, guint limit, GArray *ret_meters, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;

  if (!tilld_db_query (db, &daily, &rows, error, DB_I64 (above), DB_I64 (limit)))
    return FALSE;
  take (rows, ret_meters);
  return TRUE;
}

gboolean
tilld_settle_states (TilldDb *db, GError **error)
{
  return tilld_db_exec (db, &states, NULL, 0, NULL, error);
}
