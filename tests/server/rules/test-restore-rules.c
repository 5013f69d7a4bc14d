/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-restore-rules.c: when a server must come up in RECONCILE, and what a meter's counters say of restored books. Tables. */
#include "server/rules/restore-rules.h"
#include <glib.h>

static void
test_reason (void)
{
  static const struct { TilldRestoreView view; TilldRestoreReason wanted; } rows[] = {
    { { .system = "1", .live_system = "1", .timeline = 1, .live_timeline = 1 }, TILLD_RESTORE_NONE }, /* the first start */
    { { TRUE, TRUE, 5, 5, "1", "1", "1", 1, 1, 1, 0 }, TILLD_RESTORE_NONE },
    { { TRUE, TRUE, 4, 5, "1", "1", "1", 1, 1, 1, 0 }, TILLD_RESTORE_NONE }, /* another process started since */
    { { TRUE, TRUE, 6, 5, "1", "1", "1", 1, 1, 1, 0 }, TILLD_RESTORE_OLDER },
    { { TRUE, FALSE, 5, 5, "1", "1", "1", 1, 1, 1, 0 }, TILLD_RESTORE_EPOCH },
    { { TRUE, TRUE, 5, 5, "1", "1", "2", 1, 1, 1, 0 }, TILLD_RESTORE_SYSTEM },
    { { TRUE, TRUE, 5, 5, "1", "1", "1", 1, 1, 2, 0 }, TILLD_RESTORE_TIMELINE },
    { { TRUE, TRUE, 5, 5, "1", "1", "1", 1, 1, 1, 1 }, TILLD_RESTORE_JOURNAL },
    { { FALSE, FALSE, 0, 0, NULL, "1", "1", 0, 1, 1, 3 }, TILLD_RESTORE_JOURNAL }, /* also where the state file was lost */
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_cmpint (tilld_restore_reason (&rows[i].view), ==, rows[i].wanted);
}

#define WITH  (TILLD_MONEY_COUNT | TILLD_MONEY_TOTAL | TILLD_MONEY_BALANCE | TILLD_MONEY_REFUNDS)
#define BARE  TILLD_MONEY_BALANCE
#define BUY(a, d)  { .kind = TILL_COMMAND_KIND_RECHARGE, .amount = (a), .delivered = (d) }
#define TAKE(a, d) { .kind = TILL_COMMAND_KIND_DEBIT, .amount = (a), .delivered = (d) }

/* The books believe count 3, total 300, refunds 1 of 50, balance 100. */
static const struct {
  const char       *what;
  TilldRestoreOrder orders[4];
  guint             n;
  guint32           have;
  gint32            count;
  gint64            total, balance;
  gint32            refunds;
  gint64            refunded;
  guint             recharges, debits;
  TillCaseReason    reason;
} verdicts[] = {
  { "equal", { BUY (0, FALSE) }, 0, WITH, 3, 300, 90, 1, 50, 0, 0, TILL_CASE_REASON_NONE },
  { "ahead by what the journal has", { BUY (10, TRUE), BUY (20, TRUE) }, 2, WITH, 5, 330, 120, 1, 50, 2, 0, TILL_CASE_REASON_NONE },
  { "the verdict of the last one was never written", { BUY (10, TRUE), BUY (20, FALSE) }, 2, WITH, 5, 330, 120, 1, 50, 2, 0, TILL_CASE_REASON_NONE },
  { "accepted and not yet on the meter", { BUY (10, FALSE), BUY (20, FALSE) }, 2, WITH, 3, 300, 90, 1, 50, 0, 0, TILL_CASE_REASON_NONE },
  { "the first of two", { BUY (10, FALSE), BUY (20, FALSE) }, 2, WITH, 4, 310, 90, 1, 50, 1, 0, TILL_CASE_REASON_NONE },
  { "a verdict tells of those before it", { BUY (10, FALSE), BUY (20, TRUE) }, 2, WITH, 5, 330, 90, 1, 50, 2, 0, TILL_CASE_REASON_NONE },
  { "ahead by another amount", { BUY (10, TRUE) }, 1, WITH, 4, 311, 90, 1, 50, 1, 0, TILL_CASE_REASON_AMOUNT_DIFFERS },
  { "a card beside them", { BUY (10, TRUE) }, 1, WITH, 5, 360, 90, 1, 50, 1, 0, TILL_CASE_REASON_COUNT_AHEAD },
  { "a card alone", { BUY (0, FALSE) }, 0, WITH, 4, 350, 90, 1, 50, 0, 0, TILL_CASE_REASON_COUNT_AHEAD },
  { "behind the books", { BUY (0, FALSE) }, 0, WITH, 2, 200, 90, 1, 50, 0, 0, TILL_CASE_REASON_COUNT_BEHIND },
  { "behind the journal", { BUY (10, TRUE), BUY (20, TRUE) }, 2, WITH, 4, 310, 90, 1, 50, 2, 0, TILL_CASE_REASON_COUNT_BEHIND },
  { "a refund that the journal has", { TAKE (30, TRUE) }, 1, WITH, 3, 300, 60, 2, 80, 0, 1, TILL_CASE_REASON_NONE },
  { "a refund without its verdict", { TAKE (30, FALSE) }, 1, WITH, 3, 300, 60, 2, 80, 0, 1, TILL_CASE_REASON_NONE },
  { "a refund not yet taken", { TAKE (30, FALSE) }, 1, WITH, 3, 300, 90, 1, 50, 0, 0, TILL_CASE_REASON_NONE },
  { "both", { BUY (10, TRUE), TAKE (30, TRUE) }, 2, WITH, 4, 310, 70, 2, 80, 1, 1, TILL_CASE_REASON_NONE },
  { "a refund that nobody knows of", { BUY (10, TRUE) }, 1, WITH, 4, 310, 70, 2, 80, 1, 0, TILL_CASE_REASON_REFUND_DIFFERS },
  { "a balance proves no order done", { BUY (10, FALSE) }, 1, BARE, 0, 0, 110, 0, 0, 0, 0, TILL_CASE_REASON_BALANCE_RISE },
  { "a balance and the journal's verdict", { BUY (10, TRUE) }, 1, BARE, 0, 0, 105, 0, 0, 1, 0, TILL_CASE_REASON_NONE },
};

static void
test_judge (void)
{
  const TilldMoneyTerms terms = { .unit = 1 };

  for (guint i = 0; i < G_N_ELEMENTS (verdicts); i++)
    {
      const TilldPurse purse = { .meter = 1, .epoch = 1, .has_baseline = 1, .have = verdicts[i].have, .count = 3, .total = 300, .balance = 100,
                                 .refund_count = 1, .refunded_total = 50, .closed = 1 };
      const TilldMoneyReading reading = { .epoch = 1, .have = verdicts[i].have, .count = verdicts[i].count, .total = verdicts[i].total,
                                          .balance = verdicts[i].balance, .refund_count = verdicts[i].refunds, .refunded_total = verdicts[i].refunded };
      TilldRestoreVerdict got;

      tilld_restore_judge (&purse, &terms, verdicts[i].orders, verdicts[i].n, &reading, &got);
      g_test_message ("%s", verdicts[i].what);
      g_assert_cmpint (got.reason, ==, verdicts[i].reason);
      g_assert_cmpuint (got.recharges, ==, verdicts[i].recharges);
      g_assert_cmpuint (got.debits, ==, verdicts[i].debits);
    }
}

static void
test_agree (void)
{
  const TilldMoneyTerms terms = { .unit = 1, .total_modulus = 1000 };
  const TilldMoneyReading first = { .epoch = 1, .have = WITH, .count = 3, .total = 999, .balance = 50 };
  TilldMoneyReading second = first;

  second.balance = 40;
  second.total = 1999;
  g_assert_true (tilld_restore_agree (&terms, &first, &second));
  second.balance = 52;
  g_assert_false (tilld_restore_agree (&terms, &first, &second));
  second = first;
  second.count = 4;
  g_assert_false (tilld_restore_agree (&terms, &first, &second));
  second = first;
  second.have = BARE;
  g_assert_false (tilld_restore_agree (&terms, &first, &second));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/restore/reason", test_reason);
  g_test_add_func ("/restore/judge", test_judge);
  g_test_add_func ("/restore/agree", test_agree);
  return g_test_run ();
}
