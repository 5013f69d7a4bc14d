/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-accounts-view.c: see till-accounts-view.h. */
#define G_LOG_DOMAIN "till-accounts-view"
#include "config.h"
#include <glib/gi18n.h>
#include "client/pages/customers/till-accounts-view.h"
#include "shared/api/till-paths.h"

struct _TillAccountsView {
  TillListPage parent_instance;
};

G_DEFINE_FINAL_TYPE (TillAccountsView, till_accounts_view, TILL_TYPE_LIST_PAGE)

static void
till_accounts_view_dispose (GObject *object)
{
  till_list_page_dispose_template (TILL_LIST_PAGE (object), TILL_TYPE_ACCOUNTS_VIEW);
  G_OBJECT_CLASS (till_accounts_view_parent_class)->dispose (object);
}

static void
till_accounts_view_class_init (TillAccountsViewClass *klass)
{
  TillListPageClass *list_class = TILL_LIST_PAGE_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_accounts_view_dispose;
  list_class->path = TILL_PATH_ACCOUNTS;
  list_class->get_record_type = till_account_get_type;
  list_class->export_name = N_ ("accounts");
  gtk_widget_class_set_template_from_resource (GTK_WIDGET_CLASS (klass), "/org/gridtill/Client/pages/customers/till-accounts-view.ui");
  till_list_page_class_bind (list_class, TRUE);
}

static void
till_accounts_view_init (TillAccountsView *self)
{
  till_list_page_init_template (TILL_LIST_PAGE (self));
}
