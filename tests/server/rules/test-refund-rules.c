/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-refund-rules.c: when money may leave the drawer, what can be reversed, what a replaced device hands on, what a decided case books. */
#include <string.h>
#include "server/rules/case-rules.h"
#include "server/rules/refund-rules.h"
#include "shared/base/till-error.h"

static void
test_pay (void)
{
  for (int kind = TILL_SALE_KIND_SALE; kind <= TILL_SALE_KIND_TRANSFER; kind++)
    for (int state = TILL_SALE_STATE_PAID; state <= TILL_SALE_STATE_CANCELLED; state++)
      for (guint bits = 0; bits < 8; bits++)
        {
          const TilldPayFacts facts = { (TillSaleKind) kind, (TillSaleState) state, bits & 1, bits >> 1 & 1, bits >> 2 & 1 };
          gboolean goes_out = kind == TILL_SALE_KIND_REFUND || kind == TILL_SALE_KIND_REVERSAL, replayed = 7;
          gboolean may = goes_out && state == TILL_SALE_STATE_VERIFIED && (!facts.paid || facts.paid_by_same) && !facts.of_subsidy;
          g_autoptr(GError) error = NULL;

          g_assert_cmpint (tilld_refund_may_pay (&facts, &replayed, &error), ==, may);
          g_assert_cmpint (replayed, ==, facts.paid && facts.paid_by_same);
          if (!may)
            g_assert_error (error, TILL_ERROR, TILL_ERROR_CONFLICT);
        }
}

static void
test_reverse_once (void)
{
  TilldReversalFacts facts = { .kind = TILL_SALE_KIND_SALE, .state = TILL_SALE_STATE_VERIFIED, .has_command = TRUE,
                               .command_state = TILL_COMMAND_STATE_VERIFIED };
  TilldReversalWay way = TILLD_REVERSE_SERVER;

  g_assert_true (tilld_reversal_decide (&facts, &way, NULL));
  g_assert_cmpint (way, ==, TILLD_REVERSE_DEBIT);
  facts.reversed = TRUE;
  g_assert_false (tilld_reversal_decide (&facts, &way, NULL));
  facts.reversed = FALSE;
  facts.command_state = TILL_COMMAND_STATE_QUEUED;
  g_assert_true (tilld_reversal_decide (&facts, &way, NULL));
  g_assert_cmpint (way, ==, TILLD_REVERSE_CANCEL);
  facts.command_state = TILL_COMMAND_STATE_VERIFYING;
  g_assert_false (tilld_reversal_decide (&facts, &way, NULL));
}

static void
test_carry (void)
{
  TilldPurseFacts facts = { .settlement = TILL_SETTLEMENT_METER, .purse = TILL_PURSE_MONEY };
  g_autoptr(GError) error = NULL;
  TillMoney carried;
  gint64 purse;

  g_assert_true (tilld_refund_carry (&facts, 1234567, &carried, &purse, NULL));
  g_assert_cmpint (carried, ==, 1234500);
  g_assert_cmpint (purse, ==, 1234500);
  g_assert_true (tilld_refund_carry (&facts, -5, &carried, &purse, NULL)); /* debt stays behind */
  g_assert_cmpint (carried + purse, ==, 0);
  facts.purse = TILL_PURSE_ENERGY;
  facts.price = 5283;
  g_assert_true (tilld_refund_carry (&facts, 12349, &carried, &purse, NULL));
  g_assert_cmpint (purse, ==, 12340);
  g_assert_cmpint (carried, ==, 65100); /* 65192.22 */
  facts.price = G_MAXINT64;
  g_assert_false (tilld_refund_carry (&facts, G_MAXINT64, &carried, &purse, &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_LIMIT);
  facts.settlement = TILL_SETTLEMENT_SERVER;
  g_assert_true (tilld_refund_carry (&facts, 12349, &carried, &purse, NULL));
  g_assert_cmpint (carried + purse, ==, 0);
}

/* A refusal names the model and what would be right. */
static void
test_no_debit (void)
{
  TilldPurseFacts facts = { .settlement = TILL_SETTLEMENT_METER, .purse = TILL_PURSE_MONEY, .installed = TRUE, .has_account = TRUE, .model = "x-1", .unit = 100,
                            .has_reading = TRUE, .balance = 500000, .debit_sets = TRUE };
  g_autoptr(GError) sets = NULL, energy = NULL, none = NULL;
  TillSaleState state = TILL_SALE_STATE_HELD;

  g_assert_false (tilld_refund_decide (&facts, 120000, 120000, &state, &sets));
  g_assert_error (sets, TILL_ERROR, TILL_ERROR_UNSUPPORTED);
  g_assert_cmpstr (sets->message, ==, "The model x-1 cannot give money back from here: its balance is set, not lowered, and only with its relay open. "
                                      "Set it at the meter from 50.00 to 38.00, then the meter's values are accepted.");
  facts.purse = TILL_PURSE_ENERGY;
  g_assert_false (tilld_refund_decide (&facts, 120000, 20000, &state, &energy));
  g_assert_nonnull (strstr (energy->message, "from 500.000 kWh to 480.000 kWh"));
  facts.debit_sets = FALSE;
  g_assert_false (tilld_refund_decide (&facts, 120000, 20000, &state, &none));
  g_assert_cmpstr (none->message, ==, "The model x-1 cannot give money back: it is taken off on site, then the meter's values are accepted.");
  g_assert_cmpint (state, ==, TILL_SALE_STATE_HELD);
}

static void
test_case_entries (void)
{
  TilldCaseFacts facts = { .has_command = TRUE, .delivery = { .kind = TILL_COMMAND_KIND_RECHARGE, .amount = 500 } };
  TilldCaseOutcome out = { .command_moves = TRUE, .command_next = TILL_COMMAND_STATE_VERIFIED, .difference = -300 };
  TilldCaseEntry says[TILLD_CASE_ENTRIES];

  g_assert_cmpuint (tilld_case_entries (&facts, &out, 500, TRUE, says), ==, 2);
  g_assert_cmpint (says[0].event, ==, TILL_LEDGER_EVENT_DELIVERED);
  g_assert_cmpint (says[0].amount, ==, 500);
  g_assert_cmpint (says[1].event, ==, TILL_LEDGER_EVENT_ADOPTED);
  g_assert_cmpint (says[1].amount, ==, -300);
  g_assert_cmpuint (tilld_case_entries (&facts, &out, 500, FALSE, says), ==, 1);
  out.difference = 0;
  out.command_next = TILL_COMMAND_STATE_CANCELLED;
  g_assert_cmpuint (tilld_case_entries (&facts, &out, 500, TRUE, says), ==, 1);
  g_assert_cmpint (says[0].event, ==, TILL_LEDGER_EVENT_GIVEN_UP);
  facts.delivery.kind = TILL_COMMAND_KIND_DEBIT; /* nothing was booked, so nothing is given up */
  g_assert_cmpuint (tilld_case_entries (&facts, &out, 500, TRUE, says), ==, 0);
  out.command_next = TILL_COMMAND_STATE_VERIFIED;
  g_assert_cmpuint (tilld_case_entries (&facts, &out, 500, TRUE, says), ==, 1);
  g_assert_cmpint (says[0].event, ==, TILL_LEDGER_EVENT_DEBITED);
  out.command_next = TILL_COMMAND_STATE_QUEUED;
  g_assert_cmpuint (tilld_case_entries (&facts, &out, 500, TRUE, says), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/refund-rules/pay", test_pay);
  g_test_add_func ("/refund-rules/reverse-once", test_reverse_once);
  g_test_add_func ("/refund-rules/carry", test_carry);
  g_test_add_func ("/refund-rules/no-debit", test_no_debit);
  g_test_add_func ("/refund-rules/case-entries", test_case_entries);
  return g_test_run ();
}
