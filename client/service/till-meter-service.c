/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-meter-service.c: one meter, read now, readings, orders. */
#define G_LOG_DOMAIN "till-meter-service"
#include "config.h"
#include "client/service/till-meter-service.h"

#include "client/service/till-service-call.h"
#include "shared/api/till-limits.h"
#include "shared/api/till-paths.h"

#define READ_TIMEOUT_S  60 /* the server waits for the meter itself */
#define READINGS_MAX    100000
#define STATEMENT_TRIES 3 /* of a statement that is booked to while it is read */

struct _TillMeterService {
  GObject  parent_instance;
  TillApi *api;
};

G_DEFINE_FINAL_TYPE (TillMeterService, till_meter_service, G_TYPE_OBJECT)

static void
till_meter_service_finalize (GObject *object)
{
  g_clear_object (&TILL_METER_SERVICE (object)->api);
  G_OBJECT_CLASS (till_meter_service_parent_class)->finalize (object);
}

static void
till_meter_service_class_init (TillMeterServiceClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = till_meter_service_finalize;
}

static void
till_meter_service_init (TillMeterService *self)
{
}

TillMeterService *
till_meter_service_new (TillApi *api)
{
  TillMeterService *self = g_object_new (TILL_TYPE_METER_SERVICE, NULL);

  self->api = g_object_ref (api);
  return self;
}

void
till_meter_service_get_async (TillMeterService *self, gint64 meter, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autofree char *id = g_strdup_printf ("%" G_GINT64_FORMAT, meter);

  g_task_set_source_tag (task, till_meter_service_get_async);
  till_service_call_record (task, self->api, &(TillCall){ .path = TILL_PATH_METER, .id = id }, TILL_TYPE_METER);
}

TillMeter *
till_meter_service_get_finish (TillMeterService *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
till_meter_service_read_now_async (TillMeterService *self, gint64 meter, GCancellable *cancellable, GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autofree char *id = g_strdup_printf ("%" G_GINT64_FORMAT, meter);

  g_task_set_source_tag (task, till_meter_service_read_now_async);
  till_service_call_record (task, self->api, &(TillCall){ .method = "POST", .path = TILL_PATH_METER_READ, .id = id, .timeout_s = READ_TIMEOUT_S },
                            TILL_TYPE_METER);
}

TillMeter *
till_meter_service_read_now_finish (TillMeterService *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

typedef struct { TillReadingSpan span; GListStore *store; } ReadingLoad;

static void
reading_load_free (gpointer data)
{
  ReadingLoad *load = data;

  g_object_unref (load->store);
  g_free (load);
}

static void load_readings (GTask *task);

static gboolean
take_readings (ReadingLoad *load, JsonNode *reply, gboolean *ret_more, GError **error)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (reply) ? json_node_get_object (reply) : NULL;
  JsonNode *items = object != NULL ? json_object_get_member (object, "items") : NULL;
  JsonNode *total = object != NULL ? json_object_get_member (object, "total") : NULL;
  guint n, held;

  if (items == NULL || !JSON_NODE_HOLDS_ARRAY (items))
    {
      g_set_error_literal (error, TILL_API_ERROR, TILL_API_ERROR_VERSION, "this is not a list");
      return FALSE;
    }
  n = json_array_get_length (json_node_get_array (items));
  for (guint i = 0; i < n; i++)
    {
      g_autoptr(TillReading) reading = till_record_new_from_json (TILL_TYPE_READING, json_array_get_element (json_node_get_array (items), i), error);

      if (reading == NULL)
        return FALSE;
      g_list_store_append (load->store, reading);
    }
  held = g_list_model_get_n_items (G_LIST_MODEL (load->store));
  *ret_more = n > 0 && held < READINGS_MAX && total != NULL && JSON_NODE_HOLDS_VALUE (total) &&
              json_node_get_value_type (total) == G_TYPE_INT64 && held < json_node_get_int (total);
  return TRUE;
}

static void
readings_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  ReadingLoad *load = g_task_get_task_data (task);
  gboolean more = FALSE;
  GError *error = NULL;
  g_autoptr(JsonNode) reply = till_api_call_finish (TILL_API (source), result, &error);

  if (reply == NULL || !take_readings (load, reply, &more, &error))
    g_task_return_error (task, error);
  else if (more)
    load_readings (task);
  else
    g_task_return_pointer (task, g_object_ref (load->store), g_object_unref);
}

static void
load_readings (GTask *task)
{
  TillMeterService *self = g_task_get_source_object (task);
  ReadingLoad *load = g_task_get_task_data (task);
  char from[TILL_TIME_TEXT], to[TILL_TIME_TEXT];
  g_autofree char *id = g_strdup_printf ("%" G_GINT64_FORMAT, load->span.meter);
  g_autofree char *query = g_strdup_printf ("from=%s&to=%s&sort=time&offset=%u&limit=%u", till_time_print (load->span.from, from),
                                            till_time_print (load->span.to, to), g_list_model_get_n_items (G_LIST_MODEL (load->store)), TILL_PAGE_MAX);

  till_api_call_async (self->api, &(TillCall){ .path = TILL_PATH_METER_READINGS, .id = id, .query = query }, g_task_get_cancellable (task),
                       readings_cb, g_object_ref (task));
}

void
till_meter_service_readings_async (TillMeterService *self, const TillReadingSpan *span, GCancellable *cancellable,
                                   GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  ReadingLoad *load = g_new0 (ReadingLoad, 1);

  g_task_set_source_tag (task, till_meter_service_readings_async);
  load->span = *span;
  load->store = g_list_store_new (TILL_TYPE_READING);
  g_task_set_task_data (task, load, reading_load_free);
  load_readings (task);
}

GListModel *
till_meter_service_readings_finish (TillMeterService *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
till_meter_service_command_async (TillMeterService *self, const TillCommandDraft *draft, GCancellable *cancellable,
                                  GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr(JsonNode) body = till_service_body_new ();
  char id[TILL_ID_TEXT];

  g_return_if_fail (!till_id_is_nil (&draft->id));
  g_task_set_source_tag (task, till_meter_service_command_async);
  till_service_body_text (body, "id", till_id_print (&draft->id, id));
  till_service_body_int (body, "meter", draft->meter);
  till_service_body_text (body, "kind", till_command_kind_word (draft->kind));
  till_service_body_text (body, "reason", draft->reason);
  if (draft->value != NULL)
    json_object_set_member (json_node_get_object (body), "value", json_node_copy (draft->value));
  till_service_call_record (task, self->api, &(TillCall){ .method = "POST", .path = TILL_PATH_COMMANDS, .body = body }, TILL_TYPE_COMMAND);
}

TillCommand *
till_meter_service_command_finish (TillMeterService *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
till_meter_service_get_command_async (TillMeterService *self, const char *id, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, till_meter_service_get_command_async);
  till_service_call_record (task, self->api, &(TillCall){ .path = TILL_PATH_COMMAND, .id = id }, TILL_TYPE_COMMAND);
}

TillCommand *
till_meter_service_get_command_finish (TillMeterService *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- statement: the head comes with every page of the lines --- */

typedef struct { TillStatementSpan span; TillStatement *head; GListStore *lines; guint tries; } StatementLoad;

static void
statement_load_free (gpointer data)
{
  StatementLoad *load = data;

  g_clear_object (&load->head);
  g_object_unref (load->lines);
  g_free (load);
}

static char *
span_query (const TillStatementSpan *span, const char *more)
{
  char from[TILL_DAY_TEXT], to[TILL_DAY_TEXT];

  return g_strdup_printf ("from=%s&to=%s%s", till_day_print (span->from, from), till_day_print (span->to, to), more);
}

static void load_lines (GTask *task);

/* FALSE without an error: something was booked between two pages, the lines do not belong together. */
static gboolean
take_lines (StatementLoad *load, JsonNode *reply, GError **error)
{
  g_autoptr (TillStatement) head = till_record_new_from_json (TILL_TYPE_STATEMENT, reply, error);
  JsonNode *items = head != NULL ? json_object_get_member (json_node_get_object (reply), "items") : NULL;

  if (head == NULL)
    return FALSE;
  if (items == NULL || !JSON_NODE_HOLDS_ARRAY (items))
    {
      g_set_error_literal (error, TILL_API_ERROR, TILL_API_ERROR_VERSION, "this is not a list");
      return FALSE;
    }
  if (load->head != NULL && (till_record_int (load->head, "total") != till_record_int (head, "total") ||
                             till_record_int (load->head, "closing") != till_record_int (head, "closing")))
    return FALSE;
  for (guint i = 0; i < json_array_get_length (json_node_get_array (items)); i++)
    {
      g_autoptr (TillStatementLine) line =
        till_record_new_from_json (TILL_TYPE_STATEMENT_LINE, json_array_get_element (json_node_get_array (items), i), error);

      if (line == NULL)
        return FALSE;
      g_list_store_append (load->lines, line);
    }
  g_set_object (&load->head, head);
  return json_array_get_length (json_node_get_array (items)) > 0 || till_record_int (head, "total") == g_list_model_get_n_items (G_LIST_MODEL (load->lines));
}

static void
lines_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  StatementLoad *load = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (JsonNode) reply = till_api_call_finish (TILL_API (source), result, &error);
  gboolean taken = reply != NULL && take_lines (load, reply, &error);

  if (error != NULL)
    g_task_return_error (task, error);
  else if (!taken && ++load->tries >= STATEMENT_TRIES)
    g_task_return_new_error (task, TILL_ERROR, TILL_ERROR_BUSY, "the statement changes while it is read");
  else if (!taken)
    {
      g_clear_object (&load->head);
      g_list_store_remove_all (load->lines);
      load_lines (task);
    }
  else if (g_list_model_get_n_items (G_LIST_MODEL (load->lines)) < till_record_int (load->head, "total"))
    load_lines (task);
  else
    g_task_return_boolean (task, TRUE);
}

static void
load_lines (GTask *task)
{
  TillMeterService *self = g_task_get_source_object (task);
  StatementLoad *load = g_task_get_task_data (task);
  g_autofree char *id = g_strdup_printf ("%" G_GINT64_FORMAT, load->span.meter);
  g_autofree char *page = g_strdup_printf ("&offset=%u&limit=%u", g_list_model_get_n_items (G_LIST_MODEL (load->lines)), TILL_PAGE_MAX);
  g_autofree char *query = span_query (&load->span, page);

  till_api_call_async (self->api, &(TillCall){ .path = TILL_PATH_METER_STATEMENT, .id = id, .query = query }, g_task_get_cancellable (task), lines_cb,
                       g_object_ref (task));
}

void
till_meter_service_statement_async (TillMeterService *self, const TillStatementSpan *span, GCancellable *cancellable, GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  StatementLoad *load = g_new0 (StatementLoad, 1);

  g_task_set_source_tag (task, till_meter_service_statement_async);
  load->span = *span;
  load->lines = g_list_store_new (TILL_TYPE_STATEMENT_LINE);
  g_task_set_task_data (task, load, statement_load_free);
  load_lines (task);
}

TillStatement *
till_meter_service_statement_finish (TillMeterService *self, GAsyncResult *result, GListModel **ret_lines, GError **error)
{
  StatementLoad *load = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return NULL;
  *ret_lines = G_LIST_MODEL (g_object_ref (load->lines));
  return g_object_ref (load->head);
}

static void
paper_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  GBytes *pdf = till_api_fetch_finish (TILL_API (source), result, &error);

  if (pdf == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, pdf, (GDestroyNotify) g_bytes_unref);
}

void
till_meter_service_statement_paper_async (TillMeterService *self, const TillStatementSpan *span, GCancellable *cancellable,
                                          GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autofree char *id = g_strdup_printf ("%" G_GINT64_FORMAT, span->meter), *query = span_query (span, "&format=pdf");

  g_task_set_source_tag (task, till_meter_service_statement_paper_async);
  till_api_fetch_async (self->api, &(TillCall){ .path = TILL_PATH_METER_STATEMENT, .id = id, .query = query }, cancellable, paper_cb, g_object_ref (task));
}

GBytes *
till_meter_service_statement_paper_finish (TillMeterService *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
till_meter_service_settings_async (TillMeterService *self, gint64 meter, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autofree char *query = g_strdup_printf ("meter=%" G_GINT64_FORMAT "&kind=set_price,set_limits&sort=-created_at&limit=8", meter);

  g_task_set_source_tag (task, till_meter_service_settings_async);
  till_service_call_list (task, self->api, &(TillCall){ .path = TILL_PATH_COMMANDS, .query = query }, TILL_TYPE_COMMAND);
}

GListModel *
till_meter_service_settings_finish (TillMeterService *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
till_meter_service_replace_async (TillMeterService *self, const TillReplaceOrder *order, GCancellable *cancellable, GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autofree char *id = g_strdup_printf ("%" G_GINT64_FORMAT, order->meter);

  g_task_set_source_tag (task, till_meter_service_replace_async);
  till_service_call_node (task, self->api, &(TillCall){ .method = "POST", .path = order->correct ? TILL_PATH_METER_CORRECT : TILL_PATH_METER_REPLACE,
                                                        .id = id, .body = order->body });
}

void
till_meter_service_past_async (TillMeterService *self, const TillPastOf *of, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autofree char *id = g_strdup_printf ("%" G_GINT64_FORMAT, of->meter), *query = g_strdup_printf ("kind=%s&sort=-at&limit=1", of->kind);

  g_task_set_source_tag (task, till_meter_service_past_async);
  till_service_call_node (task, self->api, &(TillCall){ .path = TILL_PATH_METER_HISTORY, .id = id, .query = query });
}

JsonNode *
till_meter_service_replace_finish (TillMeterService *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
