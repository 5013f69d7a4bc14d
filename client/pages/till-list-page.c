/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-list-page.c: see till-list-page.h. Knows no route and no column. */
#define G_LOG_DOMAIN "till-list-page"
#include "config.h"
#include <glib/gi18n.h>
#include "client/pages/till-list-page.h"

#define SOON_MS 300 /* what changes together is asked for once */

typedef struct {
  GtkWidget     *search; /* GtkSearchEntry of the template or NULL */
  TillTable     *table;
  TillQuery     *query;
  TillPagedList *list;
  guint          soon; /* a refresh follows */
} TillListPagePrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (TillListPage, till_list_page, TILL_TYPE_PAGE)

void
till_list_page_filter (TillListPage *self)
{
  TillListPagePrivate *priv = till_list_page_get_instance_private (self);
  TillListPageClass *klass = TILL_LIST_PAGE_GET_CLASS (self);

  if (priv->query == NULL)
    return;
  till_query_freeze (priv->query);
  if (priv->search != NULL)
    till_query_set_text (priv->query, gtk_editable_get_text (GTK_EDITABLE (priv->search)));
  if (klass->put_filters != NULL)
    klass->put_filters (self, priv->query);
  till_query_thaw (priv->query);
}

static void
selected_cb (TillListPage *self)
{
  TillListPageClass *klass = TILL_LIST_PAGE_GET_CLASS (self);

  if (klass->selected != NULL)
    klass->selected (self, till_list_page_get_selected (self));
}

static void
load (TillPage *page)
{
  TillListPage *self = TILL_LIST_PAGE (page);
  TillListPagePrivate *priv = till_list_page_get_instance_private (self);
  TillListPageClass *klass = TILL_LIST_PAGE_GET_CLASS (self);
  g_autofree char *layout = till_page_dup_view (page, "layout");

  priv->query = till_query_new ();
  if (klass->sort != NULL)
    till_query_set_sort (priv->query, klass->sort, klass->descending);
  till_list_page_filter (self);
  priv->list = till_context_make_list (till_page_get_context (page), klass->path, klass->get_record_type (), priv->query);
  if (layout != NULL)
    till_table_set_layout (priv->table, layout);
  till_table_set_model (priv->table, G_LIST_MODEL (priv->list));
  g_signal_connect_object (till_table_get_selection (priv->table), "selection-changed", G_CALLBACK (selected_cb), self, G_CONNECT_SWAPPED);
  selected_cb (self);
}

static void
refresh (TillPage *page)
{
  till_list_page_reload (TILL_LIST_PAGE (page));
}

static gboolean
soon_cb (gpointer user_data)
{
  TillListPagePrivate *priv = till_list_page_get_instance_private (user_data);

  priv->soon = 0;
  if (gtk_widget_get_mapped (user_data))
    till_page_refresh (user_data);
  return G_SOURCE_REMOVE;
}

static void
record_changed (TillPage *page, TillFeedKind kind, const char *id, JsonObject *object)
{
  TillListPagePrivate *priv = till_list_page_get_instance_private (TILL_LIST_PAGE (page));

  if (kind >= TILL_FEED_APPROVAL && kind < TILL_FEED_OTHER) /* few, and told without their content */
    {
      if (kind == TILL_LIST_PAGE_GET_CLASS (page)->feed && priv->soon == 0)
        priv->soon = g_timeout_add_full (G_PRIORITY_DEFAULT, SOON_MS, soon_cb, g_object_ref (page), g_object_unref);
      return;
    }
  if (kind == TILL_LIST_PAGE_GET_CLASS (page)->feed && priv->list != NULL && till_paged_list_find (priv->list, id) == NULL)
    till_paged_list_note_change (priv->list);
}

static gboolean
get_export (TillPage *page, TillExport *ret_export, const char **ret_name)
{
  TillListPagePrivate *priv = till_list_page_get_instance_private (TILL_LIST_PAGE (page));
  TillListPageClass *klass = TILL_LIST_PAGE_GET_CLASS (page);

  if (klass->export_name == NULL || priv->query == NULL)
    return FALSE;
  ret_export->path = klass->path;
  ret_export->query = priv->query;
  *ret_name = _ (klass->export_name);
  return TRUE;
}

static void
find (TillPage *page)
{
  TillListPagePrivate *priv = till_list_page_get_instance_private (TILL_LIST_PAGE (page));

  if (priv->search != NULL)
    gtk_widget_grab_focus (priv->search);
}

/* --- callbacks of the template --- */

static void
filter_cb (TillListPage *self)
{
  till_list_page_filter (self);
}

static void
clear_cb (TillListPage *self)
{
  TillListPagePrivate *priv = till_list_page_get_instance_private (self);
  TillListPageClass *klass = TILL_LIST_PAGE_GET_CLASS (self);

  if (priv->search != NULL)
    gtk_editable_set_text (GTK_EDITABLE (priv->search), "");
  if (klass->clear_filters != NULL)
    klass->clear_filters (self);
  till_list_page_filter (self);
}

static void
reload_cb (TillListPage *self)
{
  refresh (TILL_PAGE (self));
}

static void
activate_cb (TillTable *table, gpointer record, gpointer self)
{
  TillListPageClass *klass = TILL_LIST_PAGE_GET_CLASS (self);

  if (klass->activated != NULL)
    klass->activated (self, record);
}

/* --- for subclasses --- */

void
till_list_page_class_bind (TillListPageClass *klass, gboolean has_search)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  g_type_ensure (TILL_TYPE_TABLE);
  g_type_ensure (TILL_TYPE_COLUMN);
  gtk_widget_class_bind_template_child_full (widget_class, "table", FALSE, 0);
  if (has_search)
    gtk_widget_class_bind_template_child_full (widget_class, "search", FALSE, 0);
  gtk_widget_class_bind_template_callback (widget_class, filter_cb);
  gtk_widget_class_bind_template_callback (widget_class, clear_cb);
  gtk_widget_class_bind_template_callback (widget_class, reload_cb);
  gtk_widget_class_bind_template_callback (widget_class, activate_cb);
}

void
till_list_page_init_template (TillListPage *self)
{
  TillListPagePrivate *priv = till_list_page_get_instance_private (self);
  GType type = G_OBJECT_TYPE (self);
  GObject *search;

  gtk_widget_init_template (GTK_WIDGET (self));
  priv->table = TILL_TABLE (gtk_widget_get_template_child (GTK_WIDGET (self), type, "table"));
  search = gtk_widget_get_template_child (GTK_WIDGET (self), type, "search");
  priv->search = search != NULL ? GTK_WIDGET (search) : NULL;
}

void
till_list_page_dispose_template (TillListPage *self, GType type)
{
  TillListPagePrivate *priv = till_list_page_get_instance_private (self);

  if (priv->table != NULL)
    {
      g_autofree char *layout = till_table_dup_layout (priv->table);

      if (priv->list != NULL && layout != NULL)
        till_page_set_view (TILL_PAGE (self), "layout", layout);
      till_table_set_model (priv->table, NULL);
    }
  priv->table = NULL;
  priv->search = NULL;
  gtk_widget_dispose_template (GTK_WIDGET (self), type);
  g_clear_object (&priv->list);
  g_clear_object (&priv->query);
}

gpointer
till_list_page_get_selected (TillListPage *self)
{
  TillListPagePrivate *priv = till_list_page_get_instance_private (self);

  return priv->table != NULL && priv->list != NULL ? till_table_get_selected (priv->table) : NULL;
}

void
till_list_page_reload (TillListPage *self)
{
  TillListPagePrivate *priv = till_list_page_get_instance_private (self);

  if (priv->list != NULL)
    till_paged_list_reload (priv->list);
}

static void
till_list_page_class_init (TillListPageClass *klass)
{
  TillPageClass *page_class = TILL_PAGE_CLASS (klass);

  klass->feed = TILL_FEED_OTHER;
  page_class->load = load;
  page_class->refresh = refresh;
  page_class->record_changed = record_changed;
  page_class->get_export = get_export;
  page_class->find = find;
}

static void
till_list_page_init (TillListPage *self)
{
}
