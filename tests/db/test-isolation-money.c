/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-isolation-money.c: two connections at once.
 *
 * Story 1: a sale was decided while the meter was fine; before it was posted a poll froze the meter. Whoever read first and locked then
 * sold into the dispute. ledger_post () locks, then reads.
 * Story 2: two servers take the same command; both write; a meter that does not check the count is credited twice.
 * Story 3: a cashier's program sends one sale twice, over two servers, in the same millisecond. */
#include "tests/db/money-fixture.h"

#include "server/db/db-tx.h"
#include "shared/base/till-error.h"
#include "tests/lib/test-main.h"

static const TilldStatement freeze = { .name = "test-freeze", .sql = "UPDATE meter_purse SET frozen = true WHERE meter = 1" };
static const TilldStatement waiting = {
  .name = "test-waiting", .sql = "SELECT count (*) AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database ()",
  .columns = { { "n", DB_I64_TYPE } },
};

typedef struct {
  Money            *money;
  TilldLedger      *ledger;
  const TilldActor *who;
  TilldSaleRequest  request;
  int               code;
  gboolean          replayed;
} Seller;

static gpointer
sell_in_thread (gpointer data)
{
  Seller *seller = data;
  g_autoptr(TilldDb) db = test_pg_connect (seller->money->pg, NULL);
  g_auto(TilldSale) sale = { 0 };
  g_autoptr(GError) error = NULL;

  seller->code = tilld_sale_create (seller->ledger, db, seller->money->profiles, seller->who, &seller->request, &sale, &error) ? -1 : error->code;
  seller->replayed = sale.replayed;
  return NULL;
}

/* Until somebody waits for a lock: the step of the other side has happened. */
static void
wait_for_a_waiter (TilldDb *db)
{
  for (;;)
    {
      g_autoptr(TilldRows) rows = NULL;
      g_autoptr(GError) error = NULL;

      tilld_db_exec (db, &waiting, NULL, 0, &rows, &error);
      g_assert_no_error (error);
      if (tilld_row_i64 (rows, 0, "n") > 0)
        return;
      g_thread_yield ();
    }
}

static void
test_freeze_against_sale (void)
{
  g_autoptr(Money) money = money_new ();
  g_autoptr(TilldDb) other = test_pg_connect (money->pg, NULL);
  g_autoptr(TilldDb) watcher = test_pg_connect (money->pg, NULL); /* the owner sees what others wait for */
  Seller seller = { money, money->ledger, &money->cashier, money_request (MONEY_METER_A, 10000, TILL_CHANNEL_CASH), 99, FALSE };
  TilldMoneyReading base = money_reading (3, 1000000, 200000);
  g_autoptr(GError) error = NULL;
  GThread *thread;

  money_adopt (money, MONEY_METER_A, &base);
  g_assert_true (tilld_db_command (other, "BEGIN", &error));
  g_assert_true (tilld_db_exec (other, &freeze, NULL, 0, NULL, &error));
  thread = g_thread_new ("seller", sell_in_thread, &seller); /* decides on the unfrozen row, then waits for it */
  wait_for_a_waiter (watcher);
  g_assert_true (tilld_db_command (other, "COMMIT", &error));
  g_thread_join (thread);
  g_assert_cmpint (seller.code, ==, TILL_ERROR_DISPUTE);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT (SELECT count (*) FROM sale) + (SELECT count (*) FROM request) + (SELECT count (*) FROM drawer)"), ==, 0);
  test_pg_run (money->pg, "UPDATE meter_purse SET frozen = false");
}

/* Two ledger lanes, one id: one sale, the other gets its answer. */
static void
test_same_id_over_two_lanes (void)
{
  g_autoptr(Money) money = money_new ();
  g_autoptr(TilldLedger) second = tilld_ledger_new (test_pg_connect (money->pg, NULL), NULL);

  for (int round = 0; round < 20; round++)
    {
      TilldSaleRequest request = money_request (MONEY_METER_A, 10000, TILL_CHANNEL_CASH);
      Seller one = { money, money->ledger, &money->cashier, request, 99, FALSE }, two = { money, second, &money->cashier, request, 99, FALSE };
      GThread *a = g_thread_new ("one", sell_in_thread, &one), *b = g_thread_new ("two", sell_in_thread, &two);

      g_thread_join (a);
      g_thread_join (b);
      g_assert_cmpint (one.code, ==, -1);
      g_assert_cmpint (two.code, ==, -1);
      g_assert_true (one.replayed != two.replayed);
      g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM sale"), ==, round + 1);
    }
}

/* Two lanes, two sales that fit under the limit alone but not together. */
static void
test_limit_over_two_lanes (void)
{
  g_autoptr(Money) money = money_new ();
  g_autoptr(TilldLedger) second = tilld_ledger_new (test_pg_connect (money->pg, NULL), NULL);
  Seller one = { money, money->ledger, &money->cashier, money_request (MONEY_METER_A, 30000000, TILL_CHANNEL_CARD), 99, FALSE };
  Seller two = { money, second, &money->second, money_request (MONEY_METER_A, 30000000, TILL_CHANNEL_CARD), 99, FALSE };
  GThread *a = g_thread_new ("one", sell_in_thread, &one), *b = g_thread_new ("two", sell_in_thread, &two);

  g_thread_join (a);
  g_thread_join (b);
  g_assert_true ((one.code == -1 && two.code == TILL_ERROR_LIMIT) || (two.code == -1 && one.code == TILL_ERROR_LIMIT));
}

/* The chain of one site written by two lanes at once has no fork and no gap (money_free looks). */
static void
test_chain_of_two_lanes (void)
{
  g_autoptr(Money) money = money_new ();
  g_autoptr(TilldLedger) second = tilld_ledger_new (test_pg_connect (money->pg, NULL), NULL);
  Seller sellers[24];
  GThread *threads[24];

  for (guint i = 0; i < 24; i++)
    {
      sellers[i] = (Seller){ money, i % 2 == 0 ? money->ledger : second, i % 3 == 0 ? &money->cashier : &money->second,
                             money_request (1 + i % 3, 100 * (i + 1), TILL_CHANNEL_CASH), 99, FALSE };
      threads[i] = g_thread_new ("seller", sell_in_thread, &sellers[i]);
    }
  for (guint i = 0; i < 24; i++)
    {
      g_thread_join (threads[i]);
      g_assert_cmpint (sellers[i].code, ==, -1);
    }
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT max (n) FROM tx"), ==, 24);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM drawer"), ==, 2);
}

typedef struct { Money *money; guint got; } Claimer;

static gpointer
claim_in_thread (gpointer data)
{
  Claimer *claimer = data;
  g_autoptr(TilldDb) db = test_pg_connect (claimer->money->pg, NULL);
  g_autoptr(GArray) orders = g_array_new (FALSE, TRUE, sizeof (TilldDeliveryOrder));
  TilldOwnedGateway mine[] = { { MONEY_GATEWAY, MONEY_GATEWAY_EPOCH } };
  g_autoptr(GError) error = NULL;

  tilld_delivery_claim (db, mine, 1, 10, orders, &error);
  g_assert_no_error (error);
  claimer->got = orders->len;
  return NULL;
}

static void
test_double_claim (void)
{
  g_autoptr(Money) money = money_new ();
  Claimer claimers[6];
  GThread *threads[6];
  guint got = 0;

  money_sell (money, MONEY_METER_A, 10000);
  money_sell (money, MONEY_METER_B, 10000);
  for (guint i = 0; i < 6; i++)
    {
      claimers[i] = (Claimer){ money, 0 };
      threads[i] = g_thread_new ("claimer", claim_in_thread, &claimers[i]);
    }
  for (guint i = 0; i < 6; i++)
    {
      g_thread_join (threads[i]);
      got += claimers[i].got;
    }
  g_assert_cmpuint (got, ==, 2); /* each order once */
}

typedef struct { TilldDb *db; TilldDeliverySent in; gboolean done; GError *error; } Sender;

static gboolean
run_sent (TilldDb *db, gpointer data, GError **error)
{
  return tilld_delivery_sent (db, data, error);
}

static gpointer
send_in_thread (gpointer data)
{
  Sender *sender = data;

  sender->done = tilld_tx_run (sender->db, TILLD_READ_COMMITTED, run_sent, &sender->in, &sender->error);
  return NULL;
}

/* Even with the same order in two hands only one may write. */
static void
test_double_sent (void)
{
  g_autoptr(Money) money = money_new ();
  TilldMoneyReading base = money_reading (3, 1000000, 200000);
  TilldMoneyTerms terms = money_terms ();
  TilldDeliveryEvent event = { .kind = TILLD_EVENT_READ_BEFORE, .reading = &base };
  TilldDeliveryOrder order;
  Sender senders[2] = { { 0 } };
  GThread *threads[2];

  money_adopt (money, MONEY_METER_A, &base);
  money_sell (money, MONEY_METER_A, 10000);
  g_assert_true (money_claim (money, &order));
  for (guint i = 0; i < 2; i++)
    {
      senders[i].db = test_pg_connect (money->pg, NULL);
      senders[i].in = (TilldDeliverySent){ .id = order.id, .gateway = MONEY_GATEWAY, .gateway_epoch = MONEY_GATEWAY_EPOCH, .link_instance = i,
                                           .step = tilld_delivery_step (&order.delivery, &order.purse, &terms, &event), .baseline = base,
                                           .pdu = { 0x10 }, .pdu_len = 1 };
      threads[i] = g_thread_new ("sender", send_in_thread, &senders[i]);
    }
  for (guint i = 0; i < 2; i++)
    {
      g_thread_join (threads[i]);
      tilld_db_free (senders[i].db);
    }
  g_assert_true (senders[0].done != senders[1].done);
  g_assert_true (till_error_is (senders[0].done ? senders[1].error : senders[0].error, TILL_ERROR_STALE));
  g_clear_error (&senders[0].error);
  g_clear_error (&senders[1].error);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM command_attempt"), ==, 1);
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/isolation-money/freeze-against-sale", test_freeze_against_sale);
  g_test_add_func ("/isolation-money/same-id-over-two-lanes", test_same_id_over_two_lanes);
  g_test_add_func ("/isolation-money/limit-over-two-lanes", test_limit_over_two_lanes);
  g_test_add_func ("/isolation-money/chain-of-two-lanes", test_chain_of_two_lanes);
  g_test_add_func ("/isolation-money/double-claim", test_double_claim);
  g_test_add_func ("/isolation-money/double-sent", test_double_sent);
  return till_test_run ();
}
