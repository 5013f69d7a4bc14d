/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-bar-chart.h: bars stacked from zero, negative values below it. Drawn with colour nodes. */
#pragma once
#include "client/widgets/till-chart.h"

G_BEGIN_DECLS

#define TILL_TYPE_BAR_CHART (till_bar_chart_get_type ())
G_DECLARE_FINAL_TYPE (TillBarChart, till_bar_chart, TILL, BAR_CHART, TillChart)

GtkWidget *till_bar_chart_new (void);

G_END_DECLS
