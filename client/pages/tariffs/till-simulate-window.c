/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-simulate-window.c: see till-simulate-window.h. Few meters are answered at once, many are a job that is asked for until it ends and
 * ended when the window is closed before. */
#define G_LOG_DOMAIN "till-simulate-window"
#include "config.h"
#include <glib/gi18n.h>
#include "client/files/till-sheet-writer.h"
#include "client/model/till-area.h"
#include "client/pages/tariffs/till-simulate-window.h"
#include "client/service/till-job-watch.h"
#include "client/widgets/till-bar-chart.h"
#include "client/widgets/till-chart-data.h"
#include "client/widgets/till-date-range.h"
#include "client/widgets/till-file-dialog.h"
#include "client/widgets/till-format.h"
#include "client/widgets/till-strip.h"
#include "shared/base/till-energy.h"

#define ASK_MS    500
#define MONTHS_MAX 60
#define MOST_MAX   20

struct _TillSimulateWindow {
  AdwWindow          parent_instance;
  TillContext       *context;
  TillTariffVersion *version;
  GCancellable      *cancellable;
  JsonObject        *result; /* that is shown, or NULL */
  TillJobWatch      *job; /* under way; NULL: none */
  AdwWindowTitle    *heading;
  GtkDropDown       *area;
  TillDateRange     *period;
  GtkSpinner        *spinner;
  GtkLabel          *progress;
  TillStrip         *strip;
  GtkStack          *stack;
  GtkGrid           *totals, *months, *most;
  TillBarChart      *chart;
};

G_DEFINE_FINAL_TYPE (TillSimulateWindow, till_simulate_window, ADW_TYPE_WINDOW)

static void
set_busy (TillSimulateWindow *self, gboolean busy, const char *progress)
{
  gtk_spinner_set_spinning (self->spinner, busy);
  gtk_label_set_text (self->progress, progress);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "simulate.run", !busy);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "simulate.export", !busy && self->result != NULL);
}

static void
fail (TillSimulateWindow *self, const char *text)
{
  set_busy (self, FALSE, "");
  till_strip_show (self->strip, TILL_STRIP_ERROR, text, NULL);
}

/* --- the result --- */

typedef struct { gint64 energy, old, new, difference; } Sums;

static gint64
money_of (JsonObject *object, const char *name)
{
  const char *text = json_object_get_string_member_with_default (object, name, NULL);
  TillMoney amount;

  return text != NULL && till_money_parse (text, &amount, NULL) ? amount : TILL_UNKNOWN;
}

static Sums
sums_of (JsonObject *object)
{
  const char *text = json_object_get_string_member_with_default (object, "energy", NULL);
  Sums sums = { TILL_UNKNOWN, money_of (object, "old"), money_of (object, "new"), money_of (object, "difference") };
  TillEnergy energy;

  if (text != NULL && till_energy_parse (text, &energy, NULL))
    sums.energy = energy;
  return sums;
}

static void
put (GtkGrid *grid, int column, int row, const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), column == 0 ? 0 : 1);
  gtk_widget_add_css_class (label, row == 0 ? "till-secondary" : "numeric");
  gtk_grid_attach (grid, label, column, row, 1, 1);
}

static void
begin_grid (GtkGrid *grid, const char *first)
{
  const char *const titles[] = { first, _ ("Energy kWh"), _ ("Now ¥"), _ ("Then ¥"), _ ("Difference ¥") };
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (grid))) != NULL)
    gtk_grid_remove (grid, child);
  for (int i = 0; i < (int) G_N_ELEMENTS (titles); i++)
    put (grid, i, 0, titles[i]);
}

static void
put_row (GtkGrid *grid, int row, const char *first, Sums sums)
{
  g_autofree char *energy = till_format_energy (sums.energy), *old = till_format_money (sums.old), *new = till_format_money (sums.new),
                  *difference = till_format_money (sums.difference);

  put (grid, 0, row, first);
  put (grid, 1, row, energy);
  put (grid, 2, row, old);
  put (grid, 3, row, new);
  put (grid, 4, row, difference);
}

static JsonArray *
array_of (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

static void
show_months (TillSimulateWindow *self, JsonArray *months)
{
  g_autoptr (TillChartData) data = till_chart_data_new (_ ("Cost by month"), TILL_MONEY_UNIT, "¥", till_format_money);
  guint old = till_chart_data_add_series (data, _ ("now"), TILL_TONE_FLAT), new = till_chart_data_add_series (data, _ ("then"), TILL_TONE_PEAK);

  begin_grid (self->months, _ ("Month"));
  for (guint i = 0; months != NULL && i < MIN (json_array_get_length (months), MONTHS_MAX); i++)
    {
      JsonObject *month = json_array_get_object_element (months, i);
      const char *label = json_object_get_string_member_with_default (month, "month", "");
      Sums sums = sums_of (month);
      guint at = till_chart_data_add_category (data, label, label, i);

      till_chart_data_set_value (data, old, at, sums.old);
      till_chart_data_set_value (data, new, at, sums.new);
      put_row (self->months, (int) i + 1, label, sums);
    }
  till_chart_set_data (TILL_CHART (self->chart), data);
}

static void
show_most (TillSimulateWindow *self, JsonArray *most)
{
  begin_grid (self->most, _ ("Meter"));
  for (guint i = 0; most != NULL && i < MIN (json_array_get_length (most), MOST_MAX); i++)
    {
      JsonObject *item = json_array_get_object_element (most, i);
      g_autofree char *name = g_strdup_printf ("%s · %s", json_object_get_string_member_with_default (item, "meter_code", ""),
                                               json_object_get_string_member_with_default (item, "room", ""));

      put_row (self->most, (int) i + 1, name, sums_of (item));
    }
}

static void
show_result (TillSimulateWindow *self, JsonObject *result)
{
  gint64 meters = json_object_get_int_member_with_default (result, "meters", 0);
  g_autofree char *text = g_strdup_printf (ngettext ("%d meter", "%d meters", (gulong) meters), (int) meters);

  g_clear_pointer (&self->result, json_object_unref);
  self->result = json_object_ref (result);
  set_busy (self, FALSE, text);
  if (sums_of (result).energy == 0)
    till_strip_show (self->strip, TILL_STRIP_INFO, _ ("No use was read in this period."), NULL);
  begin_grid (self->totals, "");
  put_row (self->totals, 1, _ ("Sum"), sums_of (result));
  show_months (self, array_of (result, "months"));
  show_most (self, array_of (result, "most"));
  gtk_stack_set_visible_child_name (self->stack, "result");
}

/* --- as a sheet --- */

static void
add_sheet_row (TillSheetWriter *sheet, const char *part, const char *name, JsonObject *object)
{
  const char *cells[] = { part, name, json_object_get_string_member_with_default (object, "energy", ""),
                          json_object_get_string_member_with_default (object, "old", ""), json_object_get_string_member_with_default (object, "new", ""),
                          json_object_get_string_member_with_default (object, "difference", ""), NULL };

  till_sheet_writer_add (sheet, cells, -1);
}

static TillSheetWriter *
make_sheet (TillSimulateWindow *self)
{
  const char *const headings[] = { _ ("Part"), _ ("Month or meter"), _ ("Energy kWh"), _ ("Now ¥"), _ ("Then ¥"), _ ("Difference ¥"), NULL };
  TillSheetWriter *sheet = till_sheet_writer_new (headings);
  JsonArray *months = array_of (self->result, "months"), *most = array_of (self->result, "most");

  till_sheet_writer_set_numbers (sheet, 2);
  add_sheet_row (sheet, _ ("Sum"), adw_window_title_get_subtitle (self->heading), self->result);
  for (guint i = 0; months != NULL && i < json_array_get_length (months); i++)
    add_sheet_row (sheet, _ ("By month"), json_object_get_string_member_with_default (json_array_get_object_element (months, i), "month", ""),
                   json_array_get_object_element (months, i));
  for (guint i = 0; most != NULL && i < json_array_get_length (most); i++)
    {
      JsonObject *item = json_array_get_object_element (most, i);
      g_autofree char *name = g_strdup_printf ("%s · %s", json_object_get_string_member_with_default (item, "meter_code", ""),
                                               json_object_get_string_member_with_default (item, "room", ""));

      add_sheet_row (sheet, _ ("Most affected"), name, item);
    }
  return sheet;
}

static void
written_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillSimulateWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *name = g_file_get_basename (G_FILE (source)), *text = g_strdup_printf (_ ("Saved %s"), name);
  gboolean saved = till_sheet_writer_save_finish (result, &error);

  if (!g_cancellable_is_cancelled (self->cancellable))
    till_strip_show (self->strip, saved ? TILL_STRIP_INFO : TILL_STRIP_ERROR, saved ? text : error->message, NULL);
}

static void
chosen_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillSimulateWindow) self = user_data;
  g_autoptr (GFile) target = till_file_dialog_save_finish (GTK_WIDGET (source), result, NULL);

  if (target != NULL && self->result != NULL)
    till_sheet_writer_save_async (make_sheet (self), target, NULL, written_cb, g_object_ref (self));
}

static void
export_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_autofree char *file = g_strdup_printf ("tariff-simulation.%s", g_variant_get_string (parameter, NULL));

  till_file_dialog_save_async (widget, &(TillSaveDialog){ _ ("Export"), file }, TILL_SIMULATE_WINDOW (widget)->cancellable, chosen_cb, g_object_ref (widget));
}

/* --- the job --- */

static void
progress_cb (TillSimulateWindow *self, gint64 done, gint64 total)
{
  g_autofree char *text = g_strdup_printf ("%d / %d", (int) done, (int) total);

  gtk_label_set_text (self->progress, text);
}

static void
ended_cb (TillSimulateWindow *self, gboolean done, JsonObject *result, const char *problem)
{
  g_clear_object (&self->job);
  if (done && result != NULL)
    show_result (self, result);
  else
    fail (self, problem != NULL ? problem : _ ("The simulation ended without a result."));
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillSimulateWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = till_tariff_service_finish (TILL_TARIFF_SERVICE (source), result, &error);

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  if (node == NULL)
    {
      g_autofree char *text = till_api_error_describe (error);

      fail (self, text);
    }
  else if (json_object_has_member (json_node_get_object (node), "job"))
    {
      self->job = till_job_watch_new (till_context_get_plant (self->context), json_object_get_string_member (json_node_get_object (node), "job"), ASK_MS);
      g_signal_connect_object (self->job, "progress", G_CALLBACK (progress_cb), self, G_CONNECT_SWAPPED);
      g_signal_connect_object (self->job, "ended", G_CALLBACK (ended_cb), self, G_CONNECT_SWAPPED);
    }
  else
    show_result (self, json_node_get_object (node));
}

static void
run_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TillSimulateWindow *self = TILL_SIMULATE_WINDOW (widget);
  gpointer area = gtk_drop_down_get_selected_item (self->area);
  g_autoptr (JsonNode) body = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new (), *version = json_object_new ();
  char day[TILL_DAY_TEXT];

  json_node_take_object (body, object);
  json_object_set_object_member (object, "version", version);
  if (area == NULL)
    {
      till_strip_show (self->strip, TILL_STRIP_ERROR, _ ("Choose an area."), NULL);
      return;
    }
  till_strip_hide (self->strip);
  till_tariff_version_write (self->version, version);
  json_object_set_int_member (object, "area", till_record_int (area, "id"));
  json_object_set_string_member (object, "from", till_day_print (till_date_range_get_from (self->period), day));
  json_object_set_string_member (object, "to", till_day_print (till_date_range_get_to (self->period), day));
  set_busy (self, TRUE, "");
  till_tariff_service_simulate_async (till_context_get_tariffs (self->context), body, self->cancellable, answered_cb, g_object_ref (self));
}

/* --- window --- */

/* Calls under way hold the window, so dispose would come too late. */
static void
till_simulate_window_unmap (GtkWidget *widget)
{
  TillSimulateWindow *self = TILL_SIMULATE_WINDOW (widget);

  g_cancellable_cancel (self->cancellable);
  if (self->job != NULL)
    till_job_watch_stop (self->job, TRUE);
  g_clear_object (&self->job);
  gtk_window_set_transient_for (GTK_WINDOW (widget), NULL);
  GTK_WIDGET_CLASS (till_simulate_window_parent_class)->unmap (widget);
}

static void
till_simulate_window_dispose (GObject *object)
{
  TillSimulateWindow *self = TILL_SIMULATE_WINDOW (object);

  gtk_widget_dispose_template (GTK_WIDGET (object), TILL_TYPE_SIMULATE_WINDOW);
  g_clear_pointer (&self->version, till_tariff_version_free);
  g_clear_object (&self->job);
  g_clear_pointer (&self->result, json_object_unref);
  g_clear_object (&self->context);
  g_clear_object (&self->cancellable);
  G_OBJECT_CLASS (till_simulate_window_parent_class)->dispose (object);
}

#define BIND(member) gtk_widget_class_bind_template_child (widget_class, TillSimulateWindow, member)

static void
till_simulate_window_class_init (TillSimulateWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_simulate_window_dispose;
  widget_class->unmap = till_simulate_window_unmap;
  g_type_ensure (TILL_TYPE_BAR_CHART);
  g_type_ensure (TILL_TYPE_DATE_RANGE);
  g_type_ensure (TILL_TYPE_STRIP);
  gtk_widget_class_install_action (widget_class, "simulate.run", NULL, run_action);
  gtk_widget_class_install_action (widget_class, "simulate.export", "s", export_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/gridtill/Client/pages/tariffs/till-simulate-window.ui");
  BIND (heading);
  BIND (area);
  BIND (period);
  BIND (spinner);
  BIND (progress);
  BIND (strip);
  BIND (stack);
  BIND (totals);
  BIND (months);
  BIND (most);
  BIND (chart);
}

static void
till_simulate_window_init (TillSimulateWindow *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "simulate.export", FALSE);
}

/* The last whole month. */
static void
propose_period (TillSimulateWindow *self)
{
  GTimeZone *zone = till_session_get_zone (till_context_get_session (self->context));
  g_autoptr (GDateTime) now = zone != NULL ? g_date_time_new_now (zone) : g_date_time_new_now_local ();
  TillDay today = 0;

  if (!till_day_make (g_date_time_get_year (now), g_date_time_get_month (now), g_date_time_get_day_of_month (now), &today))
    return;
  till_date_range_set_today (self->period, today);
  till_date_range_set_preset (self->period, TILL_PERIOD_MONTH);
  till_date_range_step (self->period, -1);
}

TillSimulateWindow *
till_simulate_window_show (TillPage *page, JsonObject *tariff, const TillTariffVersion *version)
{
  TillSimulateWindow *self = g_object_new (TILL_TYPE_SIMULATE_WINDOW, "transient-for", gtk_widget_get_root (GTK_WIDGET (page)), "destroy-with-parent",
                                           TRUE, NULL);
  g_autoptr (GtkExpression) path = gtk_property_expression_new (TILL_TYPE_AREA, NULL, "path");
  g_autofree char *day = version->effective != TILL_UNKNOWN ? till_format_day (version->effective) : g_strdup ("");
  g_autofree char *subtitle = g_strdup_printf ("%s %s", json_object_get_string_member_with_default (tariff, "name", ""), day);

  self->context = g_object_ref (till_page_get_context (page));
  self->version = till_tariff_version_copy (version);
  adw_window_title_set_subtitle (self->heading, subtitle);
  gtk_drop_down_set_expression (self->area, path);
  gtk_drop_down_set_model (self->area, till_ref_lists_get (till_context_get_ref_lists (self->context), TILL_REF_AREAS));
  propose_period (self);
  gtk_window_present (GTK_WINDOW (self));
  return self;
}
