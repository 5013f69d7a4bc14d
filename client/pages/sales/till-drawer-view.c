/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-drawer-view.c: see till-drawer-view.h. What should be in the drawer is shown only after it was counted. */
#define G_LOG_DOMAIN "till-drawer-view"
#include "config.h"
#include <glib/gi18n.h>
#include "client/model/till-drawer.h"
#include "client/pages/sales/till-drawer-view.h"
#include "client/pages/till-report-error.h"
#include "client/widgets/till-alert.h"
#include "client/widgets/till-ask-window.h"
#include "client/widgets/till-format.h"
#include "shared/api/till-paths.h"

struct _TillDrawerView {
  TillListPage     parent_instance;
  GtkToggleButton *open;
};

G_DEFINE_FINAL_TYPE (TillDrawerView, till_drawer_view, TILL_TYPE_LIST_PAGE)

static TillDrawerService *
service_of (gpointer page)
{
  return till_context_get_drawers (till_page_get_context (TILL_PAGE (page)));
}

static gboolean
is_own_and_open (TillListPage *page, gpointer drawer)
{
  TillSession *session = till_context_get_session (till_page_get_context (TILL_PAGE (page)));

  return drawer != NULL && !till_record_known (drawer, "closed-at") && till_record_int (drawer, "operator") == till_session_get_operator_id (session);
}

static void
put_filters (TillListPage *page, TillQuery *query)
{
  till_query_set_fixed (query, "state", gtk_toggle_button_get_active (TILL_DRAWER_VIEW (page)->open) ? "open" : "closed");
}

static void
selected (TillListPage *page, gpointer drawer)
{
  gtk_widget_action_set_enabled (GTK_WIDGET (page), "drawer.close", is_own_and_open (page, drawer));
}

/* --- open --- */

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillAskWindow) window = user_data;
  TillListPage *page = g_object_get_data (G_OBJECT (window), "till-page");
  g_autoptr (GError) error = NULL;
  g_autoptr (TillDrawer) drawer = till_drawer_service_open_finish (TILL_DRAWER_SERVICE (source), result, &error);

  if (drawer == NULL)
    {
      g_autofree char *text = till_api_error_describe (error);

      till_ask_window_fail (window, text);
      return;
    }
  till_report_done (GTK_WIDGET (page), _ ("The drawer is open"));
  till_list_page_reload (page);
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
open_answered_cb (TillAskWindow *window, const char *answer, TillListPage *page)
{
  TillMoney amount = 0;

  if (till_ask_window_get_amount (window, &amount))
    till_drawer_service_open_async (service_of (page), amount, NULL, opened_cb, g_object_ref (window));
}

static void
open_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TillAsk ask = { .title = _ ("Drawer"), .intro = _ ("Count what lies in the drawer before the first sale."), .action = _ ("Open drawer"),
                  .amount = _ ("Float"), .amount_may_be_zero = TRUE };
  TillAskWindow *window = till_ask_window_new (widget, &ask);

  g_object_set_data_full (G_OBJECT (window), "till-page", g_object_ref (widget), g_object_unref);
  g_signal_connect_object (window, "answered", G_CALLBACK (open_answered_cb), widget, 0);
  gtk_window_present (GTK_WINDOW (window));
}

/* --- close --- */

static void
closed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillAskWindow) window = user_data;
  TillListPage *page = g_object_get_data (G_OBJECT (window), "till-page");
  g_autoptr (GError) error = NULL;
  g_autoptr (TillDrawer) drawer = till_drawer_service_close_finish (TILL_DRAWER_SERVICE (source), result, &error);
  g_autofree char *expected = NULL, *counted = NULL, *difference = NULL, *body = NULL;

  if (drawer == NULL)
    {
      g_autofree char *text = till_api_error_describe (error);

      till_ask_window_fail (window, text);
      return;
    }
  expected = till_format_money_sign (till_record_int (drawer, "expected"));
  counted = till_format_money_sign (till_record_int (drawer, "counted"));
  difference = till_format_money_sign (till_record_int (drawer, "over-short"));
  body = g_strdup_printf (_ ("Expected %s, counted %s, difference %s. The difference is booked."), expected, counted, difference);
  gtk_window_destroy (GTK_WINDOW (window));
  till_list_page_reload (page);
  till_alert_show (GTK_WIDGET (page), till_record_int (drawer, "over-short") == 0 ? _ ("The drawer is right") : _ ("The drawer is closed"), body);
}

static void
close_answered_cb (TillAskWindow *window, const char *answer, TillListPage *page)
{
  TillDrawerCount count = { g_object_get_data (G_OBJECT (window), "till-drawer"), 0 };

  if (till_ask_window_get_amount (window, &count.counted))
    till_drawer_service_close_async (service_of (page), &count, NULL, closed_cb, g_object_ref (window));
}

static void
close_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gpointer drawer = till_list_page_get_selected (TILL_LIST_PAGE (widget));
  TillAsk ask = { .title = _ ("Count and close"), .intro = _ ("Count all cash, the float included. What should be there is shown afterwards."),
                  .action = _ ("Close drawer"), .amount = _ ("Counted"), .amount_may_be_zero = TRUE, .destructive = TRUE };
  TillAskWindow *window;

  if (!is_own_and_open (TILL_LIST_PAGE (widget), drawer))
    return;
  window = till_ask_window_new (widget, &ask);
  g_object_set_data_full (G_OBJECT (window), "till-page", g_object_ref (widget), g_object_unref);
  g_object_set_data_full (G_OBJECT (window), "till-drawer", g_strdup (till_record_key (drawer)), g_free);
  g_signal_connect_object (window, "answered", G_CALLBACK (close_answered_cb), widget, 0);
  gtk_window_present (GTK_WINDOW (window));
}

static void
till_drawer_view_dispose (GObject *object)
{
  till_list_page_dispose_template (TILL_LIST_PAGE (object), TILL_TYPE_DRAWER_VIEW);
  G_OBJECT_CLASS (till_drawer_view_parent_class)->dispose (object);
}

static void
till_drawer_view_class_init (TillDrawerViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  TillListPageClass *list_class = TILL_LIST_PAGE_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_drawer_view_dispose;
  list_class->path = TILL_PATH_DRAWERS;
  list_class->get_record_type = till_drawer_get_type;
  list_class->sort = "opened_at";
  list_class->descending = TRUE;
  list_class->export_name = N_ ("drawers");
  list_class->feed = TILL_FEED_DRAWER;
  list_class->put_filters = put_filters;
  list_class->selected = selected;
  gtk_widget_class_install_action (widget_class, "drawer.open", NULL, open_action);
  gtk_widget_class_install_action (widget_class, "drawer.close", NULL, close_action);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/gridtill/Client/pages/sales/till-drawer-view.ui");
  till_list_page_class_bind (list_class, FALSE);
  gtk_widget_class_bind_template_child (widget_class, TillDrawerView, open);
}

static void
till_drawer_view_init (TillDrawerView *self)
{
  till_list_page_init_template (TILL_LIST_PAGE (self));
}
