/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-areas-view.c: see till-areas-view.h. Nothing moves in the tree before the server took it. */
#define G_LOG_DOMAIN "till-areas-view"
#include "config.h"
#include <glib/gi18n.h>
#include "client/model/till-area.h"
#include "client/pages/config/till-area-editor.h"
#include "client/pages/config/till-areas-view.h"
#include "client/pages/config/till-import-window.h"
#include "client/pages/config/till-site-editor.h"
#include "client/widgets/till-area-tree.h"
#include "shared/api/till-paths.h"

struct _TillAreasView {
  TillListPage  parent_instance;
  GtkBox       *pane;
  TillAreaTree *tree;
  TillArea     *cut; /* by Ctrl+X, until Ctrl+V */
};

G_DEFINE_FINAL_TYPE (TillAreasView, till_areas_view, TILL_TYPE_LIST_PAGE)

static TillRefLists *
lists (TillAreasView *self)
{
  return till_context_get_ref_lists (till_page_get_context (TILL_PAGE (self)));
}

static TillArea *
find_area (TillAreasView *self, gint64 id)
{
  g_autofree char *key = g_strdup_printf ("%" G_GINT64_FORMAT, id);

  return id > 0 ? till_ref_lists_find (lists (self), TILL_REF_AREAS, key) : NULL;
}

static void
update_actions (TillAreasView *self)
{
  TillSession *session = till_context_get_session (till_page_get_context (TILL_PAGE (self)));
  gboolean edit = till_session_may (session, TILL_PERMISSION_PLANT_EDIT), chosen = edit && till_area_tree_get_selected (self->tree) != NULL;
  static const char *const of_one[] = { "areas.rename", "areas.edit", "areas.retire", "areas.cut" };

  for (guint i = 0; i < G_N_ELEMENTS (of_one); i++)
    gtk_widget_action_set_enabled (GTK_WIDGET (self), of_one[i], chosen);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "areas.new", edit);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "areas.paste", edit && self->cut != NULL);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "areas.import", till_session_may (session, TILL_PERMISSION_PLANT_IMPORT));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "areas.site", till_session_may (session, TILL_PERMISSION_DEFAULTS_EDIT));
}

/* --- what a person does --- */

static void
tree_selected_cb (TillAreasView *self)
{
  update_actions (self);
  till_list_page_filter (TILL_LIST_PAGE (self));
}

static void
renamed_cb (TillAreaTree *tree, gint64 id, const char *name, TillAreasView *self)
{
  TillArea *area = find_area (self, id);

  if (area != NULL)
    till_area_editor_rename (TILL_PAGE (self), area, name);
}

static void
moved_cb (TillAreaTree *tree, gint64 id, gint64 parent, TillAreasView *self)
{
  TillArea *area = find_area (self, id);

  if (area != NULL)
    till_area_editor_move (TILL_PAGE (self), area, find_area (self, parent));
}

static void
area_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TillAreasView *self = TILL_AREAS_VIEW (widget);
  TillArea *area = till_area_tree_get_selected (self->tree);

  if (g_str_equal (name, "areas.new"))
    till_area_editor_new (TILL_PAGE (self), area);
  else if (area == NULL)
    return;
  else if (g_str_equal (name, "areas.rename"))
    till_area_tree_start_rename (self->tree);
  else if (g_str_equal (name, "areas.edit"))
    till_area_editor_edit (TILL_PAGE (self), area);
  else
    till_area_editor_retire (TILL_PAGE (self), area);
}

static void
cut_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TillAreasView *self = TILL_AREAS_VIEW (widget);

  g_set_object (&self->cut, till_area_tree_get_selected (self->tree));
  update_actions (self);
}

static void
paste_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TillAreasView *self = TILL_AREAS_VIEW (widget);
  g_autoptr (TillArea) cut = g_steal_pointer (&self->cut);
  TillArea *parent = till_area_tree_get_selected (self->tree);

  update_actions (self);
  if (cut != NULL && cut != parent)
    till_area_editor_move (TILL_PAGE (self), cut, parent);
}

/* The list was still on its way. */
static void
sites_came_cb (GListModel *sites, guint position, guint removed, guint added, TillAreasView *self)
{
  if (added == 0)
    return;
  g_signal_handlers_disconnect_by_func (sites, sites_came_cb, self);
  gtk_widget_activate_action (GTK_WIDGET (self), "areas.site", NULL);
}

/* The chosen site, else the one the chosen area lies in, else the first. */
static void
site_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TillAreasView *self = TILL_AREAS_VIEW (widget);
  gint64 chosen = till_area_tree_get_selected_id (self->tree);
  TillArea *area = till_area_tree_get_selected (self->tree);
  g_autoptr (TillRecord) first = g_list_model_get_item (till_ref_lists_get (lists (self), TILL_REF_SITES), 0);
  gint64 site = chosen < 0 ? -chosen : area != NULL ? till_record_int (area, "site") : first != NULL ? till_record_int (first, "id") : 0;

  if (site > 0)
    till_site_editor_edit (TILL_PAGE (self), site);
  else
    g_signal_connect_object (till_ref_lists_get (lists (self), TILL_REF_SITES), "items-changed", G_CALLBACK (sites_came_cb), self, 0);
}

static void
import_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TillImportWindow *window = till_import_window_show (widget, till_page_get_context (TILL_PAGE (widget)), TILL_IMPORT_PLANT);

  g_signal_connect_object (window, "imported", G_CALLBACK (till_page_refresh), widget, G_CONNECT_SWAPPED);
}

/* --- page --- */

static void
load (TillPage *page)
{
  TillAreasView *self = TILL_AREAS_VIEW (page);
  TillSession *session = till_context_get_session (till_page_get_context (page));
  const char *site = till_session_get_site_name (session);

  self->tree = g_object_new (TILL_TYPE_AREA_TREE, "editable", till_session_may (session, TILL_PERMISSION_PLANT_EDIT), "vexpand", TRUE, NULL);
  if (site != NULL && *site != '\0')
    g_object_set (self->tree, "all-title", site, NULL);
  gtk_box_append (self->pane, GTK_WIDGET (self->tree));
  TILL_PAGE_CLASS (till_areas_view_parent_class)->load (page);
  till_area_tree_set_sites (self->tree, till_ref_lists_get (lists (self), TILL_REF_SITES));
  till_area_tree_set_areas (self->tree, till_ref_lists_get (lists (self), TILL_REF_AREAS));
  g_signal_connect_object (self->tree, "notify::selected-id", G_CALLBACK (tree_selected_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->tree, "renamed", G_CALLBACK (renamed_cb), self, 0);
  g_signal_connect_object (self->tree, "moved", G_CALLBACK (moved_cb), self, 0);
  update_actions (self);
}

static void
refresh (TillPage *page)
{
  TILL_PAGE_CLASS (till_areas_view_parent_class)->refresh (page);
  till_ref_lists_refresh (lists (TILL_AREAS_VIEW (page)));
}

/* "site", "import", "new": what the first steps send people here for. */
static void
open_target (TillPage *page, const char *target)
{
  g_autofree char *action = g_strconcat ("areas.", target, NULL);

  if (g_str_equal (target, "site") || g_str_equal (target, "import") || g_str_equal (target, "new"))
    gtk_widget_activate_action (GTK_WIDGET (page), action, NULL);
}

static void
put_filters (TillListPage *page, TillQuery *query)
{
  TillAreasView *self = TILL_AREAS_VIEW (page);
  gint64 chosen = self->tree != NULL ? till_area_tree_get_selected_id (self->tree) : 0;
  g_autofree char *id = chosen > 0 ? g_strdup_printf ("%" G_GINT64_FORMAT, chosen) : NULL;

  till_query_set_filter (query, "parent", id);
}

static void
clear_filters (TillListPage *page)
{
  till_area_tree_select (TILL_AREAS_VIEW (page)->tree, 0);
}

/* Enter on an area goes into it. */
static void
activated (TillListPage *page, gpointer area)
{
  till_area_tree_select (TILL_AREAS_VIEW (page)->tree, till_record_int (area, "id"));
}

static void
till_areas_view_dispose (GObject *object)
{
  TILL_AREAS_VIEW (object)->tree = NULL;
  g_clear_object (&TILL_AREAS_VIEW (object)->cut);
  till_list_page_dispose_template (TILL_LIST_PAGE (object), TILL_TYPE_AREAS_VIEW);
  G_OBJECT_CLASS (till_areas_view_parent_class)->dispose (object);
}

static void
till_areas_view_class_init (TillAreasViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  TillListPageClass *list_class = TILL_LIST_PAGE_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_areas_view_dispose;
  TILL_PAGE_CLASS (klass)->load = load;
  TILL_PAGE_CLASS (klass)->refresh = refresh;
  TILL_PAGE_CLASS (klass)->open_target = open_target;
  list_class->path = TILL_PATH_AREAS;
  list_class->get_record_type = till_area_get_type;
  list_class->sort = "path";
  list_class->export_name = N_ ("areas");
  list_class->put_filters = put_filters;
  list_class->clear_filters = clear_filters;
  list_class->activated = activated;
  gtk_widget_class_install_action (widget_class, "areas.new", NULL, area_action);
  gtk_widget_class_install_action (widget_class, "areas.rename", NULL, area_action);
  gtk_widget_class_install_action (widget_class, "areas.edit", NULL, area_action);
  gtk_widget_class_install_action (widget_class, "areas.retire", NULL, area_action);
  gtk_widget_class_install_action (widget_class, "areas.cut", NULL, cut_action);
  gtk_widget_class_install_action (widget_class, "areas.paste", NULL, paste_action);
  gtk_widget_class_install_action (widget_class, "areas.import", NULL, import_action);
  gtk_widget_class_install_action (widget_class, "areas.site", NULL, site_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_n, GDK_CONTROL_MASK, "areas.new", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_F2, 0, "areas.rename", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_x, GDK_CONTROL_MASK, "areas.cut", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_v, GDK_CONTROL_MASK, "areas.paste", NULL);
  g_type_ensure (TILL_TYPE_AREA);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/gridtill/Client/pages/config/till-areas-view.ui");
  till_list_page_class_bind (list_class, TRUE);
  gtk_widget_class_bind_template_child (widget_class, TillAreasView, pane);
}

static void
till_areas_view_init (TillAreasView *self)
{
  till_list_page_init_template (TILL_LIST_PAGE (self));
}
