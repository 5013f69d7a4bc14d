/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-day-plan.c: see till-day-plan.h. Knows no price and draws nothing. */
#include "config.h"
#include <string.h>
#include "client/model/till-day-plan.h"

void
till_day_plan_init (TillDayPlan *plan, TillRate rate)
{
  *plan = (TillDayPlan){ .n = 1, .segments = { { 0, rate } } };
}

guint
till_day_plan_end (const TillDayPlan *plan, guint segment)
{
  return segment + 1 < plan->n ? plan->segments[segment + 1].minute : TILL_DAY_MINUTES;
}

guint
till_day_plan_at (const TillDayPlan *plan, guint minute)
{
  guint i = plan->n - 1;

  while (i > 0 && plan->segments[i].minute > minute)
    i--;
  return i;
}

gboolean
till_day_plan_equal (const TillDayPlan *a, const TillDayPlan *b)
{
  if (a->n != b->n)
    return FALSE;
  for (guint i = 0; i < a->n; i++)
    if (a->segments[i].minute != b->segments[i].minute || a->segments[i].rate != b->segments[i].rate)
      return FALSE;
  return TRUE;
}

gboolean
till_day_plan_move (TillDayPlan *plan, guint segment, int minute)
{
  int low, high;

  if (segment == 0 || segment >= plan->n)
    return FALSE;
  low = (int) plan->segments[segment - 1].minute + 1;
  high = (int) till_day_plan_end (plan, segment) - 1;
  if (minute < low) /* on the grid again, as near as it goes */
    minute = MIN ((low + TILL_SEGMENT_STEP - 1) / TILL_SEGMENT_STEP * TILL_SEGMENT_STEP, high);
  else if (minute > high)
    minute = MAX (high / TILL_SEGMENT_STEP * TILL_SEGMENT_STEP, low);
  if (plan->segments[segment].minute == (guint) minute)
    return FALSE;
  plan->segments[segment].minute = (guint) minute;
  return TRUE;
}

gboolean
till_day_plan_split (TillDayPlan *plan, guint segment, guint minute)
{
  guint from, end;

  if (plan->n >= TILL_SEGMENTS_MAX || segment >= plan->n)
    return FALSE;
  from = plan->segments[segment].minute;
  end = till_day_plan_end (plan, segment);
  if (minute == 0)
    minute = (from + end) / 2 / TILL_SEGMENT_STEP * TILL_SEGMENT_STEP;
  if (minute <= from || minute >= end)
    return FALSE;
  memmove (&plan->segments[segment + 2], &plan->segments[segment + 1], (plan->n - segment - 1) * sizeof plan->segments[0]);
  plan->segments[segment + 1] = (TillSegment){ minute, plan->segments[segment].rate };
  plan->n++;
  return TRUE;
}

gboolean
till_day_plan_merge (TillDayPlan *plan, guint segment)
{
  guint gone = segment;

  if (plan->n < 2 || segment >= plan->n)
    return FALSE;
  if (segment == 0) /* what follows takes its hours */
    {
      plan->segments[0].rate = plan->segments[1].rate;
      gone = 1;
    }
  memmove (&plan->segments[gone], &plan->segments[gone + 1], (plan->n - gone - 1) * sizeof plan->segments[0]);
  plan->n--;
  return TRUE;
}

gboolean
till_day_plan_set_rate (TillDayPlan *plan, guint segment, TillRate rate)
{
  if (segment >= plan->n || plan->segments[segment].rate == rate)
    return FALSE;
  plan->segments[segment].rate = rate;
  return TRUE;
}

char *
till_minute_print (guint minute)
{
  return g_strdup_printf ("%02u:%02u", minute / 60, minute % 60);
}

gboolean
till_minute_parse (const char *text, guint *ret_minute)
{
  guint hour, minute;

  if (text == NULL || strlen (text) != 5 || text[2] != ':' || !g_ascii_isdigit (text[0]) || !g_ascii_isdigit (text[1]) || !g_ascii_isdigit (text[3]) ||
      !g_ascii_isdigit (text[4]))
    return FALSE;
  hour = (guint) (text[0] - '0') * 10 + (guint) (text[1] - '0');
  minute = (guint) (text[3] - '0') * 10 + (guint) (text[4] - '0');
  if (hour > 23 || minute > 59)
    return FALSE;
  *ret_minute = hour * 60 + minute;
  return TRUE;
}
