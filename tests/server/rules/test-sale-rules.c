/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-sale-rules.c: bad amounts and every reason to refuse a sale. */
#include "server/rules/sale-rules.h"

#include "shared/base/till-error.h"

static const TilldSaleFacts good = {
  .kind = TILL_SALE_KIND_SALE, .channel = TILL_CHANNEL_CASH, .amount = 500000, .settlement = TILL_SETTLEMENT_METER, .purse = TILL_PURSE_MONEY,
  .installed = TRUE, .write_allowed = TRUE, .unit = 100, .write_min = 100, .write_max = 999999900, .purse_max = G_GINT64_CONSTANT (214748364700),
  .has_account = TRUE, .account_state = TILL_ACCOUNT_STATE_OPEN, .link_up = TRUE, .has_reading = TRUE, .reading_age_s = 20, .balance = 120000,
};

static int
refusal (const TilldSaleFacts *facts)
{
  g_autoptr(GError) error = NULL;
  TillSaleState state = TILL_SALE_STATE_HELD;

  if (tilld_sale_decide (facts, &state, &error))
    {
      g_assert_no_error (error);
      return -1;
    }
  g_assert_cmpint (state, ==, TILL_SALE_STATE_HELD);
  g_assert_true (error->domain == TILL_ERROR);
  return error->code;
}

static void
test_amounts (void)
{
  static const struct { TillMoney amount; int code; } rows[] = {
    { 0, TILL_ERROR_INVALID }, { -1, TILL_ERROR_INVALID }, { -500000, TILL_ERROR_INVALID }, { G_MININT64, TILL_ERROR_INVALID },
    { 1, TILL_ERROR_INVALID }, { 99, TILL_ERROR_INVALID }, { 101, TILL_ERROR_INVALID }, { 12345, TILL_ERROR_INVALID },
    { 100, -1 }, { 500000, -1 }, { 999999900, -1 }, { 1000000000, TILL_ERROR_LIMIT },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      TilldSaleFacts facts = good;

      facts.amount = rows[i].amount;
      g_test_message ("amount %" G_GINT64_FORMAT, rows[i].amount);
      g_assert_cmpint (refusal (&facts), ==, rows[i].code);
    }
}

static void
test_beyond_everything (void)
{
  static const TillMoney amounts[] = { G_MAXINT64, G_MAXINT64 - 7, TILL_MONEY_MAX + 100, TILL_MONEY_MAX * 9 };

  for (guint i = 0; i < G_N_ELEMENTS (amounts); i++)
    {
      TilldSaleFacts facts = good;

      facts.amount = amounts[i];
      facts.balance = G_MAXINT64 - 5;
      g_assert_cmpint (refusal (&facts), >=, 0);
    }
}

#define REFUSES(code, ...)                         \
  G_STMT_START {                                   \
    TilldSaleFacts facts = good;                   \
    __VA_ARGS__;                                   \
    g_assert_cmpint (refusal (&facts), ==, code);  \
  } G_STMT_END

static void
test_reasons (void)
{
  REFUSES (-1, (void) 0);
  REFUSES (TILL_ERROR_CONFLICT, facts.installed = FALSE);
  REFUSES (TILL_ERROR_CONFLICT, facts.has_account = FALSE);
  REFUSES (TILL_ERROR_CONFLICT, facts.account_state = TILL_ACCOUNT_STATE_SUSPENDED);
  REFUSES (TILL_ERROR_CONFLICT, facts.account_state = TILL_ACCOUNT_STATE_CLOSED);
  REFUSES (TILL_ERROR_DISPUTE, facts.frozen = TRUE);
  REFUSES (TILL_ERROR_UNSUPPORTED, facts.write_allowed = FALSE);
  REFUSES (TILL_ERROR_UNSUPPORTED, facts.settlement = TILL_SETTLEMENT_NONE);
  REFUSES (TILL_ERROR_UNSUPPORTED, facts.purse = TILL_PURSE_ENERGY);
  REFUSES (TILL_ERROR_INVALID, facts.unit = 1000; facts.amount = 500100);
  REFUSES (TILL_ERROR_LIMIT, facts.operator_max = 499900);
  REFUSES (-1, facts.operator_max = 500000);
  REFUSES (TILL_ERROR_LIMIT, facts.write_min = 500100);
  REFUSES (TILL_ERROR_INVALID, facts.kind = TILL_SALE_KIND_REFUND);
  /* A balance limit counts what is paid and still on its way. */
  REFUSES (-1, facts.hoard_limit = 620000);
  REFUSES (TILL_ERROR_LIMIT, facts.hoard_limit = 619900);
  REFUSES (TILL_ERROR_LIMIT, facts.hoard_limit = 620000; facts.waiting = 100);
  REFUSES (TILL_ERROR_LIMIT, facts.purse_max = 619900);
  REFUSES (TILL_ERROR_OFFLINE, facts.link_up = FALSE);
  REFUSES (TILL_ERROR_OFFLINE, facts.has_reading = FALSE);
  REFUSES (TILL_ERROR_OFFLINE, facts.reading_age_s = 181);
}

static void
test_first_state (void)
{
  TilldSaleFacts facts = good;
  TillSaleState state;

  g_assert_true (tilld_sale_decide (&facts, &state, NULL));
  g_assert_cmpint (state, ==, TILL_SALE_STATE_PAID);
  facts.link_up = FALSE;
  facts.may_queue = TRUE;
  g_assert_true (tilld_sale_decide (&facts, &state, NULL));
  g_assert_cmpint (state, ==, TILL_SALE_STATE_QUEUED);
  facts.settlement = TILL_SETTLEMENT_SERVER;
  facts.purse_max = 1;
  g_assert_true (tilld_sale_decide (&facts, &state, NULL));
  g_assert_cmpint (state, ==, TILL_SALE_STATE_VERIFIED);
}

/* kWh: what an amount buys, and what energy costs; never more than was paid for. */
static void
test_energy (void)
{
  static const struct { gint64 amount, given, price, expect; int code; } cases[] = {
    { 1000000, 0, 5600, 178570, -1 },       /* 100.00 at 0.56: 178.571 kWh, in steps of 10 Wh */
    { 56000, 10000, 5600, 10000, -1 },      /* 10 kWh for 5.60 */
    { 56100, 10000, 5600, 0, TILL_ERROR_INVALID },
    { 100, 0, 5600, 10, -1 },               /* a fen buys 17 Wh: one step */
    { 100, 0, 500000, 0, TILL_ERROR_INVALID },
    { 1000000, 0, 0, 0, TILL_ERROR_CONFLICT },
    { 1000000, -5, 5600, 0, TILL_ERROR_INVALID },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      TilldSaleFacts facts = { .amount = cases[i].amount, .settlement = TILL_SETTLEMENT_METER, .purse = TILL_PURSE_ENERGY, .unit = 10 };
      TilldEnergyWish wish = { cases[i].given != 0, cases[i].given, cases[i].price };
      g_autoptr(GError) error = NULL;
      gint64 got = 0;

      g_assert_cmpint (tilld_sale_purse_amount (&facts, &wish, &got, &error) ? -1 : error->code, ==, cases[i].code);
      if (cases[i].code == -1)
        g_assert_cmpint (got, ==, cases[i].expect);
    }
  {
    TilldSaleFacts money = { .amount = 100, .settlement = TILL_SETTLEMENT_METER, .purse = TILL_PURSE_MONEY };
    gint64 got = 0;

    g_assert_true (tilld_sale_purse_amount (&money, &(TilldEnergyWish){ 0 }, &got, NULL));
    g_assert_cmpint (got, ==, 100);
    g_assert_false (tilld_sale_purse_amount (&money, &(TilldEnergyWish){ TRUE, 100, 5600 }, &got, NULL));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sale-rules/amounts", test_amounts);
  g_test_add_func ("/sale-rules/beyond-everything", test_beyond_everything);
  g_test_add_func ("/sale-rules/reasons", test_reasons);
  g_test_add_func ("/sale-rules/first-state", test_first_state);
  g_test_add_func ("/sale-rules/energy", test_energy);
  return g_test_run ();
}
