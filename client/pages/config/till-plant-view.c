/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-plant-view.c: see till-plant-view.h. */
#define G_LOG_DOMAIN "till-plant-view"
#include "config.h"
#include <glib/gi18n.h>
#include "client/pages/config/till-import-window.h"
#include "client/pages/config/till-meter-editor.h"
#include "client/pages/config/till-plant-view.h"
#include "shared/api/till-paths.h"

struct _TillPlantView {
  TillListPage parent_instance;
  GtkDropDown *use_class;
};

G_DEFINE_FINAL_TYPE (TillPlantView, till_plant_view, TILL_TYPE_LIST_PAGE)

static void
load (TillPage *page)
{
  TillRefLists *lists = till_context_get_ref_lists (till_page_get_context (page));

  TILL_PAGE_CLASS (till_plant_view_parent_class)->load (page);
  for (TillRefKind kind = TILL_REF_AREAS; kind <= TILL_REF_TARIFFS; kind++)
    till_ref_lists_get (lists, kind); /* on their way before the form asks for them */
}

static void
put_filters (TillListPage *page, TillQuery *query)
{
  static const char *const words[] = { NULL, "dormitory", "shop", "office", "public", "residence", "other" };
  guint chosen = gtk_drop_down_get_selected (TILL_PLANT_VIEW (page)->use_class);

  till_query_set_filter (query, "use_class", chosen < G_N_ELEMENTS (words) ? words[chosen] : NULL);
}

static void
clear_filters (TillListPage *page)
{
  gtk_drop_down_set_selected (TILL_PLANT_VIEW (page)->use_class, 0);
}

static void
selected (TillListPage *page, gpointer meter)
{
  TillSession *session = till_context_get_session (till_page_get_context (TILL_PAGE (page)));
  gboolean edit = till_session_may (session, TILL_PERMISSION_PLANT_EDIT);

  gtk_widget_action_set_enabled (GTK_WIDGET (page), "plant.new", edit);
  gtk_widget_action_set_enabled (GTK_WIDGET (page), "plant.edit", edit && meter != NULL);
  gtk_widget_action_set_enabled (GTK_WIDGET (page), "plant.retire", edit && meter != NULL);
  gtk_widget_action_set_enabled (GTK_WIDGET (page), "plant.import", till_session_may (session, TILL_PERMISSION_PLANT_IMPORT));
}

static void
activated (TillListPage *page, gpointer meter)
{
  if (till_session_may (till_context_get_session (till_page_get_context (TILL_PAGE (page))), TILL_PERMISSION_PLANT_EDIT))
    till_meter_editor_edit (TILL_PAGE (page), meter);
}

static void
meter_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gpointer meter = till_list_page_get_selected (TILL_LIST_PAGE (widget));

  if (g_str_equal (name, "plant.new"))
    till_meter_editor_new (TILL_PAGE (widget));
  else if (meter != NULL && g_str_equal (name, "plant.edit"))
    till_meter_editor_edit (TILL_PAGE (widget), meter);
  else if (meter != NULL)
    till_meter_editor_retire (TILL_PAGE (widget), meter);
}

static void
import_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_signal_connect_object (till_import_window_show (widget, till_page_get_context (TILL_PAGE (widget)), TILL_IMPORT_PLANT), "imported",
                           G_CALLBACK (till_page_refresh), widget, G_CONNECT_SWAPPED);
}

static void
till_plant_view_dispose (GObject *object)
{
  till_list_page_dispose_template (TILL_LIST_PAGE (object), TILL_TYPE_PLANT_VIEW);
  G_OBJECT_CLASS (till_plant_view_parent_class)->dispose (object);
}

static void
till_plant_view_class_init (TillPlantViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  TillListPageClass *list_class = TILL_LIST_PAGE_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_plant_view_dispose;
  TILL_PAGE_CLASS (klass)->load = load;
  list_class->path = TILL_PATH_METERS;
  list_class->get_record_type = till_meter_get_type;
  list_class->sort = "code";
  list_class->export_name = N_ ("plant");
  list_class->put_filters = put_filters;
  list_class->clear_filters = clear_filters;
  list_class->activated = activated;
  list_class->selected = selected;
  gtk_widget_class_install_action (widget_class, "plant.new", NULL, meter_action);
  gtk_widget_class_install_action (widget_class, "plant.edit", NULL, meter_action);
  gtk_widget_class_install_action (widget_class, "plant.retire", NULL, meter_action);
  gtk_widget_class_install_action (widget_class, "plant.import", NULL, import_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_n, GDK_CONTROL_MASK, "plant.new", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_F2, 0, "plant.edit", NULL);
  g_type_ensure (TILL_TYPE_METER);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/gridtill/Client/pages/config/till-plant-view.ui");
  till_list_page_class_bind (list_class, TRUE);
  gtk_widget_class_bind_template_child (widget_class, TillPlantView, use_class);
}

static void
till_plant_view_init (TillPlantView *self)
{
  till_list_page_init_template (TILL_LIST_PAGE (self));
}
