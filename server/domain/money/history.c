/* SPDX-License-Identifier: GPL-2.0-or-later
 * history.c: readings by time. Reads and parses; decides nothing. */
#include "server/domain/money/history.h"

static const TilldStatement history_load = {
  .name = "history-load",
  .sql = "SELECT at, epoch, balance, energy_total, energy_tip, energy_peak, energy_flat, energy_valley, energy_deep, purchased_total FROM reading"
         " WHERE meter = $1 AND at >= $2 AND at < $3 AND energy_total IS NOT NULL ORDER BY at",
  .params = { DB_I64_TYPE, DB_TS_TYPE, DB_TS_TYPE },
  .columns = { { "at", DB_TS_TYPE }, { "epoch", DB_I32_TYPE }, { "balance", DB_I64_TYPE, DB_NULL_OK }, { "energy_total", DB_I64_TYPE },
               { "energy_tip", DB_I64_TYPE, DB_NULL_OK }, { "energy_peak", DB_I64_TYPE, DB_NULL_OK }, { "energy_flat", DB_I64_TYPE, DB_NULL_OK },
               { "energy_valley", DB_I64_TYPE, DB_NULL_OK }, { "energy_deep", DB_I64_TYPE, DB_NULL_OK }, { "purchased_total", DB_I64_TYPE, DB_NULL_OK } },
};
TILLD_STATEMENT (history_load)

gboolean
tilld_history_load (TilldDb *db, gint64 meter, TillTime from, TillTime to, GArray *ret_readings, GError **error)
{
  static const char *const rates[TILL_N_RATES] = { "energy_tip", "energy_peak", "energy_flat", "energy_valley", "energy_deep" };
  g_autoptr (TilldRows) rows = NULL;

  if (!tilld_db_query (db, &history_load, &rows, error, DB_I64 (meter), DB_TS (from), DB_TS (to)))
    return FALSE;
  for (guint i = 0; i < tilld_rows_count (rows); i++)
    {
      TilldHistoryReading h = { .reading = { .at = tilld_row_ts (rows, i, "at"), .epoch = (gint32) tilld_row_i64 (rows, i, "epoch"),
                                             .total = tilld_row_i64 (rows, i, "energy_total") },
                                .has_balance = !tilld_row_is_null (rows, i, "balance"), .has_total = !tilld_row_is_null (rows, i, "purchased_total"),
                                .balance = tilld_row_i64 (rows, i, "balance"), .purchased_total = tilld_row_i64 (rows, i, "purchased_total") };

      for (guint r = 0; r < TILL_N_RATES; r++)
        {
          h.reading.has_rates = h.reading.has_rates || !tilld_row_is_null (rows, i, rates[r]);
          h.reading.rates[r] = tilld_row_i64 (rows, i, rates[r]);
        }
      g_array_append_val (ret_readings, h);
    }
  return TRUE;
}
