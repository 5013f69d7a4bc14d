/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-line-chart.c: lines. Categories stand at their x (time); a missing value breaks the line. */
#define G_LOG_DOMAIN "till-line-chart"
#include "config.h"
#include "client/widgets/till-line-chart.h"

struct _TillLineChart
{
  TillChart parent_instance;
};

G_DEFINE_FINAL_TYPE (TillLineChart, till_line_chart, TILL_TYPE_CHART)

static void
range (TillChart *chart, gint64 *low, gint64 *high)
{
  TillChartData *data = till_chart_get_data (chart);

  for (guint s = 0; s < till_chart_data_get_n_series (data); s++)
    for (guint i = 0; i < till_chart_data_get_n_categories (data); i++)
      {
        gint64 value = till_chart_data_get_value (data, s, i);
        if (value == TILL_UNKNOWN)
          continue;
        *low = MIN (*low, value);
        *high = MAX (*high, value);
      }
}

static float
category_x (TillChart *chart, const TillPlot *plot, guint category)
{
  TillChartData *data = till_chart_get_data (chart);
  guint n = till_chart_data_get_n_categories (data);
  gint64 first = till_chart_data_get_category (data, 0)->x, last = till_chart_data_get_category (data, n - 1)->x;
  double at;

  if (last > first)
    at = (double) (till_chart_data_get_category (data, category)->x - first) / (double) (last - first);
  else
    at = n > 1 ? (double) category / (n - 1) : .5;
  return plot->x + plot->width * (float) at;
}

static void
draw_series (TillChart *chart, cairo_t *cr, const TillPlot *plot, const TillScale *scale, guint s)
{
  TillChartData *data = till_chart_get_data (chart);
  guint n = till_chart_data_get_n_categories (data);
  gboolean pen_down = FALSE;

  gdk_cairo_set_source_rgba (cr, till_palette_tone (till_palette_theme (), till_chart_data_get_series (data, s)->tone));
  for (guint i = 0; i < n; i++)
    {
      gint64 value = till_chart_data_get_value (data, s, i);
      double x = category_x (chart, plot, i), y;

      if (value == TILL_UNKNOWN)
        {
          pen_down = FALSE;
          continue;
        }
      y = plot->y + plot->height * (1 - till_scale_fraction (scale, value));
      if (pen_down)
        cairo_line_to (cr, x, y);
      else
        cairo_move_to (cr, x, y);
      if (!pen_down && (i + 1 == n || till_chart_data_get_value (data, s, i + 1) == TILL_UNKNOWN))
        cairo_line_to (cr, x, y); /* a lone value is a dot */
      pen_down = TRUE;
    }
  cairo_stroke (cr);
}

static void
draw (TillChart *chart, GtkSnapshot *snapshot, const TillPlot *plot, const TillScale *scale)
{
  cairo_t *cr = gtk_snapshot_append_cairo (snapshot, &GRAPHENE_RECT_INIT (plot->x - 3, plot->y - 3, plot->width + 6, plot->height + 6));

  cairo_set_line_width (cr, 2);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  for (guint s = 0; s < till_chart_data_get_n_series (till_chart_get_data (chart)); s++)
    draw_series (chart, cr, plot, scale, s);
  cairo_destroy (cr);
}

static void
till_line_chart_class_init (TillLineChartClass *klass)
{
  TillChartClass *chart_class = TILL_CHART_CLASS (klass);

  chart_class->range = range;
  chart_class->category_x = category_x;
  chart_class->draw = draw;
}

static void
till_line_chart_init (TillLineChart *self)
{
}

GtkWidget *
till_line_chart_new (void)
{
  return g_object_new (TILL_TYPE_LINE_CHART, NULL);
}
