/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-clock-band.h: a day of 24 hours as a band in the colours of the rates. Where it may be edited: a border is dragged, or moved with the
 * arrow keys by 15 minutes (Shift: an hour); Up and Down, Home and End choose a segment; Insert or a double click splits, Delete merges,
 * 1 to 5 set the rate. CSS node: tillclockband. Properties: "editable" (boolean), "selected" (uint, segment). Signal "changed": by a person. */
#pragma once
#include <gtk/gtk.h>
#include "client/model/till-day-plan.h"

G_BEGIN_DECLS

#define TILL_TYPE_CLOCK_BAND (till_clock_band_get_type ())
G_DECLARE_FINAL_TYPE (TillClockBand, till_clock_band, TILL, CLOCK_BAND, GtkWidget)

void               till_clock_band_set_plan (TillClockBand *self, const TillDayPlan *plan); /* copied */
const TillDayPlan *till_clock_band_get_plan (TillClockBand *self);
void               till_clock_band_set_rates (TillClockBand *self, guint rates); /* bit set of those that may be chosen; at first all */
void               till_clock_band_set_editable (TillClockBand *self, gboolean editable);
void               till_clock_band_select (TillClockBand *self, guint segment);

G_END_DECLS
