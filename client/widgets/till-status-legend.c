/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-status-legend.c: six buttons. Counts come from outside; it filters nothing itself. */
#define G_LOG_DOMAIN "till-status-legend"
#include "config.h"
#include "client/widgets/till-status-legend.h"
#include "client/model/till-words.h"
#include "client/widgets/till-format.h"
#include "client/widgets/till-palette.h"

struct _TillStatusLegend
{
  GtkWidget parent_instance;
  GtkToggleButton *buttons[TILL_N_STATES];
  GtkLabel *counts[TILL_N_STATES];
  gboolean quiet;
};

G_DEFINE_FINAL_TYPE (TillStatusLegend, till_status_legend, GTK_TYPE_WIDGET)

enum { PROP_STATES = 1, N_PROPS };
static GParamSpec *props[N_PROPS];

static void
toggled_cb (GtkToggleButton *button, TillStatusLegend *self)
{
  if (!self->quiet)
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STATES]);
}

static void
add_button (TillStatusLegend *self, guint state)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6), *glyph = gtk_image_new_from_icon_name (till_palette_state_icon (state));
  GtkWidget *word = gtk_label_new (till_format_word (&till_words_meter_state, state));

  self->buttons[state] = GTK_TOGGLE_BUTTON (gtk_toggle_button_new ());
  self->counts[state] = GTK_LABEL (gtk_label_new ("0"));
  gtk_widget_add_css_class (glyph, "glyph");
  gtk_widget_add_css_class (glyph, till_palette_state_class (state));
  gtk_widget_set_valign (glyph, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (GTK_WIDGET (self->counts[state]), "count");
  gtk_box_append (GTK_BOX (box), glyph);
  gtk_box_append (GTK_BOX (box), word);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->counts[state]));
  gtk_button_set_child (GTK_BUTTON (self->buttons[state]), box);
  gtk_widget_add_css_class (GTK_WIDGET (self->buttons[state]), "flat");
  g_signal_connect (self->buttons[state], "toggled", G_CALLBACK (toggled_cb), self);
  gtk_widget_set_parent (GTK_WIDGET (self->buttons[state]), GTK_WIDGET (self));
}

static void
till_status_legend_dispose (GObject *object)
{
  TillStatusLegend *self = TILL_STATUS_LEGEND (object);

  for (guint i = 0; i < TILL_N_STATES; i++)
    g_clear_pointer ((GtkWidget **) &self->buttons[i], gtk_widget_unparent);
  G_OBJECT_CLASS (till_status_legend_parent_class)->dispose (object);
}

static void
till_status_legend_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_set_uint (value, till_status_legend_get_states (TILL_STATUS_LEGEND (object)));
}

static void
till_status_legend_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  till_status_legend_set_states (TILL_STATUS_LEGEND (object), g_value_get_uint (value));
}

static void
till_status_legend_class_init (TillStatusLegendClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = till_status_legend_dispose;
  object_class->get_property = till_status_legend_get_property;
  object_class->set_property = till_status_legend_set_property;
  props[PROP_STATES] = g_param_spec_uint ("states", NULL, NULL, 0, (1u << TILL_N_STATES) - 1, 0,
                                          G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
  gtk_widget_class_set_css_name (widget_class, "tilllegend");
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
}

static void
till_status_legend_init (TillStatusLegend *self)
{
  gtk_box_layout_set_spacing (GTK_BOX_LAYOUT (gtk_widget_get_layout_manager (GTK_WIDGET (self))), 4);
  gtk_widget_add_css_class (GTK_WIDGET (self), "till-legend");
  for (guint i = 0; i < TILL_N_STATES; i++)
    add_button (self, i);
}

GtkWidget *
till_status_legend_new (void)
{
  return g_object_new (TILL_TYPE_STATUS_LEGEND, NULL);
}

void
till_status_legend_set_counts (TillStatusLegend *self, const guint counts[TILL_N_STATES])
{
  for (guint i = 0; i < TILL_N_STATES; i++)
    {
      g_autofree char *text = till_format_int (counts[i]);
      gtk_label_set_text (self->counts[i], text);
    }
}

guint
till_status_legend_get_states (TillStatusLegend *self)
{
  guint states = 0;

  for (guint i = 0; i < TILL_N_STATES; i++)
    if (gtk_toggle_button_get_active (self->buttons[i]))
      states |= 1u << i;
  return states;
}

void
till_status_legend_set_states (TillStatusLegend *self, guint states)
{
  if (states == till_status_legend_get_states (self))
    return;
  self->quiet = TRUE;
  for (guint i = 0; i < TILL_N_STATES; i++)
    gtk_toggle_button_set_active (self->buttons[i], (states & 1u << i) != 0);
  self->quiet = FALSE;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STATES]);
}
