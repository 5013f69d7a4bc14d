/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-sidebar.c: rows from the registry, badges, icons only when narrow. */
#define G_LOG_DOMAIN "till-sidebar"
#include "config.h"
#include "client/app/till-sidebar.h"
#include <glib/gi18n.h>
#include "client/app/till-page-registry.h"

struct _TillSidebar
{
  GtkWidget parent_instance;
  GtkWidget *scroller;
  GtkListBox *list;
  gboolean narrow, quiet;
};

typedef struct { const TillPageInfo *info; GtkWidget *row, *label, *badge; } Entry;

G_DEFINE_FINAL_TYPE (TillSidebar, till_sidebar, GTK_TYPE_WIDGET)

enum { PROP_NARROW = 1, N_PROPS };
static GParamSpec *props[N_PROPS];
static guint picked_signal;

static Entry *
entry_at (TillSidebar *self, int i)
{
  GtkListBoxRow *row = gtk_list_box_get_row_at_index (self->list, i);
  return row ? g_object_get_data (G_OBJECT (row), "till-entry") : NULL;
}

static void
show_widths (TillSidebar *self)
{
  Entry *entry;

  for (int i = 0; (entry = entry_at (self, i)); i++)
    {
      gtk_widget_set_visible (entry->label, !self->narrow);
      gtk_widget_set_tooltip_text (entry->row, self->narrow ? _ (entry->info->title) : NULL);
    }
  gtk_widget_set_size_request (self->scroller, self->narrow ? 52 : 176, -1);
  (self->narrow ? gtk_widget_add_css_class : gtk_widget_remove_css_class) (GTK_WIDGET (self), "narrow");
}

static void
row_selected_cb (GtkListBox *list, GtkListBoxRow *row, TillSidebar *self)
{
  Entry *entry = row ? g_object_get_data (G_OBJECT (row), "till-entry") : NULL;

  if (entry && !self->quiet)
    g_signal_emit (self, picked_signal, 0, entry->info->name);
}

static void
add_row (TillSidebar *self, const TillPageInfo *info)
{
  Entry *entry = g_new0 (Entry, 1);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10), *icon = gtk_image_new_from_icon_name (info->icon);

  entry->info = info;
  entry->row = gtk_list_box_row_new ();
  entry->label = gtk_label_new (_ (info->title));
  entry->badge = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (entry->label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (entry->label), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (entry->label, TRUE);
  gtk_widget_add_css_class (entry->badge, "till-badge");
  gtk_widget_set_valign (entry->badge, GTK_ALIGN_CENTER);
  gtk_widget_set_visible (entry->badge, FALSE);
  gtk_box_append (GTK_BOX (box), icon);
  gtk_box_append (GTK_BOX (box), entry->label);
  gtk_box_append (GTK_BOX (box), entry->badge);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (entry->row), box);
  gtk_accessible_update_property (GTK_ACCESSIBLE (entry->row), GTK_ACCESSIBLE_PROPERTY_LABEL, _ (info->title), -1);
  g_object_set_data_full (G_OBJECT (entry->row), "till-entry", entry, g_free);
  gtk_list_box_append (self->list, entry->row);
}

static void
till_sidebar_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_set_boolean (value, TILL_SIDEBAR (object)->narrow);
}

static void
till_sidebar_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  TILL_SIDEBAR (object)->narrow = g_value_get_boolean (value);
  show_widths (TILL_SIDEBAR (object));
}

static void
till_sidebar_dispose (GObject *object)
{
  g_clear_pointer (&TILL_SIDEBAR (object)->scroller, gtk_widget_unparent);
  G_OBJECT_CLASS (till_sidebar_parent_class)->dispose (object);
}

static void
till_sidebar_class_init (TillSidebarClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = till_sidebar_get_property;
  object_class->set_property = till_sidebar_set_property;
  object_class->dispose = till_sidebar_dispose;
  props[PROP_NARROW] = g_param_spec_boolean ("narrow", NULL, NULL, FALSE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
  picked_signal = g_signal_new ("picked", TILL_TYPE_SIDEBAR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "tillsidebar");
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
till_sidebar_init (TillSidebar *self)
{
  self->scroller = gtk_scrolled_window_new ();
  self->list = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_list_box_set_selection_mode (self->list, GTK_SELECTION_BROWSE);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), GTK_WIDGET (self->list));
  gtk_widget_set_parent (self->scroller, GTK_WIDGET (self));
  gtk_widget_add_css_class (GTK_WIDGET (self), "till-sidebar");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Pages"), -1);
  g_signal_connect (self->list, "row-selected", G_CALLBACK (row_selected_cb), self);
  show_widths (self);
}

void
till_sidebar_fill (TillSidebar *self, TillSession *session)
{
  guint n;
  const TillPageInfo *infos = till_page_registry_get (&n);
  GtkListBoxRow *row;

  self->quiet = TRUE;
  while ((row = gtk_list_box_get_row_at_index (self->list, 0)))
    gtk_list_box_remove (self->list, GTK_WIDGET (row));
  for (guint i = 0; i < n; i++)
    if (till_page_registry_may (&infos[i], session))
      add_row (self, &infos[i]);
  self->quiet = FALSE;
  show_widths (self);
}

void
till_sidebar_select (TillSidebar *self, const char *name)
{
  Entry *entry;

  self->quiet = TRUE;
  for (int i = 0; (entry = entry_at (self, i)); i++)
    if (g_strcmp0 (entry->info->name, name) == 0)
      gtk_list_box_select_row (self->list, GTK_LIST_BOX_ROW (entry->row));
  self->quiet = FALSE;
}

void
till_sidebar_set_badge (TillSidebar *self, const char *name, guint count)
{
  g_autofree char *text = g_strdup_printf (count > 999 ? "999+" : "%u", count);
  Entry *entry;

  for (int i = 0; (entry = entry_at (self, i)); i++)
    if (g_strcmp0 (entry->info->name, name) == 0)
      {
        gtk_label_set_text (GTK_LABEL (entry->badge), text);
        gtk_widget_set_visible (entry->badge, count > 0);
      }
}
