/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-energy.c: Wh as text, roll-over of registers, the one multiplication of energy and price. */
#include "shared/base/till-energy.h"

gboolean
till_energy_parse (const char *text, TillEnergy *ret, GError **error)
{
  return till_decimal_parse (text, 3, TILL_ENERGY_MAX, ret, error);
}

const char *
till_energy_print (TillEnergy energy, char buf[TILL_MONEY_TEXT])
{
  return till_decimal_print (energy, 3, buf);
}

TillEnergy
till_energy_rollover (TillEnergy from, TillEnergy to, TillEnergy modulus)
{
  __int128 difference;

  g_assert (modulus > 0);
  difference = ((__int128) to - from) % modulus;
  return (TillEnergy) (difference < 0 ? difference + modulus : difference);
}

gboolean
till_energy_cost (TillEnergy energy, TillMoney price_per_kwh, TillMoney *ret)
{
  return till_money_mul_div (energy, price_per_kwh, 1000, TILL_ROUND_HALF_AWAY, ret);
}
