/* SPDX-License-Identifier: GPL-2.0-or-later
 * calendar-rules.h: which rate holds at a moment: season -> day type -> segment of the day. Pure. Times of day are those the clock on the wall
 * shows, so an hour that a zone repeats has its rate twice and one it leaves out has none. */
#pragma once
#include "shared/api/till-enums.h"
#include "shared/base/till-time.h"

G_BEGIN_DECLS

#define TILLD_SEGMENTS_MAX 14
#define TILLD_SEASONS_MAX  12
#define TILLD_DAY_S        86400

typedef enum { TILLD_DAY_WORK, TILLD_DAY_REST, TILLD_DAY_HOLIDAY, TILLD_DAY_TYPES } TilldDayType;

typedef struct {
  guint16  minute; /* of the day, from which the rate holds */
  TillRate rate;
} TilldSegment;

typedef struct {
  guint        n; /* 1 .. TILLD_SEGMENTS_MAX; the first at minute 0, strictly rising */
  TilldSegment segments[TILLD_SEGMENTS_MAX];
} TilldDayPlan;

typedef struct {
  guint8       from_month, from_day, to_month, to_day; /* both included, may go over New Year; from_month 0 = the rest of the year */
  TilldDayPlan plans[TILLD_DAY_TYPES];
} TilldSeason;

typedef struct {
  guint       n; /* the last one is the rest of the year */
  TilldSeason seasons[TILLD_SEASONS_MAX];
} TilldCalendar;

/* A day of the site's calendar that is not what its weekday says: a holiday, a worked weekend. */
typedef struct {
  TillDay      day;
  TilldDayType type;
} TilldSpecialDay;

/* Where and when: the site's zone and calendar. Borrowed; days rising. */
typedef struct {
  GTimeZone             *zone;
  const TilldSpecialDay *days;
  guint                  n_days;
} TilldCivil;

/* FALSE with a reason: "segments must rise", for the calendar of a tariff that is being read. */
gboolean            tilld_day_plan_is_sound (const TilldDayPlan *plan, const char **ret_reason);
/* Ranges overlap, or the last is not the rest of the year. */
gboolean            tilld_calendar_is_sound (const TilldCalendar *calendar, const char **ret_reason);

TilldDayType        tilld_civil_day_type (const TilldCivil *civil, TillDay day);
const TilldDayPlan *tilld_calendar_plan (const TilldCalendar *calendar, const TilldCivil *civil, TillDay day);
TillRate            tilld_day_plan_rate (const TilldDayPlan *plan, int second);
TillRate            tilld_calendar_rate (const TilldCalendar *calendar, const TilldCivil *civil, TillTime time);
/* First moment after time at which another segment, another day or another offset of the zone may begin; at most a day away. */
TillTime            tilld_calendar_border (const TilldCalendar *calendar, const TilldCivil *civil, TillTime time);

G_END_DECLS
