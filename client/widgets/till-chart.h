/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-chart.h: what bars and lines have in common: axes, legend, hover card, a cursor moved by the arrow keys, the
 * accessible description. CSS node "tillchart". Property "data" (TillChartData). */
#pragma once
#include <gtk/gtk.h>
#include "client/widgets/till-chart-data.h"
#include "client/widgets/till-scale.h"

G_BEGIN_DECLS

#define TILL_TYPE_CHART (till_chart_get_type ())
G_DECLARE_DERIVABLE_TYPE (TillChart, till_chart, TILL, CHART, GtkWidget)

typedef struct { float x, y, width, height; } TillPlot; /* where values are drawn */

struct _TillChartClass
{
  GtkWidgetClass parent_class;
  void  (*range) (TillChart *self, gint64 *low, gint64 *high);
  float (*category_x) (TillChart *self, const TillPlot *plot, guint category); /* its middle */
  void  (*draw) (TillChart *self, GtkSnapshot *snapshot, const TillPlot *plot, const TillScale *scale);
};

void           till_chart_set_data (TillChart *self, TillChartData *data);
TillChartData *till_chart_get_data (TillChart *self);
int            till_chart_get_cursor (TillChart *self); /* category under pointer or arrow keys, -1 = none */
void           till_chart_set_cursor (TillChart *self, int category);
/* Sentence for screen readers: title, range, lowest and highest; caller frees. */
char          *till_chart_describe (TillChart *self);

G_END_DECLS
