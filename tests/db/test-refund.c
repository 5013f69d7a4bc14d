/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-refund.c: money that goes out: refunds, reversals, approvals, drawers. Every case ends in the invariants of the ledger. */
#include "server/db/db-tx.h"
#include "server/domain/money/account-closing.h"
#include "server/domain/money/drawer.h"
#include "server/domain/money/refund.h"
#include "server/jobs/closing.h"
#include "shared/base/till-error.h"
#include "shared/base/till-json-check.h"
#include "tests/db/money-fixture.h"
#include "tests/lib/test-main.h"

typedef struct {
  Money               *money;
  const TilldActor    *who;
  TilldRefundRequest   refund;
  TilldReversalRequest reversal;
  TillId               paid;
  gint64               drawer, approval;
  TillMoney            amount;
  const char          *decision;
  TilldOutResult       result;
} Call;

static gboolean
run_refund (TilldDb *db, gpointer data, GError **error)
{
  Call *c = data;
  return tilld_refund_create (db, c->money->profiles, c->who, &c->refund, &c->result, error);
}

static gboolean
run_reversal (TilldDb *db, gpointer data, GError **error)
{
  Call *c = data;
  return tilld_sale_reverse (db, c->money->profiles, c->who, &c->reversal, &c->result, error);
}

static gboolean
run_pay (TilldDb *db, gpointer data, GError **error)
{
  Call *c = data;
  return tilld_refund_pay (db, c->who, &c->paid, -1, &c->result.replayed, error);
}

static gboolean
run_open (TilldDb *db, gpointer data, GError **error)
{
  Call *c = data;
  return tilld_drawer_open (db, c->who, c->amount, &c->drawer, error);
}

static gboolean
run_close (TilldDb *db, gpointer data, GError **error)
{
  Call *c = data;
  return tilld_drawer_close (db, c->who, c->drawer, c->amount, error);
}

static gboolean
run_decide (TilldDb *db, gpointer data, GError **error)
{
  Call *c = data;
  g_autoptr(TillJsonWrite) w = till_json_write_new ();
  TilldApprovalDecision in = { .id = c->approval, .decision = c->decision, .note = "looked at" };

  till_json_write_begin_object (w, NULL);
  return tilld_approval_decide (db, c->money->profiles, c->who, &in, w, error);
}

static int
try_call (Call *call, gboolean (*verb) (TilldDb *, gpointer, GError **))
{
  int code = -1;

  money_run (call->money, verb, call, &code);
  return code;
}

static Call
call_of (Money *money, TilldActor *who)
{
  money_of_finance (who);
  return (Call){ .money = money, .who = who };
}

static int
refund (Call *call, gint64 meter, TillMoney amount, TillChannel channel)
{
  call->refund = (TilldRefundRequest){ .meter = meter, .amount = amount, .channel = channel, .reason = "moving out" };
  till_id_new (&call->refund.id, 1790000000000);
  return try_call (call, run_refund);
}

static int
reverse (Call *call, const TillId *sale)
{
  call->reversal = (TilldReversalRequest){ .sale = *sale, .reason = "wrong room" };
  till_id_new (&call->reversal.id, 1790000000000);
  return try_call (call, run_reversal);
}

static int
decide (Call *call, gint64 approval, const char *decision)
{
  call->approval = approval;
  call->decision = decision;
  return try_call (call, run_decide);
}

static int
pay (Call *call, const TillId *id)
{
  call->paid = *id;
  return try_call (call, run_pay);
}

/* One delivery of the head of the queue, as a courier on a good day. */
static void
deliver (Money *money, const TilldMoneyReading *before, const TilldMoneyReading *after)
{
  TilldDeliveryOrder order;
  TilldDeliveryStep step;

  g_assert_true (money_claim (money, &order));
  money->proof = order.delivery.kind == TILL_COMMAND_KIND_DEBIT ? TILLD_PROOF_REFUNDS : TILLD_PROOF_NONE;
  g_assert_true (money_sent (money, &order, before, &step, NULL));
  g_assert_true (money_written (money, &order.id, order.delivery.attempt + 1, TILL_DELIVERY_OUTCOME_OK, NULL));
  g_assert_true (money_settle (money, &order.id, order.delivery.attempt + 1, after, &step, NULL));
  g_assert_cmpint (step.next, ==, TILL_COMMAND_STATE_VERIFIED);
  money->proof = TILLD_PROOF_NONE;
}

static void
test_refund (void)
{
  g_autoptr(Money) money = money_new ();
  Call c = call_of (money, &money->cashier), other = call_of (money, &money->second);
  TilldMoneyReading base = money_reading_out (3, 1000000, 200000, 0, 0), after = money_reading_out (3, 1000000, 150000, 1, 50000);
  TillId id;

  money_adopt (money, MONEY_METER_B, &base);
  g_assert_cmpint (refund (&c, MONEY_METER_B, 50000, TILL_CHANNEL_CASH), ==, -1);
  id = c.refund.id;
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_REFUND_DUE, 1), ==, 0); /* nothing before the meter confirmed */
  g_assert_cmpint (pay (&c, &id), ==, TILL_ERROR_CONFLICT);
  deliver (money, &base, &after);
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_REFUND_DUE, 1), ==, -50000);
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_ON_METER, MONEY_METER_B), ==, -150000);
  money_assert_invariants (money);
  g_assert_cmpint (pay (&c, &id), ==, TILL_ERROR_CONFLICT); /* no open drawer */
  c.amount = 1000000;
  g_assert_cmpint (try_call (&c, run_open), ==, -1);
  g_assert_cmpint (pay (&c, &id), ==, -1);
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_CASH, c.drawer), ==, -50000);
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_REFUND_DUE, 1), ==, 0);
  g_assert_cmpint (pay (&c, &id), ==, -1);
  g_assert_true (c.result.replayed);
  g_assert_cmpint (pay (&other, &id), ==, TILL_ERROR_CONFLICT);
  /* The same id again is the first answer, another content a conflict. */
  g_assert_cmpint (try_call (&c, run_refund), ==, -1);
  g_assert_true (c.result.replayed);
  c.refund.amount = 60000;
  g_assert_cmpint (try_call (&c, run_refund), ==, TILL_ERROR_CONFLICT);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM sale WHERE kind = 3"), ==, 1);
}

static void
test_refund_refused (void)
{
  g_autoptr(Money) money = money_new ();
  Call c = call_of (money, &money->cashier);
  TilldMoneyReading base = money_reading_out (3, 1000000, 200000, 0, 0);

  g_assert_cmpint (refund (&c, MONEY_METER_B, 10000, TILL_CHANNEL_CASH), ==, TILL_ERROR_CONFLICT); /* never read */
  money_adopt (money, MONEY_METER_B, &base);
  g_assert_cmpint (refund (&c, MONEY_METER_A, 10000, TILL_CHANNEL_CASH), ==, TILL_ERROR_UNSUPPORTED); /* ADF400L cannot */
  g_assert_cmpint (refund (&c, MONEY_METER_DOWN, 10000, TILL_CHANNEL_CASH), ==, TILL_ERROR_UNSUPPORTED);
  g_assert_cmpint (refund (&c, 4711, 10000, TILL_CHANNEL_CASH), ==, TILL_ERROR_NOT_FOUND);
  g_assert_cmpint (refund (&c, MONEY_METER_B, 200100, TILL_CHANNEL_CASH), ==, TILL_ERROR_LIMIT);
  g_assert_cmpint (refund (&c, MONEY_METER_B, 0, TILL_CHANNEL_CASH), ==, TILL_ERROR_INVALID);
  g_assert_cmpint (refund (&c, MONEY_METER_B, -100, TILL_CHANNEL_CASH), ==, TILL_ERROR_INVALID);
  g_assert_cmpint (refund (&c, MONEY_METER_B, 10050, TILL_CHANNEL_CASH), ==, TILL_ERROR_INVALID);
  g_assert_cmpint (refund (&c, MONEY_METER_B, 150000, TILL_CHANNEL_CASH), ==, -1);
  g_assert_cmpint (refund (&c, MONEY_METER_B, 100000, TILL_CHANNEL_CASH), ==, TILL_ERROR_LIMIT); /* what is on its way out counts */
  test_pg_run (money->pg, "UPDATE meter_state SET read_at = now () - interval '10 minutes' WHERE meter = 2");
  g_assert_cmpint (refund (&c, MONEY_METER_B, 10000, TILL_CHANNEL_CASH), ==, TILL_ERROR_OFFLINE);
  test_pg_run (money->pg, "UPDATE meter_purse SET frozen = true WHERE meter = 2");
  g_assert_cmpint (refund (&c, MONEY_METER_B, 10000, TILL_CHANNEL_CASH), ==, TILL_ERROR_DISPUTE);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM sale"), ==, 1);
  test_pg_run (money->pg, "UPDATE meter_purse SET frozen = false");
}

/* The meter was used up before the courier came: nothing is written, nothing owed. */
static void
test_debit_given_up (void)
{
  g_autoptr(Money) money = money_new ();
  Call c = call_of (money, &money->cashier);
  TilldMoneyReading base = money_reading_out (3, 1000000, 200000, 0, 0);
  g_autoptr(GError) error = NULL;

  money_adopt (money, MONEY_METER_B, &base);
  g_assert_cmpint (refund (&c, MONEY_METER_B, 150000, TILL_CHANNEL_CASH), ==, -1);
  g_assert_true (tilld_db_command (money->pg->db, "BEGIN", NULL));
  g_assert_true (tilld_delivery_give_up_debit (money->pg->db, &c.refund.id, &error));
  g_assert_true (tilld_db_command (money->pg->db, "COMMIT", NULL));
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM sale s JOIN command c ON c.id = s.id WHERE s.state = 6 AND c.state = 6"), ==, 1);
  g_assert_cmpint (pay (&c, &c.refund.id), ==, TILL_ERROR_CONFLICT);
  g_assert_cmpint (refund (&c, MONEY_METER_B, 150000, TILL_CHANNEL_CASH), ==, -1); /* it does not count as going out any more */
}

static void
test_approval (void)
{
  g_autoptr(Money) money = money_new ();
  Call c = call_of (money, &money->cashier), second = call_of (money, &money->second);
  TilldMoneyReading base = money_reading_out (3, 90000000, 40000000, 0, 0), after = money_reading_out (3, 90000000, 10000000, 1, 30000000);
  gint64 waiting, rejected;

  test_pg_run (money->pg, "UPDATE meter_state SET balance = 40000000");
  money_adopt (money, MONEY_METER_B, &base);
  g_assert_cmpint (refund (&c, MONEY_METER_B, 30000000, TILL_CHANNEL_CASH), ==, -1);
  waiting = c.result.approval;
  g_assert_cmpint (waiting, >, 0);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM sale"), ==, 0);
  g_assert_cmpint (try_call (&c, run_refund), ==, -1); /* asked again: the same one waits */
  g_assert_cmpint (c.result.approval, ==, waiting);
  g_assert_cmpint (decide (&c, waiting, "approve"), ==, TILL_ERROR_FORBIDDEN);
  g_assert_cmpint (decide (&second, waiting, "perhaps"), ==, TILL_ERROR_INVALID);
  money->limited.permissions = till_role_default_permissions ("cashier");
  {
    Call third = { .money = money, .who = &money->limited };
    g_assert_cmpint (decide (&third, waiting, "approve"), ==, TILL_ERROR_FORBIDDEN);
  }
  g_assert_cmpint (decide (&second, 4711, "approve"), ==, TILL_ERROR_NOT_FOUND);
  g_assert_cmpint (decide (&second, waiting, "approve"), ==, -1);
  g_assert_cmpint (decide (&second, waiting, "approve"), ==, TILL_ERROR_CONFLICT);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM sale WHERE kind = 3 AND operator = 1 AND approved_by = 2"), ==, 1);
  g_assert_cmpint (try_call (&c, run_refund), ==, -1);
  g_assert_true (c.result.replayed);
  deliver (money, &base, &after);
  test_pg_run (money->pg, "UPDATE meter_state SET balance = 40000000");

  g_assert_cmpint (refund (&c, MONEY_METER_B, 25000000, TILL_CHANNEL_CASH), ==, -1);
  rejected = c.result.approval;
  g_assert_cmpint (decide (&second, rejected, "withdraw"), ==, TILL_ERROR_FORBIDDEN);
  g_assert_cmpint (decide (&second, rejected, "reject"), ==, -1);
  g_assert_cmpint (try_call (&c, run_refund), ==, TILL_ERROR_CONFLICT);
  g_assert_cmpint (refund (&c, MONEY_METER_B, 25000000, TILL_CHANNEL_CASH), ==, -1);
  g_assert_cmpint (decide (&c, c.result.approval, "withdraw"), ==, -1);
  /* Past its time it cannot be agreed to. */
  g_assert_cmpint (refund (&c, MONEY_METER_B, 25000000, TILL_CHANNEL_CASH), ==, -1);
  test_pg_run (money->pg, "UPDATE approval SET expires_at = now () - interval '1 second' WHERE state = 0");
  g_assert_cmpint (decide (&second, c.result.approval, "approve"), ==, TILL_ERROR_CONFLICT);
  g_assert_true (tilld_approval_expire (money->pg->db, NULL));
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM approval WHERE state = 3"), ==, 1);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM audit WHERE action LIKE 'approval.%'"), ==, 8);
}

/* What was agreed to runs as it stands now: if the meter changed meanwhile, nothing happens and it stays open. */
static void
test_approval_that_fails (void)
{
  g_autoptr(Money) money = money_new ();
  Call c = call_of (money, &money->cashier), second = call_of (money, &money->second);
  TilldMoneyReading base = money_reading_out (3, 90000000, 40000000, 0, 0);

  test_pg_run (money->pg, "UPDATE meter_state SET balance = 40000000");
  money_adopt (money, MONEY_METER_B, &base);
  g_assert_cmpint (refund (&c, MONEY_METER_B, 30000000, TILL_CHANNEL_CASH), ==, -1);
  test_pg_run (money->pg, "UPDATE meter_state SET balance = 100000");
  g_assert_cmpint (decide (&second, c.result.approval, "approve"), ==, TILL_ERROR_LIMIT);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM approval WHERE state = 0"), ==, 1);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM sale"), ==, 0);
  test_pg_run (money->pg, "UPDATE operator SET active = false WHERE id = 1");
  g_assert_cmpint (decide (&second, c.result.approval, "approve"), ==, TILL_ERROR_CONFLICT);
}

static void
test_reversal_before_delivery (void)
{
  g_autoptr(Money) money = money_new ();
  Call c = call_of (money, &money->cashier), other = call_of (money, &money->second);
  TilldMoneyReading base = money_reading (3, 1000000, 200000);
  TilldSaleRequest sale = money_request (MONEY_METER_A, 10000, TILL_CHANNEL_CASH);
  TilldDeliveryOrder order;
  TilldDeliveryStep step;
  int code;

  money_adopt (money, MONEY_METER_A, &base);
  g_assert_cmpint (money_try (money, &money->cashier, &sale), ==, -1);
  g_assert_true (money_claim (money, &order)); /* the courier holds it already, but has not sent */
  g_assert_cmpint (reverse (&other, &sale.id), ==, -1); /* not the one who sold: somebody must agree */
  g_assert_cmpint (other.result.approval, >, 0);
  g_assert_cmpint (reverse (&c, &sale.id), ==, -1);
  g_assert_cmpint (c.result.approval, ==, 0);
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_TRANSIT, MONEY_METER_A), ==, 0);
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_CASH, 1), ==, 0);
  g_assert_false (money_sent (money, &order, &base, &step, &code));
  g_assert_cmpint (code, ==, TILL_ERROR_STALE);
  g_assert_cmpint (reverse (&c, &sale.id), ==, TILL_ERROR_CONFLICT);
  g_assert_cmpint (reverse (&c, &c.reversal.id), ==, TILL_ERROR_NOT_FOUND); /* the id of a try that failed names nothing */
  g_assert_cmpint (decide (&c, other.result.approval, "approve"), ==, TILL_ERROR_CONFLICT);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM tx WHERE event = 6 AND reverses = (SELECT n FROM tx WHERE event = 0)"), ==, 1);
}

static void
test_reversal_on_its_way (void)
{
  g_autoptr(Money) money = money_new ();
  Call c = call_of (money, &money->cashier);
  TilldMoneyReading base = money_reading (3, 1000000, 200000);
  TillId sale;
  TilldDeliveryOrder order;
  TilldDeliveryStep step;

  money_adopt (money, MONEY_METER_A, &base);
  sale = money_sell (money, MONEY_METER_A, 10000);
  g_assert_true (money_claim (money, &order));
  g_assert_true (money_sent (money, &order, &base, &step, NULL));
  g_assert_cmpint (reverse (&c, &sale), ==, TILL_ERROR_CONFLICT);
  g_assert_true (money_written (money, &sale, 1, TILL_DELIVERY_OUTCOME_TIMEOUT, NULL));
  g_assert_cmpint (reverse (&c, &sale), ==, TILL_ERROR_CONFLICT);
  /* Proven not applied: it waits for its next try and can be taken back. */
  g_assert_true (money_settle (money, &sale, 1, &base, &step, NULL));
  g_assert_cmpint (step.next, ==, TILL_COMMAND_STATE_QUEUED);
  g_assert_cmpint (reverse (&c, &sale), ==, -1);
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_BANK, TILL_CHANNEL_WECHAT), ==, 0);
}

static void
test_reversal_delivered (void)
{
  g_autoptr(Money) money = money_new ();
  Call c = call_of (money, &money->cashier), second = call_of (money, &money->second);
  TilldMoneyReading base = money_reading_out (3, 1000000, 200000, 0, 0), sold = money_reading_out (4, 1300000, 480000, 0, 0);
  TilldMoneyReading out = money_reading_out (4, 1300000, 180000, 1, 300000), gone = money_reading_out (4, 1300000, 0, 2, 480000);
  TillId first, later;

  money_adopt (money, MONEY_METER_B, &base);
  first = money_sell (money, MONEY_METER_B, 300000);
  deliver (money, &base, &sold);
  test_pg_run (money->pg, "UPDATE meter_state SET balance = 480000 WHERE meter = 2");
  g_assert_cmpint (reverse (&c, &first), ==, -1);
  g_assert_cmpint (c.result.approval, ==, 0);
  deliver (money, &sold, &out);
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_REFUND_DUE, 1), ==, -300000);
  g_assert_cmpint (reverse (&c, &first), ==, TILL_ERROR_CONFLICT);
  g_assert_cmpint (pay (&second, &c.reversal.id), ==, TILL_ERROR_NOT_FOUND);
  {
    g_autofree char *text = test_pg_ask (money->pg, "SELECT id::text FROM sale WHERE kind = 4");
    TillId id;

    g_assert_true (till_id_parse (text, &id, NULL));
    g_assert_cmpint (pay (&second, &id), ==, -1); /* by the way it was paid: no drawer needed */
  }
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM tx WHERE event = 5 AND reverses IS NOT NULL"), ==, 1);

  /* Most of the next one is used up: what is left goes back. */
  test_pg_run (money->pg, "UPDATE meter_state SET balance = 180000 WHERE meter = 2");
  later = money_sell (money, MONEY_METER_B, 300000);
  {
    TilldMoneyReading after = money_reading_out (5, 1600000, 180000, 1, 300000);
    TilldMoneyReading left = money_reading_out (5, 1600000, 0, 2, 480000);

    deliver (money, &out, &after);
    g_assert_cmpint (reverse (&c, &later), ==, -1);
    g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT amount FROM command WHERE kind = 1 AND state = 0"), ==, 180000);
    deliver (money, &after, &left);
  }
  g_assert_cmpint (gone.refund_count, ==, 2);
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_REFUND_DUE, 1), ==, -180000);
}

static void
test_reversal_of_subsidy (void)
{
  g_autoptr(Money) money = money_new ();
  Call c = call_of (money, &money->cashier);
  TilldSaleRequest gift = money_request (MONEY_METER_B, 50000, TILL_CHANNEL_CASH);
  TilldMoneyReading base = money_reading_out (3, 1000000, 200000, 0, 0), sold = money_reading_out (4, 1050000, 250000, 0, 0);
  TilldMoneyReading out = money_reading_out (4, 1050000, 200000, 1, 50000);

  money_adopt (money, MONEY_METER_B, &base);
  gift.kind = TILL_SALE_KIND_SUBSIDY;
  g_assert_cmpint (money_try (money, &money->cashier, &gift), ==, -1);
  g_assert_cmpint (reverse (&c, &gift.id), ==, -1); /* before delivery: nobody's cash moves */
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_SUBSIDY, 1), ==, 0);
  gift = money_request (MONEY_METER_B, 50000, TILL_CHANNEL_CASH);
  gift.kind = TILL_SALE_KIND_SUBSIDY;
  g_assert_cmpint (money_try (money, &money->cashier, &gift), ==, -1);
  deliver (money, &base, &sold);
  g_assert_cmpint (reverse (&c, &gift.id), ==, -1);
  deliver (money, &sold, &out);
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_SUBSIDY, 1), ==, 0);
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_REFUND_DUE, 1), ==, 0);
  g_assert_cmpint (pay (&c, &c.reversal.id), ==, TILL_ERROR_CONFLICT);
}

static void
test_server_settled (void)
{
  g_autoptr(Money) money = money_new ();
  Call c = call_of (money, &money->cashier);
  TilldSaleRequest sale = money_request (MONEY_METER_SERVER, 100000, TILL_CHANNEL_CASH);

  g_assert_cmpint (money_try (money, &money->cashier, &sale), ==, -1);
  g_assert_cmpint (refund (&c, MONEY_METER_SERVER, 100100, TILL_CHANNEL_CASH), ==, TILL_ERROR_LIMIT);
  g_assert_cmpint (refund (&c, MONEY_METER_SERVER, 40000, TILL_CHANNEL_CASH), ==, -1);
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_SERVER_BALANCE, 3), ==, -60000);
  g_assert_cmpint (pay (&c, &c.refund.id), ==, -1);
  g_assert_cmpint (reverse (&c, &sale.id), ==, -1); /* at most what is left */
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_SERVER_BALANCE, 3), ==, 0);
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_CASH, 1), ==, 0);
}

static void
test_drawer (void)
{
  g_autoptr(Money) money = money_new ();
  Call c = call_of (money, &money->cashier), other = { .money = money, .who = &money->second };
  TilldSaleRequest sale = money_request (MONEY_METER_A, 123400, TILL_CHANNEL_CASH);
  g_auto(TilldDrawerReport) report = { 0 };
  int code;

  money->cashier.permissions = till_role_default_permissions ("cashier");
  test_pg_run (money->pg, "UPDATE site SET drawer_auto = false");
  g_assert_cmpint (money_try (money, &money->cashier, &sale), ==, TILL_ERROR_CONFLICT); /* this site wants it opened by hand */
  c.amount = 500000;
  g_assert_cmpint (try_call (&c, run_open), ==, -1);
  g_assert_cmpint (try_call (&c, run_open), ==, TILL_ERROR_CONFLICT);
  g_assert_cmpint (money_try (money, &money->cashier, &sale), ==, -1);
  g_assert_true (tilld_drawer_report (money->pg->db, &money->cashier, c.drawer, &report, NULL));
  g_assert_true (report.blind);
  g_assert_cmpuint (report.lines->len, ==, 0); /* who counts blind is not told */
  tilld_drawer_report_clear (&report);
  other.drawer = c.drawer;
  g_assert_cmpint (try_call (&other, run_close), ==, TILL_ERROR_NOT_FOUND);
  c.amount = 623300;
  g_assert_cmpint (try_call (&c, run_close), ==, -1);
  g_assert_cmpint (try_call (&c, run_close), ==, TILL_ERROR_CONFLICT);
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_OVER_SHORT, c.drawer), ==, 100); /* one fen short */
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT over_short FROM drawer"), ==, -100);
  sale = money_request (MONEY_METER_A, 100, TILL_CHANNEL_CASH);
  sale.drawer = c.drawer;
  g_assert_cmpint (money_try (money, &money->cashier, &sale), ==, TILL_ERROR_CONFLICT);
  g_assert_true (tilld_drawer_report (money->pg->db, &money->cashier, c.drawer, &report, NULL));
  g_assert_cmpuint (report.lines->len, ==, 1);
  g_assert_cmpint (report.expected, ==, 623400);
  code = try_call (&(Call){ .money = money, .who = &money->cashier, .drawer = 4711 }, run_close);
  g_assert_cmpint (code, ==, TILL_ERROR_NOT_FOUND);
}

/* A sale opened a drawer by itself; told later, the float belongs to it. */
static void
test_drawer_by_itself (void)
{
  g_autoptr(Money) money = money_new ();
  Call c = call_of (money, &money->cashier);
  TilldSaleRequest sale = money_request (MONEY_METER_A, 10000, TILL_CHANNEL_CASH);

  g_assert_cmpint (money_try (money, &money->cashier, &sale), ==, -1);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM drawer WHERE auto"), ==, 1);
  c.amount = 200000;
  g_assert_cmpint (try_call (&c, run_open), ==, -1);
  c.amount = 210100;
  g_assert_cmpint (try_call (&c, run_close), ==, -1);
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_OVER_SHORT, c.drawer), ==, -100);
}

/* --- closing an account: ordered once, then it goes on by itself --- */

typedef struct {
  Call             *call;
  TilldAccountClose close;
  TillId            job;
  char             *told;
} Closing;

static gboolean
run_closing (TilldDb *db, gpointer data, GError **error)
{
  Closing *c = data;
  g_autoptr(TillJsonWrite) w = till_json_write_new ();

  till_json_write_begin_object (w, NULL);
  if (!tilld_account_close (db, c->call->money->profiles, c->call->who, &c->close, w, error))
    return FALSE;
  till_json_write_end_object (w);
  g_free (c->told);
  c->told = till_json_write_free_to_text (g_steal_pointer (&w), NULL);
  return TRUE;
}

static gboolean
run_cancel (TilldDb *db, gpointer data, GError **error)
{
  Closing *c = data;

  return tilld_job_cancel (db, c->call->who, &c->job, error);
}

/* The next steps, by another process: it knows what is in the database and nothing else. */
static void
go_on (Money *money)
{
  g_autoptr(GError) error = NULL;

  test_pg_run (money->pg, "UPDATE job SET claimed_until = '-infinity' WHERE claimed_until < 'infinity'");
  g_assert_true (tilld_closing_run (money->pg->db, money->profiles, money->ledger, &error));
  g_assert_no_error (error);
}

static int
order_closing (Closing *closing, Call *call, gint64 account)
{
  int code = -1;

  *closing = (Closing){ .call = call, .close = { .account = account, .reason = "moved out", .channel = TILL_CHANNEL_CASH } };
  till_id_new (&closing->close.id, 1790000000000);
  tilld_closing_job_id (&closing->close.id, &closing->job);
  money_run (call->money, run_closing, closing, &code);
  return code;
}

static void
test_closing (void)
{
  g_autoptr(Money) money = money_new ();
  Call c = call_of (money, &money->cashier);
  TilldMoneyReading base = money_reading_out (3, 1000000, 200000, 0, 0), after = money_reading_out (3, 1000000, 0, 1, 200000);
  Closing closing;

  money_adopt (money, MONEY_METER_B, &base);
  g_assert_cmpint (order_closing (&closing, &c, 2), ==, -1);
  g_assert_nonnull (strstr (closing.told, "\"done\":false"));
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM job WHERE name = 'account_close' AND state = 'running' AND total = 1 AND done = 0"), ==, 1);
  go_on (money); /* the debit is still on its way: nothing is ordered twice */
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM command WHERE kind = 1"), ==, 1);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM job WHERE message LIKE '%on its way%'"), ==, 1);
  deliver (money, &base, &after);
  test_pg_run (money->pg, "UPDATE meter_state SET balance = 0, read_at = now () - interval '10 minutes' WHERE meter = 2");
  go_on (money); /* not closed on an old reading */
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT state FROM account WHERE id = 2"), ==, 1);
  test_pg_run (money->pg, "UPDATE meter_state SET read_at = now () WHERE meter = 2");
  go_on (money);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT state FROM account WHERE id = 2"), ==, 2);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM account_meter WHERE account = 2 AND until IS NULL"), ==, 0);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM job WHERE name = 'account_close' AND state = 'done' AND done = 1"), ==, 1);
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_REFUND_DUE, 1), ==, -200000);
  g_assert_true (money_run (money, run_closing, &closing, NULL)); /* the same id again tells the end */
  g_assert_nonnull (strstr (closing.told, "\"done\":true"));
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM audit WHERE action IN ('accounts.closing', 'accounts.close')"), ==, 2);
  g_free (closing.told);
}

/* Above the limit a second operator decides, whatever is consumed meanwhile; and the order can be taken back. */
static void
test_closing_cancelled (void)
{
  g_autoptr(Money) money = money_new ();
  Call c = call_of (money, &money->cashier);
  TilldMoneyReading base = money_reading_out (3, 1000000, 200000, 0, 0);
  Closing closing;
  int code = -1;

  money_adopt (money, MONEY_METER_B, &base);
  test_pg_run (money->pg, "UPDATE site SET approve_refund = 10000");
  g_assert_cmpint (order_closing (&closing, &c, 2), ==, -1);
  g_assert_nonnull (strstr (closing.told, "waits for a second operator"));
  test_pg_run (money->pg, "UPDATE meter_state SET balance = 190000 WHERE meter = 2");
  go_on (money);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM approval WHERE state = 0"), ==, 1);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM job WHERE message LIKE '%waits for a second operator%'"), ==, 1);
  g_assert_true (money_run (money, run_cancel, &closing, NULL));
  go_on (money);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM job WHERE state = 'cancelled' AND name = 'account_close'"), ==, 1);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM account WHERE id = 2 AND state = 1 AND closing IS NULL"), ==, 1);
  money_run (money, run_closing, &closing, &code); /* its id is used up */
  g_assert_cmpint (code, ==, TILL_ERROR_CONFLICT);
  g_free (closing.told);
}

/* A life of a purse of energy: what buys no whole unit is not lost, what goes back is worth what was paid for it, and at the end nothing but a
 * step of the meter is left. */
typedef struct { Money *money; TilldMoneyReading now; } EnergyMeter;

static void
energy_moves (EnergyMeter *m, TillEnergy energy)
{
  TilldMoneyReading before = m->now;

  m->now.balance += energy;
  m->now.count += energy > 0;
  m->now.total += MAX (energy, 0);
  m->now.refund_count += energy < 0;
  m->now.refunded_total += MAX (- energy, 0);
  g_assert_cmpint (test_pg_ask_int (m->money->pg, "SELECT amount FROM command WHERE state = 0"), ==, ABS (energy));
  deliver (m->money, &before, &m->now);
  g_assert_cmpint (test_pg_ask_int (m->money->pg, "SELECT energy_held (2)"), ==, m->now.balance);
  {
    g_autofree char *sql = g_strdup_printf ("UPDATE meter_state SET balance = %d, read_at = now () WHERE meter = 2", (int) m->now.balance);

    test_pg_run (m->money->pg, sql);
  }
}

static gint64
energy_rest (Money *money)
{
  return test_pg_ask_int (money->pg, "SELECT energy_rest (2, 2)");
}

static void
test_energy (void)
{
  g_autoptr(Money) money = money_new ();
  Call c = call_of (money, &money->cashier);
  EnergyMeter meter = { money, money_reading_out (3, 1000000, 0, 0, 0) };
  TillId sale;
  Closing closing;

  test_pg_run (money->pg, "UPDATE meter SET model = 'gridtill-generic-kwh', purse = 2, hoard_limit = 0 WHERE id = 2; UPDATE meter_state SET balance = 0 WHERE meter = 2");
  money_adopt (money, MONEY_METER_B, &meter.now);
  for (guint i = 0; i < 3; i++) /* 30.00 at 0.60 are 50 kWh, in three parts too */
    {
      sale = money_sell (money, MONEY_METER_B, 100000);
      energy_moves (&meter, i == 0 ? 16660 : 16670);
      g_assert_cmpint (energy_rest (money), ==, 40000 - 20000 * (gint64) i);
    }
  g_assert_cmpint (meter.now.balance, ==, 50000);
  test_pg_run (money->pg, "INSERT INTO tariff_version (tariff, effective, price_flat) VALUES (1, site_today (), 9000)");
  g_assert_cmpint (refund (&c, MONEY_METER_B, 300100, TILL_CHANNEL_CASH), ==, TILL_ERROR_LIMIT); /* more than was paid */
  /* Another epoch: what the meter holds is known, what was used before was not settled. It is worth what was paid for a kWh, no more. */
  test_pg_run (money->pg, "UPDATE meter_purse SET balance = 10000 WHERE meter = 2; UPDATE meter_state SET balance = 10000 WHERE meter = 2");
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT energy_held (2)"), ==, 10000);
  g_assert_cmpint (refund (&c, MONEY_METER_B, 60100, TILL_CHANNEL_CASH), ==, TILL_ERROR_LIMIT);
  test_pg_run (money->pg, "UPDATE meter_purse SET balance = 50000 WHERE meter = 2; UPDATE meter_state SET balance = 50000 WHERE meter = 2");
  g_assert_cmpint (refund (&c, MONEY_METER_B, 60000, TILL_CHANNEL_CASH), ==, -1);
  energy_moves (&meter, -10000); /* it was bought at 0.60 */
  g_assert_cmpint (reverse (&c, &sale), ==, -1);
  energy_moves (&meter, -16670);
  g_assert_cmpint (energy_rest (money), ==, 20000);
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_ON_METER, 2), ==, -140000);
  money_sell (money, MONEY_METER_B, 100000);
  energy_moves (&meter, 11110);
  g_assert_cmpint (energy_rest (money), ==, 30000);

  /* 34.44 kWh for which 24.00 were paid. */
  g_assert_cmpint (order_closing (&closing, &c, 2), ==, -1);
  g_assert_nonnull (strstr (closing.told, "\"energy\":\"34.440\""));
  g_assert_nonnull (strstr (closing.told, "\"refund_total\":\"23.9900\""));
  energy_moves (&meter, -34430);
  go_on (money);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT state FROM account WHERE id = 2"), ==, 2);
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_ON_METER, 2), ==, -100);
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_REFUND_DUE, 1), ==, -(60000 + 100000 + 239900));
  g_free (closing.told);
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/refund/refund", test_refund);
  g_test_add_func ("/refund/refused", test_refund_refused);
  g_test_add_func ("/refund/debit-given-up", test_debit_given_up);
  g_test_add_func ("/refund/approval", test_approval);
  g_test_add_func ("/refund/approval-that-fails", test_approval_that_fails);
  g_test_add_func ("/refund/reversal-before-delivery", test_reversal_before_delivery);
  g_test_add_func ("/refund/reversal-on-its-way", test_reversal_on_its_way);
  g_test_add_func ("/refund/reversal-delivered", test_reversal_delivered);
  g_test_add_func ("/refund/reversal-of-subsidy", test_reversal_of_subsidy);
  g_test_add_func ("/refund/server-settled", test_server_settled);
  g_test_add_func ("/refund/drawer", test_drawer);
  g_test_add_func ("/refund/drawer-by-itself", test_drawer_by_itself);
  g_test_add_func ("/refund/closing", test_closing);
  g_test_add_func ("/refund/closing-cancelled", test_closing_cancelled);
  g_test_add_func ("/refund/energy", test_energy);
  return till_test_run ();
}
