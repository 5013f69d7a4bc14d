/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-sales-page.c: see till-sales-page.h. */
#define G_LOG_DOMAIN "till-sales-page"
#include "config.h"
#include <glib/gi18n.h>
#include "client/pages/sales/till-counter-view.h"
#include "client/pages/sales/till-drawer-view.h"
#include "client/pages/sales/till-sale-list-view.h"
#include "client/pages/sales/till-sales-page.h"
#include "shared/api/till-paths.h"

struct _TillSalesPage {
  TillPage          parent_instance;
  GtkStack         *stack;
  GtkStackPage     *counter_page;
  TillCounterView  *counter;
  TillSaleListView *records;
  TillPage         *drawers; /* NULL: not for this operator */
  gboolean          may_sell;
};

G_DEFINE_FINAL_TYPE (TillSalesPage, till_sales_page, TILL_TYPE_PAGE)

static gboolean
at_counter (TillSalesPage *self)
{
  return g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), "counter") == 0;
}

static gboolean
at_drawers (TillSalesPage *self)
{
  return self->drawers != NULL && gtk_stack_get_visible_child (self->stack) == GTK_WIDGET (self->drawers);
}

static void
shown_cb (TillSalesPage *self)
{
  if (at_drawers (self))
    till_page_enter (self->drawers);
  else
    till_page_leave (self->drawers);
}

static void
load (TillPage *page)
{
  TillSalesPage *self = TILL_SALES_PAGE (page);
  TillContext *context = till_page_get_context (page);

  self->may_sell = till_session_may (till_context_get_session (context), TILL_PERMISSION_SALES_SELL);
  till_counter_view_set_context (self->counter, context);
  till_sale_list_view_set_context (self->records, context);
  gtk_stack_page_set_visible (self->counter_page, self->may_sell);
  if (till_session_may (till_context_get_session (context), TILL_PERMISSION_DRAWER_OWN))
    {
      self->drawers = g_object_new (TILL_TYPE_DRAWER_VIEW, "context", context, NULL);
      gtk_stack_add_titled (self->stack, GTK_WIDGET (self->drawers), "drawers", _ ("Drawers"));
      g_signal_connect_object (self->stack, "notify::visible-child", G_CALLBACK (shown_cb), self, G_CONNECT_SWAPPED);
    }
  if (!self->may_sell)
    gtk_stack_set_visible_child_name (self->stack, "records");
  else
    till_counter_view_begin (self->counter);
}

static void
entered (TillPage *page)
{
  TillSalesPage *self = TILL_SALES_PAGE (page);

  if (at_counter (self))
    gtk_widget_child_focus (GTK_WIDGET (self->counter), GTK_DIR_TAB_FORWARD);
}

static void
refresh (TillPage *page)
{
  if (at_drawers (TILL_SALES_PAGE (page)))
    till_page_refresh (TILL_SALES_PAGE (page)->drawers);
  else
    till_sale_list_view_refresh (TILL_SALES_PAGE (page)->records);
}

static void
open_target (TillPage *page, const char *target)
{
  TillSalesPage *self = TILL_SALES_PAGE (page);

  if (g_str_has_prefix (target, "meter:") && self->may_sell)
    {
      gtk_stack_set_visible_child_name (self->stack, "counter");
      till_counter_view_open_meter (self->counter, g_ascii_strtoll (target + strlen ("meter:"), NULL, 10));
    }
  else if (g_strcmp0 (target, "drawers") == 0 && self->drawers != NULL)
    gtk_stack_set_visible_child_name (self->stack, "drawers");
  else if (g_strcmp0 (target, "records") == 0)
    gtk_stack_set_visible_child_name (self->stack, "records");
  else if (g_strcmp0 (target, "counter") == 0 && self->may_sell)
    {
      gtk_stack_set_visible_child_name (self->stack, "counter");
      till_counter_view_begin (self->counter);
    }
}

static gboolean
get_export (TillPage *page, TillExport *ret_export, const char **ret_name)
{
  TillSalesPage *self = TILL_SALES_PAGE (page);

  if (at_drawers (self))
    return TILL_PAGE_GET_CLASS (self->drawers)->get_export (self->drawers, ret_export, ret_name);
  ret_export->path = TILL_PATH_SALES;
  ret_export->query = till_sale_list_view_get_query (TILL_SALES_PAGE (page)->records);
  *ret_name = _("sales");
  return TRUE;
}

static void
print (TillPage *page)
{
  TillSalesPage *self = TILL_SALES_PAGE (page);

  if (!at_counter (self) && !at_drawers (self))
    till_sale_list_view_print (self->records);
}

static void
find (TillPage *page)
{
  TillSalesPage *self = TILL_SALES_PAGE (page);

  if (at_counter (self))
    gtk_widget_activate_action (GTK_WIDGET (self->counter), "counter.find", NULL);
  else
    till_sale_list_view_find (self->records);
}

static void
till_sales_page_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), TILL_TYPE_SALES_PAGE);
  G_OBJECT_CLASS (till_sales_page_parent_class)->dispose (object);
}

static void
till_sales_page_class_init (TillSalesPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  TillPageClass *page_class = TILL_PAGE_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_sales_page_dispose;
  page_class->load = load;
  page_class->entered = entered;
  page_class->refresh = refresh;
  page_class->open_target = open_target;
  page_class->get_export = get_export;
  page_class->print = print;
  page_class->find = find;
  g_type_ensure (TILL_TYPE_COUNTER_VIEW);
  g_type_ensure (TILL_TYPE_SALE_LIST_VIEW);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/gridtill/Client/pages/sales/till-sales-page.ui");
  gtk_widget_class_bind_template_child (widget_class, TillSalesPage, stack);
  gtk_widget_class_bind_template_child (widget_class, TillSalesPage, counter_page);
  gtk_widget_class_bind_template_child (widget_class, TillSalesPage, counter);
  gtk_widget_class_bind_template_child (widget_class, TillSalesPage, records);
}

static void
till_sales_page_init (TillSalesPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
