/* SPDX-License-Identifier: GPL-2.0-or-later
 * settle-store.c: rows of settlement, of energy used in tiers, of conservation. Decides nothing. */
#include "server/domain/money/settle-store.h"

#include <json-glib/json-glib.h>
#include "server/rules/money-reading.h"

static const TilldStatement settle_locks = {
  .name = "settle-lock",
  .sql = "SELECT pg_advisory_xact_lock (7007::bigint << 40 | $1) IS NULL AS held, (SELECT p.meter FROM meter_purse p WHERE p.meter = $1 FOR UPDATE) AS purse",
  .params = { DB_I64_TYPE },
  .columns = { { "held", DB_BOOL_TYPE, DB_NULL_OK }, { "purse", DB_I64_TYPE, DB_NULL_OK } },
};
TILLD_STATEMENT (settle_locks)

static const TilldStatement settle_load = {
  .name = "settle-load",
  .sql = "SELECT m.epoch, m.model, m.settlement, m.purse, a.site, c.id AS account, am.since AS account_since,"
         " coalesce (c.settled, 0::smallint) = 1 AS together,"
         " coalesce (c.heads, 1::smallint) AS heads, st.account AS state_account, st.epoch AS state_epoch, st.at, st.total, st.tip, st.peak,"
         " st.flat, st.valley, st.deep, st.carry, st.carry_held, st.difference, coalesce (p.has_baseline, false) AS has_baseline,"
         " coalesce (p.frozen, false) AS frozen,"
         " p.have, p.epoch AS purse_epoch, p.read_at AS purse_at, p.total AS purse_total, p.balance AS purse_balance, l.credits - l.debits AS on_meter,"
         " CASE WHEN st.epoch = p.epoch THEN st.held END AS energy_was, CASE WHEN m.purse = 2 THEN energy_held (m.id) END AS energy_held,"
         " CASE WHEN m.purse = 2 THEN energy_credited (m.id) END AS credited, coalesce (tariff_price (m.tariff), 0) AS price,"
         " (mc.read_at AT TIME ZONE s.zone)::date AS held_on, mc.held"
         " FROM meter m JOIN area a ON a.id = m.area LEFT JOIN account_meter am ON am.meter = m.id AND am.until IS NULL"
         " LEFT JOIN account c ON c.id = am.account AND c.state <> 2 LEFT JOIN settle_state st ON st.meter = m.id LEFT JOIN meter_purse p ON p.meter = m.id"
         " LEFT JOIN ledger_account l ON l.site = a.site AND l.kind = 3 AND l.owner = m.id"
         " JOIN site s ON s.id = a.site LEFT JOIN meter_config mc ON mc.meter = m.id AND mc.held <> '{}' AND NOT EXISTS (SELECT FROM price_orders (m.id) x"
         "   WHERE x.state = 3 AND x.done_at > mc.read_at)"
         "   AND (m.epoch = 1 OR EXISTS (SELECT FROM command x WHERE x.meter = m.id AND x.epoch = m.epoch AND x.kind = 2 AND x.state = 3))"
         " WHERE m.id = $1",
  .params = { DB_I64_TYPE },
  .columns = { { "epoch", DB_I32_TYPE }, { "model", DB_TEXT_TYPE }, { "settlement", DB_I16_TYPE }, { "purse", DB_I16_TYPE }, { "site", DB_I64_TYPE },
               { "account", DB_I64_TYPE, DB_NULL_OK }, { "account_since", DB_TS_TYPE, DB_NULL_OK }, { "together", DB_BOOL_TYPE }, { "heads", DB_I16_TYPE },
               { "state_account", DB_I64_TYPE, DB_NULL_OK }, { "state_epoch", DB_I32_TYPE, DB_NULL_OK }, { "at", DB_TS_TYPE, DB_NULL_OK },
               { "total", DB_I64_TYPE, DB_NULL_OK }, { "tip", DB_I64_TYPE, DB_NULL_OK }, { "peak", DB_I64_TYPE, DB_NULL_OK },
               { "flat", DB_I64_TYPE, DB_NULL_OK }, { "valley", DB_I64_TYPE, DB_NULL_OK }, { "deep", DB_I64_TYPE, DB_NULL_OK },
               { "carry", DB_I16_TYPE, DB_NULL_OK }, { "carry_held", DB_I16_TYPE, DB_NULL_OK }, { "difference", DB_I64_TYPE, DB_NULL_OK },
               { "has_baseline", DB_BOOL_TYPE }, { "frozen", DB_BOOL_TYPE }, { "have", DB_I32_TYPE, DB_NULL_OK },
               { "purse_epoch", DB_I32_TYPE, DB_NULL_OK }, { "purse_at", DB_TS_TYPE, DB_NULL_OK }, { "purse_total", DB_I64_TYPE, DB_NULL_OK },
               { "purse_balance", DB_I64_TYPE, DB_NULL_OK }, { "on_meter", DB_I64_TYPE, DB_NULL_OK }, { "energy_was", DB_I64_TYPE, DB_NULL_OK },
               { "energy_held", DB_I64_TYPE, DB_NULL_OK }, { "credited", DB_I64_TYPE, DB_NULL_OK }, { "price", DB_I64_TYPE },
               { "held_on", DB_DAY_TYPE, DB_NULL_OK },
               { "held", DB_JSON_TYPE, DB_NULL_OK } },
};
TILLD_STATEMENT (settle_load)

static const TilldStatement uses_load = {
  .name = "settle-uses",
  .sql = "SELECT period, starts, sum (used)::bigint AS used FROM settle_use WHERE (meter = $1 OR account = $2) AND starts >= $3 GROUP BY period, starts",
  .params = { DB_I64_TYPE, DB_I64_TYPE, DB_DAY_TYPE },
  .columns = { { "period", DB_I16_TYPE }, { "starts", DB_DAY_TYPE }, { "used", DB_I64_TYPE } },
};
TILLD_STATEMENT (uses_load)

static const TilldStatement use_add = {
  .name = "settle-use-add",
  .sql = "INSERT INTO settle_use (meter, period, starts, account, used) VALUES ($1, $2, $3, nullif ($4, 0), $5)"
         " ON CONFLICT (meter, period, starts) DO UPDATE SET used = settle_use.used + EXCLUDED.used, account = EXCLUDED.account",
  .params = { DB_I64_TYPE, DB_I16_TYPE, DB_DAY_TYPE, DB_I64_TYPE, DB_I64_TYPE },
};
TILLD_STATEMENT (use_add)

static const TilldStatement state_store = {
  .name = "settle-state-store",
  .sql = "INSERT INTO settle_state (meter, account, epoch, at, total, tip, peak, flat, valley, deep, carry, carry_held, difference,"
         " held, credited) VALUES ($1, nullif ($2, 0), $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)"
         " ON CONFLICT (meter) DO UPDATE SET account = EXCLUDED.account,"
         " epoch = EXCLUDED.epoch, at = EXCLUDED.at, total = EXCLUDED.total, tip = EXCLUDED.tip, peak = EXCLUDED.peak, flat = EXCLUDED.flat,"
         " valley = EXCLUDED.valley, deep = EXCLUDED.deep, carry = EXCLUDED.carry, carry_held = EXCLUDED.carry_held, difference = EXCLUDED.difference,"
         " held = EXCLUDED.held, credited = EXCLUDED.credited",
  .params = { DB_I64_TYPE, DB_I64_TYPE, DB_I32_TYPE, DB_TS_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I16_TYPE,
              DB_I16_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE },
};
TILLD_STATEMENT (state_store)

static const TilldStatement settlement_insert = {
  .name = "settlement-insert",
  .sql = "INSERT INTO settlement (id, site, meter, account, epoch, from_at, to_at, energy, charge, amount, flags)"
         " VALUES ($1, $2, $3, nullif ($4, 0), $5, $6, $7, $8, $9, $10, $11)",
  .params = { DB_UUID_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I32_TYPE, DB_TS_TYPE, DB_TS_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I32_TYPE },
};
TILLD_STATEMENT (settlement_insert)

static const TilldStatement line_insert = {
  .name = "settle-line-insert",
  .sql = "INSERT INTO settle_line (settlement, line, kind, tariff, effective, rate, tier, price, energy, days, amount, estimated)"
         " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
  .params = { DB_UUID_TYPE, DB_I16_TYPE, DB_I16_TYPE, DB_I64_TYPE, DB_DAY_TYPE, DB_I16_TYPE, DB_I16_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I32_TYPE, DB_I64_TYPE,
              DB_BOOL_TYPE },
};
TILLD_STATEMENT (line_insert)

/* Events 1 delivered, 5 debited, 8 replaced on the account of the meter (kind 3). */
static const TilldStatement moved_since = {
  .name = "settle-moved",
  .sql = "SELECT coalesce (sum (- p.amount) FILTER (WHERE t.event = 1 AND t.at > $3), 0)::bigint AS delivered,"
         " coalesce (sum (p.amount) FILTER (WHERE t.event IN (5, 8) AND t.at > $3), 0)::bigint AS debited,"
         " coalesce (bool_or (t.event = 1 AND t.at < $3 + interval '70 minutes'), false) AS near_delivery,"
         " coalesce (bool_or (t.event IN (5, 8) AND t.at < $3 + interval '70 minutes'), false) AS near_debit"
         " FROM ledger_account a JOIN posting p ON p.account = a.id JOIN tx t ON t.site = p.site AND t.n = p.n"
         " WHERE a.site = $1 AND a.kind = 3 AND a.owner = $2 AND t.at > $3 - interval '10 minutes'",
  .params = { DB_I64_TYPE, DB_I64_TYPE, DB_TS_TYPE },
  .columns = { { "delivered", DB_I64_TYPE }, { "debited", DB_I64_TYPE }, { "near_delivery", DB_BOOL_TYPE }, { "near_debit", DB_BOOL_TYPE } },
};
TILLD_STATEMENT (moved_since)

/* The same in Wh: what the commands carried. What a replaced device took along names none: nothing is said of readings around it. */
static const TilldStatement moved_energy = {
  .name = "settle-moved-energy",
  .sql = "SELECT coalesce (sum (c.amount) FILTER (WHERE t.event = 1 AND t.at > $3), 0)::bigint AS delivered,"
         " coalesce (sum (c.amount) FILTER (WHERE t.event = 5 AND t.at > $3), 0)::bigint AS debited,"
         " coalesce (bool_or (t.event = 1 AND t.at < $3 + interval '70 minutes'), false) AS near_delivery,"
         " coalesce (bool_or (t.event IN (5, 8) AND t.at < $3 + interval '70 minutes'), false) AS near_debit"
         " FROM ledger_account a JOIN posting p ON p.account = a.id JOIN tx t ON t.site = p.site AND t.n = p.n LEFT JOIN command c ON c.id = t.request"
         " WHERE a.site = $1 AND a.kind = 3 AND a.owner = $2 AND t.at > $3 - interval '10 minutes'",
  .params = { DB_I64_TYPE, DB_I64_TYPE, DB_TS_TYPE },
  .columns = { { "delivered", DB_I64_TYPE }, { "debited", DB_I64_TYPE }, { "near_delivery", DB_BOOL_TYPE }, { "near_debit", DB_BOOL_TYPE } },
};
TILLD_STATEMENT (moved_energy)

static const TilldStatement conservation_store = {
  .name = "conservation-store",
  .sql = "INSERT INTO conservation (meter, day, epoch, energy, bought, deducted, charge, difference, tolerance, readings, settlement,"
         " energy_deducted, energy_difference, energy_tolerance)"
         " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"
         " ON CONFLICT (meter, day) DO UPDATE SET energy = conservation.energy + EXCLUDED.energy,"
         " bought = conservation.bought + EXCLUDED.bought, deducted = conservation.deducted + EXCLUDED.deducted,"
         " charge = conservation.charge + EXCLUDED.charge,"
         " difference = conservation.difference + EXCLUDED.difference, tolerance = conservation.tolerance + EXCLUDED.tolerance,"
         " readings = conservation.readings + EXCLUDED.readings, settlement = EXCLUDED.settlement,"
         " energy_deducted = conservation.energy_deducted + EXCLUDED.energy_deducted,"
         " energy_difference = conservation.energy_difference + EXCLUDED.energy_difference,"
         " energy_tolerance = conservation.energy_tolerance + EXCLUDED.energy_tolerance, checked_at = now ()",
  .params = { DB_I64_TYPE, DB_DAY_TYPE, DB_I32_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I32_TYPE, DB_UUID_TYPE,
              DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE },
};
TILLD_STATEMENT (conservation_store)

static const TilldStatement conservation_case = {
  .name = "conservation-case",
  .sql = "INSERT INTO dispute_case (meter, epoch, reason, believed, reading) SELECT p.meter, p.epoch, $2, to_jsonb (p), $3 FROM meter_purse p"
         " WHERE p.meter = $1 ON CONFLICT (meter) WHERE closed_at IS NULL DO NOTHING",
  .params = { DB_I64_TYPE, DB_I16_TYPE, DB_JSON_TYPE },
};
TILLD_STATEMENT (conservation_case)

/* What the meter itself says it charges by; a price that was set since makes it say nothing. */
static void
read_held (TilldRows *rows, TilldSettleMeter *m)
{
  const char *text = tilld_row_text (rows, 0, "held");
  g_autoptr (JsonNode) node = text != NULL ? json_from_string (text, NULL) : NULL;

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node) || !m->has_state)
    return;
  m->held_on = (TillDay) tilld_row_i64 (rows, 0, "held_on");
  for (guint r = 0; r < TILL_N_RATES; r++)
    {
      g_autofree char *point = g_strconcat ("price_", till_rate_word (r), NULL);
      const char *price = json_object_get_string_member_with_default (json_node_get_object (node), point, NULL);

      m->has_held[r] = price != NULL && till_money_parse (price, &m->held[r], NULL);
    }
}

static void
read_state (TilldRows *rows, TilldSettleMeter *m)
{
  static const char *const rates[TILL_N_RATES] = { "tip", "peak", "flat", "valley", "deep" };

  m->has_state = !tilld_row_is_null (rows, 0, "at");
  m->state_account = tilld_row_i64 (rows, 0, "state_account");
  m->last = (TilldSettleReading){ .at = tilld_row_ts (rows, 0, "at"), .epoch = (gint32) tilld_row_i64 (rows, 0, "state_epoch"),
                                  .total = tilld_row_i64 (rows, 0, "total") };
  for (guint r = 0; r < TILL_N_RATES; r++)
    {
      m->last.has_rates = m->last.has_rates || !tilld_row_is_null (rows, 0, rates[r]);
      m->last.rates[r] = tilld_row_i64 (rows, 0, rates[r]);
    }
  m->carry = (gint32) tilld_row_i64 (rows, 0, "carry");
  m->carry_held = (gint32) tilld_row_i64 (rows, 0, "carry_held");
  m->difference = tilld_row_i64 (rows, 0, "difference");
}

gboolean
tilld_settle_lock (TilldDb *db, gint64 meter, TilldSettleMeter *ret, GError **error)
{
  g_autoptr (TilldRows) locked = NULL;
  g_autoptr (TilldRows) rows = NULL;

  if (!tilld_db_query (db, &settle_locks, &locked, error, DB_I64 (meter)) || !tilld_db_query (db, &settle_load, &rows, error, DB_I64 (meter)))
    return FALSE;
  if (tilld_rows_count (rows) == 0)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "no such meter");
  *ret = (TilldSettleMeter){ .meter = meter, .site = tilld_row_i64 (rows, 0, "site"), .account = tilld_row_i64 (rows, 0, "account"),
                             .epoch = (gint32) tilld_row_i64 (rows, 0, "epoch"), .settlement = (TillSettlement) tilld_row_i64 (rows, 0, "settlement"),
                             .purse = (TillPurse) tilld_row_i64 (rows, 0, "purse"), .together = tilld_row_bool (rows, 0, "together"),
                             .heads = (guint) tilld_row_i64 (rows, 0, "heads"), .account_since = tilld_row_ts (rows, 0, "account_since"),
                             .has_baseline = tilld_row_bool (rows, 0, "has_baseline"), .frozen = tilld_row_bool (rows, 0, "frozen"),
                             .has_total = (tilld_row_i64 (rows, 0, "have") & TILLD_MONEY_TOTAL) != 0,
                             .purse_epoch = (gint32) tilld_row_i64 (rows, 0, "purse_epoch"), .purse_at = tilld_row_ts (rows, 0, "purse_at"),
                             .total = tilld_row_i64 (rows, 0, "purse_total"), .on_meter = tilld_row_i64 (rows, 0, "on_meter"),
                             .purse_balance = tilld_row_i64 (rows, 0, "purse_balance"), .has_energy = !tilld_row_is_null (rows, 0, "energy_was"),
                             .energy = tilld_row_i64 (rows, 0, "energy_held"), .credited = tilld_row_i64 (rows, 0, "credited"),
                             .price = tilld_row_i64 (rows, 0, "price") };
  g_strlcpy (ret->model, tilld_row_text (rows, 0, "model"), sizeof ret->model);
  read_state (rows, ret);
  read_held (rows, ret);
  return TRUE;
}

gboolean
tilld_settle_uses_load (TilldDb *db, const TilldSettleMeter *m, TillDay from, TilldSettleState *state, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;

  if (!tilld_db_query (db, &uses_load, &rows, error, DB_I64 (m->meter), DB_I64 (m->together ? m->account : 0),
                       DB_DAY (tilld_period_start (TILLD_PERIOD_YEAR, from))))
    return FALSE;
  for (guint i = 0; i < tilld_rows_count (rows); i++)
    tilld_settle_use (state, (TilldPeriod) tilld_row_i64 (rows, i, "period"), (TillDay) tilld_row_i64 (rows, i, "starts"))->used =
      tilld_row_i64 (rows, i, "used");
  return TRUE;
}

gboolean
tilld_settle_uses_add (TilldDb *db, const TilldSettleMeter *m, const GArray *before, const GArray *after, GError **error)
{
  for (guint i = 0; i < after->len; i++)
    {
      const TilldUse *use = &g_array_index (after, TilldUse, i);
      TillEnergy more = use->used;

      for (guint k = 0; k < before->len; k++)
        {
          const TilldUse *old = &g_array_index (before, TilldUse, k);

          if (old->period == use->period && old->starts == use->starts)
            more -= old->used;
        }
      if (more > 0 && !tilld_db_query (db, &use_add, NULL, error, DB_I64 (m->meter), DB_I16 (use->period), DB_DAY (use->starts),
                                       DB_I64 (m->together ? m->account : 0), DB_I64 (more)))
        return FALSE;
    }
  return TRUE;
}

gboolean
tilld_settle_state_store (TilldDb *db, const TilldSettleMeter *m, GError **error)
{
  const TilldSettleReading *r = &m->last;

  return tilld_db_query (db, &state_store, NULL, error, DB_I64 (m->meter), DB_I64 (m->account), DB_I32 (r->epoch), DB_TS (r->at), DB_I64 (r->total),
                         DB_I64_IF (r->has_rates, r->rates[0]), DB_I64_IF (r->has_rates, r->rates[1]), DB_I64_IF (r->has_rates, r->rates[2]),
                         DB_I64_IF (r->has_rates, r->rates[3]), DB_I64_IF (r->has_rates, r->rates[4]), DB_I16 (m->carry), DB_I16 (m->carry_held),
                         DB_I64 (m->difference), DB_I64_IF (m->purse == TILL_PURSE_ENERGY, m->energy),
                         DB_I64_IF (m->purse == TILL_PURSE_ENERGY, m->credited));
}

static gboolean
insert_line (TilldDb *db, const TillId *id, guint n, const TilldChargeLine *line, gint64 kind, GError **error)
{
  return tilld_db_query (db, &line_insert, NULL, error, DB_UUID (id), DB_I16 (n), DB_I16 (kind), DB_I64 (line->tariff), DB_DAY (line->effective),
                         DB_I16 (line->rate), DB_I16 (line->tier), DB_I64 (line->price), DB_I64 (line->energy), DB_I32 (line->days), DB_I64 (line->amount),
                         DB_BOOL (line->estimated));
}

gboolean
tilld_settlement_insert (TilldDb *db, const TilldSettleMeter *m, const TilldSettlement *s, const GArray *lines, TillMoney rounding, GError **error)
{
  const TilldChargeLine rest = { .amount = rounding, .rate = TILL_RATE_FLAT };

  if (!tilld_db_query (db, &settlement_insert, NULL, error, DB_UUID (&s->id), DB_I64 (m->site), DB_I64 (m->meter),
                       DB_I64 (m->settlement == TILL_SETTLEMENT_SERVER ? m->account : 0), DB_I32 (s->epoch), DB_TS (s->from), DB_TS (s->to), DB_I64 (s->energy),
                       DB_I64 (s->charge), DB_I64 (s->amount), DB_I32 (s->flags)))
    return FALSE;
  for (guint i = 0; i < lines->len; i++)
    if (!insert_line (db, &s->id, i + 1, &g_array_index (lines, TilldChargeLine, i), g_array_index (lines, TilldChargeLine, i).kind, error))
      return FALSE;
  return rounding == 0 || insert_line (db, &s->id, lines->len + 1, &rest, 3, error);
}

gboolean
tilld_settle_moved (TilldDb *db, const TilldSettleMeter *m, TillTime since, TilldMovedSince *ret, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;

  if (!tilld_db_query (db, m->purse == TILL_PURSE_ENERGY ? &moved_energy : &moved_since, &rows, error, DB_I64 (m->site), DB_I64 (m->meter), DB_TS (since)))
    return FALSE;
  *ret = (TilldMovedSince){ tilld_row_i64 (rows, 0, "delivered"), tilld_row_i64 (rows, 0, "debited"), tilld_row_bool (rows, 0, "near_delivery"),
                            tilld_row_bool (rows, 0, "near_debit") };
  return TRUE;
}

gboolean
tilld_conservation_store (TilldDb *db, const TilldSettleMeter *m, const TilldConservationRow *row, GError **error)
{
  return tilld_db_query (db, &conservation_store, NULL, error, DB_I64 (m->meter), DB_DAY (row->day), DB_I32 (m->epoch), DB_I64 (row->energy),
                         DB_I64 (row->bought), DB_I64 (row->deducted), DB_I64 (row->charge), DB_I64 (row->difference), DB_I64 (row->tolerance),
                         DB_I32 (row->readings), DB_UUID (&row->settlement), DB_I64_IF (row->has_energy, row->energy_deducted),
                         DB_I64_IF (row->has_energy, row->energy_difference), DB_I64_IF (row->has_energy, row->energy_tolerance));
}

gboolean
tilld_conservation_case (TilldDb *db, const TilldSettleMeter *m, const TilldConservationRow *row, GError **error)
{
  g_autoptr (TillJsonWrite) w = till_json_write_new ();
  g_autofree char *evidence = NULL;

  till_json_write_begin_object (w, NULL);
  till_json_write_day (w, "day", row->day);
  till_json_write_energy (w, "energy", row->energy);
  till_json_write_money (w, "bought", row->bought);
  till_json_write_money (w, "deducted", row->deducted);
  till_json_write_money (w, "charge", row->charge);
  till_json_write_money (w, "difference", row->difference);
  till_json_write_money (w, "tolerance", row->tolerance);
  if (row->charge_low != row->charge_high)
    {
      till_json_write_money (w, "charge_low", row->charge_low);
      till_json_write_money (w, "charge_high", row->charge_high);
    }
  if (row->has_energy)
    {
      till_json_write_energy (w, "energy_deducted", row->energy_deducted);
      till_json_write_energy (w, "energy_difference", row->energy_difference);
      till_json_write_energy (w, "energy_tolerance", row->energy_tolerance);
    }
  till_json_write_int (w, "readings", row->readings);
  till_json_write_id (w, "settlement", &row->settlement);
  till_json_write_end_object (w);
  evidence = till_json_write_free_to_text (g_steal_pointer (&w), NULL);
  return tilld_db_query (db, &conservation_case, NULL, error, DB_I64 (m->meter), DB_I16 (TILL_CASE_REASON_DISCREPANCY), DB_JSON (evidence));
}
