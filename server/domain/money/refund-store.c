/* SPDX-License-Identifier: GPL-2.0-or-later
 * refund-store.c: rows of money that goes out. Locks, reads, writes; decides nothing. */
#include "server/domain/money/refund-store.h"

#include "server/rules/energy-rules.h"

static const TilldStatement make_purse = {
  .name = "out-make-purse",
  .sql = "INSERT INTO meter_purse (meter, epoch) SELECT m.id, m.epoch FROM meter m WHERE m.id = $1 ON CONFLICT DO NOTHING",
  .params = { DB_I64_TYPE },
};
static const TilldStatement lock_purse = {
  .name = "out-lock-purse",
  .sql = "SELECT p.meter FROM meter_purse p WHERE p.meter = $1 FOR UPDATE",
  .params = { DB_I64_TYPE },
  .columns = { { "meter", DB_I64_TYPE } },
};
/* The newest balance is the poll's: what the meter itself says now; the read before the write decides anew. */
static const TilldStatement context = {
  .name = "out-context",
  .sql = "SELECT a.site, a.id AS area, m.epoch, m.model, m.settlement, m.purse, m.retired_at IS NULL AS installed, g.id AS gateway,"
         " coalesce (gs.online, false) AND NOT coalesce (st.lost, true) AS link_up, st.balance, extract (epoch FROM now () - st.read_at)::bigint AS age_s,"
         " p.frozen, p.has_baseline, ac.id AS account, ac.customer, coalesce (tariff_price (m.tariff), 0) AS price, sb.credits - sb.debits AS held,"
         " CASE WHEN m.purse = 2 AND m.settlement = 0 THEN energy_held (m.id) END AS energy,"
         " (SELECT l.credits - l.debits FROM ledger_account l WHERE l.site = a.site AND l.kind = 3 AND l.owner = m.id) AS energy_value,"
         " CASE WHEN m.purse = 2 THEN (SELECT max (x.price) FROM sale x WHERE x.meter = m.id AND x.energy IS NOT NULL AND x.kind IN (0, 1, 2)"
         "   AND x.state = 4) END AS price_paid,"
         " (SELECT coalesce (sum (x.amount), 0)::bigint FROM command x WHERE x.meter = m.id AND x.kind = 1 AND x.state IN (0, 1, 2, 7)) AS going_out,"
         " (SELECT max (x.version) FROM model_proof x WHERE x.model = m.model AND x.write = 'debit'"
         "   AND (x.gateway = g.id OR x.gateway IS NULL) AND (NOT x.simulated OR g.simulated)) AS debit_proof,"
         " coalesce (s.approve_refund, -1) AS limit_refund, coalesce (s.approve_reversal, -1) AS limit_reversal,"
         " d.id AS drawer, d.opened_at AS drawer_since, now () AS now"
         " FROM meter m JOIN area a ON a.id = m.area JOIN site s ON s.id = a.site JOIN gateway g ON g.id = m.gateway JOIN meter_purse p ON p.meter = m.id"
         " LEFT JOIN gateway_session gs ON gs.gateway = g.id LEFT JOIN meter_state st ON st.meter = m.id"
         " LEFT JOIN account_meter am ON am.meter = m.id AND am.until IS NULL LEFT JOIN account ac ON ac.id = am.account"
         " LEFT JOIN ledger_account sb ON sb.site = a.site AND sb.kind = 4 AND sb.owner = ac.id"
         " LEFT JOIN drawer d ON d.operator = $3 AND d.closed_at IS NULL"
         " WHERE m.id = $1 AND (cardinality ($2::bigint[]) = 0 OR a.lineage && $2)",
  .params = { DB_I64_TYPE, DB_I64_ARRAY_TYPE, DB_I64_TYPE },
  .columns = { { "site", DB_I64_TYPE }, { "area", DB_I64_TYPE }, { "epoch", DB_I32_TYPE }, { "model", DB_TEXT_TYPE }, { "settlement", DB_I16_TYPE },
               { "purse", DB_I16_TYPE }, { "installed", DB_BOOL_TYPE }, { "gateway", DB_I64_TYPE }, { "link_up", DB_BOOL_TYPE },
               { "balance", DB_I64_TYPE, DB_NULL_OK }, { "age_s", DB_I64_TYPE, DB_NULL_OK }, { "frozen", DB_BOOL_TYPE },
               { "has_baseline", DB_BOOL_TYPE }, { "account", DB_I64_TYPE, DB_NULL_OK }, { "customer", DB_I64_TYPE, DB_NULL_OK },
               { "price", DB_I64_TYPE }, { "held", DB_I64_TYPE, DB_NULL_OK }, { "energy", DB_I64_TYPE, DB_NULL_OK },
               { "energy_value", DB_I64_TYPE, DB_NULL_OK }, { "price_paid", DB_I64_TYPE, DB_NULL_OK }, { "going_out", DB_I64_TYPE },
               { "debit_proof", DB_I32_TYPE, DB_NULL_OK }, { "limit_refund", DB_I64_TYPE }, { "limit_reversal", DB_I64_TYPE },
               { "drawer", DB_I64_TYPE, DB_NULL_OK }, { "drawer_since", DB_TS_TYPE, DB_NULL_OK }, { "now", DB_TS_TYPE } },
};
static const TilldStatement sale_meter = {
  .name = "out-sale-meter",
  .sql = "SELECT s.meter FROM sale s JOIN area a ON a.id = s.area WHERE s.id = $1 AND (cardinality ($2::bigint[]) = 0 OR a.lineage && $2)",
  .params = { DB_UUID_TYPE, DB_I64_ARRAY_TYPE },
  .columns = { { "meter", DB_I64_TYPE } },
};
static const TilldStatement lock_sale = {
  .name = "out-lock-sale",
  .sql = "SELECT s.kind, s.state, s.meter, s.account, s.customer, s.operator, s.amount, s.energy, s.price, s.channel, s.created_at, s.drawer, s.paid_by,"
         " s.paid_at IS NOT NULL AS paid, EXISTS (SELECT FROM sale r WHERE r.reverses = s.id) AS reversed,"
         " (SELECT c.state FROM command c WHERE c.id = s.id) AS command_state,"
         " (SELECT t.n FROM tx t WHERE t.request = s.id AND t.event IN (0, 7)) AS tx_n,"
         " EXISTS (SELECT FROM sale o WHERE o.id = s.reverses AND o.kind = 2) AS original_subsidy"
         " FROM sale s WHERE s.id = $1 FOR UPDATE OF s",
  .params = { DB_UUID_TYPE },
  .columns = { { "kind", DB_I16_TYPE }, { "state", DB_I16_TYPE }, { "meter", DB_I64_TYPE }, { "account", DB_I64_TYPE, DB_NULL_OK },
               { "customer", DB_I64_TYPE, DB_NULL_OK }, { "operator", DB_I64_TYPE }, { "amount", DB_I64_TYPE }, { "energy", DB_I64_TYPE, DB_NULL_OK },
               { "price", DB_I64_TYPE, DB_NULL_OK }, { "channel", DB_I16_TYPE }, { "created_at", DB_TS_TYPE }, { "drawer", DB_I64_TYPE, DB_NULL_OK },
               { "paid_by", DB_I64_TYPE, DB_NULL_OK },
               { "paid", DB_BOOL_TYPE }, { "reversed", DB_BOOL_TYPE }, { "command_state", DB_I16_TYPE, DB_NULL_OK },
               { "tx_n", DB_I64_TYPE, DB_NULL_OK }, { "original_subsidy", DB_BOOL_TYPE } },
};
static const TilldStatement insert = {
  .name = "out-insert",
  .sql = "SELECT money_out ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16) IS NULL AS done",
  .params = { DB_UUID_TYPE, DB_I16_TYPE, DB_I16_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE,
              DB_I16_TYPE, DB_I64_TYPE, DB_UUID_TYPE, DB_I64_TYPE, DB_TEXT_TYPE, DB_I64_TYPE },
  .columns = { { "done", DB_BOOL_TYPE, DB_NULL_OK } },
};
static const TilldStatement paid = {
  .name = "out-paid",
  .sql = "UPDATE sale SET paid_at = clock_timestamp (), paid_by = $2, paid_channel = $3, drawer = $4 WHERE id = $1"
         " RETURNING delivery_tell (id) IS NULL AS told",
  .params = { DB_UUID_TYPE, DB_I64_TYPE, DB_I16_TYPE, DB_I64_TYPE },
  .columns = { { "told", DB_BOOL_TYPE, DB_NULL_OK } },
};
static const TilldStatement cancel = {
  .name = "delivery-cancel",
  .sql = "SELECT delivery_cancel ($1, $2, $3) AS done",
  .params = { DB_UUID_TYPE, DB_I16_TYPE, DB_TEXT_TYPE },
  .columns = { { "done", DB_BOOL_TYPE, DB_NULL_OK } },
};
TILLD_STATEMENT (make_purse)
TILLD_STATEMENT (lock_purse)
TILLD_STATEMENT (context)
TILLD_STATEMENT (sale_meter)
TILLD_STATEMENT (lock_sale)
TILLD_STATEMENT (insert)
TILLD_STATEMENT (paid)
TILLD_STATEMENT (cancel)

#define AREAS(who) DB_I64_ARRAY ((who)->areas != NULL ? (const gint64 *) (who)->areas->data : NULL, (who)->areas != NULL ? (who)->areas->len : 0)

void
tilld_out_context_clear (TilldOutContext *c)
{
  g_clear_pointer (&c->model, g_free);
}

static void
parse_context (TilldRows *rows, TilldOutContext *c)
{
  *c = (TilldOutContext){
    .site = tilld_row_i64 (rows, 0, "site"), .area = tilld_row_i64 (rows, 0, "area"), .gateway = tilld_row_i64 (rows, 0, "gateway"),
    .account = tilld_row_i64 (rows, 0, "account"), .customer = tilld_row_i64 (rows, 0, "customer"), .price = tilld_row_i64 (rows, 0, "price"),
    .epoch = (gint32) tilld_row_i64 (rows, 0, "epoch"), .model = tilld_row_dup_text (rows, 0, "model"),
    .debit_proof = tilld_row_i64 (rows, 0, "debit_proof"), .limit_refund = tilld_row_i64 (rows, 0, "limit_refund"),
    .limit_reversal = tilld_row_i64 (rows, 0, "limit_reversal"), .drawer = tilld_row_i64 (rows, 0, "drawer"),
    .drawer_since = tilld_row_ts (rows, 0, "drawer_since"), .now = tilld_row_ts (rows, 0, "now"),
    .facts = { .settlement = tilld_row_i64 (rows, 0, "settlement"), .purse = tilld_row_i64 (rows, 0, "purse"),
               .installed = tilld_row_bool (rows, 0, "installed"), .has_account = !tilld_row_is_null (rows, 0, "account"),
               .frozen = tilld_row_bool (rows, 0, "frozen"), .has_baseline = tilld_row_bool (rows, 0, "has_baseline"),
               .link_up = tilld_row_bool (rows, 0, "link_up"), .has_reading = !tilld_row_is_null (rows, 0, "balance"),
               .reading_age_s = tilld_row_i64_or (rows, 0, "age_s", G_MAXINT64), .balance = tilld_row_i64 (rows, 0, "balance"),
               .going_out = tilld_row_i64 (rows, 0, "going_out"), .price = tilld_row_i64 (rows, 0, "price") },
  };
  /* What goes back is worth what was paid for it, whatever energy costs now. */
  if (!tilld_row_is_null (rows, 0, "energy"))
    c->price = c->facts.price = tilld_energy_stock_price (&(TilldEnergyStock){ tilld_row_i64 (rows, 0, "energy"), tilld_row_i64 (rows, 0, "energy_value") },
                                                          c->price, tilld_row_i64 (rows, 0, "price_paid"));
  if (c->facts.settlement == TILL_SETTLEMENT_SERVER)
    c->facts.balance = tilld_row_i64 (rows, 0, "held");
}

gboolean
tilld_out_context_lock (TilldDb *db, const TilldActor *who, gint64 meter, TilldOutContext *ret_context, GError **error)
{
  g_autoptr(TilldRows) rows = NULL;

  g_assert (tilld_actor_is_set (who) && tilld_db_in_transaction (db));
  if (!tilld_db_query (db, &make_purse, NULL, error, DB_I64 (meter)) || !tilld_db_query (db, &lock_purse, NULL, error, DB_I64 (meter)) ||
      !tilld_db_query (db, &context, &rows, error, DB_I64 (meter), AREAS (who), DB_I64 (who->operator_id)))
    return FALSE;
  if (tilld_rows_count (rows) == 0)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "There is no such meter.");
  parse_context (rows, ret_context);
  return TRUE;
}

gboolean
tilld_out_sale_meter (TilldDb *db, const TilldActor *who, const TillId *id, gint64 *ret_meter, GError **error)
{
  g_autoptr(TilldRows) rows = NULL;

  if (!tilld_db_query (db, &sale_meter, &rows, error, DB_UUID (id), AREAS (who)))
    return FALSE;
  if (tilld_rows_count (rows) == 0)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "There is no such sale.");
  *ret_meter = tilld_row_i64 (rows, 0, "meter");
  return TRUE;
}

gboolean
tilld_out_sale_lock (TilldDb *db, const TillId *id, TilldOutSale *ret_sale, GError **error)
{
  g_autoptr(TilldRows) rows = NULL;

  if (!tilld_db_query (db, &lock_sale, &rows, error, DB_UUID (id)))
    return FALSE;
  if (tilld_rows_count (rows) == 0)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "There is no such sale.");
  *ret_sale = (TilldOutSale){
    .facts = { .kind = tilld_row_i64 (rows, 0, "kind"), .state = tilld_row_i64 (rows, 0, "state"), .reversed = tilld_row_bool (rows, 0, "reversed"),
               .has_command = !tilld_row_is_null (rows, 0, "command_state"), .command_state = tilld_row_i64 (rows, 0, "command_state") },
    .meter = tilld_row_i64 (rows, 0, "meter"), .account = tilld_row_i64 (rows, 0, "account"), .customer = tilld_row_i64 (rows, 0, "customer"),
    .operator_id = tilld_row_i64 (rows, 0, "operator"), .tx_n = tilld_row_i64 (rows, 0, "tx_n"), .energy = tilld_row_i64 (rows, 0, "energy"),
    .price = tilld_row_i64 (rows, 0, "price"), .amount = tilld_row_i64 (rows, 0, "amount"), .channel = tilld_row_i64 (rows, 0, "channel"),
    .created_at = tilld_row_ts (rows, 0, "created_at"),
    .has_energy = !tilld_row_is_null (rows, 0, "energy"), .original_subsidy = tilld_row_bool (rows, 0, "original_subsidy"),
    .paid = tilld_row_bool (rows, 0, "paid"), .drawer = tilld_row_i64 (rows, 0, "drawer"), .paid_by = tilld_row_i64 (rows, 0, "paid_by"),
  };
  return TRUE;
}

gboolean
tilld_money_out_insert (TilldDb *db, const TilldActor *who, const TilldMoneyOut *in, GError **error)
{
  g_assert (in->kind == TILL_SALE_KIND_REFUND || in->kind == TILL_SALE_KIND_REVERSAL);
  return tilld_db_query (db, &insert, NULL, error, DB_UUID (&in->id), DB_I16 (in->kind), DB_I16 (in->state), DB_I64 (in->meter),
                         DB_I64_IF (in->account != 0, in->account), DB_I64_IF (in->customer != 0, in->customer), DB_I64 (in->amount),
                         DB_I64_IF (in->has_command, in->purse_amount), DB_I64_IF (in->has_energy, in->energy), DB_I64_IF (in->price != 0, in->price),
                         DB_I16 (in->channel), DB_I64 (who->operator_id), DB_UUID (in->reverses), DB_I64_IF (in->has_before, in->before),
                         DB_TEXT (in->note), DB_I64_IF (in->approver != 0, in->approver));
}

gboolean
tilld_money_out_paid (TilldDb *db, const TilldActor *who, const TillId *id, TillChannel channel, gint64 drawer, GError **error)
{
  TILLD_COMMIT_POINT (db, PAYOUT);
  return tilld_db_query (db, &paid, NULL, error, DB_UUID (id), DB_I64 (who->operator_id), DB_I16 (channel), DB_I64_IF (drawer != 0, drawer));
}

gboolean
tilld_delivery_cancel (TilldDb *db, const TillId *id, TillCommandKind kind, const char *why, GError **error)
{
  g_autoptr(TilldRows) rows = NULL;

  if (!tilld_db_query (db, &cancel, &rows, error, DB_UUID (id), DB_I16 (kind), DB_TEXT (why)))
    return FALSE;
  if (tilld_rows_count (rows) != 1 || !tilld_row_bool (rows, 0, "done"))
    return till_fail (error, TILL_ERROR_STALE, "The command is on its way to the meter.");
  TILLD_COMMIT_POINT (db, CANCELLED);
  return TRUE;
}
