/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-alarms-page.c: see till-alarms-page.h. New alarms come in by refresh, so that rows never jump under the pointer. */
#define G_LOG_DOMAIN "till-alarms-page"
#include "config.h"
#include <glib/gi18n.h>
#include "client/pages/alarms/till-alarms-page.h"
#include "client/pages/till-report-error.h"
#include "client/widgets/till-table.h"
#include "shared/api/till-paths.h"

struct _TillAlarmsPage {
  TillPage         parent_instance;
  GtkToggleButton *current;
  GtkSearchEntry  *search;
  TillTable       *table;
  TillQuery       *query;
  TillPagedList   *list;
};

G_DEFINE_FINAL_TYPE (TillAlarmsPage, till_alarms_page, TILL_TYPE_PAGE)

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
filter_cb (TillAlarmsPage *self)
{
  if (self->query == NULL)
    return;
  till_query_freeze (self->query);
  till_query_set_fixed (self->query, "state", gtk_toggle_button_get_active (self->current) ? "open" : "all");
  till_query_set_text (self->query, gtk_editable_get_text (GTK_EDITABLE (self->search)));
  till_query_thaw (self->query);
}

static void
load (TillPage *page)
{
  TillAlarmsPage *self = TILL_ALARMS_PAGE (page);
  TillContext *context = till_page_get_context (page);

  self->query = till_query_new ();
  till_query_set_sort (self->query, "raised_at", TRUE);
  filter_cb (self);
  self->list = till_context_make_list (context, TILL_PATH_ALARMS, TILL_TYPE_ALARM, self->query);
  till_table_set_model (self->table, G_LIST_MODEL (self->list));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "alarms.acknowledge",
                                 till_session_may (till_context_get_session (context), TILL_PERMISSION_ALARMS_ACKNOWLEDGE));
  count (page);
}

static void
refresh (TillPage *page)
{
  till_paged_list_reload (TILL_ALARMS_PAGE (page)->list);
  count (page);
}

static void
reload_cb (TillAlarmsPage *self)
{
  refresh (TILL_PAGE (self));
}

static void
record_changed (TillPage *page, TillFeedKind kind, const char *id, JsonObject *object)
{
  TillAlarmsPage *self = TILL_ALARMS_PAGE (page);

  if (kind != TILL_FEED_ALARM)
    return;
  if (till_paged_list_find (self->list, id) == NULL)
    till_paged_list_note_change (self->list);
  count (page);
}

static void
clear_cb (TillAlarmsPage *self)
{
  gtk_editable_set_text (GTK_EDITABLE (self->search), "");
}

static void
activate_cb (TillTable *table, TillRecord *record, gpointer user_data)
{
  gint64 meter = till_record_int (record, "meter");

  if (meter != TILL_UNKNOWN)
    {
      g_autofree char *target = g_strdup_printf ("%" G_GINT64_FORMAT, meter);
      gtk_widget_activate_action (user_data, "win.show-page", "(ss)", "meters", target);
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
  TillAlarmsPage *self = TILL_ALARMS_PAGE (widget);
  gpointer alarm = till_table_get_selected (self->table);
  TillAlarmAck ack;

  if (alarm == NULL)
    return;
  ack = (TillAlarmAck){ till_record_int (alarm, "id"), NULL };
  till_alarm_service_acknowledge_async (till_context_get_alarms (till_page_get_context (TILL_PAGE (self))), &ack, NULL, acknowledged_cb, g_object_ref (self));
}

static gboolean
get_export (TillPage *page, TillExport *ret_export, const char **ret_name)
{
  ret_export->path = TILL_PATH_ALARMS;
  ret_export->query = TILL_ALARMS_PAGE (page)->query;
  *ret_name = _("alarms");
  return TRUE;
}

static void
find (TillPage *page)
{
  gtk_widget_grab_focus (GTK_WIDGET (TILL_ALARMS_PAGE (page)->search));
}

static void
till_alarms_page_dispose (GObject *object)
{
  TillAlarmsPage *self = TILL_ALARMS_PAGE (object);

  if (self->table != NULL)
    till_table_set_model (self->table, NULL);
  gtk_widget_dispose_template (GTK_WIDGET (object), TILL_TYPE_ALARMS_PAGE);
  g_clear_object (&self->list);
  g_clear_object (&self->query);
  G_OBJECT_CLASS (till_alarms_page_parent_class)->dispose (object);
}

static void
till_alarms_page_class_init (TillAlarmsPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  TillPageClass *page_class = TILL_PAGE_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = till_alarms_page_dispose;
  page_class->load = load;
  page_class->refresh = refresh;
  page_class->record_changed = record_changed;
  page_class->get_export = get_export;
  page_class->find = find;
  g_type_ensure (TILL_TYPE_TABLE);
  g_type_ensure (TILL_TYPE_COLUMN);
  gtk_widget_class_install_action (widget_class, "alarms.acknowledge", NULL, acknowledge_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_d, GDK_CONTROL_MASK, "alarms.acknowledge", NULL);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/gridtill/Client/pages/alarms/till-alarms-page.ui");
  gtk_widget_class_bind_template_child (widget_class, TillAlarmsPage, current);
  gtk_widget_class_bind_template_child (widget_class, TillAlarmsPage, search);
  gtk_widget_class_bind_template_child (widget_class, TillAlarmsPage, table);
  gtk_widget_class_bind_template_callback (widget_class, filter_cb);
  gtk_widget_class_bind_template_callback (widget_class, clear_cb);
  gtk_widget_class_bind_template_callback (widget_class, reload_cb);
  gtk_widget_class_bind_template_callback (widget_class, activate_cb);
}

static void
till_alarms_page_init (TillAlarmsPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
