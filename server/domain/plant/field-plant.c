/* SPDX-License-Identifier: GPL-2.0-or-later
 * field-plant.c: the plant as the field needs it, in two queries. */
#include "server/domain/plant/field-plant.h"
#include <string.h>
#include "server/domain/plant/model-proof.h"

static const TilldStatement gateways_load = {
  .name = "field-gateways",
  .sql = "SELECT g.id, g.site, g.code, g.address, s.zone, g.link, g.allow_clear, g.fixed_tid, g.simulated, g.heartbeat, "
         "coalesce ((g.ports->0->>'baud')::int, 9600) AS baud, coalesce (g.ports->0->>'parity', 'N') AS parity, g.quarantine_s, g.status_interval_s, "
         "coalesce (g.full_interval_s, s.full_interval_s) AS full_interval_s, g.word_order, coalesce (x.link_class, 0::smallint) AS link_class "
         "FROM gateway g JOIN site s ON s.id = g.site LEFT JOIN gateway_session x ON x.gateway = g.id WHERE g.retired_at IS NULL ORDER BY g.id",
  .columns = { { "id", DB_I64_TYPE }, { "site", DB_I64_TYPE }, { "code", DB_TEXT_TYPE }, { "address", DB_TEXT_TYPE }, { "zone", DB_TEXT_TYPE },
               { "link", DB_I16_TYPE }, { "allow_clear", DB_BOOL_TYPE }, { "fixed_tid", DB_BOOL_TYPE }, { "simulated", DB_BOOL_TYPE },
               { "heartbeat", DB_BYTES_TYPE, DB_NULL_OK }, { "baud", DB_I32_TYPE }, { "parity", DB_TEXT_TYPE }, { "quarantine_s", DB_I32_TYPE },
               { "status_interval_s", DB_I32_TYPE }, { "full_interval_s", DB_I32_TYPE, DB_NULL_OK }, { "word_order", DB_I16_TYPE, DB_NULL_OK },
               { "link_class", DB_I16_TYPE } },
};
TILLD_STATEMENT (gateways_load)

/* Contracted power bounds what can be used between two reads: the overload limit, else 20 kW for each primary ampere ratio. */
static const TilldStatement meters_load = {
  .name = "field-meters",
  .sql = "SELECT m.id, m.gateway, m.epoch, m.ct_ratio, m.port, m.unit, m.model, m.settlement, m.purse, m.full_interval_s, m.alarm1, m.alarm2, m.overdraft, "
         "CASE WHEN m.overload_w > 0 THEN m.overload_w ELSE 20000 * m.ct_ratio::bigint END AS power_w, coalesce (t.price_max, 0) AS price_max, "
         "m.life_support, am.meter IS NOT NULL AS has_account, coalesce (p.frozen, false) AS dispute, "
         "(SELECT c.kind FROM command c WHERE c.meter = m.id AND c.kind IN (5, 6, 7) AND c.state = 3 ORDER BY c.accepted DESC LIMIT 1) AS control "
         "FROM meter m JOIN gateway g ON g.id = m.gateway LEFT JOIN meter_purse p ON p.meter = m.id "
         "LEFT JOIN account_meter am ON am.meter = m.id AND am.until IS NULL "
         "LEFT JOIN (SELECT DISTINCT ON (tariff) tariff, greatest (price_tip, price_peak, price_flat, price_valley, price_deep) AS price_max "
         "FROM tariff_version WHERE effective <= current_date ORDER BY tariff, effective DESC) t ON t.tariff = m.tariff "
         "WHERE m.retired_at IS NULL AND g.retired_at IS NULL ORDER BY m.gateway, m.port, m.unit",
  .columns = { { "id", DB_I64_TYPE }, { "gateway", DB_I64_TYPE }, { "epoch", DB_I32_TYPE }, { "ct_ratio", DB_I32_TYPE }, { "port", DB_I16_TYPE },
               { "unit", DB_I16_TYPE }, { "model", DB_TEXT_TYPE }, { "settlement", DB_I16_TYPE }, { "purse", DB_I16_TYPE },
               { "full_interval_s", DB_I32_TYPE, DB_NULL_OK }, { "alarm1", DB_I64_TYPE }, { "alarm2", DB_I64_TYPE }, { "overdraft", DB_I64_TYPE },
               { "power_w", DB_I64_TYPE }, { "price_max", DB_I64_TYPE }, { "life_support", DB_BOOL_TYPE }, { "has_account", DB_BOOL_TYPE },
               { "dispute", DB_BOOL_TYPE }, { "control", DB_I16_TYPE, DB_NULL_OK } },
};
TILLD_STATEMENT (meters_load)

static void
read_gateway (TilldRows *rows, guint i, TilldFieldGateway *g)
{
  gsize n = 0;
  const guint8 *heartbeat;

  *g = (TilldFieldGateway){ .id = tilld_row_i64 (rows, i, "id"), .site = tilld_row_i64 (rows, i, "site") };
  g_strlcpy (g->code, tilld_row_text (rows, i, "code"), sizeof g->code);
  g_strlcpy (g->address, tilld_row_text (rows, i, "address"), sizeof g->address);
  g_strlcpy (g->zone, tilld_row_text (rows, i, "zone"), sizeof g->zone);
  g->link = (TillLinkKind) tilld_row_i64 (rows, i, "link");
  g->allow_clear = tilld_row_bool (rows, i, "allow_clear");
  g->fixed_tid = tilld_row_bool (rows, i, "fixed_tid");
  g->simulated = tilld_row_bool (rows, i, "simulated");
  heartbeat = tilld_row_bytes (rows, i, "heartbeat", &n);
  g->heartbeat_len = (guint) MIN (n, sizeof g->heartbeat);
  if (g->heartbeat_len > 0)
    memcpy (g->heartbeat, heartbeat, g->heartbeat_len);
  g->baud = (guint) tilld_row_i64 (rows, i, "baud");
  g->parity = tilld_row_text (rows, i, "parity")[0];
  g->quarantine_s = (guint) tilld_row_i64 (rows, i, "quarantine_s");
  g->status_interval_s = (guint) tilld_row_i64 (rows, i, "status_interval_s");
  g->full_interval_s = (guint) tilld_row_i64 (rows, i, "full_interval_s");
  g->link_class = (TillLinkClass) tilld_row_i64 (rows, i, "link_class");
  g->word_order = (gint) tilld_row_i64_or (rows, i, "word_order", -1);
}

static void
read_meter (TilldRows *rows, guint i, TilldFieldMeter *m)
{
  *m = (TilldFieldMeter){ .id = tilld_row_i64 (rows, i, "id"), .gateway = tilld_row_i64 (rows, i, "gateway"),
                          .epoch = (gint32) tilld_row_i64 (rows, i, "epoch"), .ct_ratio = (gint32) tilld_row_i64 (rows, i, "ct_ratio"),
                          .port = (guint8) tilld_row_i64 (rows, i, "port"), .unit = (guint8) tilld_row_i64 (rows, i, "unit") };
  g_strlcpy (m->model, tilld_row_text (rows, i, "model"), sizeof m->model);
  m->settlement = (TillSettlement) tilld_row_i64 (rows, i, "settlement");
  m->purse = (TillPurse) tilld_row_i64 (rows, i, "purse");
  m->full_interval_s = (guint) tilld_row_i64 (rows, i, "full_interval_s");
  m->alarm1 = tilld_row_i64 (rows, i, "alarm1");
  m->alarm2 = tilld_row_i64 (rows, i, "alarm2");
  m->overdraft = tilld_row_i64 (rows, i, "overdraft");
  m->power_w = tilld_row_i64 (rows, i, "power_w");
  m->price_max = tilld_row_i64 (rows, i, "price_max");
  m->life_support = tilld_row_bool (rows, i, "life_support");
  m->has_account = tilld_row_bool (rows, i, "has_account");
  m->dispute = tilld_row_bool (rows, i, "dispute");
  m->recharge_class = -1;
  m->control = (gint) tilld_row_i64_or (rows, i, "control", -1);
}

/* What is proven of the model at this gateway. */
static void
apply_proofs (const GArray *proofs, const TilldProfile *profile, const TilldFieldGateway *gateway, TilldFieldMeter *m)
{
  for (guint write = 0; write < TILLD_PROVEN_N; write++)
    {
      const TilldModelProof *proof = tilld_model_proof_find (proofs, profile, (TilldProvenWrite) write, gateway->id, gateway->simulated);

      if (proof == NULL)
        continue;
      m->proven |= (guint8) (1 << write);
      if (write == TILLD_PROVEN_RECHARGE)
        m->recharge_class = (gint8) (proof->effective_class >= 0 ? proof->effective_class : (gint) profile->meter_class);
      else if (write == TILLD_PROVEN_CONTROL)
        g_strlcpy (m->candidate, proof->candidate, sizeof m->candidate);
    }
  m->recharge_proven = (m->proven >> TILLD_PROVEN_RECHARGE & 1) != 0;
  m->control_proven = (m->proven >> TILLD_PROVEN_CONTROL & 1) != 0;
}

/* Both lists are in the order of gateways. */
static void
mark_proven (const GArray *proofs, const TilldProfiles *profiles, const GArray *gateways, GArray *meters)
{
  guint g = 0;

  for (guint i = 0; i < meters->len; i++)
    {
      TilldFieldMeter    *m = &g_array_index (meters, TilldFieldMeter, i);
      const TilldProfile *profile = tilld_profiles_get (profiles, m->model);

      while (g < gateways->len && g_array_index (gateways, TilldFieldGateway, g).id < m->gateway)
        g++;
      if (profile != NULL && g < gateways->len && g_array_index (gateways, TilldFieldGateway, g).id == m->gateway)
        apply_proofs (proofs, profile, &g_array_index (gateways, TilldFieldGateway, g), m);
    }
}

gboolean
tilld_field_plant_load (TilldDb *db, const TilldProfiles *profiles, GArray *ret_gateways, GArray *ret_meters, GError **error)
{
  g_autoptr (GArray) proofs = g_array_new (FALSE, FALSE, sizeof (TilldModelProof));
  g_autoptr (TilldRows) gateways = NULL;
  g_autoptr (TilldRows) meters = NULL;

  if (!tilld_model_proofs_load (db, proofs, error) || !tilld_db_exec (db, &gateways_load, NULL, 0, &gateways, error) || !tilld_db_exec (db, &meters_load, NULL, 0, &meters, error))
    return FALSE;
  for (guint i = 0; i < tilld_rows_count (gateways); i++)
    {
      TilldFieldGateway gateway;
      read_gateway (gateways, i, &gateway);
      g_array_append_val (ret_gateways, gateway);
    }
  for (guint i = 0; i < tilld_rows_count (meters); i++)
    {
      TilldFieldMeter meter;
      read_meter (meters, i, &meter);
      g_array_append_val (ret_meters, meter);
    }
  mark_proven (proofs, profiles, ret_gateways, ret_meters);
  return TRUE;
}
