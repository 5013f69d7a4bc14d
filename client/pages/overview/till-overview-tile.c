/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-overview-tile.c: title, figure, note, and for the states of meters a bar of shares. */
#define G_LOG_DOMAIN "till-overview-tile"
#include "config.h"
#include "client/pages/overview/till-overview-tile.h"
#include <glib/gi18n.h>
#include <string.h>
#include "client/model/till-board-state.h"
#include "client/widgets/till-palette.h"

struct _TillOverviewTile
{
  GtkButton parent_instance;
  GtkLabel *title, *figure, *note;
  GtkDrawingArea *bar;
  guint counts[TILL_N_STATES];
  char *page, *target;
};

G_DEFINE_FINAL_TYPE (TillOverviewTile, till_overview_tile, GTK_TYPE_BUTTON)

enum { PROP_TITLE = 1, PROP_PAGE, PROP_TARGET, N_PROPS };
static GParamSpec *props[N_PROPS];

static void
name_tile (TillOverviewTile *self)
{
  g_autofree char *name = g_strdup_printf ("%s, %s, %s", gtk_label_get_text (self->title), gtk_label_get_text (self->figure),
                                           gtk_label_get_text (self->note));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

static void
draw_bar (GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer user_data)
{
  TillOverviewTile *self = user_data;
  guint total = 0;
  double x = 0;

  for (guint i = 0; i < TILL_N_STATES; i++)
    total += self->counts[i];
  for (guint i = 0; i < TILL_N_STATES && total > 0; i++)
    {
      const TillStateColours *colours = till_palette_state (till_palette_theme (), i);
      double w = self->counts[i] == 0 ? 0 : MAX ((double) width * self->counts[i] / total, 3);

      if (w == 0)
        continue;
      gdk_cairo_set_source_rgba (cr, &colours->fill);
      cairo_rectangle (cr, x, 0, MIN (w, width - x) - 1, height);
      cairo_fill_preserve (cr);
      gdk_cairo_set_source_rgba (cr, &colours->edge);
      cairo_set_line_width (cr, 1);
      cairo_stroke (cr);
      x += w;
    }
}

static void
clicked_cb (TillOverviewTile *self)
{
  if (self->page)
    gtk_widget_activate_action (GTK_WIDGET (self), "win.show-page", "(ss)", self->page, self->target ? self->target : "");
}

static void
till_overview_tile_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  TillOverviewTile *self = TILL_OVERVIEW_TILE (object);

  if (id == PROP_TITLE)
    gtk_label_set_text (self->title, g_value_get_string (value));
  else
    {
      char **field = id == PROP_PAGE ? &self->page : &self->target;
      g_free (*field);
      *field = g_value_dup_string (value);
    }
}

static void
till_overview_tile_finalize (GObject *object)
{
  g_free (TILL_OVERVIEW_TILE (object)->page);
  g_free (TILL_OVERVIEW_TILE (object)->target);
  G_OBJECT_CLASS (till_overview_tile_parent_class)->finalize (object);
}

static void
till_overview_tile_class_init (TillOverviewTileClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  static const char *const names[] = { NULL, "title", "page", "target" };

  object_class->set_property = till_overview_tile_set_property;
  object_class->finalize = till_overview_tile_finalize;
  for (guint i = 1; i < N_PROPS; i++)
    props[i] = g_param_spec_string (names[i], NULL, NULL, NULL, G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static GtkLabel *
add_label (GtkWidget *box, const char *class)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (label, class);
  gtk_box_append (GTK_BOX (box), label);
  return GTK_LABEL (label);
}

static void
till_overview_tile_init (TillOverviewTile *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);

  self->title = add_label (box, "title");
  self->figure = add_label (box, "figure");
  self->bar = GTK_DRAWING_AREA (gtk_drawing_area_new ());
  gtk_drawing_area_set_content_height (self->bar, 14);
  gtk_drawing_area_set_draw_func (self->bar, draw_bar, self, NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->bar), FALSE);
  gtk_widget_set_margin_bottom (GTK_WIDGET (self->bar), 2);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->bar));
  self->note = add_label (box, "note");
  gtk_label_set_text (self->figure, "\u2013");
  gtk_button_set_child (GTK_BUTTON (self), box);
  gtk_widget_add_css_class (GTK_WIDGET (self), "till-tile");
  gtk_widget_add_css_class (GTK_WIDGET (self), "flat");
  gtk_widget_set_hexpand (GTK_WIDGET (self), TRUE);
  g_signal_connect (self, "clicked", G_CALLBACK (clicked_cb), NULL);
}

void
till_overview_tile_show (TillOverviewTile *self, const char *figure, const char *note)
{
  gtk_label_set_text (self->figure, figure);
  gtk_label_set_text (self->note, note ? note : "");
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), note && note[0] ? note : NULL);
  name_tile (self);
}

void
till_overview_tile_fail (TillOverviewTile *self)
{
  till_overview_tile_show (self, "\u2013", _ ("No answer. Retry with F5."));
}

void
till_overview_tile_set_shares (TillOverviewTile *self, const guint *counts)
{
  memcpy (self->counts, counts, sizeof self->counts);
  gtk_widget_set_visible (GTK_WIDGET (self->bar), TRUE);
  gtk_widget_queue_draw (GTK_WIDGET (self->bar));
}
