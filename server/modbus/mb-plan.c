/* SPDX-License-Identifier: GPL-2.0-or-later
 * mb-plan.c: dynamic programming over the points by address. Asks no meter. */
#include "server/modbus/mb-plan.h"
#include <string.h>

guint
tilld_mb_read_us (const TilldPlanTiming *timing, guint registers)
{
  guint64 c_us = timing->baud == 0 ? 0 : G_GUINT64_CONSTANT (10000000) / timing->baud;
  guint64 silence_us = timing->baud == 0 ? 0 : timing->baud > 19200 ? 1750 : c_us * 7 / 2;

  return (guint) (c_us * (8 + 5 + 2 * registers) + 2 * silence_us) + (timing->turnaround_ms + timing->rtt_ms) * 1000;
}

guint
tilld_mb_plan_us (const TilldPlanTiming *timing, const TilldMbPlan *plan)
{
  guint us = 0;

  for (guint i = 0; i < plan->n_reads; i++)
    us += tilld_mb_read_us (timing, plan->reads[i].count);
  return us;
}

guint
tilld_mb_load (const TilldPlanTiming *timing, const TilldMbPlan *status, const TilldMbPlan *full, guint status_s, guint full_s)
{
  guint64 status_us = tilld_mb_plan_us (timing, status), full_us = tilld_mb_plan_us (timing, full);
  guint64 us = status_s == 0 ? 1000000 : status_us / status_s; /* each second; no interval: the line never rests */

  if (full_s > 0 && full_us > status_us)
    us += (full_us - status_us) / full_s;
  return (guint) us;
}

static gboolean
in_money_group (const TilldProfile *profile, TilldPointName name)
{
  for (guint i = 0; profile->money_group >= 0 && i < profile->n_in_atomic[profile->money_group]; i++)
    if (profile->atomic[profile->money_group][i] == name)
      return TRUE;
  return FALSE;
}

static gboolean
behind_relay_flags (const TilldProfile *profile, TilldPointName name)
{
  static const TilldFlag flags[] = { TILLD_FLAG_RELAY_CLOSED, TILLD_FLAG_FORCED, TILLD_FLAG_FORCED_CLOSED };

  for (guint f = 0; f < G_N_ELEMENTS (flags); f++)
    for (guint i = 0; i < profile->flags[flags[f]].n; i++)
      if (profile->flags[flags[f]].terms[i].point == name)
        return TRUE;
  return FALSE;
}

static gboolean
wanted (const TilldProfile *profile, TilldPlanKind kind, const TilldPoint *point)
{
  if (point->type == TILLD_TYPE_SUM)
    return FALSE;
  switch (kind)
    {
    case TILLD_PLAN_STATUS:
      return point->poll == TILLD_POLL_STATUS;
    case TILLD_PLAN_FULL:
      return point->poll <= TILLD_POLL_FULL;
    case TILLD_PLAN_CONFIG:
      return point->poll == TILLD_POLL_CONFIG;
    case TILLD_PLAN_MONEY:
    case TILLD_PLAN_MONEY_ODD:
      return in_money_group (profile, point->name);
    case TILLD_PLAN_RELAY:
      return behind_relay_flags (profile, point->name);
    case TILLD_PLAN_SERIAL:
      return point->name == TILLD_POINT_SERIAL;
    case TILLD_PLAN_N:
      break;
    }
  g_assert_not_reached ();
}

/* Points of one atomic group, as far as they are in the plan, stand on one side of a cut. */
static gboolean
cut_allowed (const TilldProfile *profile, const TilldMbPlan *plan, guint before)
{
  for (guint g = 0; g < profile->n_atomic; g++)
    {
      guint sides = 0;

      for (guint i = 0; i < plan->n_points; i++)
        for (guint k = 0; k < profile->n_in_atomic[g]; k++)
          if (profile->points[plan->points[i]].name == profile->atomic[g][k])
            sides |= i < before ? 1 : 2;
      if (sides == 3)
        return FALSE;
    }
  return TRUE;
}

static guint
span (const TilldProfile *profile, const TilldMbPlan *plan, guint from, guint to)
{
  const TilldPoint *last = &profile->points[plan->points[to]];

  return last->at + last->registers - profile->points[plan->points[from]].at;
}

static void
collect (const TilldProfile *profile, TilldPlanKind kind, TilldMbPlan *plan)
{
  for (guint i = 0; i < profile->n_points; i++)
    {
      guint at = plan->n_points;

      if (!wanted (profile, kind, &profile->points[i]))
        continue;
      for (; at > 0 && profile->points[plan->points[at - 1]].at > profile->points[i].at; at--)
        plan->points[at] = plan->points[at - 1];
      plan->points[at] = (guint8) i;
      plan->n_points++;
    }
}

/* An optional point is never merged: its refusal would take others along. */
static gboolean
run_allowed (const TilldProfile *profile, const TilldMbPlan *plan, guint from, guint to)
{
  guint registers = span (profile, plan, from, to);

  if (registers > profile->max_read || !tilld_profile_range_holds (profile, profile->points[plan->points[from]].at, registers))
    return FALSE;
  for (guint i = from; from < to && i <= to; i++)
    if (profile->points[plan->points[i]].optional)
      return FALSE;
  return TRUE;
}

static void
make_odd (const TilldProfile *profile, TilldMbPlan *plan)
{
  for (guint i = 0; i < plan->n_reads; i++)
    {
      TilldPlanRead *read = &plan->reads[i];

      if (read->count + 1 > profile->max_read)
        continue;
      if (tilld_profile_range_holds (profile, read->at, read->count + 1u))
        read->count++;
      else if (read->at > 0 && tilld_profile_range_holds (profile, read->at - 1u, read->count + 1u))
        {
          read->at--;
          read->count++;
        }
    }
}

void
tilld_mb_plan (const TilldProfile *profile, TilldPlanKind kind, const TilldPlanTiming *timing, TilldMbPlan *ret)
{
  guint64 best[TILLD_PROFILE_POINTS_MAX + 1];
  guint8  from[TILLD_PROFILE_POINTS_MAX + 1], cuts[TILLD_PROFILE_POINTS_MAX + 1];
  guint   n_cuts = 0;

  memset (ret, 0, sizeof *ret);
  collect (profile, kind, ret);
  best[0] = 0;
  for (guint end = 1; end <= ret->n_points; end++)
    {
      best[end] = G_MAXUINT64;
      for (guint begin = 0; begin < end; begin++)
        {
          guint64 cost;

          if (best[begin] == G_MAXUINT64 || !run_allowed (profile, ret, begin, end - 1) || !cut_allowed (profile, ret, begin))
            continue;
          cost = best[begin] + tilld_mb_read_us (timing, span (profile, ret, begin, end - 1));
          if (cost < best[end])
            {
              best[end] = cost;
              from[end] = (guint8) begin;
            }
        }
    }
  if (ret->n_points == 0)
    return;
  g_assert (best[ret->n_points] != G_MAXUINT64); /* the loader checked ranges and groups */
  for (guint end = ret->n_points; end > 0; end = from[end])
    cuts[n_cuts++] = (guint8) end;
  g_assert (n_cuts <= TILLD_PLAN_READS_MAX);
  for (guint i = n_cuts; i > 0; i--)
    {
      guint end = cuts[i - 1], begin = from[end];

      ret->reads[ret->n_reads++] = (TilldPlanRead){ profile->points[ret->points[begin]].at, (guint8) span (profile, ret, begin, end - 1),
                                                    (guint8) begin, (guint8) (end - begin) };
    }
  if (kind == TILLD_PLAN_MONEY_ODD)
    make_odd (profile, ret);
}

gboolean
tilld_mb_plan_split (const TilldProfile *profile, TilldMbPlan *plan, guint index)
{
  TilldPlanRead *read = &plan->reads[index];
  guint          widest = 0, cut = 0;

  g_assert (index < plan->n_reads);
  for (guint i = read->first + 1u; i < read->first + (guint) read->n; i++)
    {
      const TilldPoint *before = &profile->points[plan->points[i - 1]], *after = &profile->points[plan->points[i]];
      guint             gap = after->at - (before->at + before->registers) + 1u;

      if (gap > widest && cut_allowed (profile, plan, i))
        {
          widest = gap;
          cut = i;
        }
    }
  if (cut == 0 || plan->n_reads == TILLD_PLAN_READS_MAX)
    return FALSE;
  memmove (&plan->reads[index + 1], &plan->reads[index], (plan->n_reads - index) * sizeof *read);
  plan->n_reads++;
  read[1].first = (guint8) cut;
  read[1].n = (guint8) (read[0].first + read[0].n - cut);
  read[0].n = (guint8) (cut - read[0].first);
  for (guint i = 0; i < 2; i++)
    {
      read[i].at = profile->points[plan->points[read[i].first]].at;
      read[i].count = (guint8) span (profile, plan, read[i].first, read[i].first + read[i].n - 1u);
    }
  return TRUE;
}
