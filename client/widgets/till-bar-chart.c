/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-bar-chart.c: stacked bars with 1 px between the parts. A missing value leaves a gap, never a zero. */
#define G_LOG_DOMAIN "till-bar-chart"
#include "config.h"
#include "client/widgets/till-bar-chart.h"
#include <math.h>

struct _TillBarChart
{
  TillChart parent_instance;
};

G_DEFINE_FINAL_TYPE (TillBarChart, till_bar_chart, TILL_TYPE_CHART)

static void
range (TillChart *chart, gint64 *low, gint64 *high)
{
  TillChartData *data = till_chart_get_data (chart);

  for (guint i = 0; i < till_chart_data_get_n_categories (data); i++)
    {
      gint64 up = 0, down = 0;
      for (guint s = 0; s < till_chart_data_get_n_series (data); s++)
        {
          gint64 value = till_chart_data_get_value (data, s, i);
          if (value != TILL_UNKNOWN)
            *(value < 0 ? &down : &up) += value;
        }
      *low = MIN (*low, down);
      *high = MAX (*high, up);
    }
}

static float
category_x (TillChart *chart, const TillPlot *plot, guint category)
{
  guint n = till_chart_data_get_n_categories (till_chart_get_data (chart));
  return plot->x + plot->width * ((float) category + .5f) / (float) n;
}

static void
draw_bar (TillChart *chart, GtkSnapshot *snapshot, const TillPlot *plot, const TillScale *scale, guint category)
{
  TillChartData *data = till_chart_get_data (chart);
  guint n = till_chart_data_get_n_categories (data);
  float slot = plot->width / (float) n, width = CLAMP (floorf (slot * .66f), 1, 48);
  float x = roundf (category_x (chart, plot, category) - width / 2);
  gint64 up = 0, down = 0;
  TillTheme theme = till_palette_theme ();

  for (guint s = 0; s < till_chart_data_get_n_series (data); s++)
    {
      gint64 value = till_chart_data_get_value (data, s, category), from, *base = value < 0 ? &down : &up;
      float y0, y1, gap;

      if (value == TILL_UNKNOWN || value == 0)
        continue;
      from = *base;
      *base += value;
      y0 = roundf (plot->y + plot->height * (float) (1 - till_scale_fraction (scale, MAX (from, *base))));
      y1 = roundf (plot->y + plot->height * (float) (1 - till_scale_fraction (scale, MIN (from, *base))));
      gap = from != 0 && y1 - y0 > 2 ? 1 : 0;
      gtk_snapshot_append_color (snapshot, till_palette_tone (theme, till_chart_data_get_series (data, s)->tone),
                                 &GRAPHENE_RECT_INIT (x, y0, width, MAX (y1 - y0 - gap, 1)));
    }
}

static void
draw (TillChart *chart, GtkSnapshot *snapshot, const TillPlot *plot, const TillScale *scale)
{
  for (guint i = 0; i < till_chart_data_get_n_categories (till_chart_get_data (chart)); i++)
    draw_bar (chart, snapshot, plot, scale, i);
}

static void
till_bar_chart_class_init (TillBarChartClass *klass)
{
  TillChartClass *chart_class = TILL_CHART_CLASS (klass);

  chart_class->range = range;
  chart_class->category_x = category_x;
  chart_class->draw = draw;
}

static void
till_bar_chart_init (TillBarChart *self)
{
}

GtkWidget *
till_bar_chart_new (void)
{
  return g_object_new (TILL_TYPE_BAR_CHART, NULL);
}
