/* SPDX-License-Identifier: GPL-2.0-or-later
 * reading.c: history of one meter. */
#include "server/domain/plant/reading.h"
#include "server/domain/office/row-json.h"
#include "server/domain/plant/meter.h"

static const TilldStatement reading_partitions = {
  .name = "reading-partitions", .sql = "SELECT reading_partitions () AS made", .columns = { { "made", DB_I32_TYPE } },
};
TILLD_STATEMENT (reading_partitions)

static const TilldStatement reading_retention = {
  .name = "reading-retention", .sql = "SELECT reading_retention ($1) AS dropped", .params = { DB_I32_TYPE },
  .columns = { { "dropped", DB_I32_TYPE } },
};
TILLD_STATEMENT (reading_retention)

static const TilldStatement shape = {
  .name = "reading-list",
  .sql = "r.at AS at, m.purse AS purse, r.energy_total AS energy_total, r.energy_tip AS energy_tip, r.energy_peak AS energy_peak, "
         "r.energy_flat AS energy_flat, r.energy_valley AS energy_valley, r.energy_deep AS energy_deep, r.balance AS balance, r.power_w AS power_w, "
         "r.relay AS relay, r.mode AS mode",
  .columns = { { "at", DB_TS_TYPE }, { "purse", DB_I16_TYPE }, { "energy_total", DB_I64_TYPE, DB_NULL_OK },
               { "energy_tip", DB_I64_TYPE, DB_NULL_OK }, { "energy_peak", DB_I64_TYPE, DB_NULL_OK }, { "energy_flat", DB_I64_TYPE, DB_NULL_OK },
               { "energy_valley", DB_I64_TYPE, DB_NULL_OK }, { "energy_deep", DB_I64_TYPE, DB_NULL_OK }, { "balance", DB_I64_TYPE, DB_NULL_OK },
               { "power_w", DB_I64_TYPE, DB_NULL_OK }, { "relay", DB_I16_TYPE }, { "mode", DB_I16_TYPE } },
};

static const char *
relay_word (int relay)
{
  return till_relay_word ((TillRelay) relay);
}

static const char *
mode_word (int mode)
{
  return till_meter_mode_word ((TillMeterMode) mode);
}

static const TilldJsonField fields[] = {
  { "time", TILLD_JSON_TIME, "at" }, { "energy_total", TILLD_JSON_ENERGY }, { "energy_rates", TILLD_JSON_RATES }, { "balance", TILLD_JSON_PURSE },
  { "power_kw", TILLD_JSON_MILLI, "power_w" }, { "relay", TILLD_JSON_ENUM, NULL, relay_word }, { "mode", TILLD_JSON_ENUM, NULL, mode_word }, { NULL },
};
static const TilldListFilter filters[] = {
  { "from", TILLD_FILTER_DAY, "r.at >= $#::timestamp AT TIME ZONE (SELECT zone FROM site ORDER BY id LIMIT 1)" },
  { "from", TILLD_FILTER_TIME, "r.at >= $#" },
  { "to", TILLD_FILTER_DAY, "r.at < ($# + 1)::timestamp AT TIME ZONE (SELECT zone FROM site ORDER BY id LIMIT 1)" }, /* the day itself included */
  { "to", TILLD_FILTER_TIME, "r.at < $#" },
  { NULL },
};
static const TilldListSort sorts[] = { { "time", "r.at" }, { NULL } };
static const TilldListSpec spec = {
  .shape = &shape, .from = "FROM reading r JOIN meter m ON m.id = r.meter", .filters = filters, .sorts = sorts, .order = "r.at",
};
TILLD_LIST (spec)

gboolean
tilld_reading_list (TilldDb *db, const TilldActor *who, gint64 meter, GHashTable *query, TillJsonWrite *w, GError **error)
{
  g_auto (TilldListQuery) q = { NULL };
  TillTime read_at;

  if (!tilld_meter_read_at (db, who, meter, &read_at, error) || !tilld_list_query_init (&q, &spec, query, NULL, error))
    return FALSE;
  tilld_list_query_fix (&q, "r.meter = $#", meter);
  return tilld_list_write (db, &q, fields, w, error);
}

gboolean
tilld_reading_partitions (TilldDb *db, GError **error)
{
  return tilld_db_exec (db, &reading_partitions, NULL, 0, NULL, error);
}

gboolean
tilld_reading_retention (TilldDb *db, guint keep_months, guint *ret_dropped, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;

  if (!tilld_db_query (db, &reading_retention, &rows, error, DB_I32 ((gint) keep_months)))
    return FALSE;
  *ret_dropped = (guint) tilld_row_i64 (rows, 0, "dropped");
  return TRUE;
}
