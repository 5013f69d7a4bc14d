/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-segment-table.h: a day plan as rows of text: from, to, rate. The same as the clock band, to read and to type. Signal "changed". */
#pragma once
#include <gtk/gtk.h>
#include "client/model/till-day-plan.h"

G_BEGIN_DECLS

#define TILL_TYPE_SEGMENT_TABLE (till_segment_table_get_type ())
G_DECLARE_FINAL_TYPE (TillSegmentTable, till_segment_table, TILL, SEGMENT_TABLE, GtkWidget)

/* rates: bit set of those that may be chosen; 0 = nothing can be changed. */
void               till_segment_table_set_plan (TillSegmentTable *self, const TillDayPlan *plan, guint rates);
const TillDayPlan *till_segment_table_get_plan (TillSegmentTable *self);

G_END_DECLS
