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

static void
count_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;
  g_autoptr(JsonNode) reply = till_api_call_finish (TILL_API (source), result, &error);
  JsonNode *total = reply != NULL && JSON_NODE_HOLDS_OBJECT (reply) ? json_object_get_member (json_node_get_object (reply), "total") : NULL;

  if (reply == NULL)
    g_task_return_error (task, error);
  else if (total == NULL || !JSON_NODE_HOLDS_VALUE (total) || json_node_get_value_type (total) != G_TYPE_INT64)
    g_task_return_new_error (task, TILL_API_ERROR, TILL_API_ERROR_VERSION, "this is not a list");
  else
    g_task_return_int (task, (gssize) MAX (json_node_get_int (total), 0));
}

void
till_alarm_service_count_async (TillAlarmService *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, till_alarm_service_count_async);
  till_api_call_async (self->api, &(TillCall){ .path = TILL_PATH_ALARMS, .query = "state=open&acked=false&limit=1" }, cancellable, count_cb,
                       g_object_ref (task));
}

gboolean
till_alarm_service_count_finish (TillAlarmService *self, GAsyncResult *result, guint *ret_count, GError **error)
{
  gssize n = g_task_propagate_int (G_TASK (result), error);

  if (n < 0)
    return FALSE;
  *ret_count = (guint) n;
  return TRUE;
}
