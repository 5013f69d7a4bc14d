/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-accounts-view.c: see till-accounts-view.h. */
#define G_LOG_DOMAIN "till-accounts-view"
#include "config.h"
#include <glib/gi18n.h>
#include "client/pages/customers/till-account-actions.h"
#include "client/pages/customers/till-accounts-view.h"
#include "client/pages/customers/till-close-window.h"
#include "client/pages/till-statement-window.h"
#include "shared/api/till-paths.h"

struct _TillAccountsView {
  TillListPage parent_instance;
};

G_DEFINE_FINAL_TYPE (TillAccountsView, till_accounts_view, TILL_TYPE_LIST_PAGE)

/* What makes sense in which state; the server decides. */
static const struct { const char *action; TillPermission permission; gboolean open, suspended; void (*show) (const TillAccountAsk *ask,
                                                                                                    TillAccount *account); } verbs[] = {
  { "accounts.suspend", TILL_PERMISSION_ACCOUNTS_OPEN, TRUE, FALSE, till_account_suspend_show },
  { "accounts.resume", TILL_PERMISSION_ACCOUNTS_OPEN, FALSE, TRUE, till_account_resume_show },
  { "accounts.transfer", TILL_PERMISSION_ACCOUNTS_TRANSFER, TRUE, TRUE, till_account_transfer_show },
  { "accounts.add-meter", TILL_PERMISSION_ACCOUNTS_OPEN, TRUE, FALSE, till_account_add_meter_show },
  { "accounts.remove-meter", TILL_PERMISSION_ACCOUNTS_OPEN, TRUE, TRUE, till_account_remove_meter_show },
};

static void
selected (TillListPage *page, gpointer record)
{
  TillSession *session = till_context_get_session (till_page_get_context (TILL_PAGE (page)));
  gint64 state = record != NULL ? till_record_int (record, "state") : TILL_UNKNOWN;
  gboolean closing = record != NULL && till_record_known (record, "closing");

  gtk_widget_action_set_enabled (GTK_WIDGET (page), "accounts.statement", record != NULL && till_session_may (session, TILL_PERMISSION_SALES_VIEW));
  gtk_widget_action_set_enabled (GTK_WIDGET (page), "accounts.close", record != NULL && state != TILL_ACCOUNT_STATE_CLOSED &&
                                                                        till_session_may (session, TILL_PERMISSION_ACCOUNTS_CLOSE));
  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    gtk_widget_action_set_enabled (GTK_WIDGET (page), verbs[i].action,
                                   !closing && till_session_may (session, verbs[i].permission) &&
                                     ((verbs[i].open && state == TILL_ACCOUNT_STATE_OPEN) || (verbs[i].suspended && state == TILL_ACCOUNT_STATE_SUSPENDED)));
}

static void
changed (GtkWidget *widget)
{
  till_list_page_reload (TILL_LIST_PAGE (widget));
}

static void
verb_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gpointer record = till_list_page_get_selected (TILL_LIST_PAGE (widget));
  TillAccountAsk ask = { widget, till_page_get_context (TILL_PAGE (widget)), changed };

  for (guint i = 0; record != NULL && i < G_N_ELEMENTS (verbs); i++)
    if (g_str_equal (verbs[i].action, name))
      verbs[i].show (&ask, TILL_ACCOUNT (record));
}

static void
close_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gpointer record = till_list_page_get_selected (TILL_LIST_PAGE (widget));

  if (record != NULL)
    g_signal_connect_object (till_close_window_show (widget, till_page_get_context (TILL_PAGE (widget)), TILL_ACCOUNT (record)), "changed",
                             G_CALLBACK (changed), widget, G_CONNECT_SWAPPED);
}

static void
statement_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gpointer record = till_list_page_get_selected (TILL_LIST_PAGE (widget));

  if (record != NULL)
    till_statement_window_show (widget, till_page_get_context (TILL_PAGE (widget)), &(TillStatementOf){ .account = till_record_int (record, "id") });
}

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
  list_class->selected = selected;
  gtk_widget_class_install_action (GTK_WIDGET_CLASS (klass), "accounts.statement", NULL, statement_action);
  gtk_widget_class_install_action (GTK_WIDGET_CLASS (klass), "accounts.close", NULL, close_action);
  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    gtk_widget_class_install_action (GTK_WIDGET_CLASS (klass), verbs[i].action, NULL, verb_action);
  gtk_widget_class_set_template_from_resource (GTK_WIDGET_CLASS (klass), "/org/gridtill/Client/pages/customers/till-accounts-view.ui");
  till_list_page_class_bind (list_class, TRUE);
}

static void
till_accounts_view_init (TillAccountsView *self)
{
  till_list_page_init_template (TILL_LIST_PAGE (self));
}
