/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-open-meters.h: the step of the assistant that chooses meters: the tree of areas and a search over those that are not opened, the
 * chosen ones below, each read at once. Signal "changed": chosen, removed, or read. */
#pragma once
#include <adwaita.h>
#include "client/model/till-opening.h"
#include "client/service/till-context.h"

G_BEGIN_DECLS

#define TILL_TYPE_OPEN_METERS (till_open_meters_get_type ())
G_DECLARE_FINAL_TYPE (TillOpenMeters, till_open_meters, TILL, OPEN_METERS, AdwBin)

/* opening: borrowed; the owner keeps it as long as the widget lives. */
GtkWidget *till_open_meters_new (TillContext *context, TillOpening *opening);
void       till_open_meters_add (TillOpenMeters *self, TillMeter *meter);
/* Reads those again whose last reading is older; returns how many are being read now. */
guint      till_open_meters_refresh (TillOpenMeters *self, gint64 max_age_s);
guint      till_open_meters_count_reading (TillOpenMeters *self);
/* What keeps the step from being done, translated; NULL: nothing. */
char      *till_open_meters_dup_problem (TillOpenMeters *self);
/* The window closes: no answer is waited for. */
void       till_open_meters_stop (TillOpenMeters *self);

G_END_DECLS
