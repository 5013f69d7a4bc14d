/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-status-legend.h: the six states as toggle buttons with live counts: what a colour means, how many, and a filter.
 * Property "states" (uint, bit per TillMeterState; 0 = no filter), notify. */
#pragma once
#include <gtk/gtk.h>
#include "client/model/till-board-state.h"

G_BEGIN_DECLS

#define TILL_TYPE_STATUS_LEGEND (till_status_legend_get_type ())
G_DECLARE_FINAL_TYPE (TillStatusLegend, till_status_legend, TILL, STATUS_LEGEND, GtkWidget)

GtkWidget *till_status_legend_new (void);
void       till_status_legend_set_counts (TillStatusLegend *self, const guint counts[TILL_N_STATES]);
guint      till_status_legend_get_states (TillStatusLegend *self);
void       till_status_legend_set_states (TillStatusLegend *self, guint states);

G_END_DECLS
