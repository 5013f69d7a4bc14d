/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-time.h: time as int64 microseconds since 1970 UTC; civil days of a site's zone. Pure: no function reads a clock
 * (server/core/clock.h does). 0 means "none" wherever a time is optional. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef gint64 TillTime; /* microseconds since 1970-01-01T00:00:00Z */
typedef gint32 TillDay;  /* civil days since 1970-01-01 */

#define TILL_TIME_TEXT 40
#define TILL_DAY_TEXT  16
#define TILL_SECOND    (G_GINT64_CONSTANT (1000000))

gboolean    till_time_parse (const char *text, TillTime *ret, GError **error); /* RFC 3339 with zone, years 1970..9999 */
const char *till_time_print (TillTime time, char buf[TILL_TIME_TEXT]);         /* "2026-09-01T00:00:01.250Z", fraction only if any; returns buf */

gboolean    till_day_parse (const char *text, TillDay *ret, GError **error); /* "YYYY-MM-DD" */
const char *till_day_print (TillDay day, char buf[TILL_DAY_TEXT]);
void        till_day_split (TillDay day, int *ret_year, int *ret_month, int *ret_day);
gboolean    till_day_make (int year, int month, int day, TillDay *ret);
guint       till_day_weekday (TillDay day); /* 0 = Sunday */
TillDay     till_day_month_start (TillDay day);
TillDay     till_day_add_months (TillDay day, int months); /* clamps to the last day of the month */

/* Site zones. NULL and unknown names are INVALID errors. */
GTimeZone  *till_zone_new (const char *name, GError **error);
TillDay     till_zone_day (GTimeZone *zone, TillTime time);        /* the civil day that contains time */
TillTime    till_zone_day_start (GTimeZone *zone, TillDay day);    /* first instant of the day, also when DST removes midnight */
int         till_zone_second_of_day (GTimeZone *zone, TillTime time);
int         till_zone_offset_min (GTimeZone *zone, TillTime time); /* minutes east of UTC */
/* Start of the grid slot that contains time, counted from the day's start; an interval that does not divide the day leaves
 * a shorter last slot. */
TillTime    till_zone_slot_start (GTimeZone *zone, TillTime time, int interval_s);

G_END_DECLS
