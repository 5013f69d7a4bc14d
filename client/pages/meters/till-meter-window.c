/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-meter-window.c: quantities with their age, the history of 31 days as chart and table, the sales of this meter. */
#define G_LOG_DOMAIN "till-meter-window"
#include "config.h"
#include "client/pages/meters/till-meter-window.h"
#include <glib/gi18n.h>
#include "client/pages/meters/till-replace-window.h"
#include "client/model/till-sale.h"
#include "client/pages/till-report-error.h"
#include "client/pages/till-statement-window.h"
#include "client/widgets/till-format.h"
#include "client/widgets/till-line-chart.h"
#include "client/widgets/till-state-chip.h"
#include "client/widgets/till-strip.h"
#include "client/widgets/till-table.h"
#include "shared/api/till-limits.h"
#include "shared/api/till-paths.h"

#define HISTORY_DAYS 31
#define GAP_US       (G_GINT64_CONSTANT (3) * 3600 * G_USEC_PER_SEC) /* a longer silence breaks the line */

struct _TillMeterWindow
{
  AdwWindow parent_instance;
  TillContext *context;
  gint64 id;
  TillMeter *meter;
  GCancellable *cancellable;
  AdwWindowTitle *heading;
  TillStrip *strip;
  TillStateChip *chip;
  GtkLabel *age;
  GtkGrid *facts;
  GtkStack *readings_stack;
  GtkDropDown *quantity;
  TillChart *chart;
  TillTable *readings_table, *sales_table;
  GListModel *readings;
  GtkSpinner *spinner;
  GtkWidget *open_button, *correct_button;
  gint64 provisional; /* credit of a replaced device that was dead, TILL_UNKNOWN: none */
  char *devices;
  guint tick_source;
};

static void reporter_init (TillReporterInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TillMeterWindow, till_meter_window, ADW_TYPE_WINDOW, G_IMPLEMENT_INTERFACE (TILL_TYPE_REPORTER, reporter_init))

/* What is shown under "Now", in three columns. */
static const struct { const char *field, *title, *unit; } facts[] = {
  { "balance", N_ ("Balance"), "¥" },          { "days-left", N_ ("Days left"), NULL },       { "mode", N_ ("Mode"), NULL },
  { "relay", N_ ("Breaker"), NULL },           { "power-kw", N_ ("Power"), "kW" },            { "u", N_ ("Voltage"), "V" },
  { "i", N_ ("Current"), "A" },                { "energy-total", N_ ("Energy"), "kWh" },      { "energy-tip", N_ ("Tip"), "kWh" },
  { "energy-peak", N_ ("Peak"), "kWh" },       { "energy-flat", N_ ("Flat"), "kWh" },         { "energy-valley", N_ ("Valley"), "kWh" },
  { "purchase-count", N_ ("Purchases"), NULL }, { "purchased-total", N_ ("Total purchased"), "¥" }, { "overdraft", N_ ("Overdraft"), "¥" },
  { "alarm1", N_ ("Alarm 1"), "¥" },           { "alarm2", N_ ("Alarm 2"), "¥" },             { "overload-kw", N_ ("Overload"), "kW" },
  { "hoard-limit", N_ ("Hoard limit"), "¥" },  { "tariff-name", N_ ("Tariff"), NULL },        { "flags", N_ ("Flags"), NULL },
  { "customer-code", N_ ("Customer No."), NULL }, { "use-class", N_ ("Class of use"), NULL },
  { "gateway-code", N_ ("Gateway"), NULL },    { "unit", N_ ("Address"), NULL },              { "model", N_ ("Model"), NULL },
  { "ct-ratio", N_ ("CT ratio"), NULL },       { "serial", N_ ("Serial No."), NULL },
};

static const struct { const char *field, *title, *unit; gint64 scale; TillChartFormat format; } quantities[] = {
  { "balance", N_ ("Balance"), "¥", TILL_MONEY_UNIT, till_format_money },
  { "energy-total", N_ ("Energy"), "kWh", 1000, till_format_energy },
  { "power-kw", N_ ("Power"), "kW", 1000, till_format_power },
};

/* --- now */

static void
show_age (TillMeterWindow *self)
{
  gint64 age = self->meter ? till_meter_age_s (self->meter, till_session_now (till_context_get_session (self->context))) : -1;
  g_autofree char *text = till_format_age (age < 0 ? TILL_UNKNOWN : age), *line = g_strdup_printf (_ ("read %s ago"), text);
  gboolean stale = age < 0 || age > TILL_FRESH_S;

  gtk_label_set_text (self->age, age < 0 ? _ ("never read") : line);
  (stale ? gtk_widget_add_css_class : gtk_widget_remove_css_class) (GTK_WIDGET (self->age), "till-stale");
}

static gboolean
tick_cb (gpointer data)
{
  show_age (data);
  return G_SOURCE_CONTINUE;
}

static void
add_fact (TillMeterWindow *self, guint i)
{
  const TillField *field = till_record_type_find_field (TILL_TYPE_METER, facts[i].field);
  g_autofree char *value = till_format_field (self->meter, field), *text = NULL;
  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2), *title = gtk_label_new (_ (facts[i].title)), *label;
  gboolean known = till_record_known (self->meter, facts[i].field) && value[0];

  if (known && field->kind == TILL_FIELD_MONEY)
    text = till_format_money_sign (till_record_int (self->meter, facts[i].field));
  else
    text = known && facts[i].unit ? g_strdup_printf ("%s %s", value, facts[i].unit) : g_strdup (value[0] ? value : "\u2013");
  label = gtk_label_new (text);
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_set_tooltip_text (label, text);
  gtk_widget_add_css_class (title, "title");
  gtk_widget_add_css_class (label, i < 4 ? "figure" : "numeric");
  if (g_str_equal (facts[i].field, "balance") && known && till_record_int (self->meter, "balance") < 0)
    gtk_widget_add_css_class (label, "till-negative");
  gtk_widget_add_css_class (card, "till-card");
  gtk_widget_set_hexpand (card, TRUE);
  gtk_box_append (GTK_BOX (card), title);
  gtk_box_append (GTK_BOX (card), label);
  gtk_grid_attach (self->facts, card, (int) i % 4, (int) i / 4, 1, 1);
}

static void
show_meter (TillMeterWindow *self)
{
  const char *customer = till_record_text (self->meter, "customer-name"), *room = till_record_text (self->meter, "room");
  g_autofree char *subtitle = g_strdup_printf ("%s · %s", room ? room : "\u2013", customer ? customer : _ ("not opened"));
  GtkWidget *child;

  adw_window_title_set_title (self->heading, till_record_text (self->meter, "code"));
  adw_window_title_set_subtitle (self->heading, subtitle);
  gtk_window_set_title (GTK_WINDOW (self), till_record_text (self->meter, "code"));
  till_state_chip_set_value (self->chip, till_record_int (self->meter, "state"));
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->facts))))
    gtk_grid_remove (self->facts, child);
  for (guint i = 0; i < G_N_ELEMENTS (facts); i++)
    add_fact (self, i);
  show_age (self);
  gtk_widget_set_visible (self->open_button, !till_record_known (self->meter, "account"));
}

static void
take_meter (TillMeterWindow *self, TillMeter *meter, GError *error)
{
  gtk_spinner_stop (self->spinner);
  if (meter == NULL)
    {
      till_report_error (GTK_WIDGET (self), TILL_REPORT_LOAD, error);
      return;
    }
  till_strip_hide (self->strip);
  g_set_object (&self->meter, meter);
  show_meter (self);
}

static void
meter_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillMeterWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (TillMeter) meter = till_meter_service_get_finish (TILL_METER_SERVICE (source), result, &error);

  if (!g_cancellable_is_cancelled (self->cancellable))
    take_meter (self, meter, error);
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillMeterWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (TillMeter) meter = till_meter_service_read_now_finish (TILL_METER_SERVICE (source), result, &error);

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "meter.read", TRUE);
  take_meter (self, meter, error);
}

/* --- readings */

static void
show_chart (TillMeterWindow *self)
{
  guint q = MIN (gtk_drop_down_get_selected (self->quantity), G_N_ELEMENTS (quantities) - 1);
  g_autoptr (TillChartData) data = NULL;
  gint64 before = 0;

  if (self->readings == NULL)
    return;
  data = till_chart_data_new (_ (quantities[q].title), quantities[q].scale, quantities[q].unit, quantities[q].format);
  till_chart_data_add_series (data, _ (quantities[q].title), TILL_TONE_ACCENT);
  for (guint i = 0; i < g_list_model_get_n_items (self->readings); i++)
    {
      g_autoptr (TillReading) reading = g_list_model_get_item (self->readings, i);
      gint64 at = till_record_int (reading, "time");
      g_autofree char *text = till_format_time (at), *day = g_strndup (strlen (text) > 10 ? text + 5 : text, 5);

      if (before > 0 && at - before > GAP_US)
        till_chart_data_add_category (data, NULL, _ ("no reading"), before + (at - before) / 2);
      till_chart_data_set_value (data, 0, till_chart_data_add_category (data, day, text, at), till_record_int (reading, quantities[q].field));
      before = at;
    }
  till_chart_set_data (self->chart, data);
}

static void
readings_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillMeterWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GListModel) readings = till_meter_service_readings_finish (TILL_METER_SERVICE (source), result, &error);

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  if (readings == NULL)
    {
      till_report_error (GTK_WIDGET (self), TILL_REPORT_LOAD, error);
      return;
    }
  g_set_object (&self->readings, readings);
  till_table_set_model (self->readings_table, readings);
  gtk_stack_set_visible_child_name (self->readings_stack, g_list_model_get_n_items (readings) > 0 ? "chart" : "empty");
  show_chart (self);
}

static void
quantity_cb (TillMeterWindow *self)
{
  show_chart (self);
}

/* --- replacement */

static void
past_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillMeterWindow) self = user_data;
  g_autoptr (JsonNode) node = till_meter_service_replace_finish (TILL_METER_SERVICE (source), result, NULL);
  JsonNode *items = node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_object_get_member (json_node_get_object (node), "items") : NULL;
  JsonArray *array = items != NULL && JSON_NODE_HOLDS_ARRAY (items) ? json_node_get_array (items) : NULL;
  JsonObject *last = array != NULL && json_array_get_length (array) > 0 ? json_array_get_object_element (array, 0) : NULL;
  gboolean waits = last != NULL && g_strcmp0 (json_object_get_string_member_with_default (last, "state", ""), "provisional") == 0;

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  gtk_widget_set_visible (self->correct_button, waits);
  if (!waits)
    return;
  g_free (self->devices);
  self->devices = g_strdup (json_object_get_string_member_with_default (last, "note", ""));
  if (!till_money_parse (json_object_get_string_member_with_default (last, "amount", "0"), &self->provisional, NULL))
    self->provisional = 0;
}

static void reload (TillMeterWindow *self);

static void
corrected (GtkWidget *widget)
{
  reload (TILL_METER_WINDOW (widget));
}

/* --- loading, actions */

static void
reload (TillMeterWindow *self)
{
  TillMeterService *meters = till_context_get_meters (self->context);
  gint64 now = till_session_now (till_context_get_session (self->context));
  TillReadingSpan span = { self->id, now - HISTORY_DAYS * G_GINT64_CONSTANT (86400) * G_USEC_PER_SEC, now };

  gtk_spinner_start (self->spinner);
  till_meter_service_get_async (meters, self->id, self->cancellable, meter_cb, g_object_ref (self));
  till_meter_service_readings_async (meters, &span, self->cancellable, readings_cb, g_object_ref (self));
  if (till_session_may (till_context_get_session (self->context), TILL_PERMISSION_METERS_REPLACE))
    till_meter_service_past_async (meters, &(TillPastOf){ self->id, "replacement" }, self->cancellable, past_cb, g_object_ref (self));
}

static void
window_action (GtkWidget *widget, const char *action, GVariant *parameter)
{
  TillMeterWindow *self = TILL_METER_WINDOW (widget);
  GtkWindow *parent = gtk_window_get_transient_for (GTK_WINDOW (self));
  g_autofree char *target = g_strdup_printf ("meter:%" G_GINT64_FORMAT, self->id);

  if (g_str_equal (action, "meter.refresh"))
    reload (self);
  else if (g_str_equal (action, "meter.sell") && parent)
    {
      gtk_widget_activate_action (GTK_WIDGET (parent), "win.show-page", "(ss)", "sales", target);
      gtk_window_close (GTK_WINDOW (self));
    }
  else if (g_str_equal (action, "meter.open-account") && parent)
    {
      target = (g_free (target), g_strdup_printf ("customers:open-meter-%" G_GINT64_FORMAT, self->id));
      gtk_widget_activate_action (GTK_WIDGET (parent), "win.show-page", "(ss)", "customers", target);
      gtk_window_close (GTK_WINDOW (self));
    }
  else if (g_str_equal (action, "meter.replace") && self->meter != NULL)
    g_signal_connect_object (till_replace_window_show (widget, self->context, self->meter), "replaced", G_CALLBACK (reload), self, G_CONNECT_SWAPPED);
  else if (g_str_equal (action, "meter.correct") && self->meter != NULL)
    till_replace_correct_show (widget, self->context, self->meter, &(TillProvisional){ self->provisional, self->devices, corrected });
  else if (g_str_equal (action, "meter.statement"))
    till_statement_window_show (widget, self->context, &(TillStatementOf){ .meter = self->id });
  else if (g_str_equal (action, "meter.read"))
    {
      gtk_widget_action_set_enabled (widget, "meter.read", FALSE);
      gtk_spinner_start (self->spinner);
      till_meter_service_read_now_async (till_context_get_meters (self->context), self->id, self->cancellable, read_cb, g_object_ref (self));
    }
}

static void
retry_cb (TillMeterWindow *self)
{
  till_strip_hide (self->strip);
  reload (self);
}

static gboolean
report (TillReporter *reporter, TillReportKind kind, const GError *error)
{
  g_autofree char *text = till_api_error_describe (error);

  till_strip_show (TILL_METER_WINDOW (reporter)->strip, TILL_STRIP_WARNING, text, _ ("Retry"));
  return TRUE;
}

static void
reporter_init (TillReporterInterface *iface)
{
  iface->report = report;
}

static void
feed_changed_cb (TillLiveFeed *feed, int kind, const char *id, JsonObject *object, TillMeterWindow *self)
{
  if (kind != TILL_FEED_METER || object == NULL || self->meter == NULL || g_strcmp0 (id, till_record_key (self->meter)) != 0)
    return;
  if (till_record_load (TILL_RECORD (self->meter), object, TRUE, NULL))
    show_meter (self);
}

/* Gone from the screen for good: no answer is waited for. Calls under way hold a reference, so dispose would come too late; the main
 * window may be gone by then, too. */
static void
till_meter_window_unmap (GtkWidget *widget)
{
  g_cancellable_cancel (TILL_METER_WINDOW (widget)->cancellable);
  gtk_window_set_transient_for (GTK_WINDOW (widget), NULL);
  GTK_WIDGET_CLASS (till_meter_window_parent_class)->unmap (widget);
}

static void
till_meter_window_dispose (GObject *object)
{
  TillMeterWindow *self = TILL_METER_WINDOW (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->tick_source, g_source_remove);
  if (self->readings_table)
    till_table_set_model (self->readings_table, NULL);
  if (self->sales_table)
    till_table_set_model (self->sales_table, NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), TILL_TYPE_METER_WINDOW);
  g_clear_object (&self->readings);
  g_clear_object (&self->meter);
  g_clear_object (&self->context);
  G_OBJECT_CLASS (till_meter_window_parent_class)->dispose (object);
}

static void
till_meter_window_finalize (GObject *object)
{
  g_object_unref (TILL_METER_WINDOW (object)->cancellable);
  g_free (TILL_METER_WINDOW (object)->devices);
  G_OBJECT_CLASS (till_meter_window_parent_class)->finalize (object);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  gtk_widget_class_set_template_from_resource (widget_class, "/org/gridtill/Client/pages/meters/till-meter-window.ui");
  gtk_widget_class_bind_template_child (widget_class, TillMeterWindow, heading);
  gtk_widget_class_bind_template_child (widget_class, TillMeterWindow, strip);
  gtk_widget_class_bind_template_child (widget_class, TillMeterWindow, chip);
  gtk_widget_class_bind_template_child (widget_class, TillMeterWindow, age);
  gtk_widget_class_bind_template_child (widget_class, TillMeterWindow, facts);
  gtk_widget_class_bind_template_child (widget_class, TillMeterWindow, readings_stack);
  gtk_widget_class_bind_template_child (widget_class, TillMeterWindow, quantity);
  gtk_widget_class_bind_template_child (widget_class, TillMeterWindow, chart);
  gtk_widget_class_bind_template_child (widget_class, TillMeterWindow, readings_table);
  gtk_widget_class_bind_template_child (widget_class, TillMeterWindow, sales_table);
  gtk_widget_class_bind_template_child (widget_class, TillMeterWindow, spinner);
  gtk_widget_class_bind_template_child (widget_class, TillMeterWindow, open_button);
  gtk_widget_class_bind_template_child (widget_class, TillMeterWindow, correct_button);
  gtk_widget_class_bind_template_callback (widget_class, quantity_cb);
  gtk_widget_class_bind_template_callback (widget_class, retry_cb);
}

static void
till_meter_window_class_init (TillMeterWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_meter_window_dispose;
  widget_class->unmap = till_meter_window_unmap;
  G_OBJECT_CLASS (klass)->finalize = till_meter_window_finalize;
  gtk_widget_class_install_action (widget_class, "meter.refresh", NULL, window_action);
  gtk_widget_class_install_action (widget_class, "meter.read", NULL, window_action);
  gtk_widget_class_install_action (widget_class, "meter.sell", NULL, window_action);
  gtk_widget_class_install_action (widget_class, "meter.open-account", NULL, window_action);
  gtk_widget_class_install_action (widget_class, "meter.replace", NULL, window_action);
  gtk_widget_class_install_action (widget_class, "meter.correct", NULL, window_action);
  gtk_widget_class_install_action (widget_class, "meter.statement", NULL, window_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_F5, 0, "meter.refresh", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_F8, 0, "meter.sell", NULL);
  g_type_ensure (TILL_TYPE_TABLE);
  g_type_ensure (TILL_TYPE_COLUMN);
  g_type_ensure (TILL_TYPE_STRIP);
  g_type_ensure (TILL_TYPE_STATE_CHIP);
  g_type_ensure (TILL_TYPE_LINE_CHART);
  bind_template (widget_class);
}

static void
till_meter_window_init (TillMeterWindow *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}

static void
fill_sales (TillMeterWindow *self)
{
  g_autoptr (TillQuery) query = till_query_new ();
  g_autoptr (TillPagedList) sales = NULL;
  g_autofree char *id = g_strdup_printf ("%" G_GINT64_FORMAT, self->id);

  till_query_set_fixed (query, "meter", id);
  till_query_set_sort (query, "created_at", TRUE);
  sales = till_context_make_list (self->context, TILL_PATH_SALES, TILL_TYPE_SALE, query);
  till_table_set_model (self->sales_table, G_LIST_MODEL (sales));
}

GtkWindow *
till_meter_window_show (GtkWidget *parent, TillContext *context, gint64 meter)
{
  GtkRoot *root = gtk_widget_get_root (parent);
  TillMeterWindow *self = g_object_new (TILL_TYPE_METER_WINDOW, "transient-for", root, "destroy-with-parent", TRUE, NULL);
  TillSession *session = till_context_get_session (context);

  self->context = g_object_ref (context);
  self->id = meter;
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "meter.read", till_session_may (session, TILL_PERMISSION_METERS_READ));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "meter.sell", till_session_may (session, TILL_PERMISSION_SALES_SELL));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "meter.statement", till_session_may (session, TILL_PERMISSION_SALES_VIEW));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "meter.replace", till_session_may (session, TILL_PERMISSION_METERS_REPLACE));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "meter.open-account", till_session_may (session, TILL_PERMISSION_ACCOUNTS_OPEN));
  g_signal_connect_object (till_context_get_feed (context), "changed", G_CALLBACK (feed_changed_cb), self, 0);
  if (till_session_may (session, TILL_PERMISSION_SALES_VIEW))
    fill_sales (self);
  self->tick_source = g_timeout_add_seconds (1, tick_cb, self);
  reload (self);
  gtk_window_present (GTK_WINDOW (self));
  return GTK_WINDOW (self);
}
