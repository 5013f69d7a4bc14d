/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-energy-rules.c: money turned into energy and back, thousands of times at random prices: nothing is lost on the way, nothing is made. */
#include "server/rules/energy-rules.h"

#include "shared/base/till-error.h"

#define LIVES 2000
#define STEPS 60

/* A life of a purse: bought at changing prices, used, given back, overdrawn. What came in is what left or is there still. */
static void
test_stock (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (20261124);
  guint emptied = 0, overdrawn = 0;

  for (guint life = 0; life < LIVES; life++)
    {
      TilldEnergyStock stock = { 0 };
      TillMoney paid_in = 0, gone = 0;
      gboolean was_below = FALSE;

      for (guint step = 0; step < STEPS; step++)
        {
          TillMoney price = g_rand_int_range (rand, 1, 20000), before = stock.value, part;
          TillEnergy taken = 0, energy = stock.energy;

          switch (g_rand_int_range (rand, 0, 4))
            {
            case 0:
              stock.energy += g_rand_int_range (rand, 1, 9000) * 10;
              stock.value += part = g_rand_int_range (rand, 1, 50000) * 100;
              paid_in += part;
              continue;
            case 1:
              taken = energy > 0 ? g_rand_int_range (rand, 0, (gint32) energy + 1) : 0;
              break;
            case 2:
              taken = energy > 0 ? energy : 0;
              break;
            default:
              taken = g_rand_int_range (rand, 0, 2000);
              break;
            }
          part = tilld_energy_take (&stock, taken, price);
          gone += part;
          g_assert_cmpint (stock.energy, ==, energy - taken);
          g_assert_cmpint (stock.value + part, ==, before); /* nowhere else */
          g_assert_cmpint (stock.value + gone, ==, paid_in);
          if (taken == 0 && energy != 0)
            g_assert_cmpint (part, ==, 0);
          if (stock.energy == 0)
            {
              g_assert_cmpint (stock.value, ==, 0); /* no money without energy */
              emptied++;
            }
          if (stock.energy < 0 && taken != 0)
            {
              g_assert_cmpint (stock.value, ==, tilld_energy_worth (stock.energy, price)); /* a debt at the price of now */
              was_below = TRUE;
              overdrawn++;
            }
          if (!was_below)
            g_assert_true (stock.value >= 0 && part >= 0);
        }
    }
  g_assert_cmpuint (emptied, >, LIVES);
  g_assert_cmpuint (overdrawn, >, LIVES);
}

/* Each purchase takes the rest of those before along: together they buy what one of all the money would. */
static void
test_buy (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);

  for (guint life = 0; life < LIVES; life++)
    {
      TillMoney price = g_rand_int_range (rand, 1, 30000), all = 0;
      TillEnergy unit = g_rand_boolean (rand) ? 10 : 1, bought = 0, at_once;
      TilldEnergyRest rest = 0, rest_at_once = 0;

      for (guint step = 0; step < STEPS; step++)
        {
          TillMoney amount = (1 + (gint64) g_rand_int_range (rand, 0, 1 << (1 + step % 24))) * TILL_MONEY_FEN;
          TilldEnergyRest before = rest;
          TillEnergy energy = 0;

          if (!tilld_energy_buy (amount, price, unit, &rest, &energy, NULL))
            {
              g_assert_cmpint (rest, ==, before);
              g_assert_cmpint (amount * 1000 + rest, <, unit * price);
              continue;
            }
          g_assert_cmpint (energy % unit, ==, 0);
          g_assert_cmpint (amount * 1000 + before, ==, energy * price + rest);
          g_assert_true (rest >= 0 && rest < unit * price);
          all += amount;
          bought += energy;
        }
      if (all == 0)
        continue;
      g_assert_true (tilld_energy_buy (all, price, unit, &rest_at_once, &at_once, NULL));
      g_assert_cmpint (at_once, ==, bought);
      g_assert_cmpint (rest_at_once, ==, rest);
    }
}

static void
test_bounds (void)
{
  g_autoptr (GError) error = NULL;
  TilldEnergyRest rest = -5000;
  TilldEnergyStock stock = { 100000, 60000 };
  TillEnergy energy = -1, difference, tolerance;

  g_assert_true (tilld_energy_buy (60000, 6000, 10, &rest, &energy, NULL)); /* too much was given before: one unit less */
  g_assert_cmpint (energy, ==, 9990);
  g_assert_cmpint (rest, ==, 55000);
  g_assert_false (tilld_energy_buy (G_MAXINT64 / 2, 1, 1, &rest, &energy, &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_LIMIT);
  g_assert_cmpint (energy, ==, 9990);
  g_assert_cmpint (tilld_energy_stock_price (&stock, 7000, 650), ==, 600);
  stock.energy = 50000; /* half of it was used, and is not settled yet */
  g_assert_cmpint (tilld_energy_stock_price (&stock, 7000, 650), ==, 650);
  g_assert_cmpint (tilld_energy_stock_price (&stock, 700, 0), ==, 700);
  stock.energy = 0;
  g_assert_cmpint (tilld_energy_stock_price (&stock, 7000, 650), ==, 7000);
  g_assert_cmpint (tilld_energy_take (&stock, 0, 7000), ==, 60000); /* money without energy is no customer's */
  g_assert_cmpint (tilld_energy_worth (-1000, 6000), ==, -6000);
  g_assert_cmpint (tilld_energy_worth (G_MAXINT64, G_MAXINT64), ==, TILL_MONEY_MAX);
  g_assert_true (tilld_energy_holds (1000, 1030, 10, 10, &difference, &tolerance));
  g_assert_cmpint (difference, ==, -30);
  g_assert_cmpint (tolerance, ==, 30);
  g_assert_false (tilld_energy_holds (1040, 1000, 10, 10, &difference, &tolerance));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/energy/stock", test_stock);
  g_test_add_func ("/energy/buy", test_buy);
  g_test_add_func ("/energy/bounds", test_bounds);
  return g_test_run ();
}
