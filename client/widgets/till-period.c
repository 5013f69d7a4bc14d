/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-period.c: the period of a kind that contains a day. Pure. Weeks begin on Monday. */
#include "config.h"
#include "client/widgets/till-date-range.h"

void
till_period_around (TillPeriod preset, TillDay day, TillDay *ret_from, TillDay *ret_to)
{
  int year, month, date;

  switch (preset)
    {
    case TILL_PERIOD_WEEK:
      *ret_from = day - (TillDay) (till_day_weekday (day) + 6) % 7;
      *ret_to = *ret_from + 6;
      break;
    case TILL_PERIOD_MONTH:
      *ret_from = till_day_month_start (day);
      *ret_to = till_day_add_months (*ret_from, 1) - 1;
      break;
    case TILL_PERIOD_YEAR:
      till_day_split (day, &year, &month, &date);
      till_day_make (year, 1, 1, ret_from);
      till_day_make (year, 12, 31, ret_to);
      break;
    default:
      *ret_from = *ret_to = day;
    }
}
