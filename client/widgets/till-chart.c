/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-chart.c: frame of a drawn chart. It knows nothing about bars or lines. */
#define G_LOG_DOMAIN "till-chart"
#include "config.h"
#include "client/widgets/till-chart.h"
#include <adwaita.h>
#include <glib/gi18n.h>
#include <math.h>

#define PAD 8.f
#define AXIS_GAP 6.f
#define CARD_PAD 8.f

typedef struct
{
  TillChartData *data;
  int cursor;
} TillChartPrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (TillChart, till_chart, GTK_TYPE_WIDGET)

enum { PROP_DATA = 1, N_PROPS };
static GParamSpec *props[N_PROPS];

static PangoLayout *
small_text (TillChart *self, const char *text)
{
  PangoLayout *layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  PangoAttrList *attrs = pango_attr_list_new ();

  pango_attr_list_insert (attrs, pango_attr_scale_new (0.86));
  pango_attr_list_insert (attrs, pango_attr_font_features_new ("tnum"));
  pango_layout_set_attributes (layout, attrs);
  pango_attr_list_unref (attrs);
  return layout;
}

static void
put_text (GtkSnapshot *snapshot, PangoLayout *layout, float x, float y, const GdkRGBA *colour)
{
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (roundf (x), roundf (y)));
  gtk_snapshot_append_layout (snapshot, layout, colour);
  gtk_snapshot_restore (snapshot);
}

static void
text_size (PangoLayout *layout, float *ret_width, float *ret_height)
{
  int w, h;

  pango_layout_get_pixel_size (layout, &w, &h);
  *ret_width = w;
  *ret_height = h;
}

static void
make_scale (TillChart *self, TillScale *ret)
{
  TillChartPrivate *priv = till_chart_get_instance_private (self);
  gint64 low = 0, high = 0;
  int height = gtk_widget_get_height (GTK_WIDGET (self));

  TILL_CHART_GET_CLASS (self)->range (self, &low, &high);
  till_scale_init (ret, low, high, till_chart_data_get_unit (priv->data), height < 140 ? 2 : height < 260 ? 4 : 6);
}

/* Legend in one line: coloured squares with names. Returns its height. */
static float
draw_legend (TillChart *self, GtkSnapshot *snapshot, TillTheme theme)
{
  TillChartPrivate *priv = till_chart_get_instance_private (self);
  float x = PAD, height = 16;
  const char *unit = till_chart_data_get_unit_text (priv->data);

  if (unit)
    {
      g_autoptr (PangoLayout) layout = small_text (self, unit);
      float w;
      text_size (layout, &w, &height);
      put_text (snapshot, layout, x, 2, till_palette_tone (theme, TILL_TONE_DIM));
      x += w + 16;
    }
  for (guint i = 0; i < till_chart_data_get_n_series (priv->data); i++)
    {
      const TillChartSeries *series = till_chart_data_get_series (priv->data, i);
      g_autoptr (PangoLayout) layout = small_text (self, series->name);
      float w;

      text_size (layout, &w, &height);
      gtk_snapshot_append_color (snapshot, till_palette_tone (theme, series->tone),
                                 &GRAPHENE_RECT_INIT (x, roundf (2 + (height - 10) / 2), 10, 10));
      put_text (snapshot, layout, x + 15, 2, till_palette_tone (theme, TILL_TONE_TEXT));
      x += 15 + w + 16;
    }
  return height + 8;
}

static float
label_width (TillChart *self, const TillScale *scale)
{
  float widest = 0;

  for (guint i = 0; i < scale->n_ticks; i++)
    {
      g_autofree char *text = till_scale_label (scale, i);
      g_autoptr (PangoLayout) layout = small_text (self, text);
      float w, h;
      text_size (layout, &w, &h);
      widest = MAX (widest, w);
    }
  return widest;
}

static void
plot_area (TillChart *self, const TillScale *scale, float top, TillPlot *ret)
{
  float width = gtk_widget_get_width (GTK_WIDGET (self)), height = gtk_widget_get_height (GTK_WIDGET (self));
  float left = PAD + label_width (self, scale) + AXIS_GAP;

  *ret = (TillPlot){ left, top, MAX (width - left - PAD, 1), MAX (height - top - 24, 1) };
}

static void
draw_value_axis (TillChart *self, GtkSnapshot *snapshot, const TillPlot *plot, const TillScale *scale, TillTheme theme)
{
  for (guint i = 0; i < scale->n_ticks; i++)
    {
      float y = roundf (plot->y + plot->height * (float) (1 - till_scale_tick_fraction (scale, i)));
      g_autofree char *text = till_scale_label (scale, i);
      g_autoptr (PangoLayout) layout = small_text (self, text);
      gboolean zero = till_scale_tick (scale, i) == 0;
      float w, h;

      text_size (layout, &w, &h);
      put_text (snapshot, layout, plot->x - AXIS_GAP - w, y - h / 2, till_palette_tone (theme, TILL_TONE_DIM));
      gtk_snapshot_append_color (snapshot, till_palette_tone (theme, zero ? TILL_TONE_DIM : TILL_TONE_GRID),
                                 &GRAPHENE_RECT_INIT (plot->x, y, plot->width, 1));
    }
}

static void
draw_category_axis (TillChart *self, GtkSnapshot *snapshot, const TillPlot *plot, TillTheme theme)
{
  TillChartPrivate *priv = till_chart_get_instance_private (self);
  guint n = till_chart_data_get_n_categories (priv->data);
  float free_from = plot->x - PAD, right = plot->x + plot->width + PAD;

  for (guint i = 0; i < n; i++)
    {
      const TillChartCategory *category = till_chart_data_get_category (priv->data, i);
      g_autoptr (PangoLayout) layout = NULL;
      float x, w, h;

      if (category->label == NULL)
        continue;
      layout = small_text (self, category->label);
      text_size (layout, &w, &h);
      x = TILL_CHART_GET_CLASS (self)->category_x (self, plot, i) - w / 2;
      if (x < free_from || x + w > right)
        continue; /* labels never overlap; every nth stays */
      put_text (snapshot, layout, x, plot->y + plot->height + 5, till_palette_tone (theme, TILL_TONE_DIM));
      free_from = x + w + 10;
    }
}

static void
draw_card (TillChart *self, GtkSnapshot *snapshot, const TillPlot *plot, TillTheme theme)
{
  TillChartPrivate *priv = till_chart_get_instance_private (self);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (PangoLayout) layout = NULL;
  GskRoundedRect round;
  float middle = TILL_CHART_GET_CLASS (self)->category_x (self, plot, (guint) priv->cursor), w, h, x, y;
  const float border[4] = { 1, 1, 1, 1 };
  GdkRGBA line = *till_palette_tone (theme, TILL_TONE_DIM);

  g_string_append (text, till_chart_data_get_category (priv->data, (guint) priv->cursor)->full_label);
  for (guint i = 0; i < till_chart_data_get_n_series (priv->data); i++)
    {
      g_autofree char *value = till_chart_data_format (priv->data, till_chart_data_get_value (priv->data, i, (guint) priv->cursor));
      g_string_append_printf (text, "\n%s  %s", till_chart_data_get_series (priv->data, i)->name, value);
    }
  gtk_snapshot_append_color (snapshot, till_palette_tone (theme, TILL_TONE_DIM), &GRAPHENE_RECT_INIT (roundf (middle), plot->y, 1, plot->height));
  layout = small_text (self, text->str);
  text_size (layout, &w, &h);
  w += 2 * CARD_PAD;
  h += 2 * CARD_PAD;
  x = middle + 10 + w < gtk_widget_get_width (GTK_WIDGET (self)) ? middle + 10 : MAX (middle - 10 - w, 0);
  y = MAX (plot->y, 0);
  gsk_rounded_rect_init_from_rect (&round, &GRAPHENE_RECT_INIT (roundf (x), roundf (y), w, h), 6);
  gtk_snapshot_push_rounded_clip (snapshot, &round);
  gtk_snapshot_append_color (snapshot, till_palette_tone (theme, TILL_TONE_SURFACE), &round.bounds);
  gtk_snapshot_pop (snapshot);
  gtk_snapshot_append_border (snapshot, &round, border, (GdkRGBA[4]){ line, line, line, line });
  put_text (snapshot, layout, x + CARD_PAD, y + CARD_PAD, till_palette_tone (theme, TILL_TONE_TEXT));
}

static void
update_description (TillChart *self)
{
  g_autofree char *text = till_chart_describe (self);

  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
}

static gboolean
current_plot (TillChart *self, TillPlot *ret)
{
  TillChartPrivate *priv = till_chart_get_instance_private (self);
  TillScale scale;

  if (priv->data == NULL || till_chart_data_get_n_categories (priv->data) == 0)
    return FALSE;
  make_scale (self, &scale);
  plot_area (self, &scale, 0, ret);
  return TRUE;
}

static void
motion_cb (GtkEventControllerMotion *motion, double x, double y, TillChart *self)
{
  TillChartPrivate *priv = till_chart_get_instance_private (self);
  TillPlot plot;
  int nearest = -1;
  float best = G_MAXFLOAT;

  if (!current_plot (self, &plot))
    return;
  for (guint i = 0; i < till_chart_data_get_n_categories (priv->data); i++)
    {
      float d = fabsf (TILL_CHART_GET_CLASS (self)->category_x (self, &plot, i) - (float) x);
      if (d < best)
        {
          best = d;
          nearest = (int) i;
        }
    }
  till_chart_set_cursor (self, x < plot.x ? -1 : nearest);
}

static void
leave_cb (GtkEventControllerMotion *motion, TillChart *self)
{
  till_chart_set_cursor (self, -1);
}

static gboolean
move_cursor (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  TillChart *self = TILL_CHART (widget);
  TillChartPrivate *priv = till_chart_get_instance_private (self);
  int n = priv->data ? (int) till_chart_data_get_n_categories (priv->data) : 0;
  int by = g_variant_get_int32 (args);

  if (n == 0)
    return FALSE;
  if (by <= -1000 || by >= 1000)
    till_chart_set_cursor (self, by < 0 ? 0 : n - 1);
  else
    till_chart_set_cursor (self, priv->cursor < 0 ? (by > 0 ? 0 : n - 1) : CLAMP (priv->cursor + by, 0, n - 1));
  return TRUE;
}

static gboolean
drop_cursor (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  if (till_chart_get_cursor (TILL_CHART (widget)) < 0)
    return FALSE;
  till_chart_set_cursor (TILL_CHART (widget), -1);
  return TRUE;
}

static void
till_chart_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  TillChart *self = TILL_CHART (widget);
  TillChartPrivate *priv = till_chart_get_instance_private (self);
  TillTheme theme = till_palette_theme ();
  TillScale scale;
  TillPlot plot;

  if (priv->data == NULL || till_chart_data_get_n_categories (priv->data) == 0 || gtk_widget_get_width (widget) < 40)
    return;
  make_scale (self, &scale);
  plot_area (self, &scale, draw_legend (self, snapshot, theme) + 4, &plot);
  draw_value_axis (self, snapshot, &plot, &scale, theme);
  draw_category_axis (self, snapshot, &plot, theme);
  TILL_CHART_GET_CLASS (self)->draw (self, snapshot, &plot, &scale);
  if (priv->cursor >= 0)
    draw_card (self, snapshot, &plot, theme);
}

static void
till_chart_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural, int *minimum_baseline,
                    int *natural_baseline)
{
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 160 : 100;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 480 : 200;
}

static void
till_chart_dispose (GObject *object)
{
  TillChartPrivate *priv = till_chart_get_instance_private (TILL_CHART (object));

  g_clear_object (&priv->data);
  G_OBJECT_CLASS (till_chart_parent_class)->dispose (object);
}

static void
till_chart_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_set_object (value, till_chart_get_data (TILL_CHART (object)));
}

static void
till_chart_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  till_chart_set_data (TILL_CHART (object), g_value_get_object (value));
}

static void
till_chart_class_init (TillChartClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = till_chart_dispose;
  object_class->get_property = till_chart_get_property;
  object_class->set_property = till_chart_set_property;
  widget_class->snapshot = till_chart_snapshot;
  widget_class->measure = till_chart_measure;
  props[PROP_DATA] = g_param_spec_object ("data", NULL, NULL, TILL_TYPE_CHART_DATA,
                                          G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
  gtk_widget_class_set_css_name (widget_class, "tillchart");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Left, 0, move_cursor, "i", -1);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Right, 0, move_cursor, "i", 1);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Home, 0, move_cursor, "i", -1000);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_End, 0, move_cursor, "i", 1000);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Escape, 0, drop_cursor, NULL);
}

static void
till_chart_init (TillChart *self)
{
  TillChartPrivate *priv = till_chart_get_instance_private (self);
  GtkEventController *motion = gtk_event_controller_motion_new ();

  priv->cursor = -1;
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  g_signal_connect (motion, "motion", G_CALLBACK (motion_cb), self);
  g_signal_connect (motion, "leave", G_CALLBACK (leave_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), motion);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark", G_CALLBACK (gtk_widget_queue_draw), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::high-contrast", G_CALLBACK (gtk_widget_queue_draw), self,
                           G_CONNECT_SWAPPED);
}

void
till_chart_set_data (TillChart *self, TillChartData *data)
{
  TillChartPrivate *priv = till_chart_get_instance_private (self);

  g_return_if_fail (TILL_IS_CHART (self));
  if (!g_set_object (&priv->data, data))
    return;
  priv->cursor = -1;
  if (data)
    gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, till_chart_data_get_title (data), -1);
  update_description (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_DATA]);
}

TillChartData *
till_chart_get_data (TillChart *self)
{
  TillChartPrivate *priv = till_chart_get_instance_private (self);
  return priv->data;
}

int
till_chart_get_cursor (TillChart *self)
{
  TillChartPrivate *priv = till_chart_get_instance_private (self);
  return priv->cursor;
}

void
till_chart_set_cursor (TillChart *self, int category)
{
  TillChartPrivate *priv = till_chart_get_instance_private (self);

  if (priv->cursor == category)
    return;
  priv->cursor = category;
  update_description (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
append_extremes (TillChartData *data, guint s, GString *text)
{
  guint n = till_chart_data_get_n_categories (data), low = n, high = n;
  g_autofree char *low_text = NULL, *high_text = NULL;

  for (guint i = 0; i < n; i++)
    {
      gint64 value = till_chart_data_get_value (data, s, i);
      if (value == TILL_UNKNOWN)
        continue;
      if (low == n || value < till_chart_data_get_value (data, s, low))
        low = i;
      if (high == n || value > till_chart_data_get_value (data, s, high))
        high = i;
    }
  if (low == n)
    return;
  low_text = till_chart_data_format (data, till_chart_data_get_value (data, s, low));
  high_text = till_chart_data_format (data, till_chart_data_get_value (data, s, high));
  /* Translators: series name, lowest value, where, highest value, where. */
  g_string_append_printf (text, _ (" %s: lowest %s (%s), highest %s (%s)."), till_chart_data_get_series (data, s)->name, low_text,
                          till_chart_data_get_category (data, low)->full_label, high_text,
                          till_chart_data_get_category (data, high)->full_label);
}

char *
till_chart_describe (TillChart *self)
{
  TillChartPrivate *priv = till_chart_get_instance_private (self);
  GString *text = g_string_new (NULL);
  guint n = priv->data ? till_chart_data_get_n_categories (priv->data) : 0;

  if (n == 0)
    g_string_append (text, _ ("No data."));
  else if (priv->cursor >= 0)
    {
      g_string_append (text, till_chart_data_get_category (priv->data, (guint) priv->cursor)->full_label);
      for (guint s = 0; s < till_chart_data_get_n_series (priv->data); s++)
        {
          g_autofree char *value = till_chart_data_format (priv->data, till_chart_data_get_value (priv->data, s, (guint) priv->cursor));
          g_string_append_printf (text, ", %s %s", till_chart_data_get_series (priv->data, s)->name, value);
        }
    }
  else
    {
      g_string_append_printf (text, "%s, %s \u2013 %s.", till_chart_data_get_title (priv->data),
                              till_chart_data_get_category (priv->data, 0)->full_label,
                              till_chart_data_get_category (priv->data, n - 1)->full_label);
      for (guint s = 0; s < till_chart_data_get_n_series (priv->data); s++)
        append_extremes (priv->data, s, text);
    }
  return g_string_free (text, FALSE);
}
