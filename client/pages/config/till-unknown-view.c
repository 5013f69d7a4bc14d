/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-unknown-view.c: see till-unknown-view.h. */
#define G_LOG_DOMAIN "till-unknown-view"
#include "config.h"
#include <glib/gi18n.h>
#include "client/model/till-unknown-gateway.h"
#include "client/pages/config/till-gateway-editor.h"
#include "client/pages/config/till-unknown-view.h"
#include "shared/api/till-paths.h"

struct _TillUnknownView {
  TillListPage parent_instance;
};

G_DEFINE_FINAL_TYPE (TillUnknownView, till_unknown_view, TILL_TYPE_LIST_PAGE)

static void
activated (TillListPage *page, gpointer caller)
{
  TillUnknownCaller adopt = { till_record_int (caller, "id"), till_record_text (caller, "text"), till_record_text (caller, "front") };

  if (adopt.text != NULL)
    till_gateway_editor_adopt (TILL_PAGE (page), &adopt);
}

static void
selected (TillListPage *page, gpointer caller)
{
  gtk_widget_action_set_enabled (GTK_WIDGET (page), "unknown.adopt", caller != NULL);
}

static void
adopt_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gpointer caller = till_list_page_get_selected (TILL_LIST_PAGE (widget));

  if (caller != NULL)
    activated (TILL_LIST_PAGE (widget), caller);
}

static void
till_unknown_view_dispose (GObject *object)
{
  till_list_page_dispose_template (TILL_LIST_PAGE (object), TILL_TYPE_UNKNOWN_VIEW);
  G_OBJECT_CLASS (till_unknown_view_parent_class)->dispose (object);
}

static void
till_unknown_view_class_init (TillUnknownViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  TillListPageClass *list_class = TILL_LIST_PAGE_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_unknown_view_dispose;
  list_class->path = TILL_PATH_GATEWAYS_UNKNOWN;
  list_class->get_record_type = till_unknown_gateway_get_type;
  list_class->export_name = N_ ("unknown-gateways");
  list_class->activated = activated;
  list_class->selected = selected;
  gtk_widget_class_install_action (widget_class, "unknown.adopt", NULL, adopt_action);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/gridtill/Client/pages/config/till-unknown-view.ui");
  till_list_page_class_bind (list_class, FALSE);
}

static void
till_unknown_view_init (TillUnknownView *self)
{
  till_list_page_init_template (TILL_LIST_PAGE (self));
}
