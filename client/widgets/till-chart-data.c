/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-chart-data.c: numbers of a chart. No drawing, no formatting rule of its own. */
#define G_LOG_DOMAIN "till-chart-data"
#include "config.h"
#include "client/widgets/till-chart-data.h"

struct _TillChartData
{
  GObject parent_instance;
  char *title, *unit_text;
  gint64 unit;
  TillChartFormat format;
  GArray *categories; /* TillChartCategory */
  GArray *series;     /* TillChartSeries */
};

G_DEFINE_FINAL_TYPE (TillChartData, till_chart_data, G_TYPE_OBJECT)

static void
clear_category (gpointer data)
{
  TillChartCategory *category = data;

  g_free (category->label);
  g_free (category->full_label);
}

static void
clear_series (gpointer data)
{
  TillChartSeries *series = data;

  g_free (series->name);
  g_array_unref (series->values);
}

static void
till_chart_data_finalize (GObject *object)
{
  TillChartData *self = TILL_CHART_DATA (object);

  g_free (self->title);
  g_free (self->unit_text);
  g_array_unref (self->categories);
  g_array_unref (self->series);
  G_OBJECT_CLASS (till_chart_data_parent_class)->finalize (object);
}

static void
till_chart_data_class_init (TillChartDataClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = till_chart_data_finalize;
}

static void
till_chart_data_init (TillChartData *self)
{
  self->categories = g_array_new (FALSE, TRUE, sizeof (TillChartCategory));
  g_array_set_clear_func (self->categories, clear_category);
  self->series = g_array_new (FALSE, TRUE, sizeof (TillChartSeries));
  g_array_set_clear_func (self->series, clear_series);
}

TillChartData *
till_chart_data_new (const char *title, gint64 unit, const char *unit_text, TillChartFormat format)
{
  TillChartData *self;

  g_return_val_if_fail (unit > 0 && format != NULL, NULL);
  self = g_object_new (TILL_TYPE_CHART_DATA, NULL);
  self->title = g_strdup (title);
  self->unit = unit;
  self->unit_text = g_strdup (unit_text);
  self->format = format;
  return self;
}

guint
till_chart_data_add_series (TillChartData *self, const char *name, TillTone tone)
{
  TillChartSeries series = { g_strdup (name), tone, g_array_new (FALSE, FALSE, sizeof (gint64)) };
  gint64 none = TILL_UNKNOWN;

  for (guint i = 0; i < self->categories->len; i++)
    g_array_append_val (series.values, none);
  g_array_append_val (self->series, series);
  return self->series->len - 1;
}

guint
till_chart_data_add_category (TillChartData *self, const char *label, const char *full_label, gint64 x)
{
  TillChartCategory category = { g_strdup (label), g_strdup (full_label ? full_label : label), x };
  gint64 none = TILL_UNKNOWN;

  g_array_append_val (self->categories, category);
  for (guint i = 0; i < self->series->len; i++)
    g_array_append_val (g_array_index (self->series, TillChartSeries, i).values, none);
  return self->categories->len - 1;
}

void
till_chart_data_set_value (TillChartData *self, guint series, guint category, gint64 value)
{
  g_return_if_fail (series < self->series->len && category < self->categories->len);
  g_array_index (g_array_index (self->series, TillChartSeries, series).values, gint64, category) = value;
}

const char *
till_chart_data_get_title (TillChartData *self)
{
  return self->title;
}

const char *
till_chart_data_get_unit_text (TillChartData *self)
{
  return self->unit_text;
}

gint64
till_chart_data_get_unit (TillChartData *self)
{
  return self->unit;
}

guint
till_chart_data_get_n_series (TillChartData *self)
{
  return self->series->len;
}

guint
till_chart_data_get_n_categories (TillChartData *self)
{
  return self->categories->len;
}

const TillChartSeries *
till_chart_data_get_series (TillChartData *self, guint series)
{
  g_return_val_if_fail (series < self->series->len, NULL);
  return &g_array_index (self->series, TillChartSeries, series);
}

const TillChartCategory *
till_chart_data_get_category (TillChartData *self, guint category)
{
  g_return_val_if_fail (category < self->categories->len, NULL);
  return &g_array_index (self->categories, TillChartCategory, category);
}

gint64
till_chart_data_get_value (TillChartData *self, guint series, guint category)
{
  g_return_val_if_fail (series < self->series->len && category < self->categories->len, TILL_UNKNOWN);
  return g_array_index (g_array_index (self->series, TillChartSeries, series).values, gint64, category);
}

char *
till_chart_data_format (TillChartData *self, gint64 value)
{
  return value == TILL_UNKNOWN ? g_strdup ("\u2013") : self->format (value);
}
