/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-case.c: what two persons decide about deliveries and counters in doubt. Every case ends in the invariants of the ledger. */
#include "server/domain/money/case.h"
#include "server/domain/money/refund.h"
#include "server/domain/office/approval.h"
#include "shared/base/till-error.h"
#include "tests/db/money-fixture.h"
#include "tests/lib/test-main.h"

typedef struct {
  Money            *money;
  const TilldActor *who;
  TilldCaseRequest  in;
  gint64            approval;
  TillId            paid;
} Call;

static gboolean
run_propose (TilldDb *db, gpointer data, GError **error)
{
  Call *c = data;
  return tilld_case_propose (db, c->money->profiles, c->who, &c->in, &c->approval, error);
}

static gboolean
run_approve (TilldDb *db, gpointer data, GError **error)
{
  Call *c = data;
  g_autoptr(TillJsonWrite) w = till_json_write_new ();
  TilldApprovalDecision in = { .id = c->approval, .decision = "approve" };

  till_json_write_begin_object (w, NULL);
  return tilld_approval_decide (db, c->money->profiles, c->who, &in, w, error);
}

static gboolean
run_pay (TilldDb *db, gpointer data, GError **error)
{
  Call *c = data;
  gboolean replayed;
  return tilld_refund_pay (db, c->who, &c->paid, TILL_CHANNEL_CARD, &replayed, error);
}

static gint64
now_us (Money *money)
{
  return test_pg_ask_int (money->pg, "SELECT (extract (epoch FROM now ()) * 1000000)::bigint");
}

static void
see (Money *money, TilldMoneyReading reading, gint64 meter)
{
  g_autoptr(GError) error = NULL;

  reading.at_us = now_us (money);
  g_assert_true (tilld_case_seen (money->pg->db, meter, &reading, &error));
}

static int
propose (Call *call, TilldCaseDecision decision, gboolean accept, const char *unreadable)
{
  int code = -1;

  call->in = (TilldCaseRequest){ .id = test_pg_ask_int (call->money->pg, "SELECT max (id) FROM dispute_case"), .decision = decision, .accept = accept,
                                 .note = "we went there", .unreadable = unreadable };
  money_run (call->money, run_propose, call, &code);
  return code;
}

static int
approve (Call *call, const TilldActor *second)
{
  Call other = { .money = call->money, .who = second, .approval = call->approval };
  int code = -1;

  money_run (call->money, run_approve, &other, &code);
  return code;
}

/* A sale of 1.00 that ends in doubt: the meter shows something that nobody can explain. */
static Call
held_sale (Money *money, const TilldMoneyReading *after, TillId *ret_sale)
{
  TilldMoneyReading base = money_reading (3, 1000000, 200000);
  TilldDeliveryOrder order;
  TilldDeliveryStep step;
  Call call = { .money = money, .who = &money->cashier };

  money_of_finance (&money->cashier);
  money_of_finance (&money->second);
  money_adopt (money, MONEY_METER_A, &base);
  *ret_sale = money_sell (money, MONEY_METER_A, 10000);
  g_assert_true (money_claim (money, &order));
  g_assert_true (money_sent (money, &order, &base, &step, NULL));
  g_assert_true (money_written (money, ret_sale, 1, TILL_DELIVERY_OUTCOME_TIMEOUT, NULL));
  money->confirmed = TRUE;
  g_assert_true (money_settle (money, ret_sale, 1, after, &step, NULL));
  g_assert_cmpint (step.next, ==, TILL_COMMAND_STATE_HELD);
  money_assert_invariants (money);
  return call;
}

static void
test_applied (void)
{
  g_autoptr(Money) money = money_new ();
  TilldMoneyReading odd = money_reading (5, 1020000, 220000), good = money_reading (4, 1010000, 210000);
  TillId sale;
  Call call = held_sale (money, &odd, &sale);

  g_assert_cmpint (propose (&call, TILLD_DECIDE_APPLIED, FALSE, NULL), ==, TILL_ERROR_STALE); /* no reading yet */
  see (money, odd, MONEY_METER_A);
  g_assert_cmpint (propose (&call, TILLD_DECIDE_APPLIED, FALSE, NULL), ==, TILL_ERROR_CONFLICT); /* shows two */
  g_assert_cmpint (propose (&call, TILLD_DECIDE_SEND_AGAIN, FALSE, NULL), ==, TILL_ERROR_CONFLICT);
  g_assert_cmpint (propose (&call, TILLD_DECIDE_ACCEPT, FALSE, NULL), ==, TILL_ERROR_INVALID);
  see (money, good, MONEY_METER_A);
  g_assert_cmpint (propose (&call, TILLD_DECIDE_APPLIED, FALSE, NULL), ==, -1);
  g_assert_cmpint (propose (&call, TILLD_DECIDE_RETURN, FALSE, "no way in"), ==, TILL_ERROR_CONFLICT); /* one decision at a time */
  g_assert_cmpint (approve (&call, &money->cashier), ==, TILL_ERROR_FORBIDDEN);
  test_pg_run (money->pg, "UPDATE dispute_case SET seen = jsonb_set (seen, '{at_us}', to_jsonb ((seen->>'at_us')::bigint - 61000000))");
  g_assert_cmpint (approve (&call, &money->second), ==, TILL_ERROR_STALE);
  see (money, good, MONEY_METER_A);
  g_assert_cmpint (approve (&call, &money->second), ==, -1);
  g_assert_cmpint (approve (&call, &money->second), ==, TILL_ERROR_CONFLICT);
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_TRANSIT, MONEY_METER_A), ==, 0);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count FROM meter_purse WHERE meter = 1 AND NOT frozen AND total = 1010000"), ==, 4);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM dispute_case WHERE decided_by = 1 AND agreed_by = 2 AND decision = 'applied'"), ==, 1);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM alarm WHERE kind = 8 AND cleared_at IS NULL"), ==, 0);
  money_sell (money, MONEY_METER_A, 10000); /* sales go on */
}

/* Two sales' worth arrived: this one and one that nobody knows. */
static void
test_applied_and_accepted (void)
{
  g_autoptr(Money) money = money_new ();
  TilldMoneyReading odd = money_reading (5, 1030000, 230000);
  TillId sale;
  Call call = held_sale (money, &odd, &sale);

  see (money, odd, MONEY_METER_A);
  g_assert_cmpint (propose (&call, TILLD_DECIDE_APPLIED, TRUE, NULL), ==, -1);
  g_assert_cmpint (approve (&call, &money->second), ==, -1);
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_SUSPENSE, MONEY_METER_A), ==, 220000); /* 20.00 adopted, 2.00 from nowhere */
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_ON_METER, MONEY_METER_A), ==, -230000);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT m.epoch FROM meter m JOIN meter_purse p ON p.meter = m.id AND p.epoch = m.epoch WHERE m.id = 1 AND p.count = 5"), ==, 2);
}

static void
test_send_again (void)
{
  g_autoptr(Money) money = money_new ();
  TilldMoneyReading odd = money_reading (3, 1000100, 200000), base = money_reading (3, 1000000, 190000), good = money_reading (4, 1010000, 200000);
  TillId sale;
  Call call = held_sale (money, &odd, &sale);
  TilldDeliveryOrder order;
  TilldDeliveryStep step;

  see (money, base, MONEY_METER_A);
  g_assert_cmpint (propose (&call, TILLD_DECIDE_SEND_AGAIN, FALSE, "locked room"), ==, TILL_ERROR_CONFLICT); /* never without a reading */
  g_assert_cmpint (propose (&call, TILLD_DECIDE_SEND_AGAIN, FALSE, NULL), ==, -1);
  g_assert_cmpint (approve (&call, &money->second), ==, -1);
  g_assert_true (money_claim (money, &order));
  g_assert_cmpint (order.delivery.seq, ==, 4); /* the count that was fixed before */
  g_assert_true (money_sent (money, &order, &base, &step, NULL));
  g_assert_true (money_written (money, &sale, 2, TILL_DELIVERY_OUTCOME_OK, NULL));
  g_assert_true (money_settle (money, &sale, 2, &good, &step, NULL));
  g_assert_cmpint (step.next, ==, TILL_COMMAND_STATE_VERIFIED);
}

static void
test_return (void)
{
  g_autoptr(Money) money = money_new ();
  TilldMoneyReading odd = money_reading (2, 900000, 100000), base = money_reading (3, 1000000, 190000);
  TillId sale;
  Call call = held_sale (money, &odd, &sale);
  g_autofree char *due = NULL;
  int code = -1;

  see (money, odd, MONEY_METER_A);
  g_assert_cmpint (propose (&call, TILLD_DECIDE_RETURN, FALSE, NULL), ==, TILL_ERROR_CONFLICT);
  see (money, base, MONEY_METER_A);
  g_assert_cmpint (propose (&call, TILLD_DECIDE_RETURN, FALSE, NULL), ==, -1);
  g_assert_cmpint (approve (&call, &money->second), ==, -1);
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_TRANSIT, MONEY_METER_A), ==, 0);
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_REFUND_DUE, 1), ==, -10000);
  money_assert_invariants (money);
  due = test_pg_ask (money->pg, "SELECT id::text FROM sale WHERE kind = 3 AND paid_at IS NULL AND reverses IS NOT NULL");
  g_assert_true (till_id_parse (due, &call.paid, NULL));
  money_run (money, run_pay, &call, &code);
  g_assert_cmpint (code, ==, -1);
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_REFUND_DUE, 1), ==, 0);
}

/* Nobody can read it: the typed reason stands in, and the poll that comes later finds out if it was wrong. */
static void
test_return_unread (void)
{
  g_autoptr(Money) money = money_new ();
  TilldMoneyReading odd = money_reading (9, 900000, 100000);
  TillId sale;
  Call call = held_sale (money, &odd, &sale);

  g_assert_cmpint (propose (&call, TILLD_DECIDE_RETURN, TRUE, "burnt"), ==, TILL_ERROR_CONFLICT); /* values that nobody read are not accepted */
  g_assert_cmpint (propose (&call, TILLD_DECIDE_RETURN, FALSE, "burnt"), ==, -1);
  g_assert_cmpint (approve (&call, &money->second), ==, -1);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM dispute_case WHERE unreadable = 'burnt' AND closed_at IS NOT NULL"), ==, 1);
}

static gboolean
run_mismatch (TilldDb *db, gpointer data, GError **error)
{
  TilldMoneyReading *reading = data;
  return tilld_purse_mismatch (db, MONEY_METER_A, NULL, TILL_CASE_REASON_COUNT_BEHIND, reading, error);
}

/* The meter was swapped for one that begins at 0: its values are accepted, what is gone is in suspense, sales that wait go on. */
static void
test_accept (void)
{
  g_autoptr(Money) money = money_new ();
  TilldMoneyReading base = money_reading (3, 1000000, 200000), reset = money_reading (0, 0, 0), after = money_reading (1, 10000, 10000);
  Call call = { .money = money, .who = &money->cashier };
  TilldDeliveryOrder order;
  TilldDeliveryStep step;
  TillId sale;

  money_of_finance (&money->cashier);
  money_of_finance (&money->second);
  money_adopt (money, MONEY_METER_A, &base);
  sale = money_sell (money, MONEY_METER_A, 10000);
  g_assert_true (money_run (money, run_mismatch, &reset, NULL));
  test_pg_run (money->pg, "UPDATE command SET not_before = now () + interval '60 seconds' WHERE state = 0"); /* as the courier leaves it at a frozen purse */
  g_assert_cmpint (propose (&call, TILLD_DECIDE_APPLIED, FALSE, NULL), ==, TILL_ERROR_STALE);
  see (money, reset, MONEY_METER_A);
  g_assert_cmpint (propose (&call, TILLD_DECIDE_APPLIED, FALSE, NULL), ==, TILL_ERROR_INVALID);
  g_assert_cmpint (propose (&call, TILLD_DECIDE_EXPLAINED, FALSE, NULL), ==, TILL_ERROR_INVALID);
  g_assert_cmpint (propose (&call, TILLD_DECIDE_ACCEPT, FALSE, NULL), ==, -1);
  g_assert_cmpint (approve (&call, &money->second), ==, -1);
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_ON_METER, MONEY_METER_A), ==, 0);
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_SUSPENSE, MONEY_METER_A), ==, 0);
  money_assert_invariants (money);
  reset.epoch = after.epoch = 2;
  g_assert_true (money_claim (money, &order));
  g_assert_cmpint (order.delivery.epoch, ==, 2);
  money->confirmed = FALSE;
  g_assert_true (money_sent (money, &order, &reset, &step, NULL));
  g_assert_true (money_written (money, &sale, 1, TILL_DELIVERY_OUTCOME_OK, NULL));
  g_assert_true (money_settle (money, &sale, 1, &after, &step, NULL));
  g_assert_cmpint (step.next, ==, TILL_COMMAND_STATE_VERIFIED);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM sale WHERE epoch = 2 AND count = 1"), ==, 1);
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/case/applied", test_applied);
  g_test_add_func ("/case/applied-and-accepted", test_applied_and_accepted);
  g_test_add_func ("/case/send-again", test_send_again);
  g_test_add_func ("/case/return", test_return);
  g_test_add_func ("/case/return-unread", test_return_unread);
  g_test_add_func ("/case/accept", test_accept);
  return till_test_run ();
}
