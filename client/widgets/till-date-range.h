/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-date-range.h: a period of whole days of the site: presets, arrows that step, two dates.
 * Properties: "from", "to" (int64, TillDay, both inclusive), "preset" (TillPeriod), "today" (int64, TillDay), "max-days" (int,
 * 366), "label" (string, read-only: "March 2025"). Signal "changed". */
#pragma once
#include <gtk/gtk.h>
#include "shared/base/till-time.h"

G_BEGIN_DECLS

typedef enum { TILL_PERIOD_DAY, TILL_PERIOD_WEEK, TILL_PERIOD_MONTH, TILL_PERIOD_YEAR, TILL_PERIOD_RANGE } TillPeriod;

#define TILL_TYPE_DATE_RANGE (till_date_range_get_type ())
G_DECLARE_FINAL_TYPE (TillDateRange, till_date_range, TILL, DATE_RANGE, GtkWidget)

GtkWidget *till_date_range_new (void);
void       till_date_range_set_today (TillDateRange *self, TillDay today);
void       till_date_range_set_preset (TillDateRange *self, TillPeriod preset); /* around the present "from" */
void       till_date_range_step (TillDateRange *self, int steps);
TillDay    till_date_range_get_from (TillDateRange *self);
TillDay    till_date_range_get_to (TillDateRange *self);
TillPeriod till_date_range_get_preset (TillDateRange *self);
/* Pure: the period of that kind that contains day. */
void       till_period_around (TillPeriod preset, TillDay day, TillDay *ret_from, TillDay *ret_to);

G_END_DECLS
