/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-isolation-refund.c: money that goes out, asked for over two connections at once.
 *
 * Story 1: two counters refund the same meter; each sees a balance that covers its own refund, both together take more than there is.
 * Story 2: a sale is reversed in the moment in which its command is sent: either the cash goes back and nothing is written, or it is
 * written and the reversal is refused. Never both.
 * Story 3: two persons of finance press Approve at the same time: the operation runs once.
 * Story 4: one refund is paid at two counters. */
#include "server/db/db-tx.h"
#include "server/domain/money/drawer.h"
#include "server/domain/money/refund.h"
#include "shared/base/till-error.h"
#include "tests/db/money-fixture.h"
#include "tests/lib/test-main.h"

#define ROUNDS 12

typedef struct {
  Money            *money;
  TilldActor       *who;
  TilldTxFunc       verb;
  TilldRefundRequest refund;
  TilldReversalRequest reversal;
  TilldDeliverySent sent;
  TillId            paid;
  gint64            approval;
  TilldOutResult    result;
  int               code;
} Side;

static gboolean
run_refund (TilldDb *db, gpointer data, GError **error)
{
  Side *s = data;
  return tilld_refund_create (db, s->money->profiles, s->who, &s->refund, &s->result, error);
}

static gboolean
run_reversal (TilldDb *db, gpointer data, GError **error)
{
  Side *s = data;
  return tilld_sale_reverse (db, s->money->profiles, s->who, &s->reversal, &s->result, error);
}

static gboolean
run_sent (TilldDb *db, gpointer data, GError **error)
{
  Side *s = data;
  return tilld_delivery_sent (db, &s->sent, error);
}

static gboolean
run_pay (TilldDb *db, gpointer data, GError **error)
{
  Side *s = data;
  return tilld_refund_pay (db, s->who, &s->paid, TILL_CHANNEL_CARD, &s->result.replayed, error);
}

static gboolean
run_approve (TilldDb *db, gpointer data, GError **error)
{
  Side *s = data;
  g_autoptr(TillJsonWrite) w = till_json_write_new ();
  TilldApprovalDecision in = { .id = s->approval, .decision = "approve" };

  till_json_write_begin_object (w, NULL);
  return tilld_approval_decide (db, s->money->profiles, s->who, &in, w, error);
}

static gpointer
run_side (gpointer data)
{
  Side *side = data;
  g_autoptr(TilldDb) db = test_pg_connect (side->money->pg, NULL);
  g_autoptr(GError) error = NULL;

  side->code = tilld_tx_run (db, TILLD_READ_COMMITTED, side->verb, side, &error) ? -1 : error->code;
  return NULL;
}

static void
race (Side *a, Side *b)
{
  GThread *one = g_thread_new ("one", run_side, a), *two = g_thread_new ("two", run_side, b);

  g_thread_join (one);
  g_thread_join (two);
}

static Side
refund_side (Money *money, TilldActor *who, TillMoney amount)
{
  Side side = { .money = money, .who = who, .verb = run_refund,
                .refund = { .meter = MONEY_METER_B, .amount = amount, .channel = TILL_CHANNEL_CARD, .reason = "race" } };

  money_of_finance (who);
  till_id_new (&side.refund.id, 1790000000000);
  return side;
}

static void
test_double_refund (void)
{
  g_autoptr(Money) money = money_new ();
  TilldMoneyReading base = money_reading_out (3, 1000000, 200000, 0, 0);

  money_adopt (money, MONEY_METER_B, &base);
  for (int i = 0; i < ROUNDS; i++)
    {
      Side one = refund_side (money, &money->cashier, 150000), two = refund_side (money, &money->second, 120000);

      race (&one, &two);
      g_assert_true ((one.code == -1) != (two.code == -1));
      g_assert_cmpint (one.code == -1 ? two.code : one.code, ==, TILL_ERROR_LIMIT);
      test_pg_run (money->pg, "SELECT delivery_cancel (id, 1::smallint, 'next round') FROM command WHERE state = 0");
    }
  /* One id from two counters of one operator: once, and the same answer. */
  {
    Side one = refund_side (money, &money->cashier, 10000), two = one;

    race (&one, &two);
    g_assert_cmpint (one.code, ==, -1);
    g_assert_cmpint (two.code, ==, -1);
    g_assert_true (one.result.replayed != two.result.replayed);
  }
}

static void
test_reversal_against_delivery (void)
{
  g_autoptr(Money) money = money_new ();
  TilldMoneyReading base = money_reading (3, 1000000, 200000);
  TilldMoneyTerms terms = money_terms ();
  guint reversed = 0;

  money_adopt (money, MONEY_METER_A, &base);
  for (int i = 0; i < ROUNDS; i++)
    {
      TilldDeliveryEvent event = { .kind = TILLD_EVENT_READ_BEFORE, .reading = &base };
      TillId sale = money_sell (money, MONEY_METER_A, 10000);
      TilldDeliveryOrder order;
      TilldDeliveryStep step;
      Side back = { .money = money, .who = &money->cashier, .verb = run_reversal, .reversal = { .sale = sale, .reason = "race" } };
      Side courier = { .money = money, .verb = run_sent };

      money_of_finance (&money->cashier);
      till_id_new (&back.reversal.id, 1790000000000);
      g_assert_true (money_claim (money, &order));
      courier.sent = (TilldDeliverySent){ .id = order.id, .gateway = MONEY_GATEWAY, .gateway_epoch = MONEY_GATEWAY_EPOCH, .baseline = base, .pdu = { 0x10 },
                                          .pdu_len = 1, .step = tilld_delivery_step (&order.delivery, &order.purse, &terms, &event) };
      race (&back, &courier);
      g_assert_true ((back.code == -1) != (courier.code == -1));
      reversed += back.code == -1;
      if (back.code == -1)
        {
          g_assert_cmpint (courier.code, ==, TILL_ERROR_STALE);
          continue;
        }
      g_assert_cmpint (back.code, ==, TILL_ERROR_CONFLICT);
      base = money_reading (base.count + 1, base.total + 10000, base.balance + 10000);
      g_assert_true (money_written (money, &sale, 1, TILL_DELIVERY_OUTCOME_OK, NULL));
      g_assert_true (money_settle (money, &sale, 1, &base, &step, NULL));
      g_assert_cmpint (step.next, ==, TILL_COMMAND_STATE_VERIFIED);
    }
  g_test_message ("%u of %d reversed", reversed, ROUNDS);
}

static void
test_two_deciders (void)
{
  g_autoptr(Money) money = money_new ();
  TilldMoneyReading base = money_reading_out (3, 90000000, 40000000, 0, 0);

  test_pg_run (money->pg, "UPDATE meter_state SET balance = 40000000");
  money_adopt (money, MONEY_METER_B, &base);
  money_of_finance (&money->second);
  money_of_finance (&money->limited);
  for (int i = 0; i < ROUNDS; i++)
    {
      Side asked = refund_side (money, &money->cashier, 30000000), one, two;

      run_side (&asked);
      g_assert_cmpint (asked.code, ==, -1);
      one = (Side){ .money = money, .who = &money->second, .verb = run_approve, .approval = asked.result.approval };
      two = (Side){ .money = money, .who = &money->limited, .verb = run_approve, .approval = asked.result.approval };
      race (&one, &two);
      g_assert_true ((one.code == -1) != (two.code == -1));
      g_assert_cmpint (one.code == -1 ? two.code : one.code, ==, TILL_ERROR_CONFLICT);
      g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM sale WHERE state <> 6"), ==, 1);
      test_pg_run (money->pg, "SELECT delivery_cancel (id, 1::smallint, 'next round') FROM command WHERE state = 0");
    }
}

static void
test_paid_twice (void)
{
  g_autoptr(Money) money = money_new ();
  TilldSaleRequest sale = money_request (MONEY_METER_SERVER, 10000000, TILL_CHANNEL_CARD);

  money_of_finance (&money->second);
  g_assert_cmpint (money_try (money, &money->cashier, &sale), ==, -1);
  for (int i = 0; i < ROUNDS; i++)
    {
      Side asked = refund_side (money, &money->cashier, 10000), one, two;

      asked.refund.meter = MONEY_METER_SERVER;
      run_side (&asked);
      g_assert_cmpint (asked.code, ==, -1);
      one = (Side){ .money = money, .who = &money->cashier, .verb = run_pay, .paid = asked.refund.id };
      two = (Side){ .money = money, .who = &money->second, .verb = run_pay, .paid = asked.refund.id };
      race (&one, &two);
      g_assert_true ((one.code == -1) != (two.code == -1));
      g_assert_cmpint (one.code == -1 ? two.code : one.code, ==, TILL_ERROR_CONFLICT);
    }
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_REFUND_DUE, 1), ==, 0);
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/isolation-refund/double-refund", test_double_refund);
  g_test_add_func ("/isolation-refund/reversal-against-delivery", test_reversal_against_delivery);
  g_test_add_func ("/isolation-refund/two-deciders", test_two_deciders);
  g_test_add_func ("/isolation-refund/paid-twice", test_paid_twice);
  return till_test_run ();
}
