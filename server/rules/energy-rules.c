/* SPDX-License-Identifier: GPL-2.0-or-later
 * energy-rules.c: money <-> energy of purses that count kWh. */
#include "server/rules/energy-rules.h"

#include "shared/base/till-error.h"

#define WH_OF_A_KWH 1000

gboolean
tilld_energy_buy (TillMoney amount, TillMoney price, TillEnergy unit, TilldEnergyRest *rest, TillEnergy *ret_energy, GError **error)
{
  __int128 paid = (__int128) amount * WH_OF_A_KWH + *rest, units;

  g_assert (price > 0 && unit > 0);
  units = paid / ((__int128) price * unit);
  if (units <= 0)
    return till_fail (error, TILL_ERROR_INVALID, "The amount buys no whole unit of energy.");
  if (amount > TILL_MONEY_MAX || units > G_MAXINT64 / unit)
    return till_fail (error, TILL_ERROR_LIMIT, "The amount is too large.");
  *ret_energy = (TillEnergy) units * unit;
  *rest = (TilldEnergyRest) (paid - (__int128) *ret_energy * price);
  return TRUE;
}

TillMoney
tilld_energy_worth (TillEnergy energy, TillMoney price)
{
  TillMoney worth = 0;

  /* More than any purse holds: what is shown is then the largest amount there is. */
  if (!till_money_mul_div (energy, price, WH_OF_A_KWH, TILL_ROUND_HALF_AWAY, &worth))
    worth = (energy < 0) != (price < 0) ? - TILL_MONEY_MAX : TILL_MONEY_MAX;
  return CLAMP (worth, - TILL_MONEY_MAX, TILL_MONEY_MAX);
}

TillMoney
tilld_energy_stock_price (const TilldEnergyStock *stock, TillMoney price_now, TillMoney price_paid)
{
  TillMoney price;

  if (stock->energy <= 0 || stock->value <= 0 || !till_money_mul_div (stock->value, WH_OF_A_KWH, stock->energy, TILL_ROUND_FLOOR, &price) || price <= 0)
    return price_now;
  return MIN (price, price_paid > 0 ? price_paid : price_now);
}

TillMoney
tilld_energy_take (TilldEnergyStock *stock, TillEnergy taken, TillMoney price_now)
{
  TillEnergy left = stock->energy - taken;
  TillMoney after = 0, gone;

  if (taken == 0 && left != 0)
    return 0;
  if (left < 0 || stock->energy <= 0)
    after = tilld_energy_worth (left, price_now);
  else if (left > 0 && !till_money_mul_div (stock->value, left, stock->energy, TILL_ROUND_HALF_AWAY, &after))
    after = stock->value;
  gone = stock->value - after;
  *stock = (TilldEnergyStock){ left, after };
  return gone;
}

gboolean
tilld_energy_holds (TillEnergy lost, TillEnergy counted, TillEnergy purse_unit, TillEnergy register_unit, TillEnergy *ret_difference,
                    TillEnergy *ret_tolerance)
{
  g_assert (purse_unit > 0 && register_unit > 0);
  *ret_tolerance = purse_unit + 2 * register_unit;
  *ret_difference = lost - counted;
  return ABS (*ret_difference) <= *ret_tolerance;
}
