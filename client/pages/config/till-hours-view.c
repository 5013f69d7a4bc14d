/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-hours-view.c: see till-hours-view.h. All hours are saved at once; what somebody else saved meanwhile is shown first and never
 * overwritten unseen. */
#define G_LOG_DOMAIN "till-hours-view"
#include "config.h"
#include <glib/gi18n.h>
#include "client/pages/config/till-hours-view.h"
#include "client/pages/till-report-error.h"
#include "client/widgets/till-format.h"
#include "client/widgets/till-strip.h"
#include "shared/api/till-paths.h"

#define HOURS_MAX 32

struct _TillHoursView {
  TillPage    parent_instance;
  TillStrip  *strip;
  GtkListBox *list;
  GtkLabel   *none;
  GtkWidget  *add, *save;
  char       *before; /* as the server had it: JSON of the items; NULL: not loaded */
  gboolean    busy;
};

G_DEFINE_FINAL_TYPE (TillHoursView, till_hours_view, TILL_TYPE_PAGE)

typedef struct { GtkDropDown *use_class; GtkEntry *from, *to; GtkLabel *hint; } Row;

static TillPlantService *
service (TillHoursView *self)
{
  return till_context_get_plant (till_page_get_context (TILL_PAGE (self)));
}

static Row *
row_at (TillHoursView *self, guint i)
{
  GtkListBoxRow *row = gtk_list_box_get_row_at_index (self->list, (int) i);

  return row != NULL ? g_object_get_data (G_OBJECT (row), "till-hours") : NULL;
}

/* --- what is written there --- */

static gboolean
is_time (GtkEntry *entry)
{
  return g_regex_match_simple ("^([01][0-9]|2[0-3]):[0-5][0-9]$", gtk_editable_get_text (GTK_EDITABLE (entry)), 0, 0);
}

static JsonNode *
write_hours (TillHoursView *self)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonArray *hours = json_array_new ();
  Row *row;

  json_node_take_object (node, json_object_new ());
  json_object_set_array_member (json_node_get_object (node), "hours", hours);
  for (guint i = 0; (row = row_at (self, i)) != NULL; i++)
    {
      JsonObject *one = json_object_new ();
      guint chosen = gtk_drop_down_get_selected (row->use_class);

      if (chosen > 0)
        json_object_set_string_member (one, "use_class", till_use_class_word ((TillUseClass) (chosen - 1)));
      json_object_set_string_member (one, "from", gtk_editable_get_text (GTK_EDITABLE (row->from)));
      json_object_set_string_member (one, "to", gtk_editable_get_text (GTK_EDITABLE (row->to)));
      json_array_add_object_element (hours, one);
    }
  return node;
}

static void
judge (TillHoursView *self)
{
  TillContext *context = till_page_get_context (TILL_PAGE (self));
  gboolean may = context != NULL && till_session_may (till_context_get_session (context), TILL_PERMISSION_SCHEDULES_EDIT), right = TRUE;
  guint n = 0;
  Row *row;

  for (; (row = row_at (self, n)) != NULL; n++)
    {
      const char *from = gtk_editable_get_text (GTK_EDITABLE (row->from)), *to = gtk_editable_get_text (GTK_EDITABLE (row->to));
      gboolean times = is_time (row->from) && is_time (row->to), differ = g_strcmp0 (from, to) != 0;

      gtk_label_set_text (row->hint, !times ? _ ("A time of day is written 22:00.") : !differ ? _ ("Beginning and end are the same.")
                                     : g_strcmp0 (from, to) > 0 ? _ ("over midnight") : "");
      right = right && times && differ;
    }
  gtk_widget_set_visible (GTK_WIDGET (self->none), n == 0 && self->before != NULL);
  gtk_widget_set_sensitive (GTK_WIDGET (self->list), may && !self->busy);
  gtk_widget_set_sensitive (self->add, may && self->before != NULL && !self->busy && n < HOURS_MAX);
  gtk_widget_set_sensitive (self->save, may && self->before != NULL && !self->busy && right);
}

/* --- rows --- */

static void
remove_cb (GtkButton *button, TillHoursView *self)
{
  gtk_list_box_remove (self->list, gtk_widget_get_ancestor (GTK_WIDGET (button), GTK_TYPE_LIST_BOX_ROW));
  judge (self);
}

static GtkEntry *
add_time (TillHoursView *self, GtkWidget *box, const char *label, const char *text)
{
  GtkWidget *entry = gtk_entry_new ();

  gtk_entry_set_max_length (GTK_ENTRY (entry), 5);
  g_object_set (entry, "width-chars", 6, "placeholder-text", "22:00", NULL);
  gtk_editable_set_text (GTK_EDITABLE (entry), text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  g_signal_connect_object (entry, "changed", G_CALLBACK (judge), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (box), gtk_label_new (label));
  gtk_box_append (GTK_BOX (box), entry);
  return GTK_ENTRY (entry);
}

static void
add_row (TillHoursView *self, const char *use_class, const char *from, const char *to)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12), *row = gtk_list_box_row_new (), *remove = gtk_button_new_with_label (_ ("Remove"));
  g_autoptr (GtkStringList) classes = gtk_string_list_new (NULL);
  Row *data = g_new0 (Row, 1);
  int chosen = -1;

  gtk_string_list_append (classes, _ ("all classes of use"));
  for (int i = 0; till_use_class_word ((TillUseClass) i) != NULL; i++)
    gtk_string_list_append (classes, till_format_word (&till_words_use_class, i));
  if (use_class == NULL || !till_use_class_from_word (use_class, &chosen))
    chosen = -1;
  data->use_class = GTK_DROP_DOWN (gtk_drop_down_new (G_LIST_MODEL (g_steal_pointer (&classes)), NULL));
  gtk_drop_down_set_selected (data->use_class, (guint) (chosen + 1));
  gtk_accessible_update_property (GTK_ACCESSIBLE (data->use_class), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Class of use"), -1);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (data->use_class));
  data->from = add_time (self, box, _ ("from"), from);
  data->to = add_time (self, box, _ ("to"), to);
  data->hint = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (data->hint, 0);
  gtk_widget_set_hexpand (GTK_WIDGET (data->hint), TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (data->hint), "till-secondary");
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (data->hint));
  g_signal_connect_object (remove, "clicked", G_CALLBACK (remove_cb), self, 0);
  gtk_box_append (GTK_BOX (box), remove);
  gtk_widget_set_margin_top (box, 8);
  gtk_widget_set_margin_bottom (box, 8);
  gtk_widget_set_margin_start (box, 12);
  gtk_widget_set_margin_end (box, 12);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  g_object_set_data_full (G_OBJECT (row), "till-hours", data, g_free);
  gtk_list_box_append (self->list, row);
}

static void
add_cb (TillHoursView *self)
{
  add_row (self, NULL, "22:00", "06:00");
  judge (self);
}

/* --- the server --- */

static JsonArray *
items_of (JsonNode *node)
{
  JsonNode *items = node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_object_get_member (json_node_get_object (node), "items") : NULL;

  return items != NULL && JSON_NODE_HOLDS_ARRAY (items) ? json_node_get_array (items) : NULL;
}

static void
show (TillHoursView *self, JsonNode *node)
{
  JsonArray *items = items_of (node);
  GtkListBoxRow *row;

  while ((row = gtk_list_box_get_row_at_index (self->list, 0)) != NULL)
    gtk_list_box_remove (self->list, GTK_WIDGET (row));
  for (guint i = 0; i < json_array_get_length (items); i++)
    {
      JsonObject *one = json_array_get_object_element (items, i);

      add_row (self, json_object_get_string_member_with_default (one, "use_class", NULL), json_object_get_string_member_with_default (one, "from", ""),
               json_object_get_string_member_with_default (one, "to", ""));
    }
  g_free (self->before);
  self->before = json_to_string (json_object_get_member (json_node_get_object (node), "items"), FALSE);
}

static void
fail (TillHoursView *self, const GError *error)
{
  g_autofree char *text = till_api_error_describe (error);

  if (!till_api_error_is_cancelled (error))
    till_strip_show (self->strip, TILL_STRIP_ERROR, text, self->before == NULL ? _ ("Retry") : NULL);
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillHoursView) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = till_plant_service_record_finish (TILL_PLANT_SERVICE (source), result, &error);

  if (items_of (node) != NULL)
    {
      till_strip_hide (self->strip);
      show (self, node);
    }
  else if (error != NULL)
    fail (self, error);
  judge (self);
}

static void
load (TillPage *page)
{
  till_plant_service_hours_async (service (TILL_HOURS_VIEW (page)), NULL, till_page_get_cancellable (page), loaded_cb, g_object_ref (page));
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillHoursView) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = till_plant_service_record_finish (TILL_PLANT_SERVICE (source), result, &error);

  self->busy = FALSE;
  if (node == NULL)
    fail (self, error);
  else
    {
      till_report_done (GTK_WIDGET (self), _ ("The protected hours are saved"));
      load (TILL_PAGE (self));
    }
  judge (self);
}

/* Looked at once more right before: all or nothing would take away what somebody else wrote. */
static void
looked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillHoursView) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = till_plant_service_record_finish (TILL_PLANT_SERVICE (source), result, &error), body = NULL;
  g_autofree char *now = items_of (node) != NULL ? json_to_string (json_object_get_member (json_node_get_object (node), "items"), FALSE) : NULL;

  if (now != NULL && g_strcmp0 (now, self->before) == 0)
    {
      body = write_hours (self);
      till_plant_service_hours_async (service (self), body, NULL, saved_cb, g_object_ref (self));
      return;
    }
  self->busy = FALSE;
  if (now == NULL)
    fail (self, error);
  else
    {
      show (self, node);
      till_strip_show (self->strip, TILL_STRIP_WARNING, _ ("Somebody else changed the hours meanwhile. This is how they are now."), NULL);
    }
  judge (self);
}

static void
save_cb (TillHoursView *self)
{
  self->busy = TRUE;
  till_strip_hide (self->strip);
  judge (self);
  till_plant_service_hours_async (service (self), NULL, NULL, looked_cb, g_object_ref (self));
}

/* --- page --- */

static gboolean
get_export (TillPage *page, TillExport *ret_export, const char **ret_name)
{
  ret_export->path = TILL_PATH_PROTECTED_HOURS;
  *ret_name = _ ("protected hours");
  return TRUE;
}

static void
till_hours_view_finalize (GObject *object)
{
  g_free (TILL_HOURS_VIEW (object)->before);
  G_OBJECT_CLASS (till_hours_view_parent_class)->finalize (object);
}

static void
till_hours_view_class_init (TillHoursViewClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = till_hours_view_finalize;
  TILL_PAGE_CLASS (klass)->load = load;
  TILL_PAGE_CLASS (klass)->refresh = load;
  TILL_PAGE_CLASS (klass)->get_export = get_export;
}

static void
till_hours_view_init (TillHoursView *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0), *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8), *scroller = gtk_scrolled_window_new ();
  GtkWidget *intro = gtk_label_new (_ ("In these hours nobody is cut off for arrears."));

  self->strip = TILL_STRIP (till_strip_new ());
  self->add = gtk_button_new_with_label (_ ("Add hours"));
  self->save = gtk_button_new_with_label (_ ("Save"));
  self->none = GTK_LABEL (gtk_label_new (_ ("No hours are protected: who is in arrears can be cut off at any time.")));
  self->list = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_list_box_set_selection_mode (self->list, GTK_SELECTION_NONE);
  gtk_label_set_xalign (GTK_LABEL (intro), 0);
  gtk_widget_set_hexpand (intro, TRUE);
  gtk_widget_set_margin_top (GTK_WIDGET (self->none), 24);
  gtk_widget_add_css_class (GTK_WIDGET (self->none), "till-secondary");
  gtk_widget_add_css_class (self->save, "suggested-action");
  gtk_widget_add_css_class (bar, "till-toolbar");
  gtk_box_append (GTK_BOX (bar), intro);
  gtk_box_append (GTK_BOX (bar), self->add);
  gtk_box_append (GTK_BOX (bar), self->save);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (self->list));
  gtk_widget_set_vexpand (scroller, TRUE);
  gtk_box_append (GTK_BOX (box), bar);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->strip));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->none));
  gtk_box_append (GTK_BOX (box), scroller);
  adw_bin_set_child (ADW_BIN (self), box);
  g_signal_connect_object (self->add, "clicked", G_CALLBACK (add_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->save, "clicked", G_CALLBACK (save_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->strip, "clicked", G_CALLBACK (load), self, G_CONNECT_SWAPPED);
}
