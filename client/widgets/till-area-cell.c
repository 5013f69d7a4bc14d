/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-area-cell.c: see till-area-cell.h. Says what a person did; whether it is allowed is the tree's and the server's to judge. */
#define G_LOG_DOMAIN "till-area-cell"
#include "config.h"
#include "client/widgets/till-area-cell.h"

#include <glib/gi18n.h>
#include "client/widgets/till-format.h"

#define NAME_MAX_CHARS 60

struct _TillAreaCell {
  GtkWidget parent_instance;
  TillArea *area;
  GtkLabel *name, *meters;
  GtkEntry *entry; /* NULL: not editable */
};

G_DEFINE_FINAL_TYPE (TillAreaCell, till_area_cell, GTK_TYPE_WIDGET)

enum { RENAMED, DROPPED, N_SIGNALS };
static guint signals[N_SIGNALS];

static gboolean
is_place (TillAreaCell *self)
{
  return self->area != NULL && till_record_known (self->area, "id") && till_record_int (self->area, "id") > 0;
}

static void
end_rename (TillAreaCell *self)
{
  if (self->entry == NULL || !gtk_widget_get_visible (GTK_WIDGET (self->entry)))
    return;
  gtk_widget_set_visible (GTK_WIDGET (self->name), TRUE);
  gtk_widget_set_visible (GTK_WIDGET (self->entry), FALSE);
}

static void
entered_cb (TillAreaCell *self)
{
  g_autofree char *name = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->entry))));
  gboolean changed = *name != '\0' && g_strcmp0 (name, gtk_label_get_text (self->name)) != 0;

  end_rename (self);
  if (changed)
    g_signal_emit (self, signals[RENAMED], 0, name);
}

static gboolean
key_cb (GtkEventControllerKey *keys, guint key, guint code, GdkModifierType state, TillAreaCell *self)
{
  if (key != GDK_KEY_Escape)
    return FALSE;
  end_rename (self);
  gtk_widget_grab_focus (gtk_widget_get_parent (gtk_widget_get_parent (GTK_WIDGET (self))));
  return TRUE;
}

/* --- dragging --- */

static GdkContentProvider *
prepare_cb (GtkDragSource *source, double x, double y, TillAreaCell *self)
{
  return is_place (self) ? gdk_content_provider_new_typed (TILL_TYPE_AREA, self->area) : NULL;
}

static void
drag_begin_cb (GtkDragSource *source, GdkDrag *drag, TillAreaCell *self)
{
  g_autoptr (GdkPaintable) picture = gtk_widget_paintable_new (GTK_WIDGET (self->name));

  gtk_drag_source_set_icon (source, picture, 0, 0);
}

static gboolean
drop_cb (GtkDropTarget *target, const GValue *value, double x, double y, TillAreaCell *self)
{
  gboolean taken = FALSE;

  if (self->area != NULL && g_value_get_object (value) != NULL)
    g_signal_emit (self, signals[DROPPED], 0, g_value_get_object (value), &taken);
  return taken;
}

static void
make_editable (TillAreaCell *self)
{
  GtkDragSource *source = gtk_drag_source_new ();
  GtkDropTarget *target = gtk_drop_target_new (TILL_TYPE_AREA, GDK_ACTION_MOVE);
  GtkEventController *keys = gtk_event_controller_key_new (), *focus = gtk_event_controller_focus_new ();

  self->entry = GTK_ENTRY (gtk_entry_new ());
  gtk_entry_set_max_length (self->entry, NAME_MAX_CHARS);
  gtk_widget_set_visible (GTK_WIDGET (self->entry), FALSE);
  gtk_widget_set_hexpand (GTK_WIDGET (self->entry), TRUE);
  gtk_widget_insert_after (GTK_WIDGET (self->entry), GTK_WIDGET (self), GTK_WIDGET (self->name));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->entry), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("New name"), -1);
  g_signal_connect_object (self->entry, "activate", G_CALLBACK (entered_cb), self, G_CONNECT_SWAPPED);
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (key_cb), self);
  g_signal_connect_swapped (focus, "leave", G_CALLBACK (end_rename), self);
  gtk_widget_add_controller (GTK_WIDGET (self->entry), keys);
  gtk_widget_add_controller (GTK_WIDGET (self->entry), focus);
  gtk_drag_source_set_actions (source, GDK_ACTION_MOVE);
  g_signal_connect (source, "prepare", G_CALLBACK (prepare_cb), self);
  g_signal_connect (source, "drag-begin", G_CALLBACK (drag_begin_cb), self);
  g_signal_connect (target, "drop", G_CALLBACK (drop_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (source));
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (target));
}

/* --- widget --- */

void
till_area_cell_set_area (TillAreaCell *self, TillArea *area, const char *name)
{
  gint64 meters = area != NULL ? till_record_int (area, "meters") : TILL_UNKNOWN;
  g_autofree char *count = meters > 0 ? till_format_int (meters) : g_strdup ("");

  end_rename (self);
  g_set_object (&self->area, area);
  name = name != NULL ? name : area != NULL ? till_record_text (area, "name") : NULL;
  gtk_label_set_text (self->name, name != NULL ? name : "");
  gtk_label_set_text (self->meters, count);
}

TillArea *
till_area_cell_get_area (TillAreaCell *self)
{
  return self->area;
}

void
till_area_cell_start_rename (TillAreaCell *self)
{
  if (self->entry == NULL || !is_place (self))
    return;
  gtk_editable_set_text (GTK_EDITABLE (self->entry), gtk_label_get_text (self->name));
  gtk_widget_set_visible (GTK_WIDGET (self->entry), TRUE);
  gtk_widget_set_visible (GTK_WIDGET (self->name), FALSE);
  gtk_widget_grab_focus (GTK_WIDGET (self->entry));
  gtk_editable_select_region (GTK_EDITABLE (self->entry), 0, -1);
}

static void
till_area_cell_dispose (GObject *object)
{
  TillAreaCell *self = TILL_AREA_CELL (object);
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);
  self->entry = NULL;
  g_clear_object (&self->area);
  G_OBJECT_CLASS (till_area_cell_parent_class)->dispose (object);
}

static void
till_area_cell_class_init (TillAreaCellClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_area_cell_dispose;
  signals[RENAMED] = g_signal_new ("renamed", TILL_TYPE_AREA_CELL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[DROPPED] = g_signal_new ("dropped", TILL_TYPE_AREA_CELL, G_SIGNAL_RUN_LAST, 0, g_signal_accumulator_true_handled, NULL, NULL, G_TYPE_BOOLEAN, 1,
                                   TILL_TYPE_AREA);
  gtk_widget_class_set_css_name (widget_class, "tillareacell");
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
}

static void
till_area_cell_init (TillAreaCell *self)
{
  self->name = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->name, 0);
  gtk_label_set_ellipsize (self->name, PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (GTK_WIDGET (self->name), TRUE);
  gtk_widget_set_parent (GTK_WIDGET (self->name), GTK_WIDGET (self));
  self->meters = GTK_LABEL (gtk_label_new (NULL));
  gtk_widget_add_css_class (GTK_WIDGET (self->meters), "till-secondary");
  gtk_widget_add_css_class (GTK_WIDGET (self->meters), "numeric");
  gtk_widget_set_parent (GTK_WIDGET (self->meters), GTK_WIDGET (self));
}

GtkWidget *
till_area_cell_new (gboolean editable)
{
  TillAreaCell *self = g_object_new (TILL_TYPE_AREA_CELL, NULL);

  if (editable)
    make_editable (self);
  return GTK_WIDGET (self);
}
