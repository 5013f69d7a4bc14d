/* SPDX-License-Identifier: GPL-2.0-or-later
 * field-plant.c: the plant as the field needs it: all gateways, and the meters of some. */
#include "server/domain/plant/field-plant.h"
#include <string.h>
#include "server/domain/plant/model-proof.h"

static const TilldStatement gateways_load = {
  .name = "field-gateways",
  .sql = "SELECT g.id, g.site, g.code, g.address, s.zone, g.link, g.allow_clear, g.fixed_tid, g.simulated, g.heartbeat, "
         "coalesce ((g.ports->0->>'baud')::int, 9600) AS baud, g.quarantine_s, g.status_interval_s, "
         "coalesce (g.full_interval_s, s.full_interval_s) AS full_interval_s, g.word_order, coalesce (x.link_class, 0::smallint) AS link_class, "
         "g.best_class, g.registration_mode, g.suites::int8[] AS suites, g.master_key, g.vendor_secret, g.tls_authority, g.tls_pin, "
         "(SELECT string_agg (p->>'port' || ':' || coalesce (p->>'baud', '9600') || ':' || coalesce (p->>'parity', 'N'), ',' "
         "ORDER BY (p->>'port')::int) FROM jsonb_array_elements (g.ports) p) AS ports, "
         "g.plant_xact >= $1 AS changed, pg_snapshot_xmin (pg_current_snapshot ()) AS horizon "
         "FROM gateway g JOIN site s ON s.id = g.site LEFT JOIN gateway_session x ON x.gateway = g.id WHERE g.retired_at IS NULL ORDER BY g.id",
  .params = { DB_XID_TYPE },
  .columns = { { "id", DB_I64_TYPE }, { "site", DB_I64_TYPE }, { "code", DB_TEXT_TYPE }, { "address", DB_TEXT_TYPE }, { "zone", DB_TEXT_TYPE },
               { "link", DB_I16_TYPE }, { "allow_clear", DB_BOOL_TYPE }, { "fixed_tid", DB_BOOL_TYPE }, { "simulated", DB_BOOL_TYPE },
               { "heartbeat", DB_BYTES_TYPE, DB_NULL_OK }, { "baud", DB_I32_TYPE }, { "quarantine_s", DB_I32_TYPE },
               { "status_interval_s", DB_I32_TYPE }, { "full_interval_s", DB_I32_TYPE, DB_NULL_OK }, { "word_order", DB_I16_TYPE, DB_NULL_OK },
               { "link_class", DB_I16_TYPE }, { "best_class", DB_I16_TYPE }, { "registration_mode", DB_I16_TYPE }, { "suites", DB_I64_ARRAY_TYPE },
               { "master_key", DB_BYTES_TYPE, DB_NULL_OK }, { "vendor_secret", DB_BYTES_TYPE, DB_NULL_OK },
               { "tls_authority", DB_TEXT_TYPE, DB_NULL_OK }, { "tls_pin", DB_BYTES_TYPE, DB_NULL_OK }, { "ports", DB_TEXT_TYPE, DB_NULL_OK },
               { "changed", DB_BOOL_TYPE }, { "horizon", DB_XID_TYPE } },
};
TILLD_STATEMENT (gateways_load)

static const TilldStatement gateways_count = {
  .name = "field-gateways-count", .sql = "SELECT count (*)::int AS n FROM gateway WHERE retired_at IS NULL", .columns = { { "n", DB_I32_TYPE } },
};
TILLD_STATEMENT (gateways_count)

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

static const TilldStatement registrations_load = {
  .name = "field-registrations",
  .sql = "SELECT r.registration, r.gateway, r.port FROM gateway_registration r JOIN gateway g ON g.id = r.gateway AND g.retired_at IS NULL AND g.link = 3",
  .columns = { { "registration", DB_BYTES_TYPE }, { "gateway", DB_I64_TYPE }, { "port", DB_I16_TYPE } },
};
TILLD_STATEMENT (registrations_load)

/* At most size bytes; 0 for NULL. */
static guint
read_bytes (TilldRows *rows, guint i, const char *column, guint8 *ret, gsize size)
{
  gsize         n = 0;
  const guint8 *bytes = tilld_row_bytes (rows, i, column, &n);

  n = MIN (n, size);
  if (n > 0)
    memcpy (ret, bytes, n);
  return (guint) n;
}

guint
tilld_field_ports_parse (const char *text, TilldFieldPort *ret)
{
  g_auto (GStrv) words = g_strsplit (text == NULL ? "" : text, ",", TILLD_FIELD_PORTS);
  guint n = 0;

  for (guint i = 0; words[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit (words[i], ":", 3);
      guint64 number, baud;

      if (g_strv_length (parts) == 3 && g_ascii_string_to_unsigned (parts[0], 10, 1, TILLD_FIELD_PORTS, &number, NULL) &&
          g_ascii_string_to_unsigned (parts[1], 10, 300, 921600, &baud, NULL))
        ret[n++] = (TilldFieldPort){ (guint8) number, parts[2][0] == '\0' ? 'N' : parts[2][0], (guint) baud };
    }
  return n;
}

static void
read_keys (TilldRows *rows, guint i, TilldFieldGateway *g)
{
  g_autofree gint64 *suites = NULL;
  const char *authority = tilld_row_text (rows, i, "tls_authority");
  guint n = 0;

  suites = tilld_row_i64_array (rows, i, "suites", &n);
  for (guint k = 0; k < n; k++)
    g->suites |= (guint8) (1u << suites[k]);
  g->master_len = read_bytes (rows, i, "master_key", g->master, sizeof g->master);
  g->vendor_len = read_bytes (rows, i, "vendor_secret", g->vendor, sizeof g->vendor);
  g->tls_pinned = read_bytes (rows, i, "tls_pin", g->tls_pin, sizeof g->tls_pin) == sizeof g->tls_pin;
  g->tls_authority = authority == NULL || *authority == '\0' ? NULL : g_intern_string (authority);
}

static void
read_gateway (TilldRows *rows, guint i, TilldFieldGateway *g)
{
  *g = (TilldFieldGateway){ .id = tilld_row_i64 (rows, i, "id"), .site = tilld_row_i64 (rows, i, "site"),
                            .changed = tilld_row_bool (rows, i, "changed") };
  g_strlcpy (g->code, tilld_row_text (rows, i, "code"), sizeof g->code);
  g_strlcpy (g->address, tilld_row_text (rows, i, "address"), sizeof g->address);
  g_strlcpy (g->zone, tilld_row_text (rows, i, "zone"), sizeof g->zone);
  g->link = (TillLinkKind) tilld_row_i64 (rows, i, "link");
  g->allow_clear = tilld_row_bool (rows, i, "allow_clear");
  g->fixed_tid = tilld_row_bool (rows, i, "fixed_tid");
  g->simulated = tilld_row_bool (rows, i, "simulated");
  g->heartbeat_len = read_bytes (rows, i, "heartbeat", g->heartbeat, sizeof g->heartbeat);
  g->best_class = (TillLinkClass) tilld_row_i64 (rows, i, "best_class");
  g->prefix_mode = tilld_row_i64 (rows, i, "registration_mode") == 1;
  read_keys (rows, i, g);
  g->n_ports = tilld_field_ports_parse (tilld_row_text (rows, i, "ports"), g->ports);
  g->baud = (guint) tilld_row_i64 (rows, i, "baud");
  g->quarantine_s = (guint) tilld_row_i64 (rows, i, "quarantine_s");
  g->status_interval_s = (guint) tilld_row_i64 (rows, i, "status_interval_s");
  g->full_interval_s = (guint) tilld_row_i64 (rows, i, "full_interval_s");
  g->link_class = (TillLinkClass) tilld_row_i64 (rows, i, "link_class");
  g->word_order = (gint) tilld_row_i64_or (rows, i, "word_order", -1);
}

static gboolean
same_bytes (const guint8 *a, guint a_len, const guint8 *b, guint b_len)
{
  return a_len == b_len && memcmp (a, b, a_len) == 0;
}

static gboolean
same_ports (const TilldFieldGateway *a, const TilldFieldGateway *b)
{
  if (a->n_ports != b->n_ports)
    return FALSE;
  for (guint i = 0; i < a->n_ports; i++)
    if (a->ports[i].port != b->ports[i].port || a->ports[i].parity != b->ports[i].parity || a->ports[i].baud != b->ports[i].baud)
      return FALSE;
  return TRUE;
}

gboolean
tilld_field_gateway_same (const TilldFieldGateway *a, const TilldFieldGateway *b)
{
  return a->id == b->id && a->link == b->link && a->allow_clear == b->allow_clear && a->fixed_tid == b->fixed_tid && same_ports (a, b) &&
         a->word_order == b->word_order && a->prefix_mode == b->prefix_mode && a->suites == b->suites && a->tls_pinned == b->tls_pinned &&
         a->tls_authority == b->tls_authority && g_str_equal (a->code, b->code) && g_str_equal (a->address, b->address) &&
         g_str_equal (a->zone, b->zone) && same_bytes (a->heartbeat, a->heartbeat_len, b->heartbeat, b->heartbeat_len) &&
         same_bytes (a->master, a->master_len, b->master, b->master_len) && same_bytes (a->vendor, a->vendor_len, b->vendor, b->vendor_len) &&
         memcmp (a->tls_pin, b->tls_pin, sizeof a->tls_pin) == 0;
}

gboolean
tilld_field_registrations_load (TilldDb *db, GArray *ret_registrations, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;

  if (!tilld_db_exec (db, &registrations_load, NULL, 0, &rows, error))
    return FALSE;
  for (guint i = 0; i < tilld_rows_count (rows); i++)
    {
      TilldFieldRegistration it = { .gateway = tilld_row_i64 (rows, i, "gateway"), .port = (guint8) tilld_row_i64 (rows, i, "port") };

      it.len = (guint8) read_bytes (rows, i, "registration", it.bytes, sizeof it.bytes);
      g_array_append_val (ret_registrations, it);
    }
  return TRUE;
}

static void
read_meter (TilldRows *rows, guint i, TilldFieldMeter *m)
{
  *m = (TilldFieldMeter){ .id = tilld_row_i64 (rows, i, "id"), .gateway = tilld_row_i64 (rows, i, "gateway"),
                          .epoch = (gint32) tilld_row_i64 (rows, i, "epoch"), .ct_ratio = (gint32) tilld_row_i64 (rows, i, "ct_ratio"),
                          .port = (guint8) tilld_row_i64 (rows, i, "port"), .unit = (guint8) tilld_row_i64 (rows, i, "unit") };
  m->model = g_intern_string (tilld_row_text (rows, i, "model"));
  m->candidate = "";
  m->settlement = (guint8) tilld_row_i64 (rows, i, "settlement");
  m->purse = (guint8) tilld_row_i64 (rows, i, "purse");
  m->full_interval_s = (guint) tilld_row_i64 (rows, i, "full_interval_s");
  m->alarm1 = tilld_row_i64 (rows, i, "alarm1");
  m->alarm2 = tilld_row_i64 (rows, i, "alarm2");
  m->overdraft = tilld_row_i64 (rows, i, "overdraft");
  m->power_w = tilld_row_i64 (rows, i, "power_w");
  m->price_max = tilld_row_i64 (rows, i, "price_max");
  m->life_support = tilld_row_bool (rows, i, "life_support") ? 1 : 0;
  m->has_account = tilld_row_bool (rows, i, "has_account") ? 1 : 0;
  m->dispute = tilld_row_bool (rows, i, "dispute") ? 1 : 0;
  m->recharge_class = -1;
  m->control = (gint8) tilld_row_i64_or (rows, i, "control", -1);
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
        m->candidate = g_intern_string (proof->candidate);
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
  m->candidate = from->candidate;
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

      if (before != NULL && before->gateway == m->gateway && before->model == m->model)
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
tilld_field_gateways_count (TilldDb *db, guint *ret_n, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;

  if (!tilld_db_exec (db, &gateways_count, NULL, 0, &rows, error))
    return FALSE;
  *ret_n = (guint) tilld_row_i64 (rows, 0, "n");
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
