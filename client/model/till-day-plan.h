/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-day-plan.h: the rates of one day: segments without gaps, the first from 00:00. Pure; steps that would leave a gap or an empty segment
 * are refused. */
#pragma once
#include "shared/api/till-enums.h"

G_BEGIN_DECLS

#define TILL_SEGMENTS_MAX 14
#define TILL_DAY_MINUTES  1440
#define TILL_SEGMENT_STEP 15 /* minutes: borders are moved by these; typed ones may lie between */

typedef struct { guint minute; TillRate rate; } TillSegment;
typedef struct { guint n; TillSegment segments[TILL_SEGMENTS_MAX]; } TillDayPlan;

void     till_day_plan_init (TillDayPlan *plan, TillRate rate); /* the whole day */
guint    till_day_plan_end (const TillDayPlan *plan, guint segment);  /* minute */
guint    till_day_plan_at (const TillDayPlan *plan, guint minute);    /* segment */
gboolean till_day_plan_equal (const TillDayPlan *a, const TillDayPlan *b);
/* FALSE: nothing was changed. */
gboolean till_day_plan_move (TillDayPlan *plan, guint segment, int minute);   /* its beginning, kept between its neighbours */
gboolean till_day_plan_split (TillDayPlan *plan, guint segment, guint minute); /* minute 0: in the middle */
gboolean till_day_plan_merge (TillDayPlan *plan, guint segment);              /* with the one before; the first with the one after */
gboolean till_day_plan_set_rate (TillDayPlan *plan, guint segment, TillRate rate);

/* "07:00"; 24:00 only where a day ends. */
char    *till_minute_print (guint minute);
gboolean till_minute_parse (const char *text, guint *ret_minute);

G_END_DECLS
