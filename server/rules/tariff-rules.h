/* SPDX-License-Identifier: GPL-2.0-or-later
 * tariff-rules.h: what energy costs. Pure. A tariff is a price for each tier and rate; the cost of an amount of energy is the difference of
 * a piecewise-linear function of the energy used since the tier period began, so that tiers split exactly and any cut of the amount adds up.
 * Costs are exact, in 1/10000 of the currency unit times Wh per kWh (1000 of them are 1/10000 unit), until a line is rounded. */
#pragma once
#include "server/rules/calendar-rules.h"
#include "shared/base/till-energy.h"

G_BEGIN_DECLS

#define TILLD_TIERS_MAX   7
#define TILLD_EXACT_UNIT  1000
#define TILLD_PRICE_MAX   (100 * TILL_MONEY_UNIT)     /* exclusive */
#define TILLD_SETTLE_MAX  (G_GINT64_CONSTANT (1000000000000)) /* Wh: more between two readings, or in a year, is no energy */

typedef __int128 TilldExact;

typedef enum { TILLD_PERIOD_MONTH = 0, TILLD_PERIOD_YEAR = 1 } TilldPeriod;

/* One version of a tariff. */
typedef struct {
  gint64        id;        /* of the tariff */
  TillDay       effective;
  TilldCalendar calendar;
  gboolean      uses[TILL_N_RATES];
  TilldPeriod   period;    /* of the tiers */
  guint         n_tiers;   /* 1 .. TILLD_TIERS_MAX */
  TillEnergy    tier_to[TILLD_TIERS_MAX - 1]; /* Wh at which the next tier begins, rising */
  TillMoney     price[TILLD_TIERS_MAX][TILL_N_RATES]; /* per kWh, surcharges worked in; 0 for rates not used */
  TillMoney     fixed_per_day;
  TillEnergy    free_per_head; /* Wh a month and head, used first; it counts in the tiers */
} TilldTariff;

/* FALSE with the member that is wrong ("tiers.steps[1].to") and what would be right. */
gboolean   tilld_tariff_is_sound (const TilldTariff *tariff, char **ret_member, char **ret_reason);

/* Cost of the first used Wh of a tier period, all at one rate: rises with used. */
TilldExact tilld_tariff_cumulative (const TilldTariff *tariff, TillRate rate, TillEnergy used);
/* The tier of the Wh after used, and how much is left in it (G_MAXINT64 in the last). */
guint      tilld_tariff_tier (const TilldTariff *tariff, TillEnergy used, TillEnergy *ret_left);
/* Cost of energy when used was used in the tier period and free is left of the allowance: F (end) - F (start). */
TilldExact tilld_tariff_cost (const TilldTariff *tariff, TillRate rate, TillEnergy used, TillEnergy free, TillEnergy energy);
TillMoney  tilld_tariff_price_max (const TilldTariff *tariff);

/* Half away from zero; FALSE when it does not fit. */
gboolean   tilld_exact_round (TilldExact exact, TillMoney *ret);

/* One price per rate of the first tier and the same days: what a meter without tiers, allowance and fee can at most hold. resolution: the
 * meter's step of a price (1 = exact); half up, as profiles say. */
void       tilld_tariff_as_held (const TilldTariff *tariff, gint64 resolution, gboolean holds_tiers, TilldTariff *ret_held);

G_END_DECLS
