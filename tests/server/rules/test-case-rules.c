/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-case-rules.c: what two persons may decide when the meter shows more than the delivery in doubt: nothing is taken over silently. */
#include "server/rules/case-rules.h"
#include "shared/base/till-error.h"

#define HAVE (TILLD_MONEY_COUNT | TILLD_MONEY_TOTAL | TILLD_MONEY_BALANCE | TILLD_MONEY_REFUNDS)

static const TilldMoneyReading before = { .have = HAVE, .epoch = 1, .count = 7, .total = 90000, .balance = 50000, .refund_count = 2, .refunded_total = 3000 };

static TilldCaseFacts
facts_of (TilldCaseDecision decision, TillCommandKind kind, gint32 attempt, const TilldMoneyReading *reading)
{
  return (TilldCaseFacts){
    .decision = decision, .reason = TILL_CASE_REASON_COUNT_AHEAD, .has_command = TRUE, .reading = reading,
    .delivery = { .state = TILL_COMMAND_STATE_HELD, .kind = kind, .epoch = 1, .seq = kind == TILL_COMMAND_KIND_DEBIT ? 3 : 8, .amount = 1000,
                  .attempt = attempt, .baseline = before },
    .purse = { .meter = 1, .epoch = 1, .has_baseline = TRUE, .frozen = TRUE, .have = HAVE, .count = 7, .total = 90000, .balance = 50000, .refund_count = 2,
               .refunded_total = 3000 },
    .terms = { .effective = TILL_METER_CLASS_B, .proof = kind == TILL_COMMAND_KIND_DEBIT ? TILLD_PROOF_REFUNDS : TILLD_PROOF_COUNT_TOTAL, .unit = 100,
               .power_w = 2000, .price_max = 5000 },
    .on_meter = 50000,
  };
}

static gboolean
may (TilldCaseDecision decision, TillCommandKind kind, gint32 attempt, const TilldMoneyReading *reading, gboolean accept, TilldCaseOutcome *out)
{
  TilldCaseFacts facts = facts_of (decision, kind, attempt, reading);
  g_autoptr(GError) error = NULL;

  facts.accept = accept;
  if (tilld_case_decide (&facts, out, &error))
    return TRUE;
  g_assert_error (error, TILL_ERROR, TILL_ERROR_CONFLICT);
  return FALSE;
}

/* A card brought 700 while a refund waited: whatever becomes of the refund, the 700 are booked, with the meter's values accepted. */
static void
test_card_beside_a_debit (void)
{
  TilldMoneyReading card = before, card_and_debit;
  TilldCaseOutcome out;

  card.count++;
  card.total += 700;
  card.balance += 700;
  card_and_debit = card;
  card_and_debit.refund_count++;
  card_and_debit.refunded_total += 1000;
  card_and_debit.balance -= 1000;
  g_assert_false (may (TILLD_DECIDE_RETURN, TILL_COMMAND_KIND_DEBIT, 0, &card, FALSE, &out));
  g_assert_false (may (TILLD_DECIDE_SEND_AGAIN, TILL_COMMAND_KIND_DEBIT, 0, &card, FALSE, &out));
  g_assert_false (may (TILLD_DECIDE_APPLIED, TILL_COMMAND_KIND_DEBIT, 1, &card_and_debit, FALSE, &out));
  g_assert_true (may (TILLD_DECIDE_RETURN, TILL_COMMAND_KIND_DEBIT, 0, &card, TRUE, &out));
  g_assert_cmpint (out.difference, ==, 700);
  g_assert_true (out.new_epoch);
  g_assert_true (may (TILLD_DECIDE_APPLIED, TILL_COMMAND_KIND_DEBIT, 1, &card_and_debit, TRUE, &out));
  g_assert_cmpint (out.difference, ==, 700);
}

/* Somebody took 500 off on site while a recharge was in doubt. */
static void
test_debit_beside_a_recharge (void)
{
  TilldMoneyReading off = before, off_and_recharge;
  TilldCaseOutcome out;

  off.refund_count++;
  off.refunded_total += 500;
  off.balance -= 500;
  off_and_recharge = off;
  off_and_recharge.count++;
  off_and_recharge.total += 1000;
  off_and_recharge.balance += 1000;
  g_assert_false (may (TILLD_DECIDE_RETURN, TILL_COMMAND_KIND_RECHARGE, 1, &off, FALSE, &out));
  g_assert_false (may (TILLD_DECIDE_APPLIED, TILL_COMMAND_KIND_RECHARGE, 1, &off_and_recharge, FALSE, &out));
  g_assert_true (may (TILLD_DECIDE_APPLIED, TILL_COMMAND_KIND_RECHARGE, 1, &off_and_recharge, TRUE, &out));
  g_assert_cmpint (out.difference, ==, -500);
}

static void
test_nothing_beside_it (void)
{
  TilldMoneyReading same = before, applied = before;
  TilldCaseOutcome out;

  same.balance -= 200; /* consumed */
  applied.count++;
  applied.total += 1000;
  applied.balance += 900;
  g_assert_true (may (TILLD_DECIDE_RETURN, TILL_COMMAND_KIND_RECHARGE, 1, &same, FALSE, &out));
  g_assert_cmpint (out.command_next, ==, TILL_COMMAND_STATE_CANCELLED);
  g_assert_true (may (TILLD_DECIDE_SEND_AGAIN, TILL_COMMAND_KIND_RECHARGE, 1, &same, FALSE, &out));
  g_assert_true (may (TILLD_DECIDE_APPLIED, TILL_COMMAND_KIND_RECHARGE, 1, &applied, FALSE, &out));
  g_assert_cmpint (out.purse.count, ==, 8);
  g_assert_false (out.new_epoch);
  g_assert_false (may (TILLD_DECIDE_APPLIED, TILL_COMMAND_KIND_RECHARGE, 1, &same, FALSE, &out));
  g_assert_false (may (TILLD_DECIDE_RETURN, TILL_COMMAND_KIND_RECHARGE, 1, &applied, FALSE, &out));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/case-rules/card-beside-a-debit", test_card_beside_a_debit);
  g_test_add_func ("/case-rules/debit-beside-a-recharge", test_debit_beside_a_recharge);
  g_test_add_func ("/case-rules/nothing-beside-it", test_nothing_beside_it);
  return g_test_run ();
}
