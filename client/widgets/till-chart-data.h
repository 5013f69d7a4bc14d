/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-chart-data.h: what a chart shows: categories along the axis, series of integers, gaps as TILL_UNKNOWN. */
#pragma once
#include <gio/gio.h>
#include "client/model/till-record.h"
#include "client/widgets/till-palette.h"

G_BEGIN_DECLS

#define TILL_TYPE_CHART_DATA (till_chart_data_get_type ())
G_DECLARE_FINAL_TYPE (TillChartData, till_chart_data, TILL, CHART_DATA, GObject)

typedef char *(*TillChartFormat) (gint64 value); /* "1,234.50"; caller frees */

typedef struct { char *label; char *full_label; gint64 x; } TillChartCategory; /* label under the axis, full one in the card */
typedef struct { char *name; TillTone tone; GArray *values; } TillChartSeries;

/* unit: stored integers per shown unit; unit_text: "kWh", may be NULL. */
TillChartData *till_chart_data_new (const char *title, gint64 unit, const char *unit_text, TillChartFormat format);
guint          till_chart_data_add_series (TillChartData *self, const char *name, TillTone tone);
guint          till_chart_data_add_category (TillChartData *self, const char *label, const char *full_label, gint64 x);
void           till_chart_data_set_value (TillChartData *self, guint series, guint category, gint64 value);

const char    *till_chart_data_get_title (TillChartData *self);
const char    *till_chart_data_get_unit_text (TillChartData *self);
gint64         till_chart_data_get_unit (TillChartData *self);
guint          till_chart_data_get_n_series (TillChartData *self);
guint          till_chart_data_get_n_categories (TillChartData *self);
const TillChartSeries   *till_chart_data_get_series (TillChartData *self, guint series);
const TillChartCategory *till_chart_data_get_category (TillChartData *self, guint category);
gint64         till_chart_data_get_value (TillChartData *self, guint series, guint category); /* TILL_UNKNOWN = gap */
char          *till_chart_data_format (TillChartData *self, gint64 value);

G_END_DECLS
