/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-reports-page.c: see till-reports-page.h. The catalog comes from the server: only reports this operator may read are listed. */
#define G_LOG_DOMAIN "till-reports-page"
#include "config.h"
#include <glib/gi18n.h>
#include "client/pages/reports/till-report-view.h"
#include "client/pages/reports/till-reports-page.h"
#include "client/pages/till-report-error.h"
#include "client/widgets/till-date-range.h"
#include "client/widgets/till-strip.h"
#include "shared/api/till-paths.h"
#include "shared/base/till-text.h"

struct _TillReportsPage {
  TillPage         parent_instance;
  GtkListBox      *list;
  GtkLabel        *heading;
  TillDateRange   *period;
  TillStrip       *strip;
  TillReportView  *view;
  GtkToggleButton *both, *table, *chart;
  TillQuery       *query;
  GCancellable    *run; /* of the report under way */
  char            *name, *title;
};

G_DEFINE_FINAL_TYPE (TillReportsPage, till_reports_page, TILL_TYPE_PAGE)

static void
show_report (TillReportsPage *self, TillReport *report)
{
  TillReportContent content = { report, self->title, 0 };
  TillSession *session = till_context_get_session (till_page_get_context (TILL_PAGE (self)));

  content.today = till_zone_day (till_session_get_zone (session), till_session_now (session));
  till_report_view_set_content (self->view, &content);
}

static void
ran_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillReportsPage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (TillReport) report = till_report_service_run_finish (TILL_REPORT_SERVICE (source), result, &error);
  g_autofree char *text = NULL;

  if (report != NULL)
    {
      till_strip_hide (self->strip);
      show_report (self, report);
    }
  else if (!till_api_error_is_cancelled (error))
    {
      text = till_api_error_describe (error);
      till_strip_show (self->strip, TILL_STRIP_ERROR, text, _("Retry"));
    }
}

static void
run (TillReportsPage *self)
{
  TillReportCall call = { self->name, self->query };
  char from[TILL_DAY_TEXT], to[TILL_DAY_TEXT];

  if (self->name == NULL)
    return;
  if (self->run != NULL)
    g_cancellable_cancel (self->run);
  g_clear_object (&self->run);
  self->run = g_cancellable_new ();
  till_query_set_filter (self->query, "from", till_day_print (till_date_range_get_from (self->period), from));
  till_query_set_filter (self->query, "to", till_day_print (till_date_range_get_to (self->period), to));
  till_report_service_run_async (till_context_get_reports (till_page_get_context (TILL_PAGE (self))), &call, self->run, ran_cb, g_object_ref (self));
}

static void
choose (TillReportsPage *self, GtkListBoxRow *row)
{
  if (row == NULL)
    return;
  till_set_str (&self->name, g_object_get_data (G_OBJECT (row), "name"));
  till_set_str (&self->title, g_object_get_data (G_OBJECT (row), "title"));
  gtk_label_set_text (self->heading, self->title);
  run (self);
}

static void
selected_cb (TillReportsPage *self, GtkListBoxRow *row)
{
  choose (self, row);
}

static void
add_report (TillReportsPage *self, JsonObject *object)
{
  const char *name = json_object_get_string_member_with_default (object, "name", "");
  const char *title = json_object_get_string_member_with_default (object, "title", name);
  GtkWidget *label = gtk_label_new (title), *row = gtk_list_box_row_new ();

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), label);
  g_object_set_data_full (G_OBJECT (row), "name", g_strdup (name), g_free);
  g_object_set_data_full (G_OBJECT (row), "title", g_strdup (title), g_free);
  gtk_list_box_append (self->list, row);
}

static void
catalog_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillReportsPage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = till_api_call_finish (TILL_API (source), result, &error);
  JsonArray *items = NULL;
  GtkWidget *child;

  if (node == NULL)
    {
      g_autofree char *text = till_api_error_describe (error);
      if (!till_api_error_is_cancelled (error))
        till_strip_show (self->strip, TILL_STRIP_ERROR, text, _("Retry"));
      return;
    }
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->list))) != NULL)
    gtk_list_box_remove (self->list, child);
  if (JSON_NODE_HOLDS_OBJECT (node) && json_object_has_member (json_node_get_object (node), "items"))
    items = json_object_get_array_member (json_node_get_object (node), "items");
  for (guint i = 0; items != NULL && i < json_array_get_length (items); i++)
    if (JSON_NODE_HOLDS_OBJECT (json_array_get_element (items, i)))
      add_report (self, json_array_get_object_element (items, i));
  gtk_list_box_select_row (self->list, gtk_list_box_get_row_at_index (self->list, 0));
}

static void
load_catalog (TillReportsPage *self)
{
  TillCall call = { .path = TILL_PATH_REPORTS };

  till_api_call_async (till_context_get_api (till_page_get_context (TILL_PAGE (self))), &call, NULL, catalog_cb, g_object_ref (self));
}

static void
load (TillPage *page)
{
  TillReportsPage *self = TILL_REPORTS_PAGE (page);
  TillSession *session = till_context_get_session (till_page_get_context (page));

  till_date_range_set_today (self->period, till_zone_day (till_session_get_zone (session), till_session_now (session)));
  load_catalog (self);
}

static void
refresh (TillPage *page)
{
  TillReportsPage *self = TILL_REPORTS_PAGE (page);

  if (self->name == NULL)
    load_catalog (self);
  else
    run (self);
}

static void
retry_cb (TillReportsPage *self)
{
  refresh (TILL_PAGE (self));
}

static void
show_cb (TillReportsPage *self)
{
  till_report_view_set_show (self->view, gtk_toggle_button_get_active (self->table)   ? TILL_REPORT_TABLE
                                         : gtk_toggle_button_get_active (self->chart) ? TILL_REPORT_CHART
                                                                                      : TILL_REPORT_BOTH);
}

static gboolean
get_export (TillPage *page, TillExport *ret_export, const char **ret_name)
{
  TillReportsPage *self = TILL_REPORTS_PAGE (page);

  if (self->name == NULL)
    return FALSE;
  ret_export->path = TILL_PATH_REPORT;
  ret_export->id = self->name;
  ret_export->query = self->query;
  *ret_name = self->title;
  return TRUE;
}

static void
open_target (TillPage *page, const char *target)
{
  TillReportsPage *self = TILL_REPORTS_PAGE (page);
  GtkListBoxRow *row;

  for (int i = 0; (row = gtk_list_box_get_row_at_index (self->list, i)) != NULL; i++)
    if (g_strcmp0 (g_object_get_data (G_OBJECT (row), "name"), target) == 0)
      gtk_list_box_select_row (self->list, row);
}

static void
till_reports_page_dispose (GObject *object)
{
  TillReportsPage *self = TILL_REPORTS_PAGE (object);

  if (self->run != NULL)
    g_cancellable_cancel (self->run);
  g_clear_object (&self->run);
  g_clear_object (&self->query);
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->title, g_free);
  gtk_widget_dispose_template (GTK_WIDGET (object), TILL_TYPE_REPORTS_PAGE);
  G_OBJECT_CLASS (till_reports_page_parent_class)->dispose (object);
}

static void
till_reports_page_class_init (TillReportsPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  TillPageClass *page_class = TILL_PAGE_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_reports_page_dispose;
  page_class->load = load;
  page_class->refresh = refresh;
  page_class->get_export = get_export;
  page_class->open_target = open_target;
  g_type_ensure (TILL_TYPE_DATE_RANGE);
  g_type_ensure (TILL_TYPE_REPORT_VIEW);
  g_type_ensure (TILL_TYPE_STRIP);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/gridtill/Client/pages/reports/till-reports-page.ui");
  gtk_widget_class_bind_template_child (widget_class, TillReportsPage, list);
  gtk_widget_class_bind_template_child (widget_class, TillReportsPage, heading);
  gtk_widget_class_bind_template_child (widget_class, TillReportsPage, period);
  gtk_widget_class_bind_template_child (widget_class, TillReportsPage, strip);
  gtk_widget_class_bind_template_child (widget_class, TillReportsPage, view);
  gtk_widget_class_bind_template_child (widget_class, TillReportsPage, both);
  gtk_widget_class_bind_template_child (widget_class, TillReportsPage, table);
  gtk_widget_class_bind_template_child (widget_class, TillReportsPage, chart);
  gtk_widget_class_bind_template_callback (widget_class, selected_cb);
  gtk_widget_class_bind_template_callback (widget_class, retry_cb);
  gtk_widget_class_bind_template_callback (widget_class, show_cb);
  gtk_widget_class_bind_template_callback_full (widget_class, "run", G_CALLBACK (run));
}

static void
till_reports_page_init (TillReportsPage *self)
{
  self->query = till_query_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}
