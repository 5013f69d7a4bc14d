/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-sale-list-view.c: see till-sale-list-view.h. The server filters, sorts and counts. */
#define G_LOG_DOMAIN "till-sale-list-view"
#include "config.h"
#include <glib/gi18n.h>
#include "client/pages/sales/till-money-out.h"
#include "client/pages/till-receipt-dialog.h"
#include "client/pages/sales/till-sale-list-view.h"
#include "client/widgets/till-date-range.h"
#include "client/widgets/till-format.h"
#include "client/widgets/till-table.h"
#include "shared/api/till-paths.h"

struct _TillSaleListView {
  GtkWidget        parent_instance;
  GtkWidget       *root;
  TillDateRange   *period;
  GtkSearchEntry  *search;
  GtkDropDown     *state, *channel;
  TillTable       *table;
  TillContext     *context;
  TillQuery       *query;
  TillPagedList   *list;
};

G_DEFINE_FINAL_TYPE (TillSaleListView, till_sale_list_view, GTK_TYPE_WIDGET)

static const char *const states[] = { NULL, "paid,queued,sent,verifying", "verified", "held", "cancelled" };

static void
period_cb (TillSaleListView *self)
{
  char from[TILL_DAY_TEXT], to[TILL_DAY_TEXT];

  if (self->query == NULL)
    return;
  till_query_freeze (self->query);
  till_query_set_fixed (self->query, "from", till_day_print (till_date_range_get_from (self->period), from));
  till_query_set_fixed (self->query, "to", till_day_print (till_date_range_get_to (self->period), to));
  till_query_thaw (self->query);
}

static void
filter_cb (TillSaleListView *self)
{
  guint state, channel;

  if (self->query == NULL)
    return;
  state = gtk_drop_down_get_selected (self->state);
  channel = gtk_drop_down_get_selected (self->channel);
  till_query_freeze (self->query);
  till_query_set_filter (self->query, "state", state < G_N_ELEMENTS (states) ? states[state] : NULL);
  till_query_set_filter (self->query, "channel", channel == 0 || channel == GTK_INVALID_LIST_POSITION ? NULL : till_channel_word ((TillChannel) (channel - 1)));
  till_query_set_text (self->query, gtk_editable_get_text (GTK_EDITABLE (self->search)));
  till_query_thaw (self->query);
}

static void
clear_cb (TillSaleListView *self)
{
  gtk_drop_down_set_selected (self->state, 0);
  gtk_drop_down_set_selected (self->channel, 0);
  gtk_editable_set_text (GTK_EDITABLE (self->search), "");
}

static void
activate_cb (TillTable *table, TillRecord *record, gpointer user_data)
{
  TillSaleListView *self = user_data;

  till_receipt_dialog_show (GTK_WIDGET (self), self->context, TILL_SALE (record));
}

static void
changed (gpointer data)
{
  till_sale_list_view_refresh (data);
}

static void
selection_cb (TillSaleListView *self)
{
  gpointer sale = self->list != NULL ? till_table_get_selected (self->table) : NULL;
  TillSession *session = till_context_get_session (self->context);

  gtk_widget_action_set_enabled (GTK_WIDGET (self), "records.reverse",
                                 till_reverse_is_possible (sale) && till_session_may (session, TILL_PERMISSION_SALES_REVERSE));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "records.pay", till_pay_is_due (sale) && till_session_may (session, TILL_PERMISSION_SALES_REFUND));
}

static void
money_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TillSaleListView *self = TILL_SALE_LIST_VIEW (widget);
  TillMoneyOut out = { widget, self->context, changed, self };
  gpointer sale = till_table_get_selected (self->table);

  if (sale != NULL && g_str_equal (name, "records.reverse"))
    till_reverse_dialog_show (&out, sale);
  else if (sale != NULL)
    till_pay_dialog_show (&out, sale);
}

void
till_sale_list_view_print (TillSaleListView *self)
{
  gpointer sale = till_table_get_selected (self->table);

  if (sale != NULL)
    till_receipt_dialog_show (GTK_WIDGET (self), self->context, sale);
}

void
till_sale_list_view_refresh (TillSaleListView *self)
{
  if (self->list != NULL)
    till_paged_list_reload (self->list);
}

void
till_sale_list_view_find (TillSaleListView *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->search));
}

TillQuery *
till_sale_list_view_get_query (TillSaleListView *self)
{
  return self->query;
}

/* A new sale cannot be shown in place: it counts as a change until F5. */
static void
feed_cb (TillLiveFeed *feed, int kind, const char *id, JsonObject *object, gpointer user_data)
{
  TillSaleListView *self = user_data;

  if (kind == TILL_FEED_SALE && till_paged_list_find (self->list, id) == NULL)
    till_paged_list_note_change (self->list);
}

void
till_sale_list_view_set_context (TillSaleListView *self, TillContext *context)
{
  TillSession *session = till_context_get_session (context);

  g_return_if_fail (TILL_IS_SALE_LIST_VIEW (self));
  g_set_object (&self->context, context);
  self->query = till_query_new ();
  till_date_range_set_preset (self->period, TILL_PERIOD_DAY);
  till_date_range_set_today (self->period, till_zone_day (till_session_get_zone (session), till_session_now (session)));
  period_cb (self);
  till_query_set_sort (self->query, "created_at", TRUE);
  self->list = till_context_make_list (context, TILL_PATH_SALES, TILL_TYPE_SALE, self->query);
  till_table_set_model (self->table, G_LIST_MODEL (self->list));
  g_signal_connect_object (till_table_get_selection (self->table), "selection-changed", G_CALLBACK (selection_cb), self, G_CONNECT_SWAPPED);
  selection_cb (self);
  g_signal_connect_object (till_context_get_feed (context), "changed", G_CALLBACK (feed_cb), self, 0);
}

static void
till_sale_list_view_dispose (GObject *object)
{
  TillSaleListView *self = TILL_SALE_LIST_VIEW (object);

  if (self->table != NULL)
    till_table_set_model (self->table, NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), TILL_TYPE_SALE_LIST_VIEW);
  g_clear_object (&self->list);
  g_clear_object (&self->query);
  g_clear_object (&self->context);
  G_OBJECT_CLASS (till_sale_list_view_parent_class)->dispose (object);
}

static void
till_sale_list_view_class_init (TillSaleListViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_sale_list_view_dispose;
  g_type_ensure (TILL_TYPE_DATE_RANGE);
  g_type_ensure (TILL_TYPE_TABLE);
  g_type_ensure (TILL_TYPE_COLUMN);
  gtk_widget_class_install_action (widget_class, "records.reverse", NULL, money_action);
  gtk_widget_class_install_action (widget_class, "records.pay", NULL, money_action);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/gridtill/Client/pages/sales/till-sale-list-view.ui");
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_bind_template_child (widget_class, TillSaleListView, root);
  gtk_widget_class_bind_template_child (widget_class, TillSaleListView, period);
  gtk_widget_class_bind_template_child (widget_class, TillSaleListView, search);
  gtk_widget_class_bind_template_child (widget_class, TillSaleListView, state);
  gtk_widget_class_bind_template_child (widget_class, TillSaleListView, channel);
  gtk_widget_class_bind_template_child (widget_class, TillSaleListView, table);
  gtk_widget_class_bind_template_callback (widget_class, period_cb);
  gtk_widget_class_bind_template_callback (widget_class, filter_cb);
  gtk_widget_class_bind_template_callback (widget_class, clear_cb);
  gtk_widget_class_bind_template_callback (widget_class, activate_cb);
  gtk_widget_class_bind_template_callback_full (widget_class, "receipt_cb", G_CALLBACK (till_sale_list_view_print));
  gtk_widget_class_bind_template_callback_full (widget_class, "reload_cb", G_CALLBACK (till_sale_list_view_refresh));
}

static void
till_sale_list_view_init (TillSaleListView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
