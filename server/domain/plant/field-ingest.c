/* SPDX-License-Identifier: GPL-2.0-or-later
 * field-ingest.c: readings in batches: COPY into a temporary table, then one call that updates states, keeps readings, raises and
 * clears alarms and writes one feed row. Decides nothing about money. */
#include "server/db/db-copy.h"
#include "server/domain/plant/field-plant.h"

#define INGEST_MAX 10000

static const char ingest_table[] =
  "CREATE TEMPORARY TABLE IF NOT EXISTS ingest (meter bigint, epoch int, at timestamptz, slot timestamptz, lost boolean, keep boolean, "
  "state smallint, mode smallint, relay smallint, flags int, balance bigint, energy_total bigint, energy_tip bigint, energy_peak bigint, "
  "energy_flat bigint, energy_valley bigint, energy_deep bigint, purchase_count bigint, purchased_total bigint, power_w bigint, u_mv bigint, "
  "i_ma bigint, pf_milli bigint, pushed boolean) ON COMMIT DELETE ROWS";
static const char ingest_copy[] = "COPY ingest FROM STDIN (FORMAT binary)";

static const TilldStatement ingest_apply = {
  .name = "ingest-apply", .sql = "SELECT ingest_apply () AS changed", .columns = { { "changed", DB_I64_TYPE } },
};
TILLD_STATEMENT (ingest_apply)

static gboolean
copy_reading (TilldCopy *copy, const TilldFieldReading *r, GError **error)
{
  gboolean good = !r->lost, polled = good && !r->pushed; /* what was pushed says nothing about state: no decision rests on it */
#define HAS(bit) (good && (r->has & (bit)) != 0)
  const TilldDbParam values[] = {
    DB_I64 (r->meter), DB_I32 (r->epoch), { DB_TS_TYPE, !good, r->at, NULL, 0 }, DB_TS_OR_NULL (good ? r->slot : 0), DB_BOOL (r->lost),
    DB_BOOL (good && r->keep), DB_I16_IF (polled && (r->has & TILLD_STATE_OF_ACCOUNT) == 0, r->state), DB_I16_IF (polled, r->mode),
    DB_I16_IF (polled, r->relay), DB_I32_IF (polled, r->flags),
    DB_I64_IF (HAS (TILLD_HAS_BALANCE), r->balance), DB_I64_IF (HAS (TILLD_HAS_ENERGY), r->energy_total),
    DB_I64_IF (HAS (TILLD_HAS_RATE << 0), r->energy_rate[0]), DB_I64_IF (HAS (TILLD_HAS_RATE << 1), r->energy_rate[1]),
    DB_I64_IF (HAS (TILLD_HAS_RATE << 2), r->energy_rate[2]), DB_I64_IF (HAS (TILLD_HAS_RATE << 3), r->energy_rate[3]),
    DB_I64_IF (HAS (TILLD_HAS_RATE << 4), r->energy_rate[4]), DB_I64_IF (HAS (TILLD_HAS_COUNT), r->purchase_count),
    DB_I64_IF (HAS (TILLD_HAS_TOTAL), r->purchased_total), DB_I64_IF (HAS (TILLD_HAS_POWER), r->power_w), DB_I64_IF (HAS (TILLD_HAS_U), r->u_mv),
    DB_I64_IF (HAS (TILLD_HAS_I), r->i_ma), DB_I64_IF (HAS (TILLD_HAS_PF), r->pf_milli), DB_BOOL (r->pushed),
  };
#undef HAS

  return tilld_copy_row (copy, values, G_N_ELEMENTS (values), error);
}

gboolean
tilld_field_ingest (TilldDb *db, const TilldFieldReading *readings, guint n, GError **error)
{
  g_autoptr (TilldCopy) copy = NULL;

  g_assert (n <= INGEST_MAX);
  if (n == 0)
    return TRUE;
  if (!tilld_db_command (db, ingest_table, error))
    return FALSE;
  copy = tilld_copy_begin (db, ingest_copy, error);
  if (copy == NULL)
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      g_assert (i == 0 || readings[i - 1].meter < readings[i].meter);
      if (!copy_reading (copy, &readings[i], error))
        return FALSE;
    }
  return tilld_copy_end (g_steal_pointer (&copy), error) && tilld_db_exec (db, &ingest_apply, NULL, 0, NULL, error);
}
