/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-table-cells.c: inscriptions that follow one property of a record (labels cost several times more), and ticks. */
#define G_LOG_DOMAIN "till-table"
#include "config.h"
#include "client/widgets/till-table-cells.h"

#include <glib/gi18n.h>
#include "client/widgets/till-format.h"

#define RESOURCES "/org/gridtill/Client/"

typedef struct { const TillField *field; char *detail; gboolean numeric; } Cells;

static void
cells_free (gpointer data, GClosure *closure)
{
  Cells *cells = data;

  g_free (cells->detail);
  g_free (cells);
}

static void
show_text (GtkListItem *item, const Cells *cells)
{
  GtkInscription *inscription = GTK_INSCRIPTION (gtk_list_item_get_child (item));
  gpointer record = gtk_list_item_get_item (item);
  g_autofree char *text = record != NULL ? till_format_field (record, cells->field) : NULL;

  gtk_inscription_set_text (inscription, text);
  gtk_widget_set_tooltip_text (GTK_WIDGET (inscription), text != NULL && g_utf8_strlen (text, -1) > 12 && !cells->numeric ? text : NULL);
}

static void
changed_cb (GObject *record, GParamSpec *pspec, GtkListItem *item)
{
  show_text (item, g_object_get_data (G_OBJECT (item), "till-cells"));
}

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *item, Cells *cells)
{
  GtkWidget *inscription = gtk_inscription_new (NULL);

  gtk_inscription_set_text_overflow (GTK_INSCRIPTION (inscription), GTK_INSCRIPTION_OVERFLOW_ELLIPSIZE_END);
  gtk_widget_set_valign (inscription, GTK_ALIGN_CENTER); /* one line in the middle, also when it is cut */
  gtk_inscription_set_min_chars (GTK_INSCRIPTION (inscription), 0);
  gtk_inscription_set_nat_chars (GTK_INSCRIPTION (inscription), 0);
  gtk_inscription_set_xalign (GTK_INSCRIPTION (inscription), cells->numeric ? 1.0f : 0.0f);
  if (cells->numeric)
    gtk_widget_add_css_class (inscription, "numeric");
  gtk_widget_set_hexpand (inscription, TRUE);
  g_object_set_data (G_OBJECT (item), "till-cells", cells);
  gtk_list_item_set_child (item, inscription);
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, Cells *cells)
{
  GObject *record = gtk_list_item_get_item (item);

  g_signal_connect (record, cells->detail, G_CALLBACK (changed_cb), item);
  if (!till_record_is_loaded (TILL_RECORD (record)))
    g_signal_connect (record, "notify::loaded", G_CALLBACK (changed_cb), item);
  show_text (item, cells);
}

static void
unbind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, Cells *cells)
{
  g_signal_handlers_disconnect_by_data (gtk_list_item_get_item (item), item);
}

GtkListItemFactory *
till_table_cells_new (TillColumn *column, const TillField *field)
{
  GtkListItemFactory *factory;
  Cells *cells;

  if (till_column_get_cell (column) != NULL)
    {
      g_autofree char *path = g_strconcat (RESOURCES, till_column_get_cell (column), NULL);

      return gtk_builder_list_item_factory_new_from_resource (NULL, path);
    }
  factory = gtk_signal_list_item_factory_new ();
  cells = g_new0 (Cells, 1);
  cells->field = field;
  cells->detail = g_strconcat ("notify::", field->name, NULL);
  cells->numeric = till_format_is_numeric (field->kind);
  g_signal_connect_data (factory, "setup", G_CALLBACK (setup_cb), cells, cells_free, 0);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), cells);
  g_signal_connect (factory, "unbind", G_CALLBACK (unbind_cb), cells);
  return factory;
}

static void
pressed_cb (GtkGestureClick *gesture, int n, double x, double y, GtkListItem *item)
{
  GtkSelectionModel *selection = g_object_get_data (G_OBJECT (item), "till-selection");
  guint position = gtk_list_item_get_position (item);

  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  if (gtk_selection_model_is_selected (selection, position))
    gtk_selection_model_unselect_item (selection, position);
  else
    gtk_selection_model_select_item (selection, position, FALSE);
}

static void
setup_tick_cb (GtkSignalListItemFactory *factory, GtkListItem *item, GtkSelectionModel *selection)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *check = gtk_check_button_new ();
  GtkGesture *click = gtk_gesture_click_new ();

  gtk_widget_set_can_target (check, FALSE); /* shows the state; the box around it takes the click */
  gtk_widget_set_can_focus (check, FALSE);
  gtk_widget_set_halign (box, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (check, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (check), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Selected"), -1);
  gtk_box_append (GTK_BOX (box), check);
  g_object_bind_property (item, "selected", check, "active", G_BINDING_SYNC_CREATE);
  g_object_set_data (G_OBJECT (item), "till-selection", selection);
  g_signal_connect (click, "pressed", G_CALLBACK (pressed_cb), item);
  gtk_widget_add_controller (box, GTK_EVENT_CONTROLLER (click));
  gtk_list_item_set_child (item, box);
}

GtkListItemFactory *
till_table_ticks_new (GtkSelectionModel *selection)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  g_signal_connect_object (factory, "setup", G_CALLBACK (setup_tick_cb), selection, 0);
  return factory;
}

static int
compare_numbers (gint64 a, gint64 b)
{
  if ((a == TILL_UNKNOWN) != (b == TILL_UNKNOWN))
    return a == TILL_UNKNOWN ? 1 : -1;
  return a < b ? -1 : a > b;
}

int
till_table_compare (gconstpointer a, gconstpointer b, gpointer data)
{
  const TillField *field = data;
  const char *text_a, *text_b;

  if (field->kind != TILL_FIELD_TEXT && field->kind != TILL_FIELD_UUID && field->kind != TILL_FIELD_STRV)
    return compare_numbers (till_record_int ((gpointer) a, field->name), till_record_int ((gpointer) b, field->name));
  if (field->kind == TILL_FIELD_STRV)
    return 0;
  text_a = till_record_text ((gpointer) a, field->name);
  text_b = till_record_text ((gpointer) b, field->name);
  if (text_a == NULL || text_b == NULL)
    return (text_a == NULL) - (text_b == NULL);
  return g_utf8_collate (text_a, text_b);
}
