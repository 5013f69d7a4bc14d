/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-energy.h: energy as int64 Wh; on the wire a decimal string in kWh with three decimals. */
#pragma once
#include "shared/base/till-money.h"

G_BEGIN_DECLS

typedef gint64 TillEnergy; /* Wh */

#define TILL_ENERGY_MAX (G_GINT64_CONSTANT (1000000000000000))

gboolean    till_energy_parse (const char *text, TillEnergy *ret, GError **error); /* "12.345" kWh, at most 3 decimals */
const char *till_energy_print (TillEnergy energy, char buf[TILL_MONEY_TEXT]);      /* "12.345"; returns buf */
/* Difference of a register that rolls over at modulus (> 0): always 0 <= d < modulus. */
TillEnergy  till_energy_rollover (TillEnergy from, TillEnergy to, TillEnergy modulus);
/* energy x price / 1000 rounded half away, 128 bits; FALSE on overflow. */
gboolean    till_energy_cost (TillEnergy energy, TillMoney price_per_kwh, TillMoney *ret);

G_END_DECLS
