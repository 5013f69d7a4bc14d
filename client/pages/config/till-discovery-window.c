/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-discovery-window.c: see till-discovery-window.h. The job runs on the server; this window asks for it until it has ended, and ends
 * it when it is closed before. Whether a circuit can be added is the server's to say. */
#define G_LOG_DOMAIN "till-discovery-window"
#include "config.h"
#include <glib/gi18n.h>
#include "client/model/till-area.h"
#include "client/model/till-found-circuit.h"
#include "client/pages/config/till-discovery-window.h"
#include "client/service/till-job-watch.h"
#include "client/widgets/till-strip.h"
#include "client/widgets/till-table.h"

#define ASK_MS 400

struct _TillDiscoveryWindow {
  AdwWindow       parent_instance;
  TillContext    *context;
  GCancellable   *cancellable;
  gint64          gateway;
  TillJobWatch   *job;       /* under way; NULL: none */
  guint           port;      /* that was looked at */
  AdwWindowTitle *heading;
  TillStrip      *strip;
  GtkSpinButton  *port_spin;
  GtkSpinner     *spinner;
  GtkLabel       *status;
  TillTable      *circuits;
  GListStore     *found;
  GtkEntry       *prefix;
  GtkDropDown    *area;
};

G_DEFINE_FINAL_TYPE (TillDiscoveryWindow, till_discovery_window, ADW_TYPE_WINDOW)

enum { ADDED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void
set_busy (TillDiscoveryWindow *self, gboolean busy, const char *status)
{
  gtk_spinner_set_spinning (self->spinner, busy);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "discovery.start", !busy);
  gtk_label_set_text (self->status, status);
}

static void
fail (TillDiscoveryWindow *self, const char *text)
{
  set_busy (self, FALSE, "");
  g_object_set (self->circuits, "empty-title", _ ("Nothing found yet"), NULL);
  till_strip_show (self->strip, TILL_STRIP_ERROR, text, NULL);
}

static void
fail_with (TillDiscoveryWindow *self, const GError *error)
{
  g_autofree char *text = till_api_error_describe (error);

  fail (self, text);
}

static void
selection_cb (TillDiscoveryWindow *self)
{
  guint n = till_table_selection_get_n_selected (till_table_get_selection (self->circuits));

  gtk_widget_action_set_enabled (GTK_WIDGET (self), "discovery.add", n > 0 && self->job == NULL);
}

/* --- what was found --- */

/* Those that answer and stand nowhere yet are what the user most likely wants. */
static void
choose_new (TillDiscoveryWindow *self)
{
  GtkSelectionModel *selection = GTK_SELECTION_MODEL (till_table_get_selection (self->circuits));

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->found)); i++)
    {
      g_autoptr (TillRecord) circuit = g_list_model_get_item (G_LIST_MODEL (self->found), i);

      if (!till_record_known (circuit, "meter") && till_record_int (circuit, "answers") == 1)
        gtk_selection_model_select_item (selection, i, FALSE);
    }
}

static void
show_found (TillDiscoveryWindow *self, JsonObject *result)
{
  JsonArray *circuits = result != NULL ? json_object_get_array_member (result, "circuits") : NULL;
  g_autofree char *status = NULL;
  guint n;

  for (guint i = 0; circuits != NULL && i < json_array_get_length (circuits); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (TillRecord) circuit = till_record_new_from_json (TILL_TYPE_FOUND_CIRCUIT, json_array_get_element (circuits, i), &error);

      if (circuit != NULL)
        g_list_store_append (self->found, circuit);
      else
        g_warning ("circuit %u of the discovery: %s", i, error->message);
    }
  n = g_list_model_get_n_items (G_LIST_MODEL (self->found));
  status = n > 0 ? g_strdup_printf (ngettext ("%u circuit found", "%u circuits found", n), n) : g_strdup (_ ("No cabinet answered on this port."));
  set_busy (self, FALSE, status);
  g_object_set (self->circuits, "empty-title", _ ("Nothing found yet"), NULL);
  choose_new (self);
  selection_cb (self);
}

static void
ended_cb (TillDiscoveryWindow *self, gboolean done, JsonObject *result, const char *problem)
{
  g_clear_object (&self->job);
  if (done)
    show_found (self, result);
  else
    fail (self, problem != NULL ? problem : _ ("The search ended without a result."));
}

static void
started_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillDiscoveryWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = till_plant_service_discovery_finish (TILL_PLANT_SERVICE (source), result, &error);

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  if (node == NULL)
    {
      fail_with (self, error);
      return;
    }
  self->job = till_job_watch_new (till_context_get_plant (self->context), json_object_get_string_member_with_default (json_node_get_object (node), "job", ""),
                                  ASK_MS);
  g_signal_connect_object (self->job, "ended", G_CALLBACK (ended_cb), self, G_CONNECT_SWAPPED);
}

static void
start_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TillDiscoveryWindow *self = TILL_DISCOVERY_WINDOW (widget);
  TillDiscoveryOrder order = { self->gateway, (guint) gtk_spin_button_get_value_as_int (self->port_spin) };

  self->port = order.port;
  till_strip_hide (self->strip);
  g_list_store_remove_all (self->found);
  set_busy (self, TRUE, _ ("Looking for cabinets…"));
  g_object_set (self->circuits, "empty-title", _ ("Looking for cabinets…"), NULL);
  till_plant_service_discover_async (till_context_get_plant (self->context), &order, self->cancellable, started_cb, g_object_ref (self));
}

/* --- adding --- */

static void
added_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillDiscoveryWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = till_plant_service_discovery_finish (TILL_PLANT_SERVICE (source), result, &error);
  g_autofree char *text = NULL;
  gint64 n;

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  if (node == NULL)
    {
      fail_with (self, error);
      selection_cb (self);
      return;
    }
  n = JSON_NODE_HOLDS_OBJECT (node) ? json_object_get_int_member_with_default (json_node_get_object (node), "total", 0) : 0;
  text = g_strdup_printf (ngettext ("%d meter added", "%d meters added", (gulong) n), (int) n);
  g_signal_emit (self, signals[ADDED], 0);
  g_list_store_remove_all (self->found);
  set_busy (self, FALSE, "");
  till_strip_show (self->strip, TILL_STRIP_INFO, text, NULL);
}

static void
add_meter (TillDiscoveryWindow *self, gpointer circuit, JsonArray *meters)
{
  gint64 unit = till_record_int (circuit, "id"), area = till_record_int (gtk_drop_down_get_selected_item (self->area), "id");
  g_autofree char *code = g_strdup_printf ("%s%" G_GINT64_FORMAT, gtk_editable_get_text (GTK_EDITABLE (self->prefix)), unit);
  JsonObject *meter = json_object_new ();

  json_object_set_string_member (meter, "code", code);
  json_object_set_int_member (meter, "gateway", self->gateway);
  json_object_set_int_member (meter, "port", self->port);
  json_object_set_int_member (meter, "unit", unit);
  json_object_set_string_member (meter, "model", till_record_text (circuit, "model"));
  json_object_set_int_member (meter, "area", area);
  json_array_add_object_element (meters, meter);
}

static void
add_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TillDiscoveryWindow *self = TILL_DISCOVERY_WINDOW (widget);
  GtkSelectionModel *selection = GTK_SELECTION_MODEL (till_table_get_selection (self->circuits));
  g_autoptr (JsonNode) body = json_node_new (JSON_NODE_OBJECT);
  JsonArray *meters = json_array_new ();

  if (gtk_drop_down_get_selected_item (self->area) == NULL)
    {
      json_array_unref (meters);
      till_strip_show (self->strip, TILL_STRIP_ERROR, _ ("Choose the area the meters belong to."), NULL);
      return;
    }
  json_node_take_object (body, json_object_new ());
  json_object_set_array_member (json_node_get_object (body), "meters", meters);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->found)); i++)
    {
      g_autoptr (TillRecord) circuit = g_list_model_get_item (G_LIST_MODEL (self->found), i);

      if (gtk_selection_model_is_selected (selection, i))
        add_meter (self, circuit, meters);
    }
  till_strip_hide (self->strip);
  set_busy (self, TRUE, _ ("Adding meters…"));
  gtk_widget_action_set_enabled (widget, "discovery.add", FALSE);
  till_plant_service_add_meters_async (till_context_get_plant (self->context), body, self->cancellable, added_cb, g_object_ref (self));
}

/* --- window --- */

/* The list may still be loading: the drop-down follows it. */
static void
fill_areas (TillDiscoveryWindow *self)
{
  g_autoptr (GtkExpression) path = gtk_property_expression_new (TILL_TYPE_AREA, NULL, "path");

  gtk_drop_down_set_expression (self->area, path);
  gtk_drop_down_set_model (self->area, till_ref_lists_get (till_context_get_ref_lists (self->context), TILL_REF_AREAS));
}

/* Calls under way hold the window, so dispose would come too late; the main window may be gone by then, too. */
static void
till_discovery_window_unmap (GtkWidget *widget)
{
  TillDiscoveryWindow *self = TILL_DISCOVERY_WINDOW (widget);

  g_cancellable_cancel (self->cancellable);
  if (self->job != NULL)
    till_job_watch_stop (self->job, TRUE);
  g_clear_object (&self->job);
  gtk_window_set_transient_for (GTK_WINDOW (widget), NULL);
  GTK_WIDGET_CLASS (till_discovery_window_parent_class)->unmap (widget);
}

static void
till_discovery_window_dispose (GObject *object)
{
  TillDiscoveryWindow *self = TILL_DISCOVERY_WINDOW (object);

  g_cancellable_cancel (self->cancellable);
  if (self->circuits != NULL)
    till_table_set_model (self->circuits, NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), TILL_TYPE_DISCOVERY_WINDOW);
  g_clear_object (&self->found);
  g_clear_object (&self->context);
  G_OBJECT_CLASS (till_discovery_window_parent_class)->dispose (object);
}

static void
till_discovery_window_finalize (GObject *object)
{
  TillDiscoveryWindow *self = TILL_DISCOVERY_WINDOW (object);

  g_object_unref (self->cancellable);
  G_OBJECT_CLASS (till_discovery_window_parent_class)->finalize (object);
}

static void
till_discovery_window_class_init (TillDiscoveryWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_discovery_window_dispose;
  G_OBJECT_CLASS (klass)->finalize = till_discovery_window_finalize;
  widget_class->unmap = till_discovery_window_unmap;
  signals[ADDED] = g_signal_new ("added", TILL_TYPE_DISCOVERY_WINDOW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  g_type_ensure (TILL_TYPE_STRIP);
  g_type_ensure (TILL_TYPE_TABLE);
  g_type_ensure (TILL_TYPE_COLUMN);
  gtk_widget_class_install_action (widget_class, "discovery.start", NULL, start_action);
  gtk_widget_class_install_action (widget_class, "discovery.add", NULL, add_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/gridtill/Client/pages/config/till-discovery-window.ui");
  gtk_widget_class_bind_template_child (widget_class, TillDiscoveryWindow, heading);
  gtk_widget_class_bind_template_child (widget_class, TillDiscoveryWindow, strip);
  gtk_widget_class_bind_template_child (widget_class, TillDiscoveryWindow, port_spin);
  gtk_widget_class_bind_template_child (widget_class, TillDiscoveryWindow, spinner);
  gtk_widget_class_bind_template_child (widget_class, TillDiscoveryWindow, status);
  gtk_widget_class_bind_template_child (widget_class, TillDiscoveryWindow, circuits);
  gtk_widget_class_bind_template_child (widget_class, TillDiscoveryWindow, prefix);
  gtk_widget_class_bind_template_child (widget_class, TillDiscoveryWindow, area);
}

static void
till_discovery_window_init (TillDiscoveryWindow *self)
{
  self->cancellable = g_cancellable_new ();
  self->found = g_list_store_new (TILL_TYPE_FOUND_CIRCUIT);
  gtk_widget_init_template (GTK_WIDGET (self));
  till_table_set_model (self->circuits, G_LIST_MODEL (self->found));
  g_signal_connect_object (till_table_get_selection (self->circuits), "selection-changed", G_CALLBACK (selection_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "discovery.add", FALSE);
}

TillDiscoveryWindow *
till_discovery_window_show (GtkWidget *parent, TillContext *context, gint64 gateway, const char *code)
{
  TillDiscoveryWindow *self = g_object_new (TILL_TYPE_DISCOVERY_WINDOW, "transient-for", gtk_widget_get_root (parent), "destroy-with-parent", TRUE, NULL);
  g_autofree char *prefix = g_strdup_printf ("%s-", code);

  self->context = g_object_ref (context);
  self->gateway = gateway;
  adw_window_title_set_subtitle (self->heading, code);
  gtk_editable_set_text (GTK_EDITABLE (self->prefix), prefix);
  fill_areas (self);
  gtk_window_present (GTK_WINDOW (self));
  return self;
}
