/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-log-view.c: see till-log-view.h. Changes nothing, nor can anybody else. */
#define G_LOG_DOMAIN "till-log-view"
#include "config.h"
#include <glib/gi18n.h>
#include "client/model/till-log-entry.h"
#include "client/pages/config/till-log-view.h"
#include "client/pages/till-report-error.h"
#include "client/widgets/till-alert.h"
#include "client/widgets/till-date-range.h"
#include "shared/api/till-paths.h"

struct _TillLogView {
  TillListPage   parent_instance;
  TillDateRange *period;
  GtkDropDown   *result;
};

G_DEFINE_FINAL_TYPE (TillLogView, till_log_view, TILL_TYPE_LIST_PAGE)

static void
load (TillPage *page)
{
  TillLogView *self = TILL_LOG_VIEW (page);
  TillSession *session = till_context_get_session (till_page_get_context (page));

  till_date_range_set_today (self->period, till_zone_day (till_session_get_zone (session), till_session_now (session)));
  till_date_range_set_preset (self->period, TILL_PERIOD_WEEK);
  gtk_widget_action_set_enabled (GTK_WIDGET (page), "log.verify", till_session_may (session, TILL_PERMISSION_LOG_VERIFY));
  TILL_PAGE_CLASS (till_log_view_parent_class)->load (page);
}

static void
put_filters (TillListPage *page, TillQuery *query)
{
  static const char *const results[] = { NULL, "ok", "forbidden" };
  TillLogView *self = TILL_LOG_VIEW (page);
  guint result = gtk_drop_down_get_selected (self->result);
  char from[TILL_DAY_TEXT], to[TILL_DAY_TEXT];

  till_query_set_fixed (query, "from", till_day_print (till_date_range_get_from (self->period), from));
  till_query_set_fixed (query, "to", till_day_print (till_date_range_get_to (self->period), to));
  till_query_set_filter (query, "result", result < G_N_ELEMENTS (results) ? results[result] : NULL);
}

static void
clear_filters (TillListPage *page)
{
  gtk_drop_down_set_selected (TILL_LOG_VIEW (page)->result, 0);
}

static void
add_line (GString *text, const char *title, const char *value)
{
  if (value != NULL && *value != '\0')
    g_string_append_printf (text, "%s%s: %s", text->len > 0 ? "\n" : "", title, value);
}

/* What does not fit in a cell. */
static void
activated (TillListPage *page, gpointer entry)
{
  g_autoptr (GString) text = g_string_new (NULL);

  add_line (text, _ ("Operator"), till_record_text (entry, "operator-name"));
  add_line (text, C_ ("log", "Address"), till_record_text (entry, "address"));
  add_line (text, _ ("Object"), till_record_text (entry, "object"));
  add_line (text, _ ("Result"), till_record_text (entry, "result"));
  add_line (text, C_ ("log", "Before"), till_record_text (entry, "before"));
  add_line (text, C_ ("log", "After"), till_record_text (entry, "after"));
  add_line (text, _ ("Request"), till_record_text (entry, "request"));
  till_alert_show (GTK_WIDGET (page), till_record_text (entry, "action"), text->str);
}

static void
verified_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillPage) page = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL, *row = NULL;
  TillLogVerdict verdict;

  gtk_widget_action_set_enabled (GTK_WIDGET (page), "log.verify", TRUE);
  if (!till_admin_service_verify_log_finish (TILL_ADMIN_SERVICE (source), result, &verdict, &error))
    {
      till_report_error (GTK_WIDGET (page), TILL_REPORT_ACTION, error);
      return;
    }
  row = g_strdup_printf ("%" G_GINT64_FORMAT, verdict.ok ? verdict.rows : verdict.broken);
  /* Translators: how many rows; which row. */
  text = g_strdup_printf (verdict.ok ? _ ("All %s rows follow each other: none was changed, taken away or put in between.")
                                     : _ ("Row %s does not follow the one before it: the log was changed there. Keep a copy and call the auditor."), row);
  till_alert_show (GTK_WIDGET (page), verdict.ok ? _ ("The log is whole") : _ ("The log is broken"), text);
}

static void
verify_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gtk_widget_action_set_enabled (widget, "log.verify", FALSE); /* one at a time: it walks the whole log */
  till_admin_service_verify_log_async (till_context_get_admin (till_page_get_context (TILL_PAGE (widget))), NULL, verified_cb, g_object_ref (widget));
}

static void
till_log_view_dispose (GObject *object)
{
  till_list_page_dispose_template (TILL_LIST_PAGE (object), TILL_TYPE_LOG_VIEW);
  G_OBJECT_CLASS (till_log_view_parent_class)->dispose (object);
}

static void
till_log_view_class_init (TillLogViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  TillListPageClass *list_class = TILL_LIST_PAGE_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_log_view_dispose;
  TILL_PAGE_CLASS (klass)->load = load;
  list_class->path = TILL_PATH_LOG;
  list_class->get_record_type = till_log_entry_get_type;
  list_class->sort = "at";
  list_class->descending = TRUE;
  list_class->export_name = N_ ("system-log");
  list_class->feed = TILL_FEED_OTHER;
  list_class->put_filters = put_filters;
  list_class->clear_filters = clear_filters;
  list_class->activated = activated;
  g_type_ensure (TILL_TYPE_DATE_RANGE);
  gtk_widget_class_install_action (widget_class, "log.verify", NULL, verify_action);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/gridtill/Client/pages/config/till-log-view.ui");
  till_list_page_class_bind (list_class, TRUE);
  gtk_widget_class_bind_template_child (widget_class, TillLogView, period);
  gtk_widget_class_bind_template_child (widget_class, TillLogView, result);
}

static void
till_log_view_init (TillLogView *self)
{
  till_list_page_init_template (TILL_LIST_PAGE (self));
}
