/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-line-chart.h: lines over an even or timed axis; gaps stay visible. Drawn with one cairo node. */
#pragma once
#include "client/widgets/till-chart.h"

G_BEGIN_DECLS

#define TILL_TYPE_LINE_CHART (till_line_chart_get_type ())
G_DECLARE_FINAL_TYPE (TillLineChart, till_line_chart, TILL, LINE_CHART, TillChart)

GtkWidget *till_line_chart_new (void);

G_END_DECLS
