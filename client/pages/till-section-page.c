/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-section-page.c: see till-section-page.h. Hands on what the window says to the view that is shown. */
#define G_LOG_DOMAIN "till-section-page"
#include "config.h"
#include <glib/gi18n.h>
#include "client/pages/till-section-page.h"

typedef struct {
  GtkListBox *list; /* NULL with tabs */
  GtkStack   *stack;
  TillPage   *view; /* shown, borrowed */
} TillSectionPagePrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (TillSectionPage, till_section_page, TILL_TYPE_PAGE)

static gboolean
may (TillSession *session, const TillSectionView *view)
{
  g_auto (GStrv) words = view->permission != NULL ? g_strsplit (view->permission, " ", -1) : NULL;

  for (guint i = 0; words != NULL && words[i] != NULL; i++)
    if (till_session_may_word (session, words[i]))
      return TRUE;
  return words == NULL;
}

static void
status_cb (TillSectionPage *self)
{
  TillSectionPagePrivate *priv = till_section_page_get_instance_private (self);

  till_page_set_status (TILL_PAGE (self), priv->view != NULL ? till_page_get_status (priv->view) : NULL);
}

static void
badge_cb (TillSectionPage *self)
{
  TillSectionPagePrivate *priv = till_section_page_get_instance_private (self);
  guint sum = 0, badge;

  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (priv->stack)); child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      g_object_get (child, "badge", &badge, NULL);
      sum += badge;
    }
  till_page_set_badge (TILL_PAGE (self), sum);
}

static void
shown_cb (TillSectionPage *self)
{
  TillSectionPagePrivate *priv = till_section_page_get_instance_private (self);
  GtkWidget *child = gtk_stack_get_visible_child (priv->stack);

  if (child == NULL || TILL_PAGE (child) == priv->view)
    return;
  if (priv->view != NULL)
    till_page_leave (priv->view);
  priv->view = TILL_PAGE (child);
  till_page_enter (priv->view);
  status_cb (self);
}

static void
selected_cb (TillSectionPage *self, GtkListBoxRow *row)
{
  TillSectionPagePrivate *priv = till_section_page_get_instance_private (self);

  if (row != NULL)
    gtk_stack_set_visible_child_name (priv->stack, g_object_get_data (G_OBJECT (row), "till-view"));
}

static void
add_row (TillSectionPage *self, const TillSectionView *view)
{
  TillSectionPagePrivate *priv = till_section_page_get_instance_private (self);
  GtkWidget *label = gtk_label_new (_ (view->title)), *row = gtk_list_box_row_new ();

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, _ (view->title), -1);
  g_object_set_data (G_OBJECT (row), "till-view", (gpointer) view->name);
  gtk_list_box_append (priv->list, row);
}

static void
add_view (TillSectionPage *self, const TillSectionView *view)
{
  TillSectionPagePrivate *priv = till_section_page_get_instance_private (self);
  TillPage *page = g_object_new (view->get_type (), "context", till_page_get_context (TILL_PAGE (self)), "title", _ (view->title), NULL);

  gtk_stack_add_titled (priv->stack, GTK_WIDGET (page), view->name, _ (view->title));
  g_signal_connect_object (page, "notify::status", G_CALLBACK (status_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (page, "notify::badge", G_CALLBACK (badge_cb), self, G_CONNECT_SWAPPED);
  if (priv->list != NULL)
    add_row (self, view);
}

static void
load (TillPage *page)
{
  TillSectionPage *self = TILL_SECTION_PAGE (page);
  TillSectionPagePrivate *priv = till_section_page_get_instance_private (self);
  TillSectionPageClass *klass = TILL_SECTION_PAGE_GET_CLASS (self);

  for (guint i = 0; i < klass->n_views; i++)
    if (may (till_context_get_session (till_page_get_context (page)), &klass->views[i]))
      add_view (self, &klass->views[i]);
  if (priv->list != NULL)
    gtk_list_box_select_row (priv->list, gtk_list_box_get_row_at_index (priv->list, 0));
  g_signal_connect_object (priv->stack, "notify::visible-child", G_CALLBACK (shown_cb), self, G_CONNECT_SWAPPED);
  shown_cb (self);
}

static void
entered (TillPage *page)
{
  TillSectionPagePrivate *priv = till_section_page_get_instance_private (TILL_SECTION_PAGE (page));

  if (priv->view != NULL)
    till_page_enter (priv->view);
}

/* The window leaves the section: so does the view, whose calls are of this visit. */
static void
unmap (GtkWidget *widget)
{
  TillSectionPagePrivate *priv = till_section_page_get_instance_private (TILL_SECTION_PAGE (widget));

  if (priv->view != NULL)
    till_page_leave (priv->view);
  GTK_WIDGET_CLASS (till_section_page_parent_class)->unmap (widget);
}

static void
map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (till_section_page_parent_class)->map (widget);
  entered (TILL_PAGE (widget));
}

static void
refresh (TillPage *page)
{
  TillSectionPagePrivate *priv = till_section_page_get_instance_private (TILL_SECTION_PAGE (page));

  if (priv->view != NULL)
    till_page_refresh (priv->view);
}

static void
record_changed (TillPage *page, TillFeedKind kind, const char *id, JsonObject *object)
{
  TillSectionPagePrivate *priv = till_section_page_get_instance_private (TILL_SECTION_PAGE (page));

  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (priv->stack)); child != NULL; child = gtk_widget_get_next_sibling (child))
    till_page_record_changed (TILL_PAGE (child), kind, id, object);
}

static void
open_target (TillPage *page, const char *target)
{
  TillSectionPagePrivate *priv = till_section_page_get_instance_private (TILL_SECTION_PAGE (page));
  g_auto (GStrv) parts = g_strsplit (target, ":", 2);
  GtkListBoxRow *row;

  if (gtk_stack_get_child_by_name (priv->stack, parts[0]) == NULL)
    return;
  gtk_stack_set_visible_child_name (priv->stack, parts[0]);
  for (int i = 0; priv->list != NULL && (row = gtk_list_box_get_row_at_index (priv->list, i)) != NULL; i++)
    if (g_strcmp0 (g_object_get_data (G_OBJECT (row), "till-view"), parts[0]) == 0)
      gtk_list_box_select_row (priv->list, row);
  till_page_open_target (priv->view, parts[1]);
}

static gboolean
get_export (TillPage *page, TillExport *ret_export, const char **ret_name)
{
  TillSectionPagePrivate *priv = till_section_page_get_instance_private (TILL_SECTION_PAGE (page));

  return priv->view != NULL && till_page_can_export (priv->view) && TILL_PAGE_GET_CLASS (priv->view)->get_export (priv->view, ret_export, ret_name);
}

static void
print (TillPage *page)
{
  TillSectionPagePrivate *priv = till_section_page_get_instance_private (TILL_SECTION_PAGE (page));

  if (priv->view != NULL)
    till_page_print (priv->view);
}

static void
find (TillPage *page)
{
  TillSectionPagePrivate *priv = till_section_page_get_instance_private (TILL_SECTION_PAGE (page));

  if (priv->view != NULL)
    till_page_find (priv->view);
}

TillPage *
till_section_page_get_view (TillSectionPage *self)
{
  TillSectionPagePrivate *priv = till_section_page_get_instance_private (self);

  return priv->view;
}

static void
till_section_page_constructed (GObject *object)
{
  TillSectionPagePrivate *priv = till_section_page_get_instance_private (TILL_SECTION_PAGE (object));
  gboolean tabs = TILL_SECTION_PAGE_GET_CLASS (object)->tabs;
  GtkWidget *box = gtk_box_new (tabs ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL, 0), *side = NULL;

  G_OBJECT_CLASS (till_section_page_parent_class)->constructed (object);
  if (tabs)
    {
      side = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
      gtk_widget_add_css_class (side, "till-toolbar");
      gtk_box_append (GTK_BOX (side), g_object_new (GTK_TYPE_STACK_SWITCHER, "stack", priv->stack, NULL));
      gtk_box_append (GTK_BOX (box), side);
    }
  else
    {
      side = gtk_scrolled_window_new ();
      priv->list = GTK_LIST_BOX (gtk_list_box_new ());
      gtk_widget_add_css_class (GTK_WIDGET (priv->list), "navigation-sidebar");
      gtk_list_box_set_selection_mode (priv->list, GTK_SELECTION_BROWSE);
      g_signal_connect_object (priv->list, "row-selected", G_CALLBACK (selected_cb), object, G_CONNECT_SWAPPED);
      gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (side), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
      gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (side), GTK_WIDGET (priv->list));
      gtk_widget_set_size_request (side, 160, -1);
      gtk_box_append (GTK_BOX (box), side);
      gtk_box_append (GTK_BOX (box), gtk_separator_new (GTK_ORIENTATION_VERTICAL));
    }
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (priv->stack));
  adw_bin_set_child (ADW_BIN (object), box);
}

static void
till_section_page_dispose (GObject *object)
{
  TillSectionPagePrivate *priv = till_section_page_get_instance_private (TILL_SECTION_PAGE (object));

  if (priv->stack != NULL)
    g_signal_handlers_disconnect_by_data (priv->stack, object);
  priv->view = NULL;
  priv->stack = NULL;
  priv->list = NULL;
  G_OBJECT_CLASS (till_section_page_parent_class)->dispose (object);
}

static void
till_section_page_class_init (TillSectionPageClass *klass)
{
  TillPageClass *page_class = TILL_PAGE_CLASS (klass);

  G_OBJECT_CLASS (klass)->constructed = till_section_page_constructed;
  G_OBJECT_CLASS (klass)->dispose = till_section_page_dispose;
  GTK_WIDGET_CLASS (klass)->map = map;
  GTK_WIDGET_CLASS (klass)->unmap = unmap;
  page_class->load = load;
  page_class->entered = entered;
  page_class->refresh = refresh;
  page_class->record_changed = record_changed;
  page_class->open_target = open_target;
  page_class->get_export = get_export;
  page_class->print = print;
  page_class->find = find;
}

static void
till_section_page_init (TillSectionPage *self)
{
  TillSectionPagePrivate *priv = till_section_page_get_instance_private (self);

  priv->stack = GTK_STACK (gtk_stack_new ());
  gtk_widget_set_hexpand (GTK_WIDGET (priv->stack), TRUE);
  gtk_widget_set_vexpand (GTK_WIDGET (priv->stack), TRUE);
}
