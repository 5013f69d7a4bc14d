/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-alarms-view.c: see till-alarms-view.h. New alarms come in by refresh, so that rows never jump under the pointer. */
#define G_LOG_DOMAIN "till-alarms-view"
#include "config.h"
#include <glib/gi18n.h>
#include "client/pages/alarms/till-alarms-view.h"
#include "client/pages/till-list-page.h"
#include "client/pages/till-report-error.h"
#include "shared/api/till-paths.h"

struct _TillAlarmsView {
  TillListPage     parent_instance;
  GtkToggleButton *current;
};

G_DEFINE_FINAL_TYPE (TillAlarmsView, till_alarms_view, TILL_TYPE_LIST_PAGE)

static void
counted_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillPage) page = user_data;
  guint n = 0;

  if (till_alarm_service_count_finish (TILL_ALARM_SERVICE (source), result, &n, NULL))
    till_page_set_badge (page, n);
}

static void
count (TillPage *page)
{
  till_alarm_service_count_async (till_context_get_alarms (till_page_get_context (page)), NULL, counted_cb, g_object_ref (page));
}

static void
put_filters (TillListPage *page, TillQuery *query)
{
  till_query_set_fixed (query, "state", gtk_toggle_button_get_active (TILL_ALARMS_VIEW (page)->current) ? "open" : "all");
}

static void
selected (TillListPage *page, gpointer record)
{
  TillSession *session = till_context_get_session (till_page_get_context (TILL_PAGE (page)));

  gtk_widget_action_set_enabled (GTK_WIDGET (page), "alarms.acknowledge", record != NULL && till_session_may (session, TILL_PERMISSION_ALARMS_ACKNOWLEDGE));
}

static void
load (TillPage *page)
{
  TILL_PAGE_CLASS (till_alarms_view_parent_class)->load (page);
  count (page);
}

static void
refresh (TillPage *page)
{
  TILL_PAGE_CLASS (till_alarms_view_parent_class)->refresh (page);
  count (page);
}

static void
record_changed (TillPage *page, TillFeedKind kind, const char *id, JsonObject *object)
{
  TILL_PAGE_CLASS (till_alarms_view_parent_class)->record_changed (page, kind, id, object);
  if (kind == TILL_FEED_ALARM)
    count (page);
}

static void
activated (TillListPage *page, gpointer record)
{
  gint64 meter = till_record_int (record, "meter");

  if (meter != TILL_UNKNOWN)
    {
      g_autofree char *target = g_strdup_printf ("meter:%" G_GINT64_FORMAT, meter);
      gtk_widget_activate_action (GTK_WIDGET (page), "win.show-page", "(ss)", "meters", target);
    }
}

static void
acknowledged_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TillPage) page = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (TillAlarm) alarm = till_alarm_service_acknowledge_finish (TILL_ALARM_SERVICE (source), result, &error);

  if (alarm == NULL)
    till_report_error (GTK_WIDGET (page), TILL_REPORT_ACTION, error);
  else
    refresh (page);
}

static void
acknowledge_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gpointer alarm = till_list_page_get_selected (TILL_LIST_PAGE (widget));
  TillAlarmAck ack;

  if (alarm == NULL)
    return;
  ack = (TillAlarmAck){ till_record_int (alarm, "id"), NULL };
  till_alarm_service_acknowledge_async (till_context_get_alarms (till_page_get_context (TILL_PAGE (widget))), &ack, NULL, acknowledged_cb,
                                        g_object_ref (widget));
}

static void
till_alarms_view_dispose (GObject *object)
{
  till_list_page_dispose_template (TILL_LIST_PAGE (object), TILL_TYPE_ALARMS_VIEW);
  G_OBJECT_CLASS (till_alarms_view_parent_class)->dispose (object);
}

static void
till_alarms_view_class_init (TillAlarmsViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  TillPageClass *page_class = TILL_PAGE_CLASS (klass);
  TillListPageClass *list_class = TILL_LIST_PAGE_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_alarms_view_dispose;
  page_class->load = load;
  page_class->refresh = refresh;
  page_class->record_changed = record_changed;
  list_class->path = TILL_PATH_ALARMS;
  list_class->get_record_type = till_alarm_get_type;
  list_class->sort = "raised_at";
  list_class->descending = TRUE;
  list_class->export_name = N_ ("alarms");
  list_class->feed = TILL_FEED_ALARM;
  list_class->put_filters = put_filters;
  list_class->activated = activated;
  list_class->selected = selected;
  gtk_widget_class_install_action (widget_class, "alarms.acknowledge", NULL, acknowledge_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_d, GDK_CONTROL_MASK, "alarms.acknowledge", NULL);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/gridtill/Client/pages/alarms/till-alarms-view.ui");
  till_list_page_class_bind (list_class, TRUE);
  gtk_widget_class_bind_template_child (widget_class, TillAlarmsView, current);
}

static void
till_alarms_view_init (TillAlarmsView *self)
{
  till_list_page_init_template (TILL_LIST_PAGE (self));
}
