/* SPDX-License-Identifier: GPL-2.0-or-later
 * tariff-rules.c: prices, tiers, rounding. Knows no meter and no moment. */
#include "server/rules/tariff-rules.h"

/* Takes member. */
G_GNUC_PRINTF (4, 5)
static gboolean
wrong (char **ret_member, char **ret_reason, char *member, const char *reason, ...)
{
  va_list args;

  va_start (args, reason);
  *ret_reason = g_strdup_vprintf (reason, args);
  va_end (args);
  *ret_member = member;
  return FALSE;
}

static gboolean
days_are_sound (const TilldTariff *tariff, char **ret_member, char **ret_reason)
{
  static const char *const types[] = { "workday", "restday", "holiday" };
  const char *reason;

  if (!tilld_calendar_is_sound (&tariff->calendar, &reason))
    return wrong (ret_member, ret_reason, g_strdup ("seasons"), "%s", reason);
  for (guint s = 0; s < tariff->calendar.n; s++)
    for (guint t = 0; t < TILLD_DAY_TYPES; t++)
      {
        const TilldDayPlan *plan = &tariff->calendar.seasons[s].plans[t];

        if (!tilld_day_plan_is_sound (plan, &reason))
          return wrong (ret_member, ret_reason, g_strdup_printf ("seasons[%u].%s", s, types[t]), "%s", reason);
        for (guint k = 0; k < plan->n; k++)
          if (!tariff->uses[plan->segments[k].rate])
            return wrong (ret_member, ret_reason, g_strdup_printf ("seasons[%u].%s[%u].rate", s, types[t], k), "the rate %s has no price",
                          till_rate_word (plan->segments[k].rate));
      }
  return TRUE;
}

gboolean
tilld_tariff_is_sound (const TilldTariff *tariff, char **ret_member, char **ret_reason)
{
  if (tariff->n_tiers < 1 || tariff->n_tiers > TILLD_TIERS_MAX)
    return wrong (ret_member, ret_reason, g_strdup ("tiers"), "at most 7 tiers");
  for (guint k = 0; k + 1 < tariff->n_tiers; k++)
    if (tariff->tier_to[k] <= (k == 0 ? 0 : tariff->tier_to[k - 1]) || tariff->tier_to[k] > TILLD_SETTLE_MAX)
      return wrong (ret_member, ret_reason, g_strdup_printf ("tiers.steps[%u].to", k),
                    "must be greater than the end of the tier before it, at most 1000000000 kWh");
  for (guint k = 0; k < tariff->n_tiers; k++)
    for (guint r = 0; r < TILL_N_RATES; r++)
      if (tariff->uses[r] && (tariff->price[k][r] <= 0 || tariff->price[k][r] >= TILLD_PRICE_MAX))
        return wrong (ret_member, ret_reason, k == 0 ? g_strdup_printf ("prices.%s", till_rate_word (r)) : g_strdup_printf ("tiers.steps[%u]", k),
                      "the price of %s must be above 0 and below 100", till_rate_word (r));
  if (tariff->fixed_per_day < 0 || tariff->fixed_per_day >= 100 * TILLD_PRICE_MAX)
    return wrong (ret_member, ret_reason, g_strdup ("fixed_per_day"), "must be 0 to 9999.9999");
  if (tariff->free_per_head < 0 || tariff->free_per_head > 10000000)
    return wrong (ret_member, ret_reason, g_strdup ("free_per_head"), "must be 0 to 10000 kWh");
  return days_are_sound (tariff, ret_member, ret_reason);
}

guint
tilld_tariff_tier (const TilldTariff *tariff, TillEnergy used, TillEnergy *ret_left)
{
  guint k = 0;

  while (k + 1 < tariff->n_tiers && used >= tariff->tier_to[k])
    k++;
  *ret_left = k + 1 < tariff->n_tiers ? tariff->tier_to[k] - used : G_MAXINT64;
  return k;
}

TilldExact
tilld_tariff_cumulative (const TilldTariff *tariff, TillRate rate, TillEnergy used)
{
  TilldExact cost = 0;
  TillEnergy from = 0;

  for (guint k = 0; k < tariff->n_tiers && from < used; k++)
    {
      TillEnergy to = k + 1 < tariff->n_tiers ? MIN (tariff->tier_to[k], used) : used;

      cost += (TilldExact) (to - from) * tariff->price[k][rate];
      from = to;
    }
  return cost;
}

TilldExact
tilld_tariff_cost (const TilldTariff *tariff, TillRate rate, TillEnergy used, TillEnergy free, TillEnergy energy)
{
  TillEnergy given = CLAMP (free, 0, energy);

  return tilld_tariff_cumulative (tariff, rate, used + energy) - tilld_tariff_cumulative (tariff, rate, used + given);
}

TillMoney
tilld_tariff_price_max (const TilldTariff *tariff)
{
  TillMoney highest = 0;

  for (guint k = 0; k < tariff->n_tiers; k++)
    for (guint r = 0; r < TILL_N_RATES; r++)
      if (tariff->uses[r])
        highest = MAX (highest, tariff->price[k][r]);
  return highest;
}

gboolean
tilld_exact_round (TilldExact exact, TillMoney *ret)
{
  TilldExact magnitude = exact < 0 ? -exact : exact;
  TilldExact rounded = (magnitude + TILLD_EXACT_UNIT / 2) / TILLD_EXACT_UNIT;

  if (rounded > TILL_MONEY_MAX)
    return FALSE;
  *ret = (TillMoney) (exact < 0 ? -rounded : rounded);
  return TRUE;
}

void
tilld_tariff_as_held (const TilldTariff *tariff, gint64 resolution, gboolean holds_tiers, TilldTariff *ret_held)
{
  TilldTariff held = *tariff;

  g_assert (resolution > 0);
  held.fixed_per_day = 0;
  held.free_per_head = 0;
  if (!holds_tiers)
    held.n_tiers = 1;
  for (guint k = 0; k < held.n_tiers; k++)
    for (guint r = 0; r < TILL_N_RATES; r++)
      if (held.uses[r])
        held.price[k][r] = (held.price[k][r] + resolution / 2) / resolution * resolution;
  *ret_held = held;
}
