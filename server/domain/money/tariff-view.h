/* SPDX-License-Identifier: GPL-2.0-or-later
 * tariff-view.h: what a meter model can hold of a tariff, and what the server owns. Pure: profile and version in, JSON out. */
#pragma once
#include "server/domain/money/tariff-body.h"
#include "server/profile/profile.h"

G_BEGIN_DECLS

/* Step of a price in the model's registers; 0 = it holds no price. */
gint64   tilld_tariff_price_step (const TilldProfile *profile);
gboolean tilld_tariff_holds_tiers (const TilldProfile *profile);
/* The tariff as the model holds it: rounded, without what it has no registers for. FALSE: it holds no price at all. */
gboolean tilld_tariff_held_by (const TilldProfile *profile, const TilldTariff *tariff, TilldTariff *ret_held);

/* {"model","title","settlement","exact","prices":[{"rate","price","held","difference"}],"warnings":[word]}. Words: no_prices, rounded, rates, tiers,
 * seasons, holidays, fixed_fee, allowance. */
void     tilld_tariff_view_write (const TilldProfile *profile, const TilldTariffVersion *version, TillJsonWrite *w);
/* The value of a set_price command for the season that holds on day: price_tip .. price_deep, day_plan_1, day_plan_2, week_mask, tiers, each as far as
 * the model has a register for it. */
void     tilld_tariff_value_write (const TilldProfile *profile, const TilldTariffVersion *version, const TilldCivil *civil, TillDay day, TillJsonWrite *w);

G_END_DECLS
