/* SPDX-License-Identifier: GPL-2.0-or-later
 * tariff.c: which rate, tier, switch or protected hour holds at a moment. Pure; knows no meter. */
#include "tests/simulator/tariff.h"

static int
item_second (const guint8 *item)
{
  return item[0] * 3600 + item[1] * 60;
}

/* The item of a strictly rising list that holds at second, -1 before the first; until when. */
static int
holding (const guint8 *items, int n, int second, int *ret_until)
{
  int found = -1, last = -1;

  *ret_until = SIM_DAY_S;
  for (int i = 0; i < n; i++)
    {
      int from = item_second (items + i * 3 + 1);

      if (from <= last || from >= SIM_DAY_S) /* unused from here on */
        break;
      last = from;
      if (from > second)
        {
          *ret_until = from;
          break;
        }
      found = i;
    }
  return found;
}

static gboolean
uses_plan_2 (const SimTariff *tariff, guint weekday)
{
  return (tariff->week_mask >> weekday) & 1;
}

TillRate
sim_tariff_rate (const SimTariff *tariff, guint weekday, int second, int *ret_until)
{
  const guint8 *plan = tariff->plan[uses_plan_2 (tariff, weekday)];
  int           at = holding (plan, SIM_SLOTS, second, ret_until);
  guint8        rate = at >= 0 ? plan[at * 3] : 0;

  return rate >= 1 && rate <= TILL_N_RATES ? (TillRate) (rate - 1) : TILL_RATE_FLAT;
}

gboolean
sim_tariff_schedule_off (const SimTariff *tariff, guint weekday, int second, int *ret_until)
{
  const guint8 *events = tariff->events[weekday == 0 || weekday == 6];
  int           at;

  *ret_until = SIM_DAY_S;
  if (!tariff->schedule_enable)
    return FALSE;
  at = holding (events, SIM_EVENTS, second, ret_until);
  return at >= 0 && events[at * 3] == 0;
}

gboolean
sim_tariff_protected (const SimTariff *tariff, int second, int *ret_until)
{
  gboolean inside = FALSE;

  *ret_until = SIM_DAY_S;
  for (int i = 0; i < SIM_WINDOWS; i++)
    {
      int from = item_second (tariff->windows + i * 4);
      int to = item_second (tariff->windows + i * 4 + 2);

      if (from == to)
        continue;
      inside |= from < to ? second >= from && second < to : second >= from || second < to;
      if (from > second)
        *ret_until = MIN (*ret_until, from);
      if (to > second)
        *ret_until = MIN (*ret_until, to);
    }
  return inside;
}

gint64
sim_tariff_tier_add (const SimTariff *tariff, gint64 used_wh, gint64 *ret_left_wh)
{
  int n = MIN (tariff->tier_count, SIM_TIERS);

  *ret_left_wh = G_MAXINT64;
  for (int k = 0; k < n; k++)
    if (k == n - 1 || used_wh < tariff->tier_to_wh[k])
      {
        if (k < n - 1)
          *ret_left_wh = tariff->tier_to_wh[k] - used_wh;
        return tariff->tier_add[k];
      }
  return 0;
}
