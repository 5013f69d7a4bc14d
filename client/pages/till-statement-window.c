/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-statement-window.c: see till-statement-window.h. Sums and lines are the server's; here they are checked to add up, shown, never computed. */
#define G_LOG_DOMAIN "till-statement-window"
#include "config.h"
#include <glib/gi18n.h>
#include "client/pages/till-export.h"
#include "client/pages/till-report-error.h"
#include "client/pages/till-statement-window.h"
#include "client/pages/till-statement-words.h"
#include "client/widgets/till-date-range.h"
#include "client/widgets/till-file-dialog.h"
#include "client/widgets/till-format.h"
#include "client/widgets/till-pdf-view.h"
#include "client/widgets/till-printer.h"
#include "client/widgets/till-strip.h"
#include "client/widgets/till-table.h"
#include "shared/api/till-paths.h"
#include "shared/base/till-energy.h"

typedef enum { WANT_NOTHING, WANT_PRINT, WANT_SAVE } Wanted;

struct _TillStatementWindow {
  AdwWindow       parent_instance;
  TillContext    *context;
  GCancellable   *cancellable, *load; /* of the window; of the statement under way */
  TillMetersOf    of;
  GListModel     *meters; /* to choose from; NULL: one only */
  gint64          meter_id;
  TillStatement  *head;
  GBytes         *pdf;
  Wanted          wanted; /* what the paper is for, when it is there */
  AdwWindowTitle *heading;
  TillStrip      *strip;
  GtkDropDown    *meter;
  TillDateRange  *period;
  GtkSpinner     *spinner;
  GtkStack       *views;
  GtkBox         *sums;
  TillTable      *table;
  TillPdfView    *paper;
  GtkLabel       *status, *difference;
};

static void reporter_init (TillReporterInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TillStatementWindow, till_statement_window, ADW_TYPE_WINDOW, G_IMPLEMENT_INTERFACE (TILL_TYPE_REPORTER, reporter_init))

static void load_paper (TillStatementWindow *self, Wanted wanted);

static gboolean
report (TillReporter *reporter, TillReportKind kind, const GError *error)
{
  g_autofree char *text = till_api_error_describe (error);

  till_strip_show (TILL_STATEMENT_WINDOW (reporter)->strip, TILL_STRIP_ERROR, text, kind == TILL_REPORT_LOAD ? _ ("Retry") : NULL);
  return TRUE;
}

static void
reporter_init (TillReporterInterface *iface)
{
  iface->report = report;
}

static void
set_busy (TillStatementWindow *self, gboolean busy)
{
  gtk_spinner_set_spinning (self->spinner, busy);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "statement.print", !busy && self->meter_id != 0);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "statement.export", !busy && self->meter_id != 0);
}

static TillStatementSpan
get_span (TillStatementWindow *self)
{
  return (TillStatementSpan){ self->meter_id, till_date_range_get_from (self->period), till_date_range_get_to (self->period) };
}

/* --- the statement --- */

static void
add_sum (TillStatementWindow *self, const char *title, char *text)
{
  GtkWidget *card = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2), *name = gtk_label_new (title), *value = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (name), 0);
  gtk_label_set_xalign (GTK_LABEL (value), 0);
  gtk_label_set_ellipsize (GTK_LABEL (name), PANGO_ELLIPSIZE_END);
  gtk_label_set_ellipsize (GTK_LABEL (value), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (name, "title");
  gtk_widget_add_css_class (value, "figure");
  gtk_widget_add_css_class (card, "till-card");
  gtk_box_append (GTK_BOX (card), name);
  gtk_box_append (GTK_BOX (card), value);
  gtk_box_append (self->sums, card);
  g_free (text);
}

static void
show_sums (TillStatementWindow *self)
{
  g_autofree char *energy = till_format_energy (till_record_int (self->head, "energy")), *used = g_strdup_printf (_ ("Used · %s kWh"), energy);
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->sums))) != NULL)
    gtk_box_remove (self->sums, child);
  add_sum (self, _ ("Opening balance"), till_format_price (till_record_int (self->head, "opening")));
  add_sum (self, _ ("Purchased"), till_format_price (till_record_int (self->head, "sold")));
  add_sum (self, _ ("Given back"), till_format_price (till_record_int (self->head, "given-back")));
  add_sum (self, used, till_format_price (till_record_int (self->head, "used")));
  add_sum (self, C_ ("statement", "Other"), till_format_price (till_record_int (self->head, "other")));
  add_sum (self, _ ("Closing balance"), till_format_price (till_record_int (self->head, "closing")));
}

static void
show_head (TillStatementWindow *self)
{
  const char *customer = till_record_text (self->head, "customer-name"), *room = till_record_text (self->head, "room");
  g_autofree char *subtitle = g_strdup_printf ("%s · %s · %s", till_record_text (self->head, "meter-code"), customer != NULL ? customer : _ ("not opened"),
                                               room != NULL ? room : TILL_DASH);
  gint64 difference = till_record_int (self->head, "server-difference");
  g_autofree char *amount = till_format_price (difference < 0 ? -difference : difference), *text = NULL;

  adw_window_title_set_subtitle (self->heading, subtitle);
  if (difference > 0)
    text = g_strdup_printf (_ ("The tariff asks %s more than the meter took so far"), amount);
  else if (difference < 0 && difference != TILL_UNKNOWN)
    text = g_strdup_printf (_ ("The meter took %s more than the tariff asks so far"), amount);
  gtk_label_set_text (self->difference, text != NULL ? text : "");
}

/* Words and kWh of a line are put into its record, so that they can be copied like the rest. */
static void
put_words (TillStatementWindow *self, GListModel *lines)
{
  const char *own = till_record_text (self->head, "meter-code");

  for (guint i = 0; i < g_list_model_get_n_items (lines); i++)
    {
      g_autoptr (TillRecord) line = g_list_model_get_item (lines, i);
      g_autofree char *words = till_statement_words (line, own);
      g_autoptr (JsonObject) more = json_object_new ();
      char energy[TILL_MONEY_TEXT];

      json_object_set_string_member (more, "entry", words);
      if (till_record_known (line, "rate"))
        json_object_set_string_member (more, "use", till_energy_print (till_record_int (line, "energy"), energy));
      till_record_load (line, more, TRUE, NULL);
    }
}

static void
show_lines (TillStatementWindow *self, GListModel *lines)
{
  guint n = g_list_model_get_n_items (lines);
  g_autofree char *count = g_strdup_printf (ngettext ("%u line", "%u lines", n), n), *text = NULL;

  show_head (self);
  show_sums (self);
  put_words (self, lines);
  till_table_set_model (self->table, lines);
  if (till_statement_adds_up (self->head, lines))
    text = g_strdup_printf (_ ("%s · opening balance and lines are the closing balance"), count);
  else
    till_strip_show (self->strip, TILL_STRIP_ERROR, _ ("The lines do not add up to the closing balance. Tell the administrator."), _ ("Retry"));
  gtk_label_set_text (self->status, text != NULL ? text : count);
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillStatementWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GListModel) lines = NULL;
  g_autoptr (TillStatement) head = till_meter_service_statement_finish (TILL_METER_SERVICE (source), result, &lines, &error);

  if (till_api_error_is_cancelled (error))
    return;
  set_busy (self, FALSE);
  if (head == NULL)
    {
      till_report_error (GTK_WIDGET (self), TILL_REPORT_LOAD, error);
      return;
    }
  g_set_object (&self->head, head);
  show_lines (self, lines);
  if (g_strcmp0 (gtk_stack_get_visible_child_name (self->views), "paper") == 0)
    load_paper (self, WANT_NOTHING);
}

static void
reload (TillStatementWindow *self)
{
  TillStatementSpan span = get_span (self);

  if (self->context == NULL || self->meter_id == 0)
    return;
  till_strip_hide (self->strip);
  g_clear_pointer (&self->pdf, g_bytes_unref);
  if (self->load != NULL)
    g_cancellable_cancel (self->load);
  g_clear_object (&self->load);
  self->load = g_cancellable_new ();
  set_busy (self, TRUE);
  till_meter_service_statement_async (till_context_get_meters (self->context), &span, self->load, loaded_cb, g_object_ref (self));
}

/* --- which meter --- */

static void
meter_cb (TillStatementWindow *self)
{
  gpointer meter = gtk_drop_down_get_selected_item (self->meter);

  if (meter == NULL || till_record_int (meter, "id") == self->meter_id)
    return;
  self->meter_id = till_record_int (meter, "id");
  reload (self);
}

static void
meters_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillStatementWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GListModel) meters = till_customer_service_meters_finish (TILL_CUSTOMER_SERVICE (source), result, &error);
  g_autoptr (GtkExpression) code = gtk_property_expression_new (TILL_TYPE_METER, NULL, "code");

  if (till_api_error_is_cancelled (error))
    return;
  set_busy (self, FALSE);
  if (meters == NULL)
    {
      till_report_error (GTK_WIDGET (self), TILL_REPORT_LOAD, error);
      return;
    }
  if (g_list_model_get_n_items (meters) == 0)
    till_strip_show (self->strip, TILL_STRIP_INFO, _ ("No meter belongs to an open account here."), NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->meter), g_list_model_get_n_items (meters) > 1);
  gtk_drop_down_set_expression (self->meter, code);
  gtk_drop_down_set_model (self->meter, meters);
  meter_cb (self);
}

/* --- paper --- */

static void
printed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillStatementWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *printer = till_printer_print_finish (GTK_WIDGET (source), result, &error);

  till_report_error (GTK_WIDGET (self), TILL_REPORT_ACTION, error);
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillStatementWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *name = g_file_get_basename (G_FILE (source)), *text = g_strdup_printf (_ ("Saved %s"), name);

  if (g_file_replace_contents_finish (G_FILE (source), result, NULL, &error))
    till_report_done (GTK_WIDGET (self), text);
  else
    till_report_error (GTK_WIDGET (self), TILL_REPORT_ACTION, error);
}

static void
chosen_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillStatementWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GFile) file = till_file_dialog_save_finish (GTK_WIDGET (source), result, &error);

  if (file != NULL && self->pdf != NULL)
    g_file_replace_contents_bytes_async (file, self->pdf, NULL, FALSE, G_FILE_CREATE_NONE, self->cancellable, saved_cb, g_object_ref (self));
  else
    till_report_error (GTK_WIDGET (self), TILL_REPORT_ACTION, error);
}

static char *
file_name (TillStatementWindow *self, const char *ending)
{
  char from[TILL_DAY_TEXT];
  const char *code = self->head != NULL ? till_record_text (self->head, "meter-code") : "";

  return g_strdup_printf ("%s-%s-%s%s", _ ("statement"), code, till_day_print (till_date_range_get_from (self->period), from), ending);
}

static void
use_paper (TillStatementWindow *self, Wanted wanted)
{
  g_autofree char *file = file_name (self, ".pdf"), *name = file_name (self, "");
  TillPrintJob job = { self->pdf, name, NULL, NULL };
  TillSaveDialog dialog = { _ ("Save the statement"), file };

  if (wanted == WANT_PRINT)
    till_printer_print_async (GTK_WIDGET (self), &job, self->cancellable, printed_cb, g_object_ref (self));
  else if (wanted == WANT_SAVE)
    till_file_dialog_save_async (GTK_WIDGET (self), &dialog, self->cancellable, chosen_cb, g_object_ref (self));
}

static void
paper_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillStatementWindow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) pdf = till_meter_service_statement_paper_finish (TILL_METER_SERVICE (source), result, &error);
  Wanted wanted = self->wanted;

  if (till_api_error_is_cancelled (error))
    return;
  self->wanted = WANT_NOTHING;
  set_busy (self, FALSE);
  if (pdf == NULL || !till_pdf_view_set_bytes (self->paper, pdf, &error))
    {
      till_report_error (GTK_WIDGET (self), TILL_REPORT_LOAD, error);
      return;
    }
  g_clear_pointer (&self->pdf, g_bytes_unref);
  self->pdf = g_bytes_ref (pdf);
  use_paper (self, wanted);
}

static void
load_paper (TillStatementWindow *self, Wanted wanted)
{
  TillStatementSpan span = get_span (self);

  if (self->pdf != NULL)
    {
      use_paper (self, wanted);
      return;
    }
  if (self->load == NULL)
    return;
  self->wanted = wanted;
  set_busy (self, TRUE);
  till_meter_service_statement_paper_async (till_context_get_meters (self->context), &span, self->load, paper_cb, g_object_ref (self));
}

static void
view_cb (TillStatementWindow *self)
{
  if (self->context != NULL && self->head != NULL && g_strcmp0 (gtk_stack_get_visible_child_name (self->views), "paper") == 0)
    load_paper (self, WANT_NOTHING);
}

/* --- actions --- */

static void
print_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  load_paper (TILL_STATEMENT_WINDOW (widget), WANT_PRINT);
}

static void
export_sheet (TillStatementWindow *self, gboolean csv)
{
  g_autoptr (TillQuery) query = till_query_new ();
  g_autofree char *id = g_strdup_printf ("%" G_GINT64_FORMAT, self->meter_id), *name = file_name (self, csv ? ".csv" : "");
  TillStatementSpan span = get_span (self);
  TillExport wanted = { .path = TILL_PATH_METER_STATEMENT, .id = id, .query = query };
  char from[TILL_DAY_TEXT], to[TILL_DAY_TEXT];

  till_query_set_filter (query, "from", till_day_print (span.from, from));
  till_query_set_filter (query, "to", till_day_print (span.to, to));
  till_export_run (GTK_WIDGET (self), till_context_get_reports (self->context), &wanted, name);
}

static void
export_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  const char *format = g_variant_get_string (parameter, NULL);

  if (g_str_equal (format, "pdf"))
    load_paper (TILL_STATEMENT_WINDOW (widget), WANT_SAVE);
  else
    export_sheet (TILL_STATEMENT_WINDOW (widget), g_str_equal (format, "csv"));
}

/* What a main window shows as a toast stands in the strip here. */
static void
toast_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  till_strip_show (TILL_STATEMENT_WINDOW (widget)->strip, TILL_STRIP_INFO, g_variant_get_string (parameter, NULL), NULL);
}

static void
refresh_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  reload (TILL_STATEMENT_WINDOW (widget));
}

/* --- window --- */

/* Calls under way hold the window, so dispose would come too late; the main window may be gone by then, too. */
static void
till_statement_window_unmap (GtkWidget *widget)
{
  TillStatementWindow *self = TILL_STATEMENT_WINDOW (widget);

  g_cancellable_cancel (self->cancellable);
  if (self->load != NULL)
    g_cancellable_cancel (self->load);
  gtk_window_set_transient_for (GTK_WINDOW (widget), NULL);
  GTK_WIDGET_CLASS (till_statement_window_parent_class)->unmap (widget);
}

static void
till_statement_window_dispose (GObject *object)
{
  TillStatementWindow *self = TILL_STATEMENT_WINDOW (object);

  g_cancellable_cancel (self->cancellable);
  if (self->table != NULL)
    till_table_set_model (self->table, NULL);
  g_clear_object (&self->load);
  g_clear_object (&self->head);
  g_clear_pointer (&self->pdf, g_bytes_unref);
  g_clear_object (&self->context);
  gtk_widget_dispose_template (GTK_WIDGET (self), TILL_TYPE_STATEMENT_WINDOW);
  G_OBJECT_CLASS (till_statement_window_parent_class)->dispose (object);
}

static void
till_statement_window_finalize (GObject *object)
{
  g_object_unref (TILL_STATEMENT_WINDOW (object)->cancellable);
  G_OBJECT_CLASS (till_statement_window_parent_class)->finalize (object);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  gtk_widget_class_set_template_from_resource (widget_class, "/org/gridtill/Client/pages/till-statement-window.ui");
  gtk_widget_class_bind_template_child (widget_class, TillStatementWindow, heading);
  gtk_widget_class_bind_template_child (widget_class, TillStatementWindow, strip);
  gtk_widget_class_bind_template_child (widget_class, TillStatementWindow, meter);
  gtk_widget_class_bind_template_child (widget_class, TillStatementWindow, period);
  gtk_widget_class_bind_template_child (widget_class, TillStatementWindow, spinner);
  gtk_widget_class_bind_template_child (widget_class, TillStatementWindow, views);
  gtk_widget_class_bind_template_child (widget_class, TillStatementWindow, sums);
  gtk_widget_class_bind_template_child (widget_class, TillStatementWindow, table);
  gtk_widget_class_bind_template_child (widget_class, TillStatementWindow, paper);
  gtk_widget_class_bind_template_child (widget_class, TillStatementWindow, status);
  gtk_widget_class_bind_template_child (widget_class, TillStatementWindow, difference);
  gtk_widget_class_bind_template_callback (widget_class, reload);
  gtk_widget_class_bind_template_callback (widget_class, meter_cb);
  gtk_widget_class_bind_template_callback (widget_class, view_cb);
}

static void
till_statement_window_class_init (TillStatementWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_statement_window_dispose;
  G_OBJECT_CLASS (klass)->finalize = till_statement_window_finalize;
  widget_class->unmap = till_statement_window_unmap;
  g_type_ensure (TILL_TYPE_COLUMN);
  g_type_ensure (TILL_TYPE_DATE_RANGE);
  g_type_ensure (TILL_TYPE_PDF_VIEW);
  g_type_ensure (TILL_TYPE_STRIP);
  g_type_ensure (TILL_TYPE_TABLE);
  gtk_widget_class_install_action (widget_class, "statement.refresh", NULL, refresh_action);
  gtk_widget_class_install_action (widget_class, "statement.print", NULL, print_action);
  gtk_widget_class_install_action (widget_class, "statement.export", "s", export_action);
  gtk_widget_class_install_action (widget_class, "win.toast", "s", toast_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_F5, 0, "statement.refresh", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_p, GDK_CONTROL_MASK, "statement.print", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_e, GDK_CONTROL_MASK, "statement.export", "s", "xlsx");
  bind_template (widget_class);
}

static void
till_statement_window_init (TillStatementWindow *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}

TillStatementWindow *
till_statement_window_show (GtkWidget *parent, TillContext *context, const TillStatementOf *of)
{
  TillStatementWindow *self = g_object_new (TILL_TYPE_STATEMENT_WINDOW, "transient-for", gtk_widget_get_root (parent), "destroy-with-parent", TRUE, NULL);
  TillSession *session = till_context_get_session (context);

  till_date_range_set_today (self->period, till_zone_day (till_session_get_zone (session), till_session_now (session)));
  self->meter_id = of->meter;
  self->of = (TillMetersOf){ of->customer, of->account };
  self->context = g_object_ref (context);
  if (of->meter != 0)
    reload (self);
  else
    {
      set_busy (self, TRUE);
      till_customer_service_meters_async (till_context_get_customers (context), &self->of, self->cancellable, meters_cb, g_object_ref (self));
    }
  gtk_window_present (GTK_WINDOW (self));
  return self;
}
