/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-till-time.c: the calendar against GDateTime, RFC 3339, and days that a clock change makes longer, shorter or headless. */
#include "shared/base/till-error.h"
#include "shared/base/till-time.h"
#include "tests/lib/test-main.h"

static TillTime
at (const char *text)
{
  TillTime time = -1;
  g_autoptr (GError) error = NULL;
  till_time_parse (text, &time, &error);
  g_assert_no_error (error);
  return time;
}

static TillDay
day (const char *text)
{
  TillDay value = -1;
  g_assert_true (till_day_parse (text, &value, NULL));
  return value;
}

static void
parse_and_print (void)
{
  static const struct {
    const char *text, *printed;
  } cases[] = {
    { "1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z" },
    { "2026-09-01T08:00:00+08:00", "2026-09-01T00:00:00Z" },
    { "2026-09-01T00:00:01.25Z", "2026-09-01T00:00:01.250Z" },
    { "2026-09-01T00:00:01.000250Z", "2026-09-01T00:00:01.000250Z" },
    { "2026-09-01T00:00:01.123456789Z", "2026-09-01T00:00:01.123456Z" },
    { "2024-02-29T23:59:59-00:30", "2024-03-01T00:29:59Z" },
    { "9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z" },
  };
  static const char *const bad[] = {
    NULL, "", "2026-09-01", "2026-09-01T00:00:00", "2026-09-01 00:00:00Z", "2026-9-1T00:00:00Z", "2026-02-29T00:00:00Z",
    "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-09-31T00:00:00Z", "2026-09-01T24:00:00Z", "2026-09-01T00:60:00Z",
    "2026-09-01T00:00:60Z", "2026-09-01T00:00:00.Z", "2026-09-01T00:00:00.1234567890Z", "2026-09-01T00:00:00+0800",
    "2026-09-01T00:00:00+24:00", "2026-09-01T00:00:00ZZ", "1969-12-31T23:59:59Z", "1970-01-01T00:00:00+00:01", "0000-01-01T00:00:00Z",
    "+2026-09-01T00:00:00Z",
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      char buf[TILL_TIME_TEXT];
      g_assert_cmpstr (till_time_print (at (cases[i].text), buf), ==, cases[i].printed);
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      TillTime time = 77;
      g_assert_false (till_time_parse (bad[i], &time, &error));
      g_assert_error (error, TILL_ERROR, TILL_ERROR_INVALID);
      g_assert_cmpint (time, ==, 77);
    }
}

static void
calendar_agrees_with_glib (void)
{
  g_autoptr (GDateTime) epoch = g_date_time_new_utc (1970, 1, 1, 0, 0, 0);
  for (TillDay d = -20000; d < 400000; d += 13)
    {
      g_autoptr (GDateTime) other = g_date_time_add_days (epoch, d);
      int year, month, mday, other_year, other_month, other_day;
      TillDay back = 0;
      till_day_split (d, &year, &month, &mday);
      g_date_time_get_ymd (other, &other_year, &other_month, &other_day);
      g_assert_cmpint (year * 10000 + month * 100 + mday, ==, other_year * 10000 + other_month * 100 + other_day);
      g_assert_true (till_day_make (year, month, mday, &back));
      g_assert_cmpint (back, ==, d);
      g_assert_cmpuint (till_day_weekday (d), ==, (guint) g_date_time_get_day_of_week (other) % 7);
    }
}

static void
months (void)
{
  g_assert_cmpint (till_day_add_months (day ("2026-01-31"), 1), ==, day ("2026-02-28"));
  g_assert_cmpint (till_day_add_months (day ("2024-01-31"), 1), ==, day ("2024-02-29"));
  g_assert_cmpint (till_day_add_months (day ("2026-01-15"), -1), ==, day ("2025-12-15"));
  g_assert_cmpint (till_day_add_months (day ("2026-12-31"), 2), ==, day ("2027-02-28"));
  g_assert_cmpint (till_day_add_months (day ("2026-05-31"), -12), ==, day ("2025-05-31"));
  g_assert_cmpint (till_day_month_start (day ("2026-02-28")), ==, day ("2026-02-01"));
}

/* Every instant belongs to exactly one day, and days follow each other without gap or overlap, whatever the clocks do. */
static void
days_of_zones_are_seamless (void)
{
  static const char *const zones[] = { "Asia/Shanghai", "Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Beirut",
                                       "Pacific/Apia", "America/Havana", "UTC" };
  for (guint z = 0; z < G_N_ELEMENTS (zones); z++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GTimeZone) zone = till_zone_new (zones[z], &error);
      TillTime previous = 0;
      g_assert_no_error (error);
      for (TillDay d = day ("2009-01-01"); d < day ("2028-01-01"); d++)
        {
          TillTime start = till_zone_day_start (zone, d);
          if (previous != 0)
            g_assert_cmpint (start, >=, previous);
          previous = start;
          if (till_zone_day_start (zone, d + 1) == start)
            continue; /* Apia left out 2011-12-30 */
          g_assert_cmpint (till_zone_day (zone, start), ==, d);
          g_assert_cmpint (till_zone_day (zone, start - 1), <, d);
        }
    }
}

static void
clock_changes (void)
{
  g_autoptr (GTimeZone) berlin = till_zone_new ("Europe/Berlin", NULL), sao = till_zone_new ("America/Sao_Paulo", NULL);
  TillDay spring = day ("2026-03-29"), autumn = day ("2026-10-25"), headless = day ("2018-11-04");

  g_assert_cmpint (till_zone_day_start (berlin, spring + 1) - till_zone_day_start (berlin, spring), ==, 23 * 3600 * TILL_SECOND);
  g_assert_cmpint (till_zone_day_start (berlin, autumn + 1) - till_zone_day_start (berlin, autumn), ==, 25 * 3600 * TILL_SECOND);
  g_assert_cmpint (till_zone_day_start (sao, headless), ==, at ("2018-11-04T03:00:00Z")); /* its first clock reading is 01:00 */
  g_assert_cmpint (till_zone_second_of_day (sao, till_zone_day_start (sao, headless)), ==, 3600);
  g_assert_cmpint (till_zone_offset_min (berlin, at ("2026-07-01T00:00:00Z")), ==, 120);
  g_assert_cmpint (till_zone_offset_min (berlin, at ("2026-01-01T00:00:00Z")), ==, 60);
  g_assert_cmpint (till_zone_slot_start (berlin, at ("2026-10-25T02:44:59Z"), 1800), ==, at ("2026-10-25T02:30:00Z"));
  g_assert_cmpint (till_zone_slot_start (berlin, at ("2026-10-24T22:29:59.999Z"), 1800), ==, at ("2026-10-24T22:00:00Z"));
  g_assert_cmpint (till_zone_slot_start (berlin, at ("2026-10-26T22:59:59Z"), 25000), ==, at ("2026-10-26T19:50:00Z")); /* short last slot */
}

static void
unknown_zones (void)
{
  static const char *const bad[] = { NULL, "", "Mars/Olympus", "../../etc/passwd" };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_assert_null (till_zone_new (bad[i], &error));
      g_assert_error (error, TILL_ERROR, TILL_ERROR_INVALID);
    }
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/time/parse-print", parse_and_print);
  g_test_add_func ("/time/calendar", calendar_agrees_with_glib);
  g_test_add_func ("/time/months", months);
  g_test_add_func ("/time/zones/seamless", days_of_zones_are_seamless);
  g_test_add_func ("/time/zones/changes", clock_changes);
  g_test_add_func ("/time/zones/unknown", unknown_zones);
  return till_test_run ();
}
