/* SPDX-License-Identifier: GPL-2.0-or-later
 * field-plant.c: the plant as the field needs it: all gateways, and the meters of some. */
#include "server/domain/plant/field-plant.h"
#include <string.h>
#include "server/domain/plant/model-proof.h"

static const TilldStatement gateways_load = {
  .name = "field-gateways",
  .sql = "SELECT g.id, g.site, g.code, g.address, s.zone, g.link, g.allow_clear, g.fixed_tid, g.simulated, g.heartbeat, "
         "coalesce ((g.ports->0->>'baud')::int, 9600) AS baud, coalesce (g.ports->0->>'parity', 'N') AS parity, g.quarantine_s, g.status_interval_s, "
         "coalesce (g.full_interval_s, s.full_interval_s) AS full_interval_s, g.word_order, coalesce (x.link_class, 0::smallint) AS link_class, "
         "g.plant_xact >= $1 AS changed, pg_snapshot_xmin (pg_current_snapshot ()) AS horizon "
         "FROM gateway g JOIN site s ON s.id = g.site LEFT JOIN gateway_session x ON x.gateway = g.id WHERE g.retired_at IS NULL ORDER BY g.id",
  .params = { DB_XID_TYPE },
  .columns = { { "id", DB_I64_TYPE }, { "site", DB_I64_TYPE }, { "code", DB_TEXT_TYPE }, { "address", DB_TEXT_TYPE }, { "zone", DB_TEXT_TYPE },
               { "link", DB_I16_TYPE }, { "allow_clear", DB_BOOL_TYPE }, { "fixed_tid", DB_BOOL_TYPE }, { "simulated", DB_BOOL_TYPE },
               { "heartbeat", DB_BYTES_TYPE, DB_NULL_OK }, { "baud", DB_I32_TYPE }, { "parity", DB_TEXT_TYPE }, { "quarantine_s", DB_I32_TYPE },
               { "status_interval_s", DB_I32_TYPE }, { "full_interval_s", DB_I32_TYPE, DB_NULL_OK }, { "word_order", DB_I16_TYPE, DB_NULL_OK },
               { "link_class", DB_I16_TYPE }, { "changed", DB_BOOL_TYPE }, { "horizon", DB_XID_TYPE } },
};
TILLD_STATEMENT (gateways_load)

/* Contracted power bounds what can be used between two reads: the overload limit, else 20 kW for each primary ampere ratio. */
static const TilldStatement meters_load = {
  .name = "field-meters",
  .sql = "SELECT m.id, m.gateway, m.epoch, m.ct_ratio, m.port, m.unit, m.model, m.settlement, m.purse, m.full_interval_s, m.alarm1, m.alarm2, m.overdraft, "
         "CASE WHEN m.overload_w > 0 THEN m.overload_w ELSE 20000 * m.ct_ratio::bigint END AS power_w, coalesce (t.price_max, 0) AS price_max, "
         "m.life_support, am.meter IS NOT NULL AS has_account, coalesce (p.frozen, false) AS dispute, "
         "(SELECT c.kind FROM command c WHERE c.meter = m.id AND c.kind IN (5, 6, 7) AND c.state = 3 ORDER BY c.accepted DESC LIMIT 1) AS control, s.read_at "
         "FROM meter m LEFT JOIN meter_state s ON s.meter = m.id AND s.epoch = m.epoch LEFT JOIN meter_purse p ON p.meter = m.id "
         "LEFT JOIN account_meter am ON am.meter = m.id AND am.until IS NULL "
         "LEFT JOIN (SELECT DISTINCT ON (tariff) tariff, "
         "coalesce (price_max, greatest (price_tip, price_peak, price_flat, price_valley, price_deep)) AS price_max "
         "FROM tariff_version WHERE effective <= site_today () ORDER BY tariff, effective DESC) t ON t.tariff = m.tariff "
         "WHERE m.retired_at IS NULL AND m.gateway = ANY ($1) ORDER BY m.gateway, m.port, m.unit",
  .params = { DB_I64_ARRAY_TYPE },
  .columns = { { "id", DB_I64_TYPE }, { "gateway", DB_I64_TYPE }, { "epoch", DB_I32_TYPE }, { "ct_ratio", DB_I32_TYPE }, { "port", DB_I16_TYPE },
               { "unit", DB_I16_TYPE }, { "model", DB_TEXT_TYPE }, { "settlement", DB_I16_TYPE }, { "purse", DB_I16_TYPE },
               { "full_interval_s", DB_I32_TYPE, DB_NULL_OK }, { "alarm1", DB_I64_TYPE }, { "alarm2", DB_I64_TYPE }, { "overdraft", DB_I64_TYPE },
               { "power_w", DB_I64_TYPE }, { "price_max", DB_I64_TYPE }, { "life_support", DB_BOOL_TYPE }, { "has_account", DB_BOOL_TYPE },
               { "dispute", DB_BOOL_TYPE }, { "control", DB_I16_TYPE, DB_NULL_OK }, { "read_at", DB_TS_TYPE, DB_NULL_OK } },
};
TILLD_STATEMENT (meters_load)

static void
read_gateway (TilldRows *rows, guint i, TilldFieldGateway *g)
{
  gsize n = 0;
  const guint8 *heartbeat;

  *g = (TilldFieldGateway){ .id = tilld_row_i64 (rows, i, "id"), .site = tilld_row_i64 (rows, i, "site"),
                            .changed = tilld_row_bool (rows, i, "changed") };
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
  m->read_at = tilld_row_ts (rows, i, "read_at");
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

static void
copy_proofs (const TilldFieldMeter *from, TilldFieldMeter *m)
{
  m->proven = from->proven;
  m->recharge_class = from->recharge_class;
  m->recharge_proven = from->recharge_proven;
  m->control_proven = from->control_proven;
  g_strlcpy (m->candidate, from->candidate, sizeof m->candidate);
}

/* Both lists are in the order of gateways; neighbours are mostly of one model. */
static void
mark_proven (const GArray *proofs, const TilldProfiles *profiles, const TilldFieldGateway *gateways, guint n, GArray *meters, guint from)
{
  guint g = 0;

  for (guint i = from; i < meters->len; i++)
    {
      TilldFieldMeter       *m = &g_array_index (meters, TilldFieldMeter, i);
      const TilldFieldMeter *before = i > from ? m - 1 : NULL;
      const TilldProfile    *profile;

      if (before != NULL && before->gateway == m->gateway && g_str_equal (before->model, m->model))
        {
          copy_proofs (before, m);
          continue;
        }
      profile = tilld_profiles_get (profiles, m->model);
      while (g < n && gateways[g].id < m->gateway)
        g++;
      if (profile != NULL && g < n && gateways[g].id == m->gateway)
        apply_proofs (proofs, profile, &gateways[g], m);
    }
}

gboolean
tilld_field_gateways_load (TilldDb *db, gint64 cursor, GArray *ret_gateways, gint64 *ret_cursor, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;

  if (!tilld_db_query (db, &gateways_load, &rows, error, DB_XID (cursor)))
    return FALSE;
  *ret_cursor = cursor;
  for (guint i = 0; i < tilld_rows_count (rows); i++)
    {
      TilldFieldGateway gateway;

      read_gateway (rows, i, &gateway);
      g_array_append_val (ret_gateways, gateway);
      *ret_cursor = tilld_row_i64 (rows, i, "horizon");
    }
  return TRUE;
}

gboolean
tilld_field_meters_load (TilldDb *db, const TilldProfiles *profiles, const TilldFieldGateway *gateways, guint n, GArray *ret_meters, GError **error)
{
  g_autoptr (GArray) proofs = g_array_new (FALSE, FALSE, sizeof (TilldModelProof));
  g_autofree gint64 *ids = g_new (gint64, MAX (n, 1));
  g_autoptr (TilldRows) rows = NULL;
  guint from = ret_meters->len;

  for (guint i = 0; i < n; i++)
    ids[i] = gateways[i].id;
  if (!tilld_model_proofs_load (db, proofs, error) || !tilld_db_query (db, &meters_load, &rows, error, DB_I64_ARRAY (ids, n)))
    return FALSE;
  for (guint i = 0; i < tilld_rows_count (rows); i++)
    {
      TilldFieldMeter meter;

      read_meter (rows, i, &meter);
      g_array_append_val (ret_meters, meter);
    }
  mark_proven (proofs, profiles, gateways, n, ret_meters, from);
  return TRUE;
}

gboolean
tilld_field_plant_load (TilldDb *db, const TilldProfiles *profiles, GArray *ret_gateways, GArray *ret_meters, GError **error)
{
  gint64 cursor;

  return tilld_field_gateways_load (db, 0, ret_gateways, &cursor, error) &&
         tilld_field_meters_load (db, profiles, (const TilldFieldGateway *) (gpointer) ret_gateways->data, ret_gateways->len, ret_meters, error);
}
