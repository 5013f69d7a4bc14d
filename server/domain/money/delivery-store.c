/* SPDX-License-Identifier: GPL-2.0-or-later
 * delivery-store.c: rows of money commands and purses. Locks, reads, commits steps; judges nothing. */
#include "server/domain/money/delivery-store.h"

#include "server/domain/money/money-json.h"

#define PURSE_COLUMNS                                                                                                           \
  "m.id AS meter, coalesce (p.epoch, m.epoch) AS purse_epoch, coalesce (p.has_baseline, false) AS has_baseline,"                \
  " coalesce (p.frozen, false) AS frozen, coalesce (p.closed, false) AS closed, coalesce (p.have, 0) AS have,"                  \
  " coalesce (p.count, 0) AS purse_count,"                                                                                      \
  " coalesce (p.total, 0) AS total, coalesce (p.balance, 0) AS balance, coalesce (p.last_amount, 0) AS last_amount,"            \
  " coalesce (p.refund_count, 0) AS refund_count, coalesce (p.refunded_total, 0) AS refunded_total, coalesce (p.serial, '') AS serial, p.read_at"
#define PURSE_SHAPE                                                                                                             \
  { "meter", DB_I64_TYPE }, { "purse_epoch", DB_I32_TYPE }, { "has_baseline", DB_BOOL_TYPE }, { "frozen", DB_BOOL_TYPE }, { "closed", DB_BOOL_TYPE },       \
    { "have", DB_I32_TYPE }, { "purse_count", DB_I32_TYPE }, { "total", DB_I64_TYPE }, { "balance", DB_I64_TYPE },              \
    { "last_amount", DB_I64_TYPE }, { "refund_count", DB_I32_TYPE }, { "refunded_total", DB_I64_TYPE }, { "serial", DB_TEXT_TYPE }, \
    { "read_at", DB_TS_TYPE, DB_NULL_OK }
#define ORDER_COLUMNS                                                                                                           \
  "c.id, m.gateway, c.created_at, c.state, c.kind, c.epoch, c.count, c.amount, c.attempt, c.outcome, c.baseline, " PURSE_COLUMNS
#define ORDER_SHAPE                                                                                                             \
  { "id", DB_UUID_TYPE }, { "gateway", DB_I64_TYPE }, { "created_at", DB_TS_TYPE }, { "state", DB_I16_TYPE },                   \
    { "kind", DB_I16_TYPE }, { "epoch", DB_I32_TYPE }, { "count", DB_I32_TYPE, DB_NULL_OK }, { "amount", DB_I64_TYPE, DB_NULL_OK }, \
    { "attempt", DB_I32_TYPE }, { "outcome", DB_I16_TYPE }, { "baseline", DB_JSON_TYPE, DB_NULL_OK }, PURSE_SHAPE

/* Heads of the meters' queues that are due; a younger command waits behind every open one, held ones included. Heads and purses are of
 * one snapshot: the head of a moment later would come with a purse that lacks what was verified meanwhile. LATERAL: a look-up a head;
 * the index of all open commands, which looks small to the planner, may hold a day's sales. */
static const TilldStatement claim = {
  .name = "delivery-claim",
  .sql = "WITH due AS (SELECT x.id FROM unnest (ARRAY (SELECT delivery_heads ($1))) h (id) CROSS JOIN LATERAL (SELECT c.id, c.accepted FROM command c"
         "     WHERE c.id = h.id AND c.kind <= 1 AND c.state IN (0, 2) AND c.not_before <= now () AND c.claimed_until <= now ()"
         "     AND NOT (SELECT x.reconciling FROM cluster x) AND (SELECT p.closed FROM meter_purse p WHERE p.meter = c.meter) IS NOT TRUE"
         "     FOR UPDATE OF c SKIP LOCKED) x ORDER BY x.accepted LIMIT $2),"
         " mine AS (UPDATE command SET claimed_until = now () + interval '5 minutes' FROM due WHERE command.id = due.id RETURNING command.id)"
         " SELECT " ORDER_COLUMNS " FROM mine JOIN command c ON c.id = mine.id JOIN meter m ON m.id = c.meter"
         " LEFT JOIN meter_purse p ON p.meter = m.id ORDER BY c.accepted",
  .params = { DB_I64_ARRAY_TYPE, DB_I64_TYPE },
  .columns = { ORDER_SHAPE },
};
static const TilldStatement load = {
  .name = "delivery-load",
  .sql = "SELECT a.site, m.purse = 1 AS money_purse, coalesce (s.amount, c.amount) AS money_amount, s.customer, coalesce (o.kind, s.kind) = 2 AS subsidy,"
         " (SELECT t.n FROM tx t WHERE t.request = s.reverses AND t.event IN (0, 7)) AS reverses, " ORDER_COLUMNS
         " FROM command c JOIN meter m ON m.id = c.meter JOIN area a ON a.id = m.area LEFT JOIN meter_purse p ON p.meter = m.id"
         " LEFT JOIN sale s ON s.id = c.id LEFT JOIN sale o ON o.id = s.reverses WHERE c.id = $1 AND c.kind <= 1",
  .params = { DB_UUID_TYPE },
  .columns = { { "site", DB_I64_TYPE }, { "money_purse", DB_BOOL_TYPE }, { "money_amount", DB_I64_TYPE, DB_NULL_OK },
               { "customer", DB_I64_TYPE, DB_NULL_OK }, { "subsidy", DB_BOOL_TYPE, DB_NULL_OK }, { "reverses", DB_I64_TYPE, DB_NULL_OK }, ORDER_SHAPE },
};
static const TilldStatement release = {
  .name = "delivery-release",
  .sql = "WITH back AS (UPDATE command SET claimed_until = '-infinity', not_before = now () + $2 * interval '1 millisecond'"
         "   WHERE id = $1 AND kind <= 1 AND state IN (0, 2) RETURNING id, state)"
         " UPDATE sale SET state = 1 FROM back WHERE sale.id = back.id AND back.state = 0 AND sale.state = 0",
  .params = { DB_UUID_TYPE, DB_I32_TYPE },
};
static const TilldStatement sent = {
  .name = "delivery-sent", .sql = "SELECT delivery_sent ($1, $2, $3, $4, $5, $6, $7, $8) AS done",
  .params = { DB_UUID_TYPE, DB_I32_TYPE, DB_I32_TYPE, DB_JSON_TYPE, DB_BYTES_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE },
  .columns = { { "done", DB_BOOL_TYPE, DB_NULL_OK } },
};
static const TilldStatement verifying = {
  .name = "delivery-verifying", .sql = "SELECT delivery_verifying ($1, $2, $3, $4) AS done",
  .params = { DB_UUID_TYPE, DB_I32_TYPE, DB_I16_TYPE, DB_BYTES_TYPE }, .columns = { { "done", DB_BOOL_TYPE, DB_NULL_OK } },
};
static const TilldStatement again = {
  .name = "delivery-again", .sql = "SELECT delivery_again ($1, $2, $3, $4) AS done",
  .params = { DB_UUID_TYPE, DB_I32_TYPE, DB_I32_TYPE, DB_JSON_TYPE }, .columns = { { "done", DB_BOOL_TYPE, DB_NULL_OK } },
};
static const TilldStatement hold = {
  .name = "delivery-hold", .sql = "SELECT delivery_hold ($1, $2, $3, $4, $5) AS done",
  .params = { DB_UUID_TYPE, DB_I16_TYPE, DB_I32_TYPE, DB_I16_TYPE, DB_JSON_TYPE }, .columns = { { "done", DB_BOOL_TYPE, DB_NULL_OK } },
};
static const TilldStatement free_claims = {
  .name = "delivery-free-claims",
  .sql = "UPDATE command c SET claimed_until = '-infinity' FROM meter m WHERE m.id = c.meter AND m.gateway = ANY ($1) AND c.kind <= 1 AND c.state IN (0, 2)"
         " AND c.claimed_until > now () AND NOT c.id = ANY ($2)",
  .params = { DB_I64_ARRAY_TYPE, DB_UUID_ARRAY_TYPE },
};
static const TilldStatement recover = {
  .name = "delivery-recover", .sql = "SELECT delivery_recover ($1) AS n", .params = { DB_I64_ARRAY_TYPE },
  .columns = { { "n", DB_I32_TYPE, DB_NULL_OK } },
};
static const TilldStatement make_purses = {
  .name = "purse-make",
  .sql = "INSERT INTO meter_purse (meter, epoch) SELECT m.id, m.epoch FROM meter m WHERE m.gateway = ANY ($1) AND m.retired_at IS NULL"
         " AND NOT EXISTS (SELECT FROM meter_purse p WHERE p.meter = m.id) ORDER BY m.id ON CONFLICT DO NOTHING",
  .params = { DB_I64_ARRAY_TYPE },
};
static const TilldStatement list_purses = {
  .name = "purse-list",
  .sql = "SELECT " PURSE_COLUMNS " FROM meter m JOIN meter_purse p ON p.meter = m.id WHERE m.gateway = ANY ($1) AND m.retired_at IS NULL ORDER BY m.id",
  .params = { DB_I64_ARRAY_TYPE },
  .columns = { PURSE_SHAPE },
};
static const TilldStatement changed_purses = {
  .name = "purse-changed",
  .sql = "SELECT " PURSE_COLUMNS " FROM meter_purse p JOIN meter m ON m.id = p.meter WHERE p.changed_at > now () - $1 * interval '1 second'"
         " AND m.retired_at IS NULL LIMIT $2",
  .params = { DB_I32_TYPE, DB_I32_TYPE },
  .columns = { PURSE_SHAPE },
};
static const TilldStatement load_purse = {
  .name = "purse-load",
  .sql = "SELECT a.site, m.purse IN (1, 2) AND m.settlement = 0 AS on_meter, m.purse = 2 AS energy,"
         " coalesce (tariff_price (m.tariff), 0) AS price, " PURSE_COLUMNS
         " FROM meter m JOIN area a ON a.id = m.area LEFT JOIN meter_purse p ON p.meter = m.id WHERE m.id = $1",
  .params = { DB_I64_TYPE },
  .columns = { { "site", DB_I64_TYPE }, { "on_meter", DB_BOOL_TYPE }, { "energy", DB_BOOL_TYPE }, { "price", DB_I64_TYPE }, PURSE_SHAPE },
};
/* While a write is sent or verifying, the read back decides. A poll right after a restart may come before the courier has claimed
 * an order of the earlier life: what that order brought to the meter is no credit from elsewhere. Nor is it when a process that was
 * stopped wakes up and compares with what the ledger believed then. */
static const TilldStatement mismatch = {
  .name = "purse-mismatch",
  .sql = "SELECT purse_dispute ($1, NULL, $2, $3) IS NULL AS done FROM meter_purse p WHERE meter = $1 AND NOT frozen AND NOT closed"
         " AND ($4::int IS NULL OR p.epoch = $4 AND p.count = $5 AND p.total = $6 AND p.balance = $7 AND p.refund_count = $8 AND p.refunded_total = $9)"
         " AND NOT EXISTS (SELECT FROM command c WHERE c.meter = p.meter AND c.kind <= 1 AND c.state IN (1, 2))",
  .params = { DB_I64_TYPE, DB_I16_TYPE, DB_JSON_TYPE, DB_I32_TYPE, DB_I32_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I32_TYPE, DB_I64_TYPE },
  .columns = { { "done", DB_BOOL_TYPE, DB_NULL_OK } },
};
TILLD_STATEMENT (changed_purses)
TILLD_STATEMENT (claim)
TILLD_STATEMENT (load)
TILLD_STATEMENT (release)
TILLD_STATEMENT (sent)
TILLD_STATEMENT (verifying)
TILLD_STATEMENT (again)
TILLD_STATEMENT (hold)
TILLD_STATEMENT (free_claims)
TILLD_STATEMENT (recover)
TILLD_STATEMENT (make_purses)
TILLD_STATEMENT (list_purses)
TILLD_STATEMENT (load_purse)
TILLD_STATEMENT (mismatch)

static void
parse_purse (TilldRows *rows, guint row, TilldPurse *ret_purse)
{
  *ret_purse = (TilldPurse){
    .meter = tilld_row_i64 (rows, row, "meter"), .epoch = (gint32) tilld_row_i64 (rows, row, "purse_epoch"),
    .has_baseline = tilld_row_bool (rows, row, "has_baseline"), .frozen = tilld_row_bool (rows, row, "frozen"),
    .closed = tilld_row_bool (rows, row, "closed"),
    .have = (guint32) tilld_row_i64 (rows, row, "have"), .count = (gint32) tilld_row_i64 (rows, row, "purse_count"),
    .total = tilld_row_i64 (rows, row, "total"), .balance = tilld_row_i64 (rows, row, "balance"),
    .last_amount = tilld_row_i64 (rows, row, "last_amount"), .refund_count = (gint32) tilld_row_i64 (rows, row, "refund_count"),
    .refunded_total = tilld_row_i64 (rows, row, "refunded_total"), .at_us = tilld_row_ts (rows, row, "read_at"),
  };
  g_strlcpy (ret_purse->serial, tilld_row_text (rows, row, "serial"), sizeof ret_purse->serial);
}

static gboolean
parse_order (TilldRows *rows, guint row, TilldDeliveryOrder *ret_order, GError **error)
{
  TilldDeliveryOrder order = {
    .meter = tilld_row_i64 (rows, row, "meter"), .gateway = tilld_row_i64 (rows, row, "gateway"), .accepted_us = tilld_row_ts (rows, row, "created_at"),
    .delivery = { .state = tilld_row_i64 (rows, row, "state"), .kind = tilld_row_i64 (rows, row, "kind"),
                  .epoch = (gint32) tilld_row_i64 (rows, row, "epoch"), .seq = (gint32) tilld_row_i64 (rows, row, "count"),
                  .amount = tilld_row_i64 (rows, row, "amount"), .attempt = (gint32) tilld_row_i64 (rows, row, "attempt"),
                  .outcome = tilld_row_i64 (rows, row, "outcome") },
  };

  tilld_row_uuid (rows, row, "id", &order.id);
  parse_purse (rows, row, &order.purse);
  if (!tilld_row_is_null (rows, row, "baseline") &&
      !tilld_money_reading_from_json (tilld_row_text (rows, row, "baseline"), &order.delivery.baseline, error))
    return FALSE;
  *ret_order = order;
  return TRUE;
}

static gint64 *
ids_of (const TilldOwnedGateway *gateways, guint n)
{
  gint64 *ids = g_new (gint64, n + 1);

  for (guint i = 0; i < n; i++)
    ids[i] = gateways[i].gateway;
  return ids;
}

/* One column "done": true, or somebody was faster. */
static gboolean
expect_done (TilldRows *rows, const char *what, GError **error)
{
  if (tilld_rows_count (rows) == 1 && tilld_row_bool (rows, 0, "done"))
    return TRUE;
  return till_fail (error, TILL_ERROR_STALE, "%s: the command or its link moved on", what);
}

gboolean
tilld_delivery_claim (TilldDb *db, const TilldOwnedGateway *gateways, guint n_gateways, guint limit, GArray *ret_orders, GError **error)
{
  g_autofree gint64 *ids = ids_of (gateways, n_gateways);
  g_autoptr(TilldRows) rows = NULL;

  if (!tilld_db_query (db, &claim, &rows, error, DB_I64_ARRAY (ids, n_gateways), DB_I64 (limit)))
    return FALSE;
  for (guint i = 0; i < tilld_rows_count (rows); i++)
    {
      TilldDeliveryOrder order;

      if (!parse_order (rows, i, &order, error))
        return FALSE;
      TILLD_COMMIT_POINT (db, CLAIM);
      g_array_append_val (ret_orders, order);
    }
  return TRUE;
}

gboolean
tilld_delivery_load (TilldDb *db, const TillId *id, TilldDeliveryCase *ret_case, GError **error)
{
  g_autoptr(TilldRows) rows = NULL;
  TilldDeliveryCase c = { 0 };

  if (!tilld_db_query (db, &load, &rows, error, DB_UUID (id)))
    return FALSE;
  if (tilld_rows_count (rows) == 0)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "There is no such money command.");
  if (!parse_order (rows, 0, &c.order, error))
    return FALSE;
  c.site = tilld_row_i64 (rows, 0, "site");
  c.money_amount = tilld_row_i64 (rows, 0, "money_amount");
  c.money_purse = tilld_row_bool (rows, 0, "money_purse");
  c.customer = tilld_row_i64 (rows, 0, "customer");
  c.reverses = tilld_row_i64 (rows, 0, "reverses");
  c.subsidy = tilld_row_bool (rows, 0, "subsidy");
  *ret_case = c;
  return TRUE;
}

gboolean
tilld_delivery_release (TilldDb *db, const TillId *id, guint wait_ms, GError **error)
{
  return tilld_db_query (db, &release, NULL, error, DB_UUID (id), DB_I32 (wait_ms));
}

gboolean
tilld_delivery_sent (TilldDb *db, const TilldDeliverySent *in, GError **error)
{
  g_autofree char *baseline = tilld_money_reading_to_json (&in->baseline);
  g_autoptr(TilldRows) rows = NULL;

  g_assert (in->step.next == TILL_COMMAND_STATE_SENT && in->pdu_len > 0 && in->pdu_len <= TILLD_PDU_MAX && tilld_db_in_transaction (db));
  if (!tilld_db_query (db, &sent, &rows, error, DB_UUID (&in->id), DB_I32 (in->step.attempt), DB_I32 (in->step.seq), DB_JSON (baseline),
                       DB_BYTES (in->pdu, in->pdu_len), DB_I64 (in->gateway), DB_I64 (in->gateway_epoch), DB_I64 (in->link_instance)))
    return FALSE;
  TILLD_COMMIT_POINT (db, SENT);
  return expect_done (rows, "sent", error);
}

gboolean
tilld_delivery_verifying (TilldDb *db, const TilldDeliveryWritten *in, GError **error)
{
  g_autoptr(TilldRows) rows = NULL;

  g_assert (in->outcome != TILL_DELIVERY_OUTCOME_NONE && in->reply_len <= TILLD_PDU_MAX);
  if (!tilld_db_query (db, &verifying, &rows, error, DB_UUID (&in->id), DB_I32 (in->attempt), DB_I16 (in->outcome),
                       DB_BYTES (in->reply_len > 0 ? in->reply : NULL, in->reply_len)))
    return FALSE;
  TILLD_COMMIT_POINT (db, VERIFYING);
  return expect_done (rows, "verifying", error);
}

gboolean
tilld_delivery_store_again (TilldDb *db, const TillId *id, gint32 attempt, guint wait_ms, const TilldMoneyReading *reading, GError **error)
{
  g_autofree char *evidence = tilld_money_reading_to_json (reading);
  g_autoptr(TilldRows) rows = NULL;

  if (!tilld_db_query (db, &again, &rows, error, DB_UUID (id), DB_I32 (attempt), DB_I32 (wait_ms), DB_JSON (evidence)))
    return FALSE;
  TILLD_COMMIT_POINT (db, AGAIN);
  return expect_done (rows, "queued again", error);
}

gboolean
tilld_delivery_store_hold (TilldDb *db, const TillId *id, TillCommandState state, gint32 attempt, TillCaseReason reason,
                           const TilldMoneyReading *reading, GError **error)
{
  g_autofree char *evidence = tilld_money_reading_to_json (reading);
  g_autoptr(TilldRows) rows = NULL;

  g_assert (reason != TILL_CASE_REASON_NONE && tilld_delivery_edge_legal (state, TILL_COMMAND_STATE_HELD));
  if (!tilld_db_query (db, &hold, &rows, error, DB_UUID (id), DB_I16 (state), DB_I32 (attempt), DB_I16 (reason), DB_JSON (evidence)))
    return FALSE;
  TILLD_COMMIT_POINT (db, HELD);
  return expect_done (rows, "held", error);
}

gboolean
tilld_delivery_free_claims (TilldDb *db, const TilldOwnedGateway *gateways, guint n_gateways, const GArray *under_way, GError **error)
{
  g_autofree gint64 *ids = ids_of (gateways, n_gateways);

  return tilld_db_query (db, &free_claims, NULL, error, DB_I64_ARRAY (ids, n_gateways),
                         DB_UUID_ARRAY ((const TillId *) (gpointer) under_way->data, under_way->len));
}

gboolean
tilld_delivery_recover (TilldDb *db, const TilldOwnedGateway *gateways, guint n_gateways, guint *ret_n, GError **error)
{
  g_autofree gint64 *ids = ids_of (gateways, n_gateways);
  g_autoptr(TilldRows) rows = NULL;

  if (!tilld_db_query (db, &recover, &rows, error, DB_I64_ARRAY (ids, n_gateways)))
    return FALSE;
  *ret_n = (guint) tilld_row_i64 (rows, 0, "n");
  if (*ret_n > 0)
    TILLD_COMMIT_POINT (db, RECOVER);
  return TRUE;
}

static void
append_purses (TilldRows *rows, GArray *purses)
{
  for (guint i = 0; i < tilld_rows_count (rows); i++)
    {
      TilldPurse purse;

      parse_purse (rows, i, &purse);
      g_array_append_val (purses, purse);
    }
}

gboolean
tilld_purse_list_changed (TilldDb *db, guint age_s, guint limit, GArray *ret_purses, GError **error)
{
  g_autoptr(TilldRows) rows = NULL;

  if (!tilld_db_query (db, &changed_purses, &rows, error, DB_I32 ((gint) age_s), DB_I32 ((gint) limit)))
    return FALSE;
  append_purses (rows, ret_purses);
  return TRUE;
}

gboolean
tilld_purse_list (TilldDb *db, const TilldOwnedGateway *gateways, guint n_gateways, GArray *ret_purses, GError **error)
{
  g_autofree gint64 *ids = ids_of (gateways, n_gateways);
  g_autoptr(TilldRows) rows = NULL;

  if (!tilld_db_query (db, &make_purses, NULL, error, DB_I64_ARRAY (ids, n_gateways)) ||
      !tilld_db_query (db, &list_purses, &rows, error, DB_I64_ARRAY (ids, n_gateways)))
    return FALSE;
  append_purses (rows, ret_purses);
  return TRUE;
}

gboolean
tilld_purse_load (TilldDb *db, gint64 meter, TilldPurseRow *ret_row, GError **error)
{
  g_autoptr(TilldRows) rows = NULL;

  if (!tilld_db_query (db, &load_purse, &rows, error, DB_I64 (meter)))
    return FALSE;
  if (tilld_rows_count (rows) == 0)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "There is no such meter.");
  ret_row->site = tilld_row_i64 (rows, 0, "site");
  ret_row->on_meter = tilld_row_bool (rows, 0, "on_meter");
  ret_row->energy = tilld_row_bool (rows, 0, "energy");
  ret_row->price = tilld_row_i64 (rows, 0, "price");
  parse_purse (rows, 0, &ret_row->purse);
  return TRUE;
}

gboolean
tilld_purse_mismatch (TilldDb *db, gint64 meter, const TilldPurse *believed, TillCaseReason reason, const TilldMoneyReading *reading, GError **error)
{
  g_autofree char *evidence = tilld_money_reading_to_json (reading);
  const TilldPurse b = believed != NULL ? *believed : (TilldPurse){ 0 };
  g_autoptr(TilldRows) rows = NULL;

  g_assert (reason != TILL_CASE_REASON_NONE);
  TILLD_COMMIT_POINT (db, MISMATCH);
  if (!tilld_db_query (db, &mismatch, &rows, error, DB_I64 (meter), DB_I16 (reason), DB_JSON (evidence),
                       DB_I32_IF (believed != NULL, b.epoch), DB_I32 (b.count), DB_I64 (b.total), DB_I64 (b.balance), DB_I32 (b.refund_count),
                       DB_I64 (b.refunded_total)))
    return FALSE;
  return believed == NULL || tilld_rows_count (rows) > 0 || till_fail (error, TILL_ERROR_STALE, "the ledger believes something else meanwhile");
}
