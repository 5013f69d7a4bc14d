/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-customers-page.c: see till-customers-page.h. Two lists behind one search. */
#define G_LOG_DOMAIN "till-customers-page"
#include "config.h"
#include <glib/gi18n.h>
#include "client/pages/customers/till-customers-page.h"
#include "client/widgets/till-table.h"
#include "shared/api/till-paths.h"

struct _TillCustomersPage {
  TillPage        parent_instance;
  GtkStack       *stack;
  GtkSearchEntry *search;
  TillTable      *customers, *accounts;
  TillQuery      *queries[2];
  TillPagedList  *lists[2];
};

G_DEFINE_FINAL_TYPE (TillCustomersPage, till_customers_page, TILL_TYPE_PAGE)

static int
shown (TillCustomersPage *self)
{
  return g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), "accounts") == 0;
}

static void
filter_cb (TillCustomersPage *self)
{
  for (int i = 0; i < 2; i++)
    if (self->queries[i] != NULL)
      till_query_set_text (self->queries[i], gtk_editable_get_text (GTK_EDITABLE (self->search)));
}

static void
load (TillPage *page)
{
  TillCustomersPage *self = TILL_CUSTOMERS_PAGE (page);
  TillContext *context = till_page_get_context (page);

  for (int i = 0; i < 2; i++)
    {
      self->queries[i] = till_query_new ();
      self->lists[i] = till_context_make_list (context, i == 0 ? TILL_PATH_CUSTOMERS : TILL_PATH_ACCOUNTS,
                                               i == 0 ? TILL_TYPE_CUSTOMER : TILL_TYPE_ACCOUNT, self->queries[i]);
      till_table_set_model (i == 0 ? self->customers : self->accounts, G_LIST_MODEL (self->lists[i]));
    }
}

static void
refresh (TillPage *page)
{
  TillCustomersPage *self = TILL_CUSTOMERS_PAGE (page);

  till_paged_list_reload (self->lists[shown (self)]);
}

static void
reload_cb (TillCustomersPage *self)
{
  refresh (TILL_PAGE (self));
}

static void
clear_cb (TillCustomersPage *self)
{
  gtk_editable_set_text (GTK_EDITABLE (self->search), "");
}

static gboolean
get_export (TillPage *page, TillExport *ret_export, const char **ret_name)
{
  TillCustomersPage *self = TILL_CUSTOMERS_PAGE (page);

  ret_export->path = shown (self) == 0 ? TILL_PATH_CUSTOMERS : TILL_PATH_ACCOUNTS;
  ret_export->query = self->queries[shown (self)];
  *ret_name = shown (self) == 0 ? _("customers") : _("accounts");
  return TRUE;
}

static void
find (TillPage *page)
{
  gtk_widget_grab_focus (GTK_WIDGET (TILL_CUSTOMERS_PAGE (page)->search));
}

static void
till_customers_page_dispose (GObject *object)
{
  TillCustomersPage *self = TILL_CUSTOMERS_PAGE (object);

  if (self->customers != NULL)
    {
      till_table_set_model (self->customers, NULL);
      till_table_set_model (self->accounts, NULL);
    }
  gtk_widget_dispose_template (GTK_WIDGET (object), TILL_TYPE_CUSTOMERS_PAGE);
  for (int i = 0; i < 2; i++)
    {
      g_clear_object (&self->lists[i]);
      g_clear_object (&self->queries[i]);
    }
  G_OBJECT_CLASS (till_customers_page_parent_class)->dispose (object);
}

static void
till_customers_page_class_init (TillCustomersPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  TillPageClass *page_class = TILL_PAGE_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_customers_page_dispose;
  page_class->load = load;
  page_class->refresh = refresh;
  page_class->get_export = get_export;
  page_class->find = find;
  g_type_ensure (TILL_TYPE_TABLE);
  g_type_ensure (TILL_TYPE_COLUMN);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/gridtill/Client/pages/customers/till-customers-page.ui");
  gtk_widget_class_bind_template_child (widget_class, TillCustomersPage, stack);
  gtk_widget_class_bind_template_child (widget_class, TillCustomersPage, search);
  gtk_widget_class_bind_template_child (widget_class, TillCustomersPage, customers);
  gtk_widget_class_bind_template_child (widget_class, TillCustomersPage, accounts);
  gtk_widget_class_bind_template_callback (widget_class, filter_cb);
  gtk_widget_class_bind_template_callback (widget_class, clear_cb);
  gtk_widget_class_bind_template_callback (widget_class, reload_cb);
}

static void
till_customers_page_init (TillCustomersPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
