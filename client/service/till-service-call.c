/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-service-call.c: one call that ends in one record, and the body of a call. */
#define G_LOG_DOMAIN "till-service"
#include "config.h"
#include "client/service/till-service-call.h"

typedef struct { GTask *task; GType record_type; } Wanted;

static void
record_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Wanted *wanted = user_data;
  g_autoptr(GTask) task = wanted->task;
  g_autoptr(JsonNode) reply = NULL;
  g_autoptr(GError) error = NULL;
  gpointer record;

  if ((reply = till_api_call_finish (TILL_API (source), result, &error)) == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else if ((record = till_record_new_from_json (wanted->record_type, reply, &error)) == NULL)
    g_task_return_new_error (task, TILL_API_ERROR, TILL_API_ERROR_VERSION, "%s", error->message); /* it was done; we cannot read it */
  else
    g_task_return_pointer (task, record, g_object_unref);
}

void
till_service_call_record (GTask *task, TillApi *api, const TillCall *call, GType record_type)
{
  Wanted *wanted = g_new0 (Wanted, 1);

  wanted->task = g_object_ref (task);
  wanted->record_type = record_type;
  till_api_call_async (api, call, g_task_get_cancellable (task), record_cb, wanted);
}

static void
node_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;
  JsonNode *reply = till_api_call_finish (TILL_API (source), result, &error);

  if (reply == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, reply, (GDestroyNotify) json_node_unref);
}

void
till_service_call_node (GTask *task, TillApi *api, const TillCall *call)
{
  till_api_call_async (api, call, g_task_get_cancellable (task), node_cb, g_object_ref (task));
}

static void
list_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Wanted *wanted = user_data;
  g_autoptr(GTask) task = wanted->task;
  GError *error = NULL;
  g_autoptr(JsonNode) reply = till_api_call_finish (TILL_API (source), result, &error);
  JsonNode *items = reply != NULL && JSON_NODE_HOLDS_OBJECT (reply) ? json_object_get_member (json_node_get_object (reply), "items") : NULL;
  g_autoptr(GListStore) store = g_list_store_new (wanted->record_type);

  if (reply != NULL && (items == NULL || !JSON_NODE_HOLDS_ARRAY (items)))
    g_set_error_literal (&error, TILL_API_ERROR, TILL_API_ERROR_VERSION, "this is not a list");
  for (guint i = 0; error == NULL && i < json_array_get_length (json_node_get_array (items)); i++)
    {
      g_autoptr(TillRecord) record = till_record_new_from_json (wanted->record_type, json_array_get_element (json_node_get_array (items), i), &error);

      if (record != NULL)
        g_list_store_append (store, record);
    }
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, g_steal_pointer (&store), g_object_unref);
}

void
till_service_call_list (GTask *task, TillApi *api, const TillCall *call, GType record_type)
{
  Wanted *wanted = g_new0 (Wanted, 1);

  wanted->task = g_object_ref (task);
  wanted->record_type = record_type;
  till_api_call_async (api, call, g_task_get_cancellable (task), list_cb, wanted);
}

JsonNode *
till_service_body_new (void)
{
  JsonNode *body = json_node_new (JSON_NODE_OBJECT);

  json_node_take_object (body, json_object_new ());
  return body;
}

void
till_service_body_text (JsonNode *body, const char *name, const char *value)
{
  if (value != NULL)
    json_object_set_string_member (json_node_get_object (body), name, value);
}

void
till_service_body_int (JsonNode *body, const char *name, gint64 value)
{
  json_object_set_int_member (json_node_get_object (body), name, value);
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
till_service_call_count (GTask *task, TillApi *api, const TillCall *call)
{
  till_api_call_async (api, call, g_task_get_cancellable (task), count_cb, g_object_ref (task));
}

gboolean
till_service_count_finish (GAsyncResult *result, guint *ret_count, GError **error)
{
  gssize n = g_task_propagate_int (G_TASK (result), error);

  if (n < 0)
    return FALSE;
  *ret_count = (guint) n;
  return TRUE;
}
