/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-delivery.c: every step of a money command as rows: what is committed, what is refused, what people see. */
#include "tests/db/money-fixture.h"

#include <string.h>
#include "server/db/db-tx.h"
#include "server/domain/money/case.h"
#include "server/domain/money/money-json.h"
#include "shared/base/till-error.h"
#include "tests/lib/test-main.h"

#define AMOUNT 500000

/* A paid sale of 50.00 at meter A, whose purse is known: count 3, total 100.00, balance 20.00. */
static Money *
sold (TilldDeliveryOrder *ret_order)
{
  Money *money = money_new ();
  TilldMoneyReading base = money_reading (3, 1000000, 200000);
  TillId id;

  money_adopt (money, MONEY_METER_A, &base);
  id = money_sell (money, MONEY_METER_A, AMOUNT);
  g_assert_true (money_claim (money, ret_order));
  g_assert_true (till_id_equal (&id, &ret_order->id));
  return money;
}

static gint64
sale_state (Money *money)
{
  return test_pg_ask_int (money->pg, "SELECT state FROM sale");
}

static void
test_delivered (void)
{
  TilldDeliveryOrder order;
  g_autoptr(Money) money = sold (&order);
  TilldMoneyReading before = money_reading (3, 1000000, 190000), after = money_reading (4, 1500000, 689900);
  TilldDeliveryStep step;
  int code;

  g_assert_cmpint (order.delivery.amount, ==, AMOUNT);
  g_assert_cmpint (order.purse.count, ==, 3);
  g_assert_true (money_sent (money, &order, &before, &step, NULL));
  g_assert_cmpint (sale_state (money), ==, TILL_SALE_STATE_SENT);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM command_attempt WHERE attempt = 1 AND pdu = '\\x10050d' AND gateway_epoch = 7"
                                               " AND baseline->>'count' = '3'"), ==, 1);
  money_assert_invariants (money);
  g_assert_true (money_written (money, &order.id, 1, TILL_DELIVERY_OUTCOME_OK, NULL));
  g_assert_cmpint (sale_state (money), ==, TILL_SALE_STATE_VERIFYING);
  g_assert_true (money_settle (money, &order.id, 1, &after, &step, NULL));
  g_assert_cmpint (step.next, ==, TILL_COMMAND_STATE_VERIFIED);
  g_assert_cmpint (sale_state (money), ==, TILL_SALE_STATE_VERIFIED);
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_TRANSIT, MONEY_METER_A), ==, 0);
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_ON_METER, MONEY_METER_A), ==, -200000 - AMOUNT);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM sale WHERE count = 4 AND balance_after = 689900 AND verified_at IS NOT NULL"), ==, 1);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count FROM meter_purse WHERE meter = 1"), ==, 4);
  /* The same verdict again: somebody was faster, nothing is posted twice. */
  g_assert_false (money_settle (money, &order.id, 1, &after, &step, &code));
  g_assert_cmpint (code, ==, TILL_ERROR_STALE);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM tx WHERE event = 1"), ==, 1);
}

static void
test_not_applied_then_applied (void)
{
  TilldDeliveryOrder order;
  g_autoptr(Money) money = sold (&order);
  TilldMoneyReading before = money_reading (3, 1000000, 190000), after = money_reading (4, 1500000, 689900);
  TilldDeliveryStep step;
  TilldDeliveryOrder again;

  g_assert_true (money_sent (money, &order, &before, &step, NULL));
  g_assert_true (money_written (money, &order.id, 1, TILL_DELIVERY_OUTCOME_TIMEOUT, NULL));
  g_assert_true (money_settle (money, &order.id, 1, &before, &step, NULL));
  g_assert_cmpint (step.next, ==, TILL_COMMAND_STATE_QUEUED);
  g_assert_cmpint (sale_state (money), ==, TILL_SALE_STATE_QUEUED);
  g_assert_false (money_claim (money, &again)); /* not before 5 s */
  test_pg_run (money->pg, "UPDATE command SET not_before = now ()");
  g_assert_true (money_claim (money, &again));
  g_assert_cmpint (again.delivery.seq, ==, 4);
  g_assert_cmpint (again.delivery.attempt, ==, 1);
  g_assert_true (money_sent (money, &again, &before, &step, NULL));
  g_assert_cmpint (step.attempt, ==, 2);
  g_assert_true (money_written (money, &order.id, 2, TILL_DELIVERY_OUTCOME_OK, NULL));
  g_assert_true (money_settle (money, &order.id, 2, &after, &step, NULL));
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM command_attempt"), ==, 2);
  g_assert_cmpint (sale_state (money), ==, TILL_SALE_STATE_VERIFIED);
}

static void
assert_held (Money *money, TillCaseReason reason)
{
  TilldSaleRequest request = money_request (MONEY_METER_A, 10000, TILL_CHANNEL_CARD);
  g_autofree char *sql = g_strdup_printf ("SELECT count (*) FROM dispute_case WHERE meter = 1 AND closed_at IS NULL AND reason = %d AND believed IS NOT NULL"
                                          " AND reading IS NOT NULL", (int) reason);

  g_assert_cmpint (test_pg_ask_int (money->pg, sql), ==, 1);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM alarm WHERE kind = 8 AND meter = 1 AND cleared_at IS NULL"), ==, 1);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM meter_purse WHERE meter = 1 AND frozen"), ==, 1);
  g_assert_cmpint (money_try (money, &money->cashier, &request), ==, TILL_ERROR_DISPUTE);
}

static void
test_contradiction_is_held (void)
{
  TilldDeliveryOrder order;
  g_autoptr(Money) money = sold (&order);
  TilldMoneyReading before = money_reading (3, 1000000, 190000), odd = money_reading (5, 2000000, 1189900);
  TilldDeliveryStep step;

  g_assert_true (money_sent (money, &order, &before, &step, NULL));
  g_assert_true (money_written (money, &order.id, 1, TILL_DELIVERY_OUTCOME_OK, NULL));
  g_assert_true (money_settle (money, &order.id, 1, &odd, &step, NULL));
  g_assert_cmpuint (step.effects, ==, TILLD_EFFECT_READ_AGAIN); /* seen once: nothing was committed */
  g_assert_cmpint (sale_state (money), ==, TILL_SALE_STATE_VERIFYING);
  money->confirmed = TRUE;
  g_assert_true (money_settle (money, &order.id, 1, &odd, &step, NULL));
  g_assert_cmpint (step.next, ==, TILL_COMMAND_STATE_HELD);
  g_assert_cmpint (sale_state (money), ==, TILL_SALE_STATE_HELD);
  assert_held (money, TILL_CASE_REASON_COUNT_AHEAD);
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_TRANSIT, MONEY_METER_A), ==, -AMOUNT); /* the house owes it, visibly */
}

typedef struct { TillId id; TilldMoneyReading reading; } Hold;

static gboolean
run_hold (TilldDb *db, gpointer data, GError **error)
{
  Hold *in = data;
  return tilld_delivery_hold (db, &in->id, TILL_CASE_REASON_COUNT_BEHIND, &in->reading, error);
}

/* What people see of it: one case with both sides of the story. */
static void
test_case_is_shown (void)
{
  TilldDeliveryOrder order;
  g_autoptr(Money) money = sold (&order);
  TilldMoneyReading before = money_reading (3, 1000000, 190000), odd = money_reading (4, 1400000, 589900);
  TilldDeliveryStep step;
  g_autoptr(GHashTable) open_only = g_hash_table_new (g_str_hash, g_str_equal), closed = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr(GError) error = NULL;
  TillJsonWrite *w = till_json_write_new ();
  g_autofree char *text = NULL;

  g_assert_true (money_sent (money, &order, &before, &step, NULL));
  g_assert_true (money_written (money, &order.id, 1, TILL_DELIVERY_OUTCOME_OK, NULL));
  money->confirmed = TRUE;
  g_assert_true (money_settle (money, &order.id, 1, &odd, &step, NULL));
  g_hash_table_insert (open_only, (gpointer) "state", (gpointer) "open");
  g_hash_table_insert (closed, (gpointer) "state", (gpointer) "closed");
  till_json_write_begin_object (w, NULL);
  g_assert_true (tilld_case_list (money->pg->db, &money->cashier, open_only, w, &error));
  till_json_write_begin_object (w, "closed");
  g_assert_true (tilld_case_list (money->pg->db, &money->cashier, closed, w, &error));
  till_json_write_end_object (w);
  till_json_write_begin_object (w, "one");
  g_assert_true (tilld_case_get (money->pg->db, &money->cashier, 1, w, &error));
  till_json_write_end_object (w);
  g_assert_false (tilld_case_get (money->pg->db, &money->cashier, 2, w, &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_NOT_FOUND);
  till_json_write_end_object (w);
  text = till_json_write_free_to_text (w, NULL);
  g_assert_true (g_str_has_prefix (text, "{\"total\":1,\"items\":[{\"id\":1,\"meter\":1,\"meter_code\":\"M-A\""));
  g_assert_nonnull (strstr (text, "\"reason\":\"amount_differs\",\"believed\":{\"count\":3,\"total\":\"100.0000\",\"balance\":\"20.0000\"},"
                                  "\"reading\":{\"count\":4,\"total\":\"140.0000\",\"balance\":\"58.9900\"}"));
  g_assert_nonnull (strstr (text, "\"closed\":{\"total\":0,\"items\":[]}"));
}

static void
test_held_before_write (void)
{
  TilldDeliveryOrder order;
  g_autoptr(Money) money = sold (&order);
  g_autoptr(GError) error = NULL;
  Hold in = { order.id, money_reading (1, 1000000, 190000) };

  g_assert_true (tilld_tx_run (money->pg->db, TILLD_READ_COMMITTED, run_hold, &in, &error));
  assert_held (money, TILL_CASE_REASON_COUNT_BEHIND);
  g_assert_false (money_claim (money, &order));
  g_assert_false (tilld_tx_run (money->pg->db, TILLD_READ_COMMITTED, run_hold, &in, &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_STALE);
}

typedef struct { TillCaseReason reason; TilldMoneyReading reading; const TilldPurse *believed; } Mismatch;

static gboolean
run_mismatch (TilldDb *db, gpointer data, GError **error)
{
  Mismatch *in = data;
  return tilld_purse_mismatch (db, MONEY_METER_A, in->believed, in->reason, &in->reading, error);
}

static void
test_poll_disagrees (void)
{
  g_autoptr(Money) money = money_new ();
  g_autoptr(GError) error = NULL;
  TilldMoneyReading base = money_reading (3, 1000000, 200000);
  Mismatch in = { TILL_CASE_REASON_AMOUNT_DIFFERS, money_reading (3, 1200000, 400000) };

  money_adopt (money, MONEY_METER_A, &base);
  /* A process that was stopped compares with what the ledger believed long ago. */
  in.believed = &(TilldPurse){ .meter = MONEY_METER_A, .epoch = 1, .has_baseline = TRUE, .count = 2, .total = 800000, .balance = 100000 };
  g_assert_false (tilld_tx_run (money->pg->db, TILLD_READ_COMMITTED, run_mismatch, &in, &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_STALE);
  g_clear_error (&error);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM dispute_case"), ==, 0);
  in.believed = NULL;
  for (int poll = 0; poll < 3; poll++) /* every further poll says the same: one case, one alarm */
    g_assert_true (tilld_tx_run (money->pg->db, TILLD_READ_COMMITTED, run_mismatch, &in, &error));
  assert_held (money, TILL_CASE_REASON_AMOUNT_DIFFERS);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM audit WHERE action = 'case.opened'"), ==, 1);
}

static gboolean
run_recover (TilldDb *db, gpointer data, GError **error)
{
  TilldOwnedGateway mine[] = { { MONEY_GATEWAY, MONEY_GATEWAY_EPOCH } };
  return tilld_delivery_recover (db, mine, 1, data, error);
}

/* Killed between the commit of `sent` and the verdict: nothing is sent again without a read. */
static void
test_restart (void)
{
  TilldDeliveryOrder order, again;
  g_autoptr(Money) money = sold (&order);
  g_autoptr(GError) error = NULL;
  TilldMoneyReading before = money_reading (3, 1000000, 190000), after = money_reading (4, 1500000, 689900);
  TilldDeliveryStep step;
  guint n = 99;

  g_assert_true (money_sent (money, &order, &before, &step, NULL));
  g_assert_false (money_claim (money, &again));
  g_assert_true (tilld_tx_run (money->pg->db, TILLD_READ_COMMITTED, run_recover, &n, &error));
  g_assert_cmpuint (n, ==, 1);
  money_assert_invariants (money);
  g_assert_true (money_claim (money, &again));
  g_assert_cmpint (again.delivery.state, ==, TILL_COMMAND_STATE_VERIFYING);
  g_assert_cmpint (again.delivery.outcome, ==, TILL_DELIVERY_OUTCOME_UNKNOWN);
  g_assert_cmpint (again.delivery.baseline.count, ==, 3);
  g_assert_cmpint (again.delivery.baseline.total, ==, 1000000);
  g_assert_true (money_settle (money, &order.id, 1, &after, &step, NULL));
  g_assert_cmpint (step.next, ==, TILL_COMMAND_STATE_VERIFIED);
  g_assert_true (tilld_tx_run (money->pg->db, TILLD_READ_COMMITTED, run_recover, &n, &error));
  g_assert_cmpuint (n, ==, 0);
}

typedef struct { const GArray *under_way; } Free;

static gboolean
run_free (TilldDb *db, gpointer data, GError **error)
{
  TilldOwnedGateway mine[] = { { MONEY_GATEWAY, MONEY_GATEWAY_EPOCH } };
  return tilld_delivery_free_claims (db, mine, 1, ((Free *) data)->under_way, error);
}

/* The connection broke while an order was given back: its claim ends, and that of an order under way does not. */
static void
test_lost_claim (void)
{
  TilldDeliveryOrder order, again;
  g_autoptr(Money) money = sold (&order);
  g_autoptr(GArray) under_way = g_array_new (FALSE, FALSE, sizeof (TillId));
  g_autoptr(GError) error = NULL;
  Free call = { under_way };

  g_array_append_val (under_way, order.id);
  g_assert_true (tilld_tx_run (money->pg->db, TILLD_READ_COMMITTED, run_free, &call, &error));
  g_assert_false (money_claim (money, &again));
  g_array_set_size (under_way, 0);
  g_assert_true (tilld_tx_run (money->pg->db, TILLD_READ_COMMITTED, run_free, &call, &error));
  g_assert_true (money_claim (money, &again));
  g_assert_true (till_id_equal (&again.id, &order.id));
}

/* What `sent` relies on, taken away one at a time: nothing may be written then. */
static void
test_sent_checks (void)
{
  static const struct { const char *change, *back; } rows[] = {
    { "UPDATE gateway_session SET epoch = 8", "UPDATE gateway_session SET epoch = 7" },
    { "UPDATE meter_purse SET frozen = true", "UPDATE meter_purse SET frozen = false" },
    { "UPDATE meter_purse SET count = 4", "UPDATE meter_purse SET count = 3" },
    { "UPDATE meter_purse SET epoch = 2", "UPDATE meter_purse SET epoch = 1" },
    { "UPDATE meter_purse SET has_baseline = false", "UPDATE meter_purse SET has_baseline = true" },
    { "UPDATE meter SET epoch = 2 WHERE id = 1", "UPDATE meter SET epoch = 1 WHERE id = 1" },
    { "UPDATE meter SET gateway = 3, unit = 9 WHERE id = 1", "UPDATE meter SET gateway = 1, unit = 1 WHERE id = 1" },
    { "UPDATE command SET state = 6", "ALTER TABLE command DISABLE TRIGGER USER; UPDATE command SET state = 0; ALTER TABLE command ENABLE TRIGGER USER" },
  };
  TilldDeliveryOrder order;
  g_autoptr(Money) money = sold (&order);
  TilldMoneyReading before = money_reading (3, 1000000, 190000);
  TilldDeliveryStep step;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      int code = -1;

      g_test_message ("%s", rows[i].change);
      test_pg_run (money->pg, rows[i].change);
      g_assert_false (money_sent (money, &order, &before, &step, &code));
      g_assert_cmpint (code, ==, TILL_ERROR_STALE);
      test_pg_run (money->pg, rows[i].back);
    }
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM command_attempt"), ==, 0);
  g_assert_true (money_sent (money, &order, &before, &step, NULL));
}

static void
test_queue_of_one_meter (void)
{
  TilldDeliveryOrder order, second;
  g_autoptr(Money) money = sold (&order);
  TilldMoneyReading before = money_reading (3, 1000000, 190000), after = money_reading (4, 1500000, 689900);
  TilldDeliveryStep step;
  TillId later = money_sell (money, MONEY_METER_A, 10000);

  g_assert_false (money_claim (money, &second)); /* behind the first */
  g_assert_true (money_sent (money, &order, &before, &step, NULL));
  g_assert_false (money_claim (money, &second));
  g_assert_true (money_written (money, &order.id, 1, TILL_DELIVERY_OUTCOME_OK, NULL));
  g_assert_true (money_settle (money, &order.id, 1, &after, &step, NULL));
  g_assert_true (money_claim (money, &second));
  g_assert_true (till_id_equal (&second.id, &later));
  g_assert_cmpint (second.purse.count, ==, 4);
}

static void
test_release (void)
{
  TilldDeliveryOrder order;
  g_autoptr(Money) money = sold (&order);
  TilldMoneyReading before = money_reading (3, 1000000, 190000);
  TilldDeliveryStep step;
  g_autoptr(GError) error = NULL;

  g_assert_true (tilld_delivery_release (money->pg->db, &order.id, 60000, &error));
  g_assert_cmpint (sale_state (money), ==, TILL_SALE_STATE_QUEUED);
  g_assert_false (money_claim (money, &order));
  g_assert_true (tilld_delivery_release (money->pg->db, &order.id, 0, &error));
  g_assert_true (money_claim (money, &order));
  /* One that is to be read back as well, and it stays what it is. */
  g_assert_true (money_sent (money, &order, &before, &step, NULL));
  g_assert_true (money_written (money, &order.id, 1, TILL_DELIVERY_OUTCOME_TIMEOUT, NULL));
  g_assert_false (money_claim (money, &order));
  g_assert_true (tilld_delivery_release (money->pg->db, &order.id, 0, &error));
  g_assert_cmpint (sale_state (money), ==, TILL_SALE_STATE_VERIFYING);
  g_assert_true (money_claim (money, &order));
  g_assert_cmpint (order.delivery.state, ==, TILL_COMMAND_STATE_VERIFYING);
}

static void
test_adoption (void)
{
  g_autoptr(Money) money = money_new ();
  g_autoptr(GError) error = NULL;
  g_autoptr(GArray) purses = g_array_new (FALSE, TRUE, sizeof (TilldPurse));
  TilldOwnedGateway mine[] = { { MONEY_GATEWAY, MONEY_GATEWAY_EPOCH } };
  TilldMoneyReading base = money_reading (3, 1000000, 200000), other = money_reading (9, 9000000, 900000), empty = money_reading (0, 0, 0);
  TilldMoneyReading late = money_reading (1, 1, 1);
  TilldPurse purse;

  g_assert_true (tilld_purse_list (money->pg->db, mine, 1, purses, &error));
  g_assert_cmpuint (purses->len, ==, 4);
  g_assert_false (g_array_index (purses, TilldPurse, 0).has_baseline);
  money_adopt (money, MONEY_METER_A, &base);
  money_adopt (money, MONEY_METER_B, &empty); /* nothing to post, still a baseline */
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_SUSPENSE, MONEY_METER_A), ==, 200000);
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_ON_METER, MONEY_METER_A), ==, -200000);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM tx"), ==, 1);
  g_assert_true (tilld_purse_adopt (money->ledger, money->pg->db, MONEY_METER_A, &other, &purse, &error));
  g_assert_cmpint (purse.count, ==, 3); /* the first one stands */
  late.epoch = 2;
  g_assert_false (tilld_purse_adopt (money->ledger, money->pg->db, MONEY_METER_CLOSED, &late, &purse, &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_STALE);
}

static void
test_edges_equal_the_rules (void)
{
  g_autoptr(Money) money = money_new ();
  guint n;
  const TilldDeliveryEdge *edges = tilld_delivery_edges (&n);

  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM delivery_edge"), ==, n);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *sql = g_strdup_printf ("SELECT step FROM delivery_edge WHERE from_state = %d AND to_state = %d", (int) edges[i].from, (int) edges[i].to);
      g_autofree char *step = test_pg_ask (money->pg, sql);

      g_assert_cmpstr (step, ==, edges[i].step);
    }
}

static void
test_reading_json (void)
{
  TilldMoneyReading reading = money_reading (4, G_MAXINT64 - 1, -5), back = { 0 };
  g_autofree char *json = NULL;
  g_autoptr(GError) error = NULL;

  reading.have |= TILLD_MONEY_SERIAL | TILLD_MONEY_REFUNDS;
  reading.refund_count = 2;
  reading.refunded_total = 77;
  g_strlcpy (reading.serial, "20260900117", sizeof reading.serial);
  json = tilld_money_reading_to_json (&reading);
  g_assert_true (tilld_money_reading_from_json (json, &back, &error));
  g_assert_no_error (error);
  g_assert_cmpmem (&reading, sizeof reading, &back, sizeof back);
  g_assert_false (tilld_money_reading_from_json ("{\"count\":3}", &back, &error));
  g_assert_nonnull (error);
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/delivery/delivered", test_delivered);
  g_test_add_func ("/delivery/not-applied-then-applied", test_not_applied_then_applied);
  g_test_add_func ("/delivery/contradiction-is-held", test_contradiction_is_held);
  g_test_add_func ("/delivery/case-is-shown", test_case_is_shown);
  g_test_add_func ("/delivery/held-before-write", test_held_before_write);
  g_test_add_func ("/delivery/poll-disagrees", test_poll_disagrees);
  g_test_add_func ("/delivery/restart", test_restart);
  g_test_add_func ("/delivery/lost-claim", test_lost_claim);
  g_test_add_func ("/delivery/sent-checks", test_sent_checks);
  g_test_add_func ("/delivery/queue-of-one-meter", test_queue_of_one_meter);
  g_test_add_func ("/delivery/release", test_release);
  g_test_add_func ("/delivery/adoption", test_adoption);
  g_test_add_func ("/delivery/edges-equal-the-rules", test_edges_equal_the_rules);
  g_test_add_func ("/delivery/reading-json", test_reading_json);
  return till_test_run ();
}
