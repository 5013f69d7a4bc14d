/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-tick-list.c: see till-tick-list.h. */
#define G_LOG_DOMAIN "till-tick-list"
#include "config.h"
#include <string.h>
#include <glib/gi18n.h>
#include "client/widgets/till-tick-list.h"

#define FEW        12  /* more of them are searched */
#define ROW_HEIGHT 34
#define HEIGHT_MAX 238 /* seven rows */

struct _TillTickList {
  GtkBox             parent_instance;
  GtkSearchEntry    *search;
  GtkScrolledWindow *scroller;
  GtkListView       *view;
  GtkFilterListModel *filtered;
  GtkCustomFilter   *filter;
  GListModel        *model;
  GHashTable        *ticked; /* keys */
  TillTickDescribe   describe;
  gpointer           describe_data;
  gboolean           numbers, silent;
};

G_DEFINE_FINAL_TYPE (TillTickList, till_tick_list, GTK_TYPE_BOX)

static guint changed_signal;

static void
tick_clear (TillTick *tick)
{
  g_free (tick->key);
  g_free (tick->label);
  g_free (tick->detail);
  g_free (tick->why_not);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TillTick, tick_clear)

/* --- rows --- */

static void
toggled_cb (GtkCheckButton *check, TillTickList *self)
{
  const char *key = g_object_get_data (G_OBJECT (check), "till-key");

  if (self->silent || key == NULL)
    return;
  if (gtk_check_button_get_active (check))
    g_hash_table_add (self->ticked, g_strdup (key));
  else
    g_hash_table_remove (self->ticked, key);
  g_signal_emit (self, changed_signal, 0);
}

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *item, TillTickList *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12), *check = gtk_check_button_new_with_label (""), *detail = gtk_label_new (NULL);

  gtk_widget_set_hexpand (check, TRUE);
  gtk_widget_add_css_class (detail, "till-secondary");
  g_signal_connect_object (check, "toggled", G_CALLBACK (toggled_cb), self, 0);
  gtk_box_append (GTK_BOX (box), check);
  gtk_box_append (GTK_BOX (box), detail);
  gtk_list_item_set_child (item, box);
  gtk_list_item_set_activatable (item, FALSE);
  gtk_list_item_set_selectable (item, FALSE);
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, TillTickList *self)
{
  GtkWidget *box = gtk_list_item_get_child (item), *check = gtk_widget_get_first_child (box), *detail = gtk_widget_get_last_child (box);
  g_auto (TillTick) tick = { NULL };
  gboolean is_ticked;

  self->describe (gtk_list_item_get_item (item), &tick, self->describe_data);
  is_ticked = g_hash_table_contains (self->ticked, tick.key);
  self->silent = TRUE;
  gtk_check_button_set_label (GTK_CHECK_BUTTON (check), tick.label);
  gtk_check_button_set_active (GTK_CHECK_BUTTON (check), is_ticked);
  self->silent = FALSE;
  g_object_set_data_full (G_OBJECT (check), "till-key", g_strdup (tick.key), g_free);
  gtk_label_set_text (GTK_LABEL (detail), tick.why_not != NULL ? tick.why_not : tick.detail != NULL ? tick.detail : "");
  gtk_widget_set_sensitive (check, tick.why_not == NULL || is_ticked); /* what is there can always be taken away */
}

/* --- which are shown --- */

static gboolean
matches (gpointer item, gpointer user_data)
{
  TillTickList *self = user_data;
  g_auto (TillTick) tick = { NULL };
  g_autofree char *wanted = g_utf8_casefold (gtk_editable_get_text (GTK_EDITABLE (self->search)), -1), *label = NULL;

  if (*wanted == '\0' || self->describe == NULL)
    return TRUE;
  self->describe (item, &tick, self->describe_data);
  label = g_utf8_casefold (tick.label, -1);
  return strstr (label, wanted) != NULL;
}

static void
search_cb (TillTickList *self)
{
  gtk_filter_changed (GTK_FILTER (self->filter), GTK_FILTER_CHANGE_DIFFERENT);
}

static void
items_cb (TillTickList *self)
{
  guint n = self->model != NULL ? g_list_model_get_n_items (self->model) : 0;

  gtk_widget_set_visible (GTK_WIDGET (self->search), n > FEW);
  gtk_scrolled_window_set_min_content_height (self->scroller, MIN ((int) MIN (n, FEW) * ROW_HEIGHT, HEIGHT_MAX));
}

static void
rebind (TillTickList *self)
{
  /* Rows that stand there say again what is ticked. */
  gtk_filter_list_model_set_model (self->filtered, NULL);
  gtk_filter_list_model_set_model (self->filtered, self->model);
}

void
till_tick_list_set_model (TillTickList *self, GListModel *model, TillTickDescribe describe, gpointer user_data)
{
  g_return_if_fail (TILL_IS_TICK_LIST (self) && self->model == NULL && describe != NULL);
  self->describe = describe;
  self->describe_data = user_data;
  self->model = g_object_ref (model);
  g_signal_connect_object (model, "items-changed", G_CALLBACK (items_cb), self, G_CONNECT_SWAPPED);
  rebind (self);
  items_cb (self);
}

/* --- values --- */

static int
compare_numbers (gconstpointer a, gconstpointer b)
{
  gint64 left = g_ascii_strtoll (a, NULL, 10), right = g_ascii_strtoll (b, NULL, 10);

  return left < right ? -1 : left > right;
}

void
till_tick_list_set (TillTickList *self, JsonNode *keys)
{
  JsonArray *array = keys != NULL && JSON_NODE_HOLDS_ARRAY (keys) ? json_node_get_array (keys) : NULL;

  g_hash_table_remove_all (self->ticked);
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);

      if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == (self->numbers ? G_TYPE_INT64 : G_TYPE_STRING))
        g_hash_table_add (self->ticked, self->numbers ? g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (node))
                                                      : g_strdup (json_node_get_string (node)));
    }
  rebind (self);
  g_signal_emit (self, changed_signal, 0);
}

JsonNode *
till_tick_list_get (TillTickList *self)
{
  g_autoptr (GList) keys = g_list_sort (g_hash_table_get_keys (self->ticked), self->numbers ? compare_numbers : (GCompareFunc) strcmp);
  JsonArray *array = json_array_new ();
  JsonNode *node = json_node_new (JSON_NODE_ARRAY);

  for (GList *l = keys; l != NULL; l = l->next)
    if (self->numbers)
      json_array_add_int_element (array, g_ascii_strtoll (l->data, NULL, 10));
    else
      json_array_add_string_element (array, l->data);
  json_node_take_array (node, array);
  return node;
}

guint
till_tick_list_count (TillTickList *self)
{
  return g_hash_table_size (self->ticked);
}

char *
till_tick_list_dup_text (TillTickList *self)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; self->model != NULL && i < g_list_model_get_n_items (self->model); i++)
    {
      g_autoptr (GObject) item = g_list_model_get_item (self->model, i);
      g_auto (TillTick) tick = { NULL };

      self->describe (item, &tick, self->describe_data);
      if (g_hash_table_contains (self->ticked, tick.key))
        g_string_append_printf (text, "%s%s", text->len > 0 ? C_ ("between flags", ", ") : "", tick.label);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* --- widget --- */

static void
till_tick_list_finalize (GObject *object)
{
  TillTickList *self = TILL_TICK_LIST (object);

  g_clear_object (&self->model);
  g_clear_object (&self->filtered);
  g_clear_object (&self->filter);
  g_hash_table_unref (self->ticked);
  G_OBJECT_CLASS (till_tick_list_parent_class)->finalize (object);
}

/* The filter asks this list for its search: not after it is gone. */
static void
till_tick_list_dispose (GObject *object)
{
  TillTickList *self = TILL_TICK_LIST (object);

  if (self->filter != NULL)
    gtk_custom_filter_set_filter_func (self->filter, NULL, NULL, NULL);
  G_OBJECT_CLASS (till_tick_list_parent_class)->dispose (object);
}

static void
till_tick_list_class_init (TillTickListClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = till_tick_list_dispose;
  G_OBJECT_CLASS (klass)->finalize = till_tick_list_finalize;
  changed_signal = g_signal_new ("changed", TILL_TYPE_TICK_LIST, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
till_tick_list_init (TillTickList *self)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  self->scroller = GTK_SCROLLED_WINDOW (gtk_scrolled_window_new ());
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self), GTK_ORIENTATION_VERTICAL);
  gtk_box_set_spacing (GTK_BOX (self), 6);
  self->ticked = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->search = GTK_SEARCH_ENTRY (gtk_search_entry_new ());
  gtk_widget_set_visible (GTK_WIDGET (self->search), FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->search), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Find"), -1);
  g_signal_connect_object (self->search, "search-changed", G_CALLBACK (search_cb), self, G_CONNECT_SWAPPED);
  self->filter = gtk_custom_filter_new (matches, self, NULL);
  self->filtered = gtk_filter_list_model_new (NULL, GTK_FILTER (g_object_ref (self->filter)));
  g_signal_connect_object (factory, "setup", G_CALLBACK (setup_cb), self, 0);
  g_signal_connect_object (factory, "bind", G_CALLBACK (bind_cb), self, 0);
  self->view = GTK_LIST_VIEW (gtk_list_view_new (GTK_SELECTION_MODEL (gtk_no_selection_new (G_LIST_MODEL (g_object_ref (self->filtered)))), factory));
  gtk_widget_add_css_class (GTK_WIDGET (self->view), "till-ticks");
  gtk_scrolled_window_set_policy (self->scroller, GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (self->scroller, GTK_WIDGET (self->view));
  gtk_box_append (GTK_BOX (self), GTK_WIDGET (self->search));
  gtk_box_append (GTK_BOX (self), GTK_WIDGET (self->scroller));
}

GtkWidget *
till_tick_list_new (gboolean numbers)
{
  TillTickList *self = g_object_new (TILL_TYPE_TICK_LIST, NULL);

  self->numbers = numbers;
  return GTK_WIDGET (self);
}
