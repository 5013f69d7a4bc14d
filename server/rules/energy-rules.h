/* SPDX-License-Identifier: GPL-2.0-or-later
 * energy-rules.h: money and the energy it bought, for meters whose purse counts kWh. Pure. Nothing is lost or made on the way: what an amount
 * buys no whole unit of is a rest that the next purchase takes along, and the money behind the energy leaves the books with it, to the last
 * unit. Prices per kWh. */
#pragma once
#include "shared/base/till-energy.h"
#include "shared/base/till-money.h"

G_BEGIN_DECLS

/* Thousandths of 1/10000 unit: amount x 1000 = energy x price + rest. */
typedef gint64 TilldEnergyRest;

/* Whole units that an amount and an earlier rest buy. rest: moves to what is left then, 0 <= rest < unit x price. INVALID: no whole unit;
 * LIMIT. */
gboolean tilld_energy_buy (TillMoney amount, TillMoney price, TillEnergy unit, TilldEnergyRest *rest, TillEnergy *ret_energy, GError **error);

/* Half away from zero. */
TillMoney tilld_energy_worth (TillEnergy energy, TillMoney price);

/* What a purse of energy holds by the books: the energy, and the money that was paid for it. */
typedef struct {
  TillEnergy energy;
  TillMoney  value;
} TilldEnergyStock;

/* Price at which the stock was paid for, rounded down; the price of now where nothing is there. Never more than the highest price that was
 * paid (0 = none: than the price of now): energy used and not settled yet leaves its money behind, which is nobody's to give back. */
TillMoney tilld_energy_stock_price (const TilldEnergyStock *stock, TillMoney price_now, TillMoney price_paid);
/* Takes energy out; returns the money that leaves with it: its share of the value. What is used beyond the stock is owed at the price of now.
 * The last of the energy takes all that is left of the money. */
TillMoney tilld_energy_take (TilldEnergyStock *stock, TillEnergy taken, TillMoney price_now);

/* Did the purse lose what the register counted. ret_difference = lost - counted; TRUE within a step of the purse and two of the register. */
gboolean tilld_energy_holds (TillEnergy lost, TillEnergy counted, TillEnergy purse_unit, TillEnergy register_unit, TillEnergy *ret_difference,
                             TillEnergy *ret_tolerance); /* lint: parameters, two sides and their steps */

G_END_DECLS
