/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-table-states.c: one state at a time; old rows stay readable. Knows no list and no error codes. */
#define G_LOG_DOMAIN "till-table"
#include "config.h"
#include "client/widgets/till-table-states.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include "client/widgets/till-strip.h"

#define LOADING_MS   300
#define LOADING_ROWS 12

struct _TillTableStates {
  GtkWidget      parent_instance;
  TillStrip     *strip;
  GtkStack      *stack;
  AdwStatusPage *empty;
  AdwStatusPage *failed;
  GtkBox        *empty_box;
  GtkWidget     *clear;
  guint          loading_id;
};

G_DEFINE_FINAL_TYPE (TillTableStates, till_table_states, GTK_TYPE_WIDGET)

enum { RETRY, CLEAR_FILTERS, N_SIGNALS };
static guint signals[N_SIGNALS];

static void
show (TillTableStates *self, const char *name)
{
  g_clear_handle_id (&self->loading_id, g_source_remove);
  gtk_stack_set_visible_child_name (self->stack, name);
}

static void
retry_cb (TillTableStates *self)
{
  g_signal_emit (self, signals[RETRY], 0);
}

static void
clear_cb (TillTableStates *self)
{
  g_signal_emit (self, signals[CLEAR_FILTERS], 0);
}

static gboolean
loading_cb (gpointer user_data)
{
  TillTableStates *self = user_data;

  self->loading_id = 0;
  gtk_stack_set_visible_child_name (self->stack, "loading");
  return G_SOURCE_REMOVE;
}

static void
till_table_states_dispose (GObject *object)
{
  TillTableStates *self = TILL_TABLE_STATES (object);
  GtkWidget *child;

  g_clear_handle_id (&self->loading_id, g_source_remove);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (till_table_states_parent_class)->dispose (object);
}

static void
till_table_states_class_init (TillTableStatesClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = till_table_states_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BOX_LAYOUT);
  signals[RETRY] = g_signal_new ("retry", TILL_TYPE_TABLE_STATES, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[CLEAR_FILTERS] = g_signal_new ("clear-filters", TILL_TYPE_TABLE_STATES, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static GtkWidget *
make_loading (void)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);

  gtk_widget_set_margin_top (box, 38);
  gtk_widget_set_margin_start (box, 12);
  gtk_widget_set_margin_end (box, 12);
  for (guint i = 0; i < LOADING_ROWS; i++)
    {
      GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

      gtk_widget_set_size_request (row, -1, 16);
      gtk_widget_add_css_class (row, "placeholder");
      gtk_box_append (GTK_BOX (box), row);
    }
  gtk_accessible_update_property (GTK_ACCESSIBLE (box), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Loading"), -1);
  return box;
}

static GtkWidget *
make_button (TillTableStates *self, const char *label, const char *name, GCallback callback)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (label);

  gtk_widget_set_halign (button, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  g_signal_connect_swapped (button, "clicked", callback, self);
  return button;
}

static void
till_table_states_init (TillTableStates *self)
{
  gtk_orientable_set_orientation (GTK_ORIENTABLE (gtk_widget_get_layout_manager (GTK_WIDGET (self))), GTK_ORIENTATION_VERTICAL);
  self->strip = TILL_STRIP (till_strip_new ());
  g_signal_connect_swapped (self->strip, "clicked", G_CALLBACK (retry_cb), self);
  self->stack = GTK_STACK (gtk_stack_new ());
  gtk_widget_set_vexpand (GTK_WIDGET (self->stack), TRUE);
  gtk_stack_add_named (self->stack, make_loading (), "loading");
  self->empty = ADW_STATUS_PAGE (adw_status_page_new ());
  self->empty_box = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 12));
  self->clear = make_button (self, _("_Clear filters"), _("Clear filters"), G_CALLBACK (clear_cb));
  gtk_box_append (self->empty_box, self->clear);
  adw_status_page_set_child (self->empty, GTK_WIDGET (self->empty_box));
  gtk_widget_add_css_class (GTK_WIDGET (self->empty), "compact");
  gtk_stack_add_named (self->stack, GTK_WIDGET (self->empty), "empty");
  self->failed = ADW_STATUS_PAGE (adw_status_page_new ());
  adw_status_page_set_icon_name (self->failed, "till-offline-symbolic");
  adw_status_page_set_child (self->failed, make_button (self, _("_Retry"), _("Retry"), G_CALLBACK (retry_cb)));
  gtk_widget_add_css_class (GTK_WIDGET (self->failed), "compact");
  gtk_stack_add_named (self->stack, GTK_WIDGET (self->failed), "failed");
  gtk_widget_set_parent (GTK_WIDGET (self->strip), GTK_WIDGET (self));
  gtk_widget_set_parent (GTK_WIDGET (self->stack), GTK_WIDGET (self));
}

GtkWidget *
till_table_states_new (GtkWidget *rows)
{
  TillTableStates *self = g_object_new (TILL_TYPE_TABLE_STATES, NULL);

  gtk_stack_add_named (self->stack, rows, "rows");
  show (self, "rows");
  return GTK_WIDGET (self);
}

void
till_table_states_add_empty_child (TillTableStates *self, GtkWidget *child)
{
  gtk_box_append (self->empty_box, child);
}

void
till_table_states_show_rows (TillTableStates *self, const char *trouble)
{
  if (trouble != NULL)
    till_strip_show (self->strip, TILL_STRIP_ERROR, trouble, _("Retry"));
  else
    till_strip_hide (self->strip);
  show (self, "rows");
}

void
till_table_states_show_loading (TillTableStates *self)
{
  till_strip_hide (self->strip);
  if (g_strcmp0 (till_table_states_get (self), "loading") == 0 || self->loading_id != 0)
    return;
  show (self, "rows");
  self->loading_id = g_timeout_add (LOADING_MS, loading_cb, self);
}

static void
show_empty (TillTableStates *self, const TillTableEmpty *empty, gboolean filtered)
{
  till_strip_hide (self->strip);
  adw_status_page_set_icon_name (self->empty, empty->icon);
  adw_status_page_set_title (self->empty, empty->title);
  adw_status_page_set_description (self->empty, empty->text);
  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self->empty_box)); child != NULL; child = gtk_widget_get_next_sibling (child))
    gtk_widget_set_visible (child, (child == self->clear) == filtered);
  show (self, "empty");
}

void
till_table_states_show_empty (TillTableStates *self, const TillTableEmpty *empty)
{
  show_empty (self, &(TillTableEmpty){ empty->icon, empty->title != NULL ? empty->title : _("Nothing here yet"), empty->text }, FALSE);
}

void
till_table_states_show_no_match (TillTableStates *self)
{
  show_empty (self, &(TillTableEmpty){ "till-filter-symbolic", _("Nothing matches"), NULL }, TRUE);
}

void
till_table_states_show_failed (TillTableStates *self, const char *sentence, const char *next_step)
{
  till_strip_hide (self->strip);
  adw_status_page_set_title (self->failed, sentence);
  adw_status_page_set_description (self->failed, next_step);
  show (self, "failed");
}

const char *
till_table_states_get (TillTableStates *self)
{
  return gtk_stack_get_visible_child_name (self->stack);
}
