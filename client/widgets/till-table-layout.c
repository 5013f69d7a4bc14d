/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-table-layout.c: what an operator made of a table's columns. Text in and out; remembers nothing itself. */
#define G_LOG_DOMAIN "till-table"
#include "config.h"
#include "client/widgets/till-table-layout.h"

#include <glib/gi18n.h>
#include <string.h>

#define ORIGIN    "till-column"
#define WIDTH_MIN 24
#define WIDTH_MAX 2000

TillColumn *
till_table_layout_origin (GtkColumnViewColumn *real)
{
  return g_object_get_data (G_OBJECT (real), ORIGIN);
}

void
till_table_layout_set_origin (GtkColumnViewColumn *real, TillColumn *column)
{
  g_object_set_data_full (G_OBJECT (real), ORIGIN, g_object_ref (column), g_object_unref);
}

char *
till_table_layout_to_text (GtkColumnView *view)
{
  GListModel *columns = gtk_column_view_get_columns (view);
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (columns); i++)
    {
      g_autoptr(GtkColumnViewColumn) real = g_list_model_get_item (columns, i);
      TillColumn *column = till_table_layout_origin (real);
      int width = gtk_column_view_column_get_fixed_width (real);

      if (column == NULL)
        continue;
      g_string_append_printf (text, "%s%s%s:%d", text->len > 0 ? ";" : "", gtk_column_view_column_get_visible (real) ? "" : "!",
                              till_column_get_field (column), width > 0 ? width : till_column_get_width (column));
    }
  return g_string_free (text, FALSE);
}

/* Caller unrefs. */
static GtkColumnViewColumn *
find (GListModel *columns, const char *field, guint *ret_position)
{
  for (guint i = 0; i < g_list_model_get_n_items (columns); i++)
    {
      g_autoptr(GtkColumnViewColumn) real = g_list_model_get_item (columns, i);
      TillColumn *column = till_table_layout_origin (real);

      if (column != NULL && g_strcmp0 (till_column_get_field (column), field) == 0)
        {
          *ret_position = i;
          return g_steal_pointer (&real);
        }
    }
  return NULL;
}

static void
place (GtkColumnView *view, const char *part, guint *at)
{
  gboolean shown = *part != '!';
  const char *colon = strchr (part, ':');
  g_autofree char *field = g_strndup (part + !shown, (gsize) (colon != NULL ? colon - part - !shown : 0));
  guint position;
  g_autoptr(GtkColumnViewColumn) real = find (gtk_column_view_get_columns (view), field, &position);
  gint64 width;

  if (real == NULL || !g_ascii_string_to_signed (colon + 1, 10, WIDTH_MIN, WIDTH_MAX, &width, NULL))
    return;
  gtk_column_view_column_set_visible (real, shown);
  gtk_column_view_column_set_fixed_width (real, (int) width);
  if (position != *at)
    gtk_column_view_insert_column (view, *at, real); /* moves one that is there already */
  ++*at;
}

void
till_table_layout_from_text (GtkColumnView *view, const char *text)
{
  g_auto(GStrv) parts = g_strsplit (text != NULL ? text : "", ";", -1);
  g_autoptr(GtkColumnViewColumn) first = g_list_model_get_item (gtk_column_view_get_columns (view), 0);
  guint at = first != NULL && till_table_layout_origin (first) == NULL ? 1 : 0; /* the ticks stay in front */

  for (guint i = 0; parts[i] != NULL; i++)
    place (view, parts[i], &at);
}

GtkWidget *
till_table_layout_chooser_new (GtkColumnView *view)
{
  GListModel *columns = gtk_column_view_get_columns (view);
  GtkWidget *popover = gtk_popover_new (), *scroller = gtk_scrolled_window_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);

  for (guint i = 0; i < g_list_model_get_n_items (columns); i++)
    {
      g_autoptr(GtkColumnViewColumn) real = g_list_model_get_item (columns, i);
      GtkWidget *check;

      if (till_table_layout_origin (real) == NULL)
        continue;
      check = gtk_check_button_new_with_label (gtk_column_view_column_get_title (real));
      g_object_bind_property (real, "visible", check, "active", G_BINDING_SYNC_CREATE | G_BINDING_BIDIRECTIONAL);
      gtk_box_append (GTK_BOX (box), check);
    }
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scroller), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scroller), 420);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), box);
  gtk_popover_set_child (GTK_POPOVER (popover), scroller);
  gtk_accessible_update_property (GTK_ACCESSIBLE (popover), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Columns"), -1);
  return popover;
}
