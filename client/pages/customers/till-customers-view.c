/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-customers-view.c: see till-customers-view.h. */
#define G_LOG_DOMAIN "till-customers-view"
#include "config.h"
#include <glib/gi18n.h>
#include "client/pages/customers/till-customer-editor.h"
#include "client/pages/customers/till-customers-view.h"
#include "client/pages/customers/till-open-window.h"
#include "client/pages/till-statement-window.h"
#include "shared/api/till-paths.h"

struct _TillCustomersView {
  TillListPage parent_instance;
};

G_DEFINE_FINAL_TYPE (TillCustomersView, till_customers_view, TILL_TYPE_LIST_PAGE)

static void
selected (TillListPage *page, gpointer record)
{
  TillSession *session = till_context_get_session (till_page_get_context (TILL_PAGE (page)));

  gtk_widget_action_set_enabled (GTK_WIDGET (page), "customers.new", till_session_may (session, TILL_PERMISSION_CUSTOMERS_EDIT));
  gtk_widget_action_set_enabled (GTK_WIDGET (page), "customers.edit", record != NULL && till_session_may (session, TILL_PERMISSION_CUSTOMERS_EDIT));
  gtk_widget_action_set_enabled (GTK_WIDGET (page), "customers.statement", record != NULL && till_session_may (session, TILL_PERMISSION_SALES_VIEW));
  gtk_widget_action_set_enabled (GTK_WIDGET (page), "customers.open-account", till_session_may (session, TILL_PERMISSION_ACCOUNTS_OPEN));
}

static void
new_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  till_customer_editor_new (TILL_PAGE (widget));
}

static void
edit_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gpointer record = till_list_page_get_selected (TILL_LIST_PAGE (widget));

  if (record != NULL)
    till_customer_editor_edit (TILL_PAGE (widget), till_record_int (record, "id"));
}

static void
statement_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gpointer record = till_list_page_get_selected (TILL_LIST_PAGE (widget));

  if (record != NULL)
    till_statement_window_show (widget, till_page_get_context (TILL_PAGE (widget)), &(TillStatementOf){ .customer = till_record_int (record, "id") });
}

static void
open_account (TillListPage *page, const TillOpenFrom *from)
{
  TillOpenWindow *window = till_open_window_show (TILL_PAGE (page), from);

  g_signal_connect_object (window, "opened", G_CALLBACK (till_list_page_reload), page, G_CONNECT_SWAPPED);
}

/* For the customer that is chosen, if one is. */
static void
open_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  open_account (TILL_LIST_PAGE (widget), &(TillOpenFrom){ .customer = till_list_page_get_selected (TILL_LIST_PAGE (widget)) });
}

/* "open-meter-12": from a meter that nobody has. */
static void
open_target (TillPage *page, const char *target)
{
  gint64 meter;

  if (target == NULL || !g_str_has_prefix (target, "open-meter-") || !g_ascii_string_to_signed (target + 11, 10, 1, G_MAXINT64, &meter, NULL))
    return;
  if (till_session_may (till_context_get_session (till_page_get_context (page)), TILL_PERMISSION_ACCOUNTS_OPEN))
    open_account (TILL_LIST_PAGE (page), &(TillOpenFrom){ .meter = meter });
}

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
  list_class->selected = selected;
  gtk_widget_class_install_action (GTK_WIDGET_CLASS (klass), "customers.new", NULL, new_action);
  gtk_widget_class_install_action (GTK_WIDGET_CLASS (klass), "customers.edit", NULL, edit_action);
  gtk_widget_class_install_action (GTK_WIDGET_CLASS (klass), "customers.statement", NULL, statement_action);
  gtk_widget_class_install_action (GTK_WIDGET_CLASS (klass), "customers.open-account", NULL, open_action);
  gtk_widget_class_add_binding_action (GTK_WIDGET_CLASS (klass), GDK_KEY_o, GDK_CONTROL_MASK, "customers.open-account", NULL);
  TILL_PAGE_CLASS (klass)->open_target = open_target;
  gtk_widget_class_set_template_from_resource (GTK_WIDGET_CLASS (klass), "/org/gridtill/Client/pages/customers/till-customers-view.ui");
  till_list_page_class_bind (list_class, TRUE);
}

static void
till_customers_view_init (TillCustomersView *self)
{
  till_list_page_init_template (TILL_LIST_PAGE (self));
}
