/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-time.c: calendar arithmetic on integers and civil days of a zone. Reads no clock. */
#include "shared/base/till-time.h"
#include <string.h>
#include "shared/base/till-error.h"

#define DAY_S 86400

/* Proleptic Gregorian calendar in eras of 400 years that begin on 1 March: the leap day is the last of its year. */
static gint64
days_from_civil (int year, int month, int day)
{
  gint64 y = year - (month <= 2), era = (y >= 0 ? y : y - 399) / 400;
  gint64 of_era = y - era * 400, of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static int
month_length (int year, int month)
{
  static const guint8 lengths[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
  gboolean leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : lengths[month - 1];
}

static gint64
floor_div (gint64 a, gint64 b)
{
  return a / b - (a % b < 0);
}

/* n digits at *at; -1 when they are not. */
static int
take_number (const char **at, int n)
{
  int value = 0;
  for (int i = 0; i < n; i++, (*at)++)
    {
      if (!g_ascii_isdigit (**at))
        return -1;
      value = value * 10 + (**at - '0');
    }
  return value;
}

static gboolean
take_char (const char **at, char wanted)
{
  if (**at != wanted)
    return FALSE;
  (*at)++;
  return TRUE;
}

static gboolean
take_day (const char **at, TillDay *ret)
{
  int year, month, day;
  if ((year = take_number (at, 4)) < 0 || !take_char (at, '-') || (month = take_number (at, 2)) < 0 || !take_char (at, '-')
      || (day = take_number (at, 2)) < 0)
    return FALSE;
  return till_day_make (year, month, day, ret);
}

/* "Z", "+08:00" or "-05:30" as seconds. */
static gboolean
take_zone (const char **at, int *ret_offset_s)
{
  int hour, minute, sign = **at == '-' ? -1 : 1;
  if (take_char (at, 'Z'))
    {
      *ret_offset_s = 0;
      return TRUE;
    }
  if (**at != '+' && **at != '-')
    return FALSE;
  (*at)++;
  if ((hour = take_number (at, 2)) < 0 || hour > 23 || !take_char (at, ':') || (minute = take_number (at, 2)) < 0 || minute > 59)
    return FALSE;
  *ret_offset_s = sign * (hour * 3600 + minute * 60);
  return TRUE;
}

/* ".25" as microseconds; up to nine digits are read, those beyond six dropped. */
static gboolean
take_fraction (const char **at, gint64 *ret_us)
{
  gint64 us = 0, weight = TILL_SECOND / 10;
  int digits = 0;

  *ret_us = 0;
  if (!take_char (at, '.'))
    return TRUE;
  for (; g_ascii_isdigit (**at); (*at)++, digits++, weight /= 10)
    us += (**at - '0') * weight;
  *ret_us = us;
  return digits >= 1 && digits <= 9;
}

gboolean
till_time_parse (const char *text, TillTime *ret, GError **error)
{
  const char *at = text;
  TillDay day;
  int hour, minute, second, offset_s;
  gint64 us, value;

  if (text == NULL || !take_day (&at, &day) || !take_char (&at, 'T') || (hour = take_number (&at, 2)) < 0 || hour > 23
      || !take_char (&at, ':') || (minute = take_number (&at, 2)) < 0 || minute > 59 || !take_char (&at, ':')
      || (second = take_number (&at, 2)) < 0 || second > 59 || !take_fraction (&at, &us) || !take_zone (&at, &offset_s)
      || *at != '\0')
    return till_fail (error, TILL_ERROR_INVALID, "not an RFC 3339 time with a zone");
  value = ((gint64) day * DAY_S + hour * 3600 + minute * 60 + second - offset_s) * TILL_SECOND + us;
  if (value < 0)
    return till_fail (error, TILL_ERROR_INVALID, "the time is before 1970");
  *ret = value;
  return TRUE;
}

const char *
till_time_print (TillTime time, char buf[TILL_TIME_TEXT])
{
  gint64 second = floor_div (time, TILL_SECOND), us = time - second * TILL_SECOND;
  gint64 day = floor_div (second, DAY_S);
  int of_day = (int) (second - day * DAY_S), year, month, mday;
  char fraction[8] = "";

  till_day_split ((TillDay) day, &year, &month, &mday);
  if (us % 1000 != 0)
    g_snprintf (fraction, sizeof fraction, ".%06d", (int) us);
  else if (us != 0)
    g_snprintf (fraction, sizeof fraction, ".%03d", (int) (us / 1000));
  g_snprintf (buf, TILL_TIME_TEXT, "%04d-%02d-%02dT%02d:%02d:%02d%sZ", year, month, mday, of_day / 3600, of_day / 60 % 60,
              of_day % 60, fraction);
  return buf;
}

gboolean
till_day_parse (const char *text, TillDay *ret, GError **error)
{
  const char *at = text;
  TillDay day;

  if (text == NULL || !take_day (&at, &day) || *at != '\0')
    return till_fail (error, TILL_ERROR_INVALID, "not a day as YYYY-MM-DD");
  *ret = day;
  return TRUE;
}

const char *
till_day_print (TillDay day, char buf[TILL_DAY_TEXT])
{
  int year, month, mday;
  till_day_split (day, &year, &month, &mday);
  g_snprintf (buf, TILL_DAY_TEXT, "%04d-%02d-%02d", year, month, mday);
  return buf;
}

void
till_day_split (TillDay day, int *ret_year, int *ret_month, int *ret_day)
{
  gint64 shifted = (gint64) day + 719468, era = floor_div (shifted, 146097), of_era = shifted - era * 146097;
  gint64 year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  gint64 of_year = of_era - (365 * year + year / 4 - year / 100), month = (5 * of_year + 2) / 153;

  *ret_day = (int) (of_year - (153 * month + 2) / 5 + 1);
  *ret_month = (int) (month < 10 ? month + 3 : month - 9);
  *ret_year = (int) (year + era * 400 + (*ret_month <= 2));
}

gboolean
till_day_make (int year, int month, int day, TillDay *ret)
{
  if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > month_length (year, month))
    return FALSE;
  *ret = (TillDay) days_from_civil (year, month, day);
  return TRUE;
}

guint
till_day_weekday (TillDay day)
{
  gint64 shifted = (gint64) day + 4; /* 1970-01-01 was a Thursday */
  return (guint) (shifted - floor_div (shifted, 7) * 7);
}

TillDay
till_day_month_start (TillDay day)
{
  int year, month, mday;
  till_day_split (day, &year, &month, &mday);
  return day - (mday - 1);
}

TillDay
till_day_add_months (TillDay day, int months)
{
  int year, month, mday;
  gint64 count;

  till_day_split (day, &year, &month, &mday);
  count = (gint64) year * 12 + month - 1 + months;
  year = (int) floor_div (count, 12);
  month = (int) (count - (gint64) year * 12) + 1;
  return (TillDay) days_from_civil (year, month, MIN (mday, month_length (year, month)));
}

GTimeZone *
till_zone_new (const char *name, GError **error)
{
  GTimeZone *zone = name != NULL && *name != '\0' ? g_time_zone_new_identifier (name) : NULL;
  if (zone == NULL)
    till_fail (error, TILL_ERROR_INVALID, "unknown time zone");
  return zone;
}

static int
offset_s_at (GTimeZone *zone, gint64 unix_s)
{
  return g_time_zone_get_offset (zone, g_time_zone_find_interval (zone, G_TIME_TYPE_UNIVERSAL, unix_s));
}

static gint64
local_s (GTimeZone *zone, TillTime time)
{
  gint64 unix_s = floor_div (time, TILL_SECOND);
  return unix_s + offset_s_at (zone, unix_s);
}

TillDay
till_zone_day (GTimeZone *zone, TillTime time)
{
  return (TillDay) floor_div (local_s (zone, time), DAY_S);
}

TillTime
till_zone_day_start (GTimeZone *zone, TillDay day)
{
  gint64 local = (gint64) day * DAY_S;
  int before = offset_s_at (zone, local - DAY_S), after = offset_s_at (zone, local + DAY_S);
  gint64 low = local - MAX (before, after), high = local - MIN (before, after);

  if (offset_s_at (zone, low) == local - low)
    return low * TILL_SECOND;
  if (offset_s_at (zone, high) == local - high)
    return high * TILL_SECOND;
  /* No clock of the zone shows this midnight: the day begins when the clock is put forward over it. */
  while (high - low > 1)
    {
      gint64 middle = low + (high - low) / 2;
      if (middle + offset_s_at (zone, middle) < local)
        low = middle;
      else
        high = middle;
    }
  return high * TILL_SECOND;
}

int
till_zone_second_of_day (GTimeZone *zone, TillTime time)
{
  gint64 local = local_s (zone, time);
  return (int) (local - floor_div (local, DAY_S) * DAY_S);
}

int
till_zone_offset_min (GTimeZone *zone, TillTime time)
{
  return offset_s_at (zone, floor_div (time, TILL_SECOND)) / 60;
}

TillTime
till_zone_slot_start (GTimeZone *zone, TillTime time, int interval_s)
{
  TillTime start = till_zone_day_start (zone, till_zone_day (zone, time));
  gint64 interval = interval_s * TILL_SECOND;

  g_assert (interval_s > 0);
  return start + (time - start) / interval * interval;
}
