/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-cases-view.c: see till-cases-view.h. */
#define G_LOG_DOMAIN "till-cases-view"
#include "config.h"
#include <glib/gi18n.h>
#include "client/model/till-case.h"
#include "client/pages/alarms/till-case-dialog.h"
#include "client/pages/alarms/till-cases-view.h"
#include "client/pages/till-report-error.h"
#include "shared/api/till-paths.h"

struct _TillCasesView {
  TillListPage     parent_instance;
  GtkToggleButton *open;
};

G_DEFINE_FINAL_TYPE (TillCasesView, till_cases_view, TILL_TYPE_LIST_PAGE)

static void
put_filters (TillListPage *page, TillQuery *query)
{
  till_query_set_fixed (query, "state", gtk_toggle_button_get_active (TILL_CASES_VIEW (page)->open) ? "open" : "closed");
}

static gboolean
is_open (gpointer record)
{
  return record != NULL && !till_record_known (record, "closed-at");
}

static void
selected (TillListPage *page, gpointer record)
{
  TillSession *session = till_context_get_session (till_page_get_context (TILL_PAGE (page)));

  gtk_widget_action_set_enabled (GTK_WIDGET (page), "cases.decide", is_open (record) && till_session_may (session, TILL_PERMISSION_APPROVE_HELD));
  gtk_widget_action_set_enabled (GTK_WIDGET (page), "cases.read", record != NULL && till_session_may (session, TILL_PERMISSION_METERS_READ));
}

static void
done (TillPage *page)
{
  till_list_page_reload (TILL_LIST_PAGE (page));
}

static void
decide_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gpointer record = till_list_page_get_selected (TILL_LIST_PAGE (widget));

  if (is_open (record))
    till_case_dialog_show (TILL_PAGE (widget), record, done);
}

static void
activated (TillListPage *page, gpointer record)
{
  if (is_open (record) && till_session_may (till_context_get_session (till_page_get_context (TILL_PAGE (page))), TILL_PERMISSION_APPROVE_HELD))
    till_case_dialog_show (TILL_PAGE (page), record, done);
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillPage) page = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (TillMeter) meter = till_meter_service_read_now_finish (TILL_METER_SERVICE (source), result, &error);

  if (meter == NULL)
    till_report_error (GTK_WIDGET (page), TILL_REPORT_ACTION, error);
  done (page);
}

static void
read_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gpointer record = till_list_page_get_selected (TILL_LIST_PAGE (widget));

  if (record != NULL)
    till_meter_service_read_now_async (till_context_get_meters (till_page_get_context (TILL_PAGE (widget))), till_record_int (record, "meter"),
                                       till_page_get_cancellable (TILL_PAGE (widget)), read_cb, g_object_ref (widget));
}

static void
till_cases_view_dispose (GObject *object)
{
  till_list_page_dispose_template (TILL_LIST_PAGE (object), TILL_TYPE_CASES_VIEW);
  G_OBJECT_CLASS (till_cases_view_parent_class)->dispose (object);
}

static void
till_cases_view_class_init (TillCasesViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  TillListPageClass *list_class = TILL_LIST_PAGE_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_cases_view_dispose;
  list_class->path = TILL_PATH_CASES;
  list_class->get_record_type = till_case_get_type;
  list_class->sort = "opened_at";
  list_class->descending = TRUE;
  list_class->export_name = N_ ("cases");
  list_class->feed = TILL_FEED_CASE;
  list_class->put_filters = put_filters;
  list_class->selected = selected;
  list_class->activated = activated;
  gtk_widget_class_install_action (widget_class, "cases.decide", NULL, decide_action);
  gtk_widget_class_install_action (widget_class, "cases.read", NULL, read_action);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/gridtill/Client/pages/alarms/till-cases-view.ui");
  till_list_page_class_bind (list_class, TRUE);
  gtk_widget_class_bind_template_child (widget_class, TillCasesView, open);
}

static void
till_cases_view_init (TillCasesView *self)
{
  till_list_page_init_template (TILL_LIST_PAGE (self));
}
