/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-orders-view.c: see till-orders-view.h. Gives no orders itself. */
#define G_LOG_DOMAIN "till-orders-view"
#include "config.h"
#include <glib/gi18n.h>
#include "client/pages/alarms/till-orders-view.h"
#include "client/widgets/till-date-range.h"
#include "shared/api/till-paths.h"

struct _TillOrdersView {
  TillListPage   parent_instance;
  TillDateRange *period;
  GtkDropDown   *kind, *state;
};

G_DEFINE_FINAL_TYPE (TillOrdersView, till_orders_view, TILL_TYPE_LIST_PAGE)

/* As in the template. */
static const char *const kinds[] = { NULL, "recharge", "debit", "set_price", "set_limits", "set_schedule",
                                     "force_on,force_off,restore_prepaid", "read_now", "set_clock" };
static const char *const states[] = { NULL, "queued,sent,verifying", "verified", "held", "failed", "superseded,cancelled" };

static void
load (TillPage *page)
{
  TillOrdersView *self = TILL_ORDERS_VIEW (page);
  TillSession *session = till_context_get_session (till_page_get_context (page));

  till_date_range_set_today (self->period, till_zone_day (till_session_get_zone (session), till_session_now (session)));
  till_date_range_set_preset (self->period, TILL_PERIOD_WEEK);
  TILL_PAGE_CLASS (till_orders_view_parent_class)->load (page);
}

static void
put_filters (TillListPage *page, TillQuery *query)
{
  TillOrdersView *self = TILL_ORDERS_VIEW (page);
  guint kind = gtk_drop_down_get_selected (self->kind), state = gtk_drop_down_get_selected (self->state);
  char from[TILL_DAY_TEXT], to[TILL_DAY_TEXT];

  till_query_set_fixed (query, "from", till_day_print (till_date_range_get_from (self->period), from));
  till_query_set_fixed (query, "to", till_day_print (till_date_range_get_to (self->period), to));
  till_query_set_filter (query, "kind", kind < G_N_ELEMENTS (kinds) ? kinds[kind] : NULL);
  till_query_set_filter (query, "state", state < G_N_ELEMENTS (states) ? states[state] : NULL);
}

static void
clear_filters (TillListPage *page)
{
  gtk_drop_down_set_selected (TILL_ORDERS_VIEW (page)->kind, 0);
  gtk_drop_down_set_selected (TILL_ORDERS_VIEW (page)->state, 0);
}

static void
activated (TillListPage *page, gpointer order)
{
  g_autofree char *target = NULL;

  if (till_record_int (order, "meter") == TILL_UNKNOWN)
    return;
  target = g_strdup_printf ("meter:%" G_GINT64_FORMAT, till_record_int (order, "meter"));
  gtk_widget_activate_action (GTK_WIDGET (page), "win.show-page", "(ss)", "meters", target);
}

static void
till_orders_view_dispose (GObject *object)
{
  till_list_page_dispose_template (TILL_LIST_PAGE (object), TILL_TYPE_ORDERS_VIEW);
  G_OBJECT_CLASS (till_orders_view_parent_class)->dispose (object);
}

static void
till_orders_view_class_init (TillOrdersViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  TillListPageClass *list_class = TILL_LIST_PAGE_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_orders_view_dispose;
  TILL_PAGE_CLASS (klass)->load = load;
  list_class->path = TILL_PATH_COMMANDS;
  list_class->get_record_type = till_command_get_type;
  list_class->sort = "created_at";
  list_class->descending = TRUE;
  list_class->export_name = N_ ("orders");
  list_class->feed = TILL_FEED_COMMAND;
  list_class->put_filters = put_filters;
  list_class->clear_filters = clear_filters;
  list_class->activated = activated;
  g_type_ensure (TILL_TYPE_DATE_RANGE);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/gridtill/Client/pages/alarms/till-orders-view.ui");
  till_list_page_class_bind (list_class, TRUE);
  gtk_widget_class_bind_template_child (widget_class, TillOrdersView, period);
  gtk_widget_class_bind_template_child (widget_class, TillOrdersView, kind);
  gtk_widget_class_bind_template_child (widget_class, TillOrdersView, state);
}

static void
till_orders_view_init (TillOrdersView *self)
{
  till_list_page_init_template (TILL_LIST_PAGE (self));
}
