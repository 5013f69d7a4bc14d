/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-counter-rules.c: each deviation, the second agreeing read, adoption of the first baseline. */
#include "server/rules/counter-rules.h"

#define GROUP (TILLD_MONEY_COUNT | TILLD_MONEY_TOTAL | TILLD_MONEY_BALANCE | TILLD_MONEY_REFUNDS)

static const TilldMoneyTerms terms = { .effective = TILL_METER_CLASS_A, .unit = 100, .total_modulus = G_GINT64_CONSTANT (429496729600) };

static TilldPurse
adopted (guint32 have)
{
  return (TilldPurse){ .meter = 1, .epoch = 1, .has_baseline = TRUE, .have = have, .count = 3, .total = 1000000, .balance = 200000,
                       .refund_count = 1, .refunded_total = 5000 };
}

static TilldMoneyReading
seen (guint32 have)
{
  return (TilldMoneyReading){ .have = have, .epoch = 1, .count = 3, .total = 1000000, .balance = 150000, .refund_count = 1,
                              .refunded_total = 5000 };
}

static void
test_reasons (void)
{
  TilldPurse purse = adopted (GROUP | TILLD_MONEY_SERIAL);
  TilldMoneyReading reading = seen (GROUP);

  g_assert_cmpint (tilld_counter_compare (&purse, &terms, &reading), ==, TILL_CASE_REASON_NONE);
  reading.total += terms.total_modulus; /* the same register value */
  g_assert_cmpint (tilld_counter_compare (&purse, &terms, &reading), ==, TILL_CASE_REASON_NONE);
  reading = seen (GROUP);
  reading.count = 4;
  reading.total = 1500000;
  g_assert_cmpint (tilld_counter_compare (&purse, &terms, &reading), ==, TILL_CASE_REASON_COUNT_AHEAD);
  reading.count = 2;
  g_assert_cmpint (tilld_counter_compare (&purse, &terms, &reading), ==, TILL_CASE_REASON_COUNT_BEHIND);
  reading.count = 3;
  g_assert_cmpint (tilld_counter_compare (&purse, &terms, &reading), ==, TILL_CASE_REASON_AMOUNT_DIFFERS);
  reading = seen (GROUP);
  reading.refunded_total = 6000;
  g_assert_cmpint (tilld_counter_compare (&purse, &terms, &reading), ==, TILL_CASE_REASON_REFUND_DIFFERS);
  reading = seen (GROUP | TILLD_MONEY_SERIAL);
  g_strlcpy (purse.serial, "12345", sizeof purse.serial);
  g_strlcpy (reading.serial, "54321", sizeof reading.serial);
  reading.count = 9;
  g_assert_cmpint (tilld_counter_compare (&purse, &terms, &reading), ==, TILL_CASE_REASON_METER_SWAPPED);
}

static void
test_balance_rise (void)
{
  TilldPurse purse = adopted (TILLD_MONEY_BALANCE);
  TilldMoneyReading reading = seen (TILLD_MONEY_BALANCE);

  reading.balance = 200100;
  g_assert_cmpint (tilld_counter_compare (&purse, &terms, &reading), ==, TILL_CASE_REASON_NONE);
  reading.balance = 200101;
  g_assert_cmpint (tilld_counter_compare (&purse, &terms, &reading), ==, TILL_CASE_REASON_BALANCE_RISE);
  /* Where the meter keeps a total, the total decides. */
  purse = adopted (GROUP);
  reading = seen (GROUP);
  reading.balance = 900000;
  g_assert_cmpint (tilld_counter_compare (&purse, &terms, &reading), ==, TILL_CASE_REASON_NONE);
}

static void
test_second_read (void)
{
  TilldPurse purse = adopted (GROUP);
  TilldMoneyReading fine = seen (GROUP), ahead = seen (GROUP), further = seen (GROUP);
  TilldCounterWatch watch = { 0 };
  TillCaseReason reason;

  ahead.count = 4;
  further.count = 5;
  g_assert_cmpint (tilld_counter_watch (&watch, &purse, &terms, FALSE, &fine, &reason), ==, TILLD_COUNTER_FINE);
  g_assert_cmpint (tilld_counter_watch (&watch, &purse, &terms, FALSE, &ahead, &reason), ==, TILLD_COUNTER_READ_AGAIN);
  g_assert_cmpint (tilld_counter_watch (&watch, &purse, &terms, FALSE, &fine, &reason), ==, TILLD_COUNTER_FINE);
  g_assert_cmpint (tilld_counter_watch (&watch, &purse, &terms, FALSE, &ahead, &reason), ==, TILLD_COUNTER_READ_AGAIN);
  g_assert_cmpint (tilld_counter_watch (&watch, &purse, &terms, FALSE, &further, &reason), ==, TILLD_COUNTER_READ_AGAIN);
  g_assert_cmpint (tilld_counter_watch (&watch, &purse, &terms, FALSE, &further, &reason), ==, TILLD_COUNTER_MISMATCH);
  g_assert_cmpint (reason, ==, TILL_CASE_REASON_COUNT_AHEAD);
  /* With a command in flight nothing is compared, and what was pending is forgotten. */
  g_assert_cmpint (tilld_counter_watch (&watch, &purse, &terms, FALSE, &ahead, &reason), ==, TILLD_COUNTER_READ_AGAIN);
  g_assert_cmpint (tilld_counter_watch (&watch, &purse, &terms, TRUE, &ahead, &reason), ==, TILLD_COUNTER_FINE);
  g_assert_false (watch.pending);
  purse.frozen = TRUE;
  g_assert_cmpint (tilld_counter_watch (&watch, &purse, &terms, FALSE, &ahead, &reason), ==, TILLD_COUNTER_FINE);
}

static void
test_adoption (void)
{
  TilldPurse purse = { .meter = 1, .epoch = 1 };
  TilldMoneyReading first = seen (GROUP), second = seen (GROUP), other = seen (GROUP);
  TilldCounterWatch watch = { 0 };
  TillCaseReason reason;

  second.balance -= 300; /* used meanwhile */
  other.total += 100;
  g_assert_cmpint (tilld_counter_watch (&watch, &purse, &terms, FALSE, &first, &reason), ==, TILLD_COUNTER_READ_AGAIN);
  g_assert_cmpint (tilld_counter_watch (&watch, &purse, &terms, FALSE, &other, &reason), ==, TILLD_COUNTER_READ_AGAIN);
  g_assert_cmpint (tilld_counter_watch (&watch, &purse, &terms, FALSE, &first, &reason), ==, TILLD_COUNTER_READ_AGAIN);
  g_assert_cmpint (tilld_counter_watch (&watch, &purse, &terms, FALSE, &second, &reason), ==, TILLD_COUNTER_ADOPT);
  second.epoch = 2; /* a reading planned for another device counts for nothing */
  g_assert_cmpint (tilld_counter_watch (&watch, &purse, &terms, FALSE, &second, &reason), ==, TILLD_COUNTER_FINE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/counter-rules/reasons", test_reasons);
  g_test_add_func ("/counter-rules/balance-rise", test_balance_rise);
  g_test_add_func ("/counter-rules/second-read", test_second_read);
  g_test_add_func ("/counter-rules/adoption", test_adoption);
  return g_test_run ();
}
