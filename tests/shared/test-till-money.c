/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-till-money.c: strict decimals, rounding by name, splits that lose nothing. */
#include "shared/base/till-energy.h"
#include "shared/base/till-error.h"
#include "shared/base/till-money.h"
#include "tests/lib/test-main.h"

static void
parse_accepts (void)
{
  static const struct {
    const char *text;
    TillMoney   value;
    const char *printed;
  } cases[] = {
    { "0", 0, "0.0000" },
    { "0.0001", 1, "0.0001" },
    { "-0.01", -100, "-0.0100" },
    { "128.5", 1285000, "128.5000" },
    { "1", 10000, "1.0000" },
    { "100000000000", TILL_MONEY_MAX, "100000000000.0000" },
    { "-100000000000.0000", -TILL_MONEY_MAX, "-100000000000.0000" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      char buf[TILL_MONEY_TEXT];
      TillMoney value = 77;
      g_assert_true (till_money_parse (cases[i].text, &value, &error));
      g_assert_no_error (error);
      g_assert_cmpint (value, ==, cases[i].value);
      g_assert_cmpstr (till_money_print (value, buf), ==, cases[i].printed);
    }
}

static void
parse_refuses (void)
{
  static const char *const bad[] = {
    NULL, "", "-", ".", "1e2", "1E2", "+1", " 1", "1 ", "1.", ".5", "0.00001", "-0", "-0.0000", "00", "01", "1,5", "0x10", "1.2.3",
    "--1", "NaN", "inf", "1_000", "１", "100000000000.0001", "-100000000000.0001", "9223372036854775808",
    "99999999999999999999999999", "1.00000000000000000000000000000000000000000000",
  };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      TillMoney value = 77;
      g_assert_false (till_money_parse (bad[i], &value, &error));
      g_assert_error (error, TILL_ERROR, TILL_ERROR_INVALID);
      g_assert_cmpint (value, ==, 77); /* untouched on failure */
    }
}

static void
print_then_parse (void)
{
  for (guint i = 0; i < 20000; i++)
    {
      char buf[TILL_MONEY_TEXT];
      TillMoney back = 0, value = (gint64) ((guint64) g_test_rand_int () << 32 | (guint32) g_test_rand_int ()) % TILL_MONEY_MAX;
      g_assert_true (till_money_parse (till_money_print (value, buf), &back, NULL));
      g_assert_cmpint (back, ==, value);
    }
}

static void
print_extremes (void)
{
  char buf[TILL_MONEY_TEXT];
  g_assert_cmpstr (till_money_print (G_MININT64, buf), ==, "-922337203685477.5808");
  g_assert_cmpstr (till_money_print (G_MAXINT64, buf), ==, "922337203685477.5807");
  g_assert_cmpstr (till_money_print_fen (1285050, buf), ==, "128.51");
  g_assert_cmpstr (till_money_print_fen (-1285050, buf), ==, "-128.51");
  g_assert_cmpstr (till_money_print_fen (49, buf), ==, "0.00");
  g_assert_cmpstr (till_decimal_print (-7, 0, buf), ==, "-7");
  g_assert_cmpstr (till_decimal_print (-7, 6, buf), ==, "-0.000007");
}

static void
add_and_sub_are_checked (void)
{
  TillMoney value = 5;
  g_assert_false (till_money_add (G_MAXINT64, 1, &value));
  g_assert_false (till_money_sub (G_MININT64, 1, &value));
  g_assert_cmpint (value, ==, 5);
  g_assert_true (till_money_add (value, 7, &value)); /* ret may alias an operand */
  g_assert_cmpint (value, ==, 12);
  g_assert_true (till_money_sub (3, value, &value));
  g_assert_cmpint (value, ==, -9);
}

static void
mul_div_rounds (void)
{
  static const struct {
    gint64       a, b, c;
    TillRounding rounding;
    gint64       expected;
  } cases[] = {
    { 5, 1, 2, TILL_ROUND_HALF_AWAY, 3 },   { -5, 1, 2, TILL_ROUND_HALF_AWAY, -3 }, { 4, 1, 3, TILL_ROUND_HALF_AWAY, 1 },
    { 5, 1, 2, TILL_ROUND_FLOOR, 2 },       { -5, 1, 2, TILL_ROUND_FLOOR, -3 },     { 5, 1, 2, TILL_ROUND_CEIL, 3 },
    { -5, 1, 2, TILL_ROUND_CEIL, -2 },      { -6, 1, 2, TILL_ROUND_FLOOR, -3 },     { 6, 1, 2, TILL_ROUND_CEIL, 3 },
    { G_MAXINT64, 10, 10, TILL_ROUND_FLOOR, G_MAXINT64 },
    { G_MININT64, 7, 7, TILL_ROUND_CEIL, G_MININT64 },
  };
  gint64 value = 9;
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_assert_true (till_money_mul_div (cases[i].a, cases[i].b, cases[i].c, cases[i].rounding, &value));
      g_assert_cmpint (value, ==, cases[i].expected);
    }
  value = 9;
  g_assert_false (till_money_mul_div (G_MAXINT64, G_MAXINT64, 2, TILL_ROUND_FLOOR, &value));
  g_assert_cmpint (value, ==, 9);
}

static void
split_keeps_the_sum (void)
{
  static const gint64 thirds[] = { 1, 1, 1 }, uneven[] = { 0, 2, 5 };
  TillMoney parts[8];

  till_money_split (100, thirds, 3, parts);
  g_assert_cmpint (parts[0], ==, 34);
  g_assert_cmpint (parts[1], ==, 33);
  g_assert_cmpint (parts[2], ==, 33);
  till_money_split (-10, uneven, 3, parts);
  g_assert_cmpint (parts[0], ==, 0);
  g_assert_cmpint (parts[1] + parts[2], ==, -10);
  g_assert_cmpint (parts[1], ==, -3);
  for (guint i = 0; i < 5000; i++)
    {
      gint64 weights[8], sum = 0, total = g_test_rand_int ();
      for (guint k = 0; k < 8; k++)
        weights[k] = k == 3 ? 1 : g_test_rand_int_range (0, 1000000);
      till_money_split (total, weights, 8, parts);
      for (guint k = 0; k < 8; k++)
        sum += parts[k];
      g_assert_cmpint (sum, ==, total);
    }
}

static void
energy (void)
{
  char buf[TILL_MONEY_TEXT];
  TillEnergy wh = 0;
  TillMoney cost = 0;

  g_assert_true (till_energy_parse ("12.345", &wh, NULL));
  g_assert_cmpint (wh, ==, 12345);
  g_assert_false (till_energy_parse ("12.3456", &wh, NULL));
  g_assert_cmpstr (till_energy_print (12345, buf), ==, "12.345");
  g_assert_cmpint (till_energy_rollover (990, 10, 1000), ==, 20);
  g_assert_cmpint (till_energy_rollover (10, 990, 1000), ==, 980);
  g_assert_cmpint (till_energy_rollover (5, 5, 1000), ==, 0);
  g_assert_true (till_energy_cost (1500, 5683, &cost)); /* 1.5 kWh at 0.5683 = 0.85245 */
  g_assert_cmpint (cost, ==, 8525);
  g_assert_false (till_energy_cost (G_MAXINT64, G_MAXINT64, &cost));
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/money/parse/accepts", parse_accepts);
  g_test_add_func ("/money/parse/refuses", parse_refuses);
  g_test_add_func ("/money/parse/round-trip", print_then_parse);
  g_test_add_func ("/money/print", print_extremes);
  g_test_add_func ("/money/add-sub", add_and_sub_are_checked);
  g_test_add_func ("/money/mul-div", mul_div_rounds);
  g_test_add_func ("/money/split", split_keeps_the_sum);
  g_test_add_func ("/energy", energy);
  return till_test_run ();
}
