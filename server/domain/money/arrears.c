/* SPDX-License-Identifier: GPL-2.0-or-later
 * arrears.c: debt -> reason -> relay, payment -> the way back. Decisions are relay-rules; this reads, stores and orders. */
#include "server/domain/money/arrears.h"

#include <json-glib/json-glib.h>

#include "server/domain/office/audit.h"
#include "server/domain/plant/alarm.h"
#include "server/domain/plant/feed.h"
#include "server/domain/plant/setting-order.h"
#include "server/rules/relay-rules.h"

/* Debt that is not in the set, reasons that may end, an order that no reason asks for any more. */
static const TilldStatement candidates = {
  .name = "arrears-candidates",
  .sql = "SELECT m.id FROM meter m JOIN area a ON a.id = m.area LEFT JOIN account_meter am ON am.meter = m.id AND am.until IS NULL"
         " LEFT JOIN account c ON c.id = am.account AND c.state <> 2 LEFT JOIN ledger_account b ON b.site = a.site AND b.kind = 4 AND b.owner = c.id"
         " LEFT JOIN meter_relay r ON r.meter = m.id LEFT JOIN meter_state st ON st.meter = m.id JOIN site s ON s.id = a.site"
         " WHERE m.settlement = 1 AND m.retired_at IS NULL AND (r.ordered_at IS NULL OR r.ordered_at < now () - interval '60 seconds') AND ("
         "NOT m.life_support AND c.id IS NOT NULL AND coalesce (b.credits - b.debits, 0) <= - m.overdraft AND st.read_at > now () - interval '10 minutes'"
         " AND NOT EXISTS (SELECT FROM meter_off o WHERE o.meter = m.id AND o.reason = 0 AND NOT o.waiting)"
         " OR EXISTS (SELECT FROM meter_off o WHERE o.meter = m.id AND o.reason = 0 AND (o.waiting OR c.id IS NULL"
         " OR coalesce (b.credits - b.debits, 0) > s.restore_above))"
         " OR coalesce (r.ordered, 5) <> 6 AND EXISTS (SELECT FROM meter_off o WHERE o.meter = m.id AND NOT o.waiting"
         " AND (o.reason = 2 OR NOT coalesce (r.forced_on, false)))"
         " OR r.ordered = 6 AND NOT EXISTS (SELECT FROM meter_off o WHERE o.meter = m.id AND NOT o.waiting)) ORDER BY m.id LIMIT $1",
  .params = { DB_I64_TYPE },
  .columns = { { "id", DB_I64_TYPE } },
};
TILLD_STATEMENT (candidates)

static const TilldStatement arrears_lock = {
  .name = "arrears-lock",
  .sql = "SELECT id FROM meter WHERE id = $1 AND settlement = 1 AND retired_at IS NULL FOR NO KEY UPDATE",
  .params = { DB_I64_TYPE },
  .columns = { { "id", DB_I64_TYPE } },
};
TILLD_STATEMENT (arrears_lock)

static const TilldStatement arrears_load = {
  .name = "arrears-load",
  .sql = "SELECT a.site, m.overdraft, m.life_support, c.id IS NOT NULL AS has_account, coalesce (b.credits - b.debits, 0)::bigint AS balance, s.restore_above,"
         " st.read_at, coalesce (r.forced_on, false) AS forced_on, r.ordered, r.ordered_at, r.hour_from, coalesce (r.in_hour, 0) AS in_hour,"
         " (SELECT coalesce (bit_or (1 << o.reason), 0) FROM meter_off o WHERE o.meter = m.id AND NOT o.waiting) AS set,"
         " EXISTS (SELECT FROM meter_off o WHERE o.meter = m.id AND o.reason = 0 AND o.waiting) AS waits,"
         " ARRAY (SELECT p.from_min * 10000 + p.to_min FROM protected_hours p WHERE p.site = a.site AND (p.use_class IS NULL"
         " OR p.use_class = m.use_class))::bigint[] AS hours"
         " FROM meter m JOIN area a ON a.id = m.area JOIN site s ON s.id = a.site LEFT JOIN account_meter am ON am.meter = m.id AND am.until IS NULL"
         " LEFT JOIN account c ON c.id = am.account AND c.state <> 2 LEFT JOIN ledger_account b ON b.site = a.site AND b.kind = 4 AND b.owner = c.id"
         " LEFT JOIN meter_state st ON st.meter = m.id LEFT JOIN meter_relay r ON r.meter = m.id WHERE m.id = $1",
  .params = { DB_I64_TYPE },
  .columns = { { "site", DB_I64_TYPE }, { "overdraft", DB_I64_TYPE }, { "life_support", DB_BOOL_TYPE }, { "has_account", DB_BOOL_TYPE },
               { "balance", DB_I64_TYPE }, { "restore_above", DB_I64_TYPE }, { "read_at", DB_TS_TYPE, DB_NULL_OK }, { "forced_on", DB_BOOL_TYPE },
               { "ordered", DB_I16_TYPE, DB_NULL_OK }, { "ordered_at", DB_TS_TYPE, DB_NULL_OK }, { "hour_from", DB_TS_TYPE, DB_NULL_OK },
               { "in_hour", DB_I32_TYPE }, { "set", DB_I32_TYPE }, { "waits", DB_BOOL_TYPE }, { "hours", DB_I64_ARRAY_TYPE } },
};
TILLD_STATEMENT (arrears_load)

static const TilldStatement off_store = {
  .name = "arrears-off",
  .sql = "INSERT INTO meter_off (meter, reason, operator, waiting, certificate) VALUES ($1, 0, 0, $2, $3)"
         " ON CONFLICT (meter, reason) DO UPDATE SET waiting = EXCLUDED.waiting, certificate = EXCLUDED.certificate, since = now ()",
  .params = { DB_I64_TYPE, DB_BOOL_TYPE, DB_JSON_TYPE },
};
TILLD_STATEMENT (off_store)

static const TilldStatement off_lift = {
  .name = "arrears-lift", .sql = "DELETE FROM meter_off WHERE meter = $1 AND reason = 0", .params = { DB_I64_TYPE },
};
TILLD_STATEMENT (off_lift)

static const TilldStatement relay_store = {
  .name = "arrears-relay",
  .sql = "INSERT INTO meter_relay (meter, ordered, ordered_at, hour_from, in_hour) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (meter) DO UPDATE"
         " SET ordered = coalesce (EXCLUDED.ordered, meter_relay.ordered), ordered_at = EXCLUDED.ordered_at,"
         " hour_from = EXCLUDED.hour_from, in_hour = EXCLUDED.in_hour",
  .params = { DB_I64_TYPE, DB_I16_TYPE, DB_TS_TYPE, DB_TS_TYPE, DB_I32_TYPE },
};
TILLD_STATEMENT (relay_store)

typedef struct {
  TilldArrearsFacts facts;
  TilldRelayFacts   relay;
  gint64            site, meter;
  int               ordered; /* -1 = nothing yet */
  TillTime          ordered_at, hour_from;
  guint             in_hour;
} Case;

static gboolean
load (TilldDb *db, const TilldArrearsContext *c, gint64 meter, Case *k, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;
  g_autofree gint64 *hours = NULL;
  TillTime read_at;
  guint n = 0;
  int second = till_zone_second_of_day (c->zone, c->now);

  if (!tilld_db_query (db, &arrears_load, &rows, error, DB_I64 (meter)))
    return FALSE;
  read_at = tilld_row_ts (rows, 0, "read_at");
  *k = (Case){ .site = tilld_row_i64 (rows, 0, "site"), .meter = meter, .ordered = (int) tilld_row_i64_or (rows, 0, "ordered", -1),
               .ordered_at = tilld_row_ts (rows, 0, "ordered_at"), .hour_from = tilld_row_ts (rows, 0, "hour_from"),
               .in_hour = (guint) tilld_row_i64 (rows, 0, "in_hour") };
  k->relay = (TilldRelayFacts){ (guint) tilld_row_i64 (rows, 0, "set"), tilld_row_bool (rows, 0, "forced_on"), TRUE };
  k->facts = (TilldArrearsFacts){ .balance = tilld_row_i64 (rows, 0, "balance"), .overdraft = tilld_row_i64 (rows, 0, "overdraft"),
                                  .restore_above = tilld_row_i64 (rows, 0, "restore_above"), .has_account = tilld_row_bool (rows, 0, "has_account"),
                                  .has_reading = read_at != 0, .reading_age_s = read_at != 0 ? (c->now - read_at) / TILL_SECOND : 0,
                                  .life_support = tilld_row_bool (rows, 0, "life_support"),
                                  .cut = (k->relay.set & 1u << TILLD_OFF_ARREARS) != 0, .waits = tilld_row_bool (rows, 0, "waits") };
  hours = tilld_row_i64_array (rows, 0, "hours", &n);
  for (guint i = 0; i < n; i++)
    k->facts.protected_now = k->facts.protected_now || tilld_hours_hold ((int) (hours[i] / 10000), (int) (hours[i] % 10000), second);
  return TRUE;
}

/* Why this household may be cut now: kept with the reason and with the order. */
static char *
certificate_of (const TilldArrearsContext *c, const Case *k)
{
  g_autoptr (TillJsonWrite) w = till_json_write_new ();

  till_json_write_begin_object (w, NULL);
  till_json_write_time (w, "judged_at", c->now);
  till_json_write_money (w, "balance", k->facts.balance);
  till_json_write_money (w, "overdraft", k->facts.overdraft);
  till_json_write_int (w, "reading_age_s", k->facts.reading_age_s);
  till_json_write_bool (w, "life_support", k->facts.life_support);
  till_json_write_bool (w, "protected_hours", k->facts.protected_now);
  till_json_write_end_object (w);
  return till_json_write_free_to_text (g_steal_pointer (&w), NULL);
}

static gboolean
log_step (TilldDb *db, const TilldArrearsContext *c, const Case *k, const char *action, const char *after, GError **error)
{
  g_autofree char *object = g_strdup_printf ("meter:%" G_GINT64_FORMAT, k->meter);

  return tilld_audit_write (db, c->who, &(TilldAuditEntry){ .action = action, .object = object, .after = after }, error);
}

/* The set as it is after this moment. *ret_log: what is to be told. */
static gboolean
move_set (TilldDb *db, const TilldArrearsContext *c, Case *k, const char *certificate, const char **ret_log, GError **error)
{
  const char *why;

  *ret_log = NULL;
  switch (tilld_relay_arrears (&k->facts, &why))
    {
    case TILLD_ARREARS_CUT:
      k->relay.set |= 1u << TILLD_OFF_ARREARS;
      *ret_log = "relay.arrears";
      return tilld_db_query (db, &off_store, NULL, error, DB_I64 (k->meter), DB_BOOL (FALSE), DB_JSON (certificate));
    case TILLD_ARREARS_WAIT:
      *ret_log = k->facts.waits ? NULL : "relay.arrears_wait";
      return tilld_db_query (db, &off_store, NULL, error, DB_I64 (k->meter), DB_BOOL (TRUE), DB_JSON (certificate));
    case TILLD_ARREARS_LIFT:
      k->relay.set &= ~(1u << TILLD_OFF_ARREARS);
      *ret_log = "relay.lifted";
      return tilld_db_query (db, &off_lift, NULL, error, DB_I64 (k->meter));
    case TILLD_ARREARS_STAY:
    default:
      return TRUE;
    }
}

static JsonNode *
order_value (const Case *k, TillCommandKind kind, const char *certificate)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  int reason = 0;

  while (reason < TILLD_OFF_N - 1 && (k->relay.set >> reason & 1) == 0)
    reason++;
  if (kind == TILL_COMMAND_KIND_FORCE_OFF)
    {
      json_object_set_string_member (object, "off_reason", tilld_off_reason_word (reason));
      if (reason == TILLD_OFF_ARREARS)
        json_object_set_member (object, "certificate", json_from_string (certificate, NULL));
    }
  else
    json_object_set_string_member (object, "on_reason", "no reason to be off is left");
  json_node_take_object (node, object);
  return node;
}

/* One automatic operation: stored as an order, or noted as tried when the model cannot or may not. */
static gboolean
order (TilldDb *db, const TilldArrearsContext *c, Case *k, TillCommandKind kind, const char *certificate, gboolean *ret_ordered, GError **error)
{
  g_autoptr (JsonNode) value = order_value (k, kind, certificate);
  TilldSettingOrder in = { .meter = k->meter, .kind = kind, .value = value, .reason = kind == TILL_COMMAND_KIND_FORCE_OFF ? "arrears" : "paid" };
  g_autoptr (GError) local = NULL;
  gboolean replay;

  if (!tilld_relay_may_operate (c->now, k->ordered_at, &k->hour_from, &k->in_hour))
    {
      static const char why[] = "{\"why\":\"six operations of the relay in an hour\"}";

      return k->in_hour < TILLD_RELAY_PER_HOUR ||
             tilld_alarm_raise (db, &(TilldAlarmEvent){ k->site, TILL_ALARM_KIND_TRIPPED, k->meter, 0, why }, error);
    }
  till_id_new (&in.id, c->now / 1000);
  *ret_ordered = tilld_setting_order (db, c->profiles, c->who, &in, &replay, &local);
  if (!*ret_ordered && !till_error_is (local, TILL_ERROR_UNSUPPORTED) && !till_error_is (local, TILL_ERROR_CONFLICT) &&
      !till_error_is (local, TILL_ERROR_INVALID))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  return tilld_db_query (db, &relay_store, NULL, error, DB_I64 (k->meter), DB_I16_IF (*ret_ordered, kind), DB_TS (c->now), DB_TS (k->hour_from),
                         DB_I32 (k->in_hour));
}

gboolean
tilld_arrears_judge (TilldDb *db, const TilldArrearsContext *c, gint64 meter, gboolean *ret_ordered, GError **error)
{
  g_autoptr (TilldRows) locked = NULL;
  g_autofree char *certificate = NULL;
  const char *log;
  TillCommandKind kind;
  Case k;

  g_assert (tilld_actor_is_set (c->who) && tilld_db_in_transaction (db));
  *ret_ordered = FALSE;
  if (!tilld_db_query (db, &arrears_lock, &locked, error, DB_I64 (meter)))
    return FALSE;
  if (tilld_rows_count (locked) == 0)
    return TRUE;
  if (!load (db, c, meter, &k, error))
    return FALSE;
  certificate = certificate_of (c, &k);
  if (!move_set (db, c, &k, certificate, &log, error))
    return FALSE;
  kind = tilld_relay_command (tilld_relay_wish (&k.relay));
  /* A relay that was never ordered to do anything is on: closing it is no news. */
  if ((int) kind != (k.ordered == -1 ? TILL_COMMAND_KIND_FORCE_ON : k.ordered) && !order (db, c, &k, kind, certificate, ret_ordered, error))
    return FALSE;
  return log == NULL || log_step (db, c, &k, log, certificate, error);
}

gboolean
tilld_arrears_candidates (TilldDb *db, guint limit, GArray *ret_meters, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;

  if (!tilld_db_query (db, &candidates, &rows, error, DB_I64 (limit)))
    return FALSE;
  for (guint i = 0; i < tilld_rows_count (rows); i++)
    {
      gint64 id = tilld_row_i64 (rows, i, "id");

      g_array_append_val (ret_meters, id);
    }
  return TRUE;
}
