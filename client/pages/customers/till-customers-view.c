/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-customers-view.c: see till-customers-view.h. */
#define G_LOG_DOMAIN "till-customers-view"
#include "config.h"
#include <glib/gi18n.h>
#include "client/pages/customers/till-customers-view.h"
#include "shared/api/till-paths.h"

struct _TillCustomersView {
  TillListPage parent_instance;
};

G_DEFINE_FINAL_TYPE (TillCustomersView, till_customers_view, TILL_TYPE_LIST_PAGE)

static void
till_customers_view_dispose (GObject *object)
{
  till_list_page_dispose_template (TILL_LIST_PAGE (object), TILL_TYPE_CUSTOMERS_VIEW);
  G_OBJECT_CLASS (till_customers_view_parent_class)->dispose (object);
}

static void
till_customers_view_class_init (TillCustomersViewClass *klass)
{
  TillListPageClass *list_class = TILL_LIST_PAGE_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_customers_view_dispose;
  list_class->path = TILL_PATH_CUSTOMERS;
  list_class->get_record_type = till_customer_get_type;
  list_class->export_name = N_ ("customers");
  gtk_widget_class_set_template_from_resource (GTK_WIDGET_CLASS (klass), "/org/gridtill/Client/pages/customers/till-customers-view.ui");
  till_list_page_class_bind (list_class, TRUE);
}

static void
till_customers_view_init (TillCustomersView *self)
{
  till_list_page_init_template (TILL_LIST_PAGE (self));
}
