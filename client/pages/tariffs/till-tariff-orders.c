/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-tariff-orders.c: see till-tariff-orders.h. */
#define G_LOG_DOMAIN "till-tariff-orders"
#include "config.h"
#include <glib/gi18n.h>
#include "client/model/till-area.h"
#include "client/pages/tariffs/till-tariff-orders.h"
#include "client/pages/till-report-error.h"
#include "client/widgets/till-ask-window.h"
#include "client/widgets/till-format.h"

typedef struct {
  TillPage    *page;
  gint64       tariff, version, effective;
  const char  *done; /* translated */
  GtkDropDown *area;
  GtkEditable *day;
} Order;

static void
order_free (gpointer data)
{
  Order *order = data;

  g_object_unref (order->page);
  g_free (order);
}

/* The window owns the order. */
static TillAskWindow *
begin (TillPage *page, JsonObject *tariff, const TillAsk *ask, Order **ret_order)
{
  TillAskWindow *window = till_ask_window_new (GTK_WIDGET (page), ask);
  Order *order = g_new0 (Order, 1);

  order->page = g_object_ref (page);
  order->tariff = json_object_get_int_member (tariff, "id");
  order->version = json_object_get_int_member_with_default (tariff, "version", 0);
  g_object_set_data_full (G_OBJECT (window), "till-order", order, order_free);
  till_ask_window_add_fact (window, _ ("Tariff"), json_object_get_string_member_with_default (tariff, "name", ""));
  *ret_order = order;
  return window;
}

static TillTariffService *
service_of (const Order *order)
{
  return till_context_get_tariffs (till_page_get_context (order->page));
}

static void
done_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillAskWindow) window = user_data;
  Order *order = g_object_get_data (G_OBJECT (window), "till-order");
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = till_tariff_service_finish (TILL_TARIFF_SERVICE (source), result, &error);
  g_autofree char *text = error != NULL ? till_api_error_describe (error) : NULL;

  if (node == NULL)
    {
      till_ask_window_fail (window, text);
      return;
    }
  till_report_done (GTK_WIDGET (order->page), order->done);
  till_page_refresh (order->page);
  gtk_window_destroy (GTK_WINDOW (window));
}

/* --- another name --- */

static void
rename_cb (TillAskWindow *window, const char *answer, Order *order)
{
  TillTariffRename rename = { order->tariff, order->version, till_ask_window_get_note (window) };

  till_tariff_service_rename_async (service_of (order), &rename, NULL, done_cb, g_object_ref (window));
}

void
till_tariff_orders_rename (TillPage *page, JsonObject *tariff)
{
  TillAsk ask = { .title = _ ("Rename tariff"), .action = _ ("Rename"), .note = _ ("New name"), .note_required = TRUE };
  Order *order;
  TillAskWindow *window = begin (page, tariff, &ask, &order);

  order->done = _ ("The tariff is saved");
  g_signal_connect (window, "answered", G_CALLBACK (rename_cb), order);
  gtk_window_present (GTK_WINDOW (window));
}

/* --- withdrawn --- */

static void
withdraw_cb (TillAskWindow *window, const char *answer, Order *order)
{
  TillTariffDay day = { order->tariff, (gint32) order->effective };

  till_tariff_service_withdraw_async (service_of (order), &day, NULL, done_cb, g_object_ref (window));
}

void
till_tariff_orders_withdraw (TillPage *page, JsonObject *tariff, gint64 effective)
{
  TillAsk ask = { .title = _ ("Withdraw version"), .action = _ ("Withdraw"), .destructive = TRUE,
                  .intro = _ ("This version never held, and will be gone. The one before it goes on.") };
  Order *order;
  TillAskWindow *window = begin (page, tariff, &ask, &order);
  g_autofree char *day = till_format_day (effective);

  order->effective = effective;
  order->done = _ ("The version is withdrawn");
  till_ask_window_add_fact (window, _ ("Holds from"), day);
  g_signal_connect (window, "answered", G_CALLBACK (withdraw_cb), order);
  gtk_window_present (GTK_WINDOW (window));
}

/* --- given to meters --- */

static void
assign_cb (TillAskWindow *window, const char *answer, Order *order)
{
  gpointer area = gtk_drop_down_get_selected_item (order->area);
  g_autoptr (JsonNode) body = json_node_new (JSON_NODE_OBJECT);
  const char *day = gtk_editable_get_text (order->day);

  if (area == NULL)
    {
      till_ask_window_fail (window, _ ("Choose an area."));
      return;
    }
  json_node_take_object (body, json_object_new ());
  json_object_set_int_member (json_node_get_object (body), "area", till_record_int (area, "id"));
  if (day[0] != '\0')
    json_object_set_string_member (json_node_get_object (body), "from", day);
  till_tariff_service_assign_async (service_of (order), &(TillTariffPut){ order->tariff, body }, NULL, done_cb, g_object_ref (window));
}

static GtkWidget *
labelled (GtkGrid *grid, int row, const char *label, GtkWidget *widget)
{
  GtkWidget *title = gtk_label_new (label);

  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_widget_add_css_class (title, "till-secondary");
  gtk_widget_set_hexpand (widget, TRUE);
  gtk_grid_attach (grid, title, 0, row, 1, 1);
  gtk_grid_attach (grid, widget, 1, row, 1, 1);
  return widget;
}

void
till_tariff_orders_assign (TillPage *page, JsonObject *tariff)
{
  TillAsk ask = { .title = _ ("Give to meters"), .action = _ ("Give"),
                  .intro = _ ("All meters of the area, and of areas in it, have this tariff from that day on. "
                              "Meters that hold prices are sent them on that day.") };
  GtkGrid *grid = GTK_GRID (gtk_grid_new ());
  Order *order;
  TillAskWindow *window = begin (page, tariff, &ask, &order);
  g_autoptr (GtkExpression) path = gtk_property_expression_new (TILL_TYPE_AREA, NULL, "path");

  order->done = _ ("The meters have the tariff");
  order->area = GTK_DROP_DOWN (gtk_drop_down_new (NULL, NULL));
  order->day = GTK_EDITABLE (gtk_entry_new ());
  gtk_drop_down_set_expression (order->area, path);
  gtk_drop_down_set_enable_search (order->area, TRUE);
  gtk_drop_down_set_model (order->area, till_ref_lists_get (till_context_get_ref_lists (till_page_get_context (page)), TILL_REF_AREAS));
  gtk_entry_set_placeholder_text (GTK_ENTRY (order->day), _ ("today"));
  gtk_grid_set_column_spacing (grid, 12);
  gtk_grid_set_row_spacing (grid, 8);
  labelled (grid, 0, _ ("Area"), GTK_WIDGET (order->area));
  labelled (grid, 1, _ ("From (YYYY-MM-DD)"), GTK_WIDGET (order->day));
  till_ask_window_add_widget (window, GTK_WIDGET (grid));
  g_signal_connect (window, "answered", G_CALLBACK (assign_cb), order);
  gtk_window_present (GTK_WINDOW (window));
}
