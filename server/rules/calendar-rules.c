/* SPDX-License-Identifier: GPL-2.0-or-later
 * calendar-rules.c: season, day type, segment. Knows no price and reads no clock. */
#include "server/rules/calendar-rules.h"

gboolean
tilld_day_plan_is_sound (const TilldDayPlan *plan, const char **ret_reason)
{
  if (plan->n < 1 || plan->n > TILLD_SEGMENTS_MAX)
    {
      *ret_reason = "a day has 1 to 14 segments";
      return FALSE;
    }
  for (guint i = 0; i < plan->n; i++)
    if (i == 0 ? plan->segments[i].minute != 0 : plan->segments[i].minute <= plan->segments[i - 1].minute)
      {
        *ret_reason = i == 0 ? "the first segment begins at 00:00" : "segments must begin one after the other";
        return FALSE;
      }
  if (plan->segments[plan->n - 1].minute >= TILLD_DAY_S / 60)
    {
      *ret_reason = "a segment begins before 24:00";
      return FALSE;
    }
  return TRUE;
}

/* Days of a year that nobody confuses: 1231 is greater than 1230. */
static guint
mark (guint month, guint day)
{
  return month * 100 + day;
}

static gboolean
holds_mark (const TilldSeason *season, guint at)
{
  guint from = mark (season->from_month, season->from_day), to = mark (season->to_month, season->to_day);

  if (season->from_month == 0)
    return TRUE;
  return from <= to ? at >= from && at <= to : at >= from || at <= to;
}

gboolean
tilld_calendar_is_sound (const TilldCalendar *calendar, const char **ret_reason)
{
  if (calendar->n < 1 || calendar->n > TILLD_SEASONS_MAX || calendar->seasons[calendar->n - 1].from_month != 0)
    {
      *ret_reason = "the last season is the rest of the year and has no range";
      return FALSE;
    }
  for (guint i = 0; i + 1 < calendar->n; i++)
    {
      const TilldSeason *a = &calendar->seasons[i];

      if (a->from_month == 0)
        {
          *ret_reason = "only the last season may be the rest of the year";
          return FALSE;
        }
      for (guint j = 0; j < i; j++)
        if (holds_mark (&calendar->seasons[j], mark (a->from_month, a->from_day)) ||
            holds_mark (a, mark (calendar->seasons[j].from_month, calendar->seasons[j].from_day)))
          {
            *ret_reason = "two seasons overlap";
            return FALSE;
          }
    }
  return TRUE;
}

TilldDayType
tilld_civil_day_type (const TilldCivil *civil, TillDay day)
{
  guint low = 0, high = civil->n_days, weekday;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (civil->days[middle].day < day)
        low = middle + 1;
      else
        high = middle;
    }
  if (low < civil->n_days && civil->days[low].day == day)
    return civil->days[low].type;
  weekday = till_day_weekday (day);
  return weekday == 0 || weekday == 6 ? TILLD_DAY_REST : TILLD_DAY_WORK;
}

const TilldDayPlan *
tilld_calendar_plan (const TilldCalendar *calendar, const TilldCivil *civil, TillDay day)
{
  int year, month, mday;
  guint i = 0;

  till_day_split (day, &year, &month, &mday);
  while (i + 1 < calendar->n && !holds_mark (&calendar->seasons[i], mark ((guint) month, (guint) mday)))
    i++;
  return &calendar->seasons[i].plans[tilld_civil_day_type (civil, day)];
}

/* Index of the segment that holds. */
static guint
segment_at (const TilldDayPlan *plan, int second)
{
  guint i = plan->n - 1;

  while (i > 0 && plan->segments[i].minute * 60 > second)
    i--;
  return i;
}

TillRate
tilld_day_plan_rate (const TilldDayPlan *plan, int second)
{
  return plan->segments[segment_at (plan, second)].rate;
}

TillRate
tilld_calendar_rate (const TilldCalendar *calendar, const TilldCivil *civil, TillTime time)
{
  return tilld_day_plan_rate (tilld_calendar_plan (calendar, civil, till_zone_day (civil->zone, time)),
                              till_zone_second_of_day (civil->zone, time));
}

TillTime
tilld_calendar_border (const TilldCalendar *calendar, const TilldCivil *civil, TillTime time)
{
  const TilldDayPlan *plan = tilld_calendar_plan (calendar, civil, till_zone_day (civil->zone, time));
  int second = till_zone_second_of_day (civil->zone, time), offset = till_zone_offset_min (civil->zone, time);
  guint at = segment_at (plan, second);
  int until = at + 1 < plan->n ? plan->segments[at + 1].minute * 60 : TILLD_DAY_S;
  TillTime whole = time >= 0 ? time / TILL_SECOND * TILL_SECOND : time, border = whole + (until - second) * TILL_SECOND;
  TillTime low = whole, high = border;

  if (till_zone_offset_min (civil->zone, border) == offset)
    return border;
  /* The zone changes its clock on the way: that moment is a border of its own. */
  while (high - low > TILL_SECOND)
    {
      TillTime middle = low + (high - low) / TILL_SECOND / 2 * TILL_SECOND;

      if (till_zone_offset_min (civil->zone, middle) == offset)
        low = middle;
      else
        high = middle;
    }
  return high;
}
