/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-alarm-service.c: acknowledge, count. */
#define G_LOG_DOMAIN "till-alarm-service"
#include "config.h"
#include "client/service/till-alarm-service.h"

#include "client/service/till-service-call.h"
#include "shared/api/till-paths.h"

struct _TillAlarmService {
  GObject  parent_instance;
  TillApi *api;
};

G_DEFINE_FINAL_TYPE (TillAlarmService, till_alarm_service, G_TYPE_OBJECT)

static void
till_alarm_service_finalize (GObject *object)
{
  g_clear_object (&TILL_ALARM_SERVICE (object)->api);
  G_OBJECT_CLASS (till_alarm_service_parent_class)->finalize (object);
}

static void
till_alarm_service_class_init (TillAlarmServiceClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = till_alarm_service_finalize;
}

static void
till_alarm_service_init (TillAlarmService *self)
{
}

TillAlarmService *
till_alarm_service_new (TillApi *api)
{
  TillAlarmService *self = g_object_new (TILL_TYPE_ALARM_SERVICE, NULL);

  self->api = g_object_ref (api);
  return self;
}

void
till_alarm_service_acknowledge_async (TillAlarmService *self, const TillAlarmAck *ack, GCancellable *cancellable,
                                      GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr(JsonNode) body = till_service_body_new ();
  g_autofree char *id = g_strdup_printf ("%" G_GINT64_FORMAT, ack->alarm);

  g_task_set_source_tag (task, till_alarm_service_acknowledge_async);
  till_service_body_text (body, "note", ack->note);
  till_service_call_record (task, self->api, &(TillCall){ .method = "POST", .path = TILL_PATH_ALARM_ACK, .id = id, .body = body }, TILL_TYPE_ALARM);
}

TillAlarm *
till_alarm_service_acknowledge_finish (TillAlarmService *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
till_alarm_service_count_async (TillAlarmService *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, till_alarm_service_count_async);
  till_service_call_count (task, self->api, &(TillCall){ .path = TILL_PATH_ALARMS, .query = "state=open&acked=false&limit=1" });
}

gboolean
till_alarm_service_count_finish (TillAlarmService *self, GAsyncResult *result, guint *ret_count, GError **error)
{
  return till_service_count_finish (result, ret_count, error);
}

void
till_alarm_service_decide_async (TillAlarmService *self, const TillCaseDecision *decision, GCancellable *cancellable, GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr(JsonNode) body = till_service_body_new ();
  g_autofree char *id = g_strdup_printf ("%" G_GINT64_FORMAT, decision->case_id);

  g_task_set_source_tag (task, till_alarm_service_decide_async);
  till_service_body_text (body, "decision", decision->decision);
  till_service_body_text (body, "note", decision->note);
  till_service_body_text (body, "unreadable", decision->unreadable);
  till_service_call_record (task, self->api, &(TillCall){ .method = "POST", .path = TILL_PATH_CASE, .id = id, .body = body }, TILL_TYPE_CASE);
}

TillCase *
till_alarm_service_decide_finish (TillAlarmService *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
till_alarm_service_get_case_async (TillAlarmService *self, gint64 id, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT, id);

  g_task_set_source_tag (task, till_alarm_service_get_case_async);
  till_service_call_record (task, self->api, &(TillCall){ .path = TILL_PATH_CASE, .id = text }, TILL_TYPE_CASE);
}

TillCase *
till_alarm_service_get_case_finish (TillAlarmService *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
