/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-plant-service.c: gateways. */
#define G_LOG_DOMAIN "till-plant-service"
#include "config.h"
#include "client/service/till-plant-service.h"

#include "client/service/till-service-call.h"
#include "shared/api/till-paths.h"

struct _TillPlantService {
  GObject  parent_instance;
  TillApi *api;
};

G_DEFINE_FINAL_TYPE (TillPlantService, till_plant_service, G_TYPE_OBJECT)

static void
till_plant_service_finalize (GObject *object)
{
  g_clear_object (&TILL_PLANT_SERVICE (object)->api);
  G_OBJECT_CLASS (till_plant_service_parent_class)->finalize (object);
}

static void
till_plant_service_class_init (TillPlantServiceClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = till_plant_service_finalize;
}

static void
till_plant_service_init (TillPlantService *self)
{
}

TillPlantService *
till_plant_service_new (TillApi *api)
{
  TillPlantService *self = g_object_new (TILL_TYPE_PLANT_SERVICE, NULL);

  self->api = g_object_ref (api);
  return self;
}

void
till_plant_service_get_gateway_async (TillPlantService *self, gint64 gateway, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autofree char *id = g_strdup_printf ("%" G_GINT64_FORMAT, gateway);

  g_task_set_source_tag (task, till_plant_service_get_gateway_async);
  till_service_call_record (task, self->api, &(TillCall){ .path = TILL_PATH_GATEWAY, .id = id }, TILL_TYPE_GATEWAY);
}

TillGateway *
till_plant_service_get_gateway_finish (TillPlantService *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
till_plant_service_capture_async (TillPlantService *self, const TillCaptureOrder *order, GCancellable *cancellable, GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr(JsonNode) body = till_service_body_new ();
  g_autofree char *id = g_strdup_printf ("%" G_GINT64_FORMAT, order->gateway);

  g_task_set_source_tag (task, till_plant_service_capture_async);
  till_service_body_int (body, "minutes", order->minutes);
  till_service_call_record (task, self->api, &(TillCall){ .method = "POST", .path = TILL_PATH_GATEWAY_CAPTURES, .id = id, .body = body }, TILL_TYPE_CAPTURE);
}

TillCapture *
till_plant_service_capture_finish (TillPlantService *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;

  if (!till_api_download_finish (TILL_API (source), result, &error))
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

void
till_plant_service_save_capture_async (TillPlantService *self, const TillCaptureFile *file, GCancellable *cancellable, GAsyncReadyCallback callback,
                                       gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autofree char *path = g_strdup_printf (TILL_PATH_GATEWAYS "/%" G_GINT64_FORMAT "/captures/%" G_GINT64_FORMAT, file->gateway, file->n);

  g_task_set_source_tag (task, till_plant_service_save_capture_async);
  till_api_download_async (self->api, &(TillDownload){ .call = { .path = path }, .target = file->target }, cancellable, saved_cb, g_object_ref (task));
}

gboolean
till_plant_service_save_capture_finish (TillPlantService *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- commissioning --- */

void
till_plant_service_start_proof_async (TillPlantService *self, const TillProofStart *start, GCancellable *cancellable, GAsyncReadyCallback callback,
                                      gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr(JsonNode) body = till_service_body_new ();
  char id[TILL_ID_TEXT];

  g_task_set_source_tag (task, till_plant_service_start_proof_async);
  till_service_body_text (body, "id", till_id_print (&start->id, id));
  till_service_body_int (body, "meter", start->meter);
  till_service_body_text (body, "scope", start->everywhere ? "everywhere" : "gateway");
  till_service_call_node (task, self->api, &(TillCall){ .method = "POST", .path = TILL_PATH_METER_MODEL_PROOFS, .id = start->model, .body = body });
}

void
till_plant_service_get_proof_async (TillPlantService *self, const char *proof, GCancellable *cancellable, GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, till_plant_service_get_proof_async);
  till_service_call_node (task, self->api, &(TillCall){ .path = TILL_PATH_PROOF, .id = proof });
}

void
till_plant_service_answer_proof_async (TillPlantService *self, const TillProofAnswer *answer, GCancellable *cancellable, GAsyncReadyCallback callback,
                                       gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr(JsonNode) body = till_service_body_new ();

  g_task_set_source_tag (task, till_plant_service_answer_proof_async);
  till_service_body_text (body, "step", answer->step);
  till_service_body_text (body, "answer", answer->answer);
  till_service_body_text (body, "note", answer->note);
  till_service_call_node (task, self->api, &(TillCall){ .method = "POST", .path = TILL_PATH_PROOF, .id = answer->proof, .body = body });
}

void
till_plant_service_abort_proof_async (TillPlantService *self, const char *proof, GCancellable *cancellable, GAsyncReadyCallback callback,
                                      gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, till_plant_service_abort_proof_async);
  till_service_call_node (task, self->api, &(TillCall){ .method = "DELETE", .path = TILL_PATH_PROOF, .id = proof });
}

JsonNode *
till_plant_service_proof_finish (TillPlantService *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- records --- */

static const struct { const char *list, *one; gboolean read_list; } routes[TILL_PLANT_N] = {
  [TILL_PLANT_AREA] = { TILL_PATH_AREAS, TILL_PATH_AREA, TRUE },
  [TILL_PLANT_DEFAULT] = { TILL_PATH_DEFAULTS, TILL_PATH_DEFAULT },
  [TILL_PLANT_CUSTOMER] = { TILL_PATH_CUSTOMERS, TILL_PATH_CUSTOMER },
  [TILL_PLANT_GATEWAY] = { TILL_PATH_GATEWAYS, TILL_PATH_GATEWAY },
  [TILL_PLANT_METER] = { TILL_PATH_METERS, TILL_PATH_METER },
  [TILL_PLANT_OPERATOR] = { TILL_PATH_OPERATORS, TILL_PATH_OPERATOR },
  [TILL_PLANT_SITE] = { TILL_PATH_SITES, TILL_PATH_SITE },
};

static char *
id_text (gint64 id)
{
  return g_strdup_printf ("%" G_GINT64_FORMAT, id);
}

void
till_plant_service_save_async (TillPlantService *self, const TillPlantEdit *edit, GCancellable *cancellable, GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autofree char *id = edit->id > 0 ? id_text (edit->id) : NULL;
  TillCall call = { .method = id != NULL ? "PATCH" : "POST", .path = id != NULL ? routes[edit->kind].one : routes[edit->kind].list, .id = id,
                    .body = edit->body, .version = edit->version };

  g_task_set_source_tag (task, till_plant_service_save_async);
  if (edit->kind == TILL_PLANT_GATEWAY && id == NULL && json_object_has_member (json_node_get_object (edit->body), "unknown"))
    call.path = TILL_PATH_GATEWAYS_ADOPT;
  till_service_call_node (task, self->api, &call);
}

/* Of a kind that is read by its list: the one record in it is the answer. */
static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;
  g_autoptr(JsonNode) reply = till_api_call_finish (TILL_API (source), result, &error);
  JsonNode *items = reply != NULL && JSON_NODE_HOLDS_OBJECT (reply) ? json_object_get_member (json_node_get_object (reply), "items") : NULL;

  if (reply == NULL)
    g_task_return_error (task, error);
  else if (items == NULL || !JSON_NODE_HOLDS_ARRAY (items))
    g_task_return_new_error (task, TILL_API_ERROR, TILL_API_ERROR_VERSION, "this is not a list");
  else if (json_array_get_length (json_node_get_array (items)) == 0)
    g_task_return_new_error (task, TILL_ERROR, TILL_ERROR_NOT_FOUND, "it is not there any more");
  else
    g_task_return_pointer (task, json_node_copy (json_array_get_element (json_node_get_array (items), 0)), (GDestroyNotify) json_node_unref);
}

void
till_plant_service_read_async (TillPlantService *self, TillPlantKind kind, gint64 id, GCancellable *cancellable, GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autofree char *text = id_text (id), *query = g_strconcat ("id=", text, NULL);
  TillCall call = { .path = routes[kind].read_list ? routes[kind].list : routes[kind].one, .id = routes[kind].read_list ? NULL : text,
                    .query = routes[kind].read_list ? query : NULL };

  g_task_set_source_tag (task, till_plant_service_read_async);
  if (routes[kind].read_list)
    till_api_call_async (self->api, &call, cancellable, read_cb, g_object_ref (task));
  else
    till_service_call_node (task, self->api, &call);
}

void
till_plant_service_retire_async (TillPlantService *self, const TillPlantEdit *edit, GCancellable *cancellable, GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autofree char *id = id_text (edit->id);

  g_task_set_source_tag (task, till_plant_service_retire_async);
  till_service_call_node (task, self->api, &(TillCall){ .method = "DELETE", .path = routes[edit->kind].one, .id = id, .version = edit->version });
}

JsonNode *
till_plant_service_record_finish (TillPlantService *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
till_plant_service_set_days_async (TillPlantService *self, JsonNode *body, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, till_plant_service_set_days_async);
  till_service_call_node (task, self->api, &(TillCall){ .method = "POST", .path = TILL_PATH_HOLIDAYS, .body = body });
}

void
till_plant_service_drop_day_async (TillPlantService *self, const char *day, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, till_plant_service_drop_day_async);
  till_service_call_node (task, self->api, &(TillCall){ .method = "DELETE", .path = TILL_PATH_HOLIDAY, .id = day });
}

void
till_plant_service_count_async (TillPlantService *self, const char *path, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, till_plant_service_count_async);
  till_service_call_count (task, self->api, &(TillCall){ .path = path, .query = "limit=1" });
}

gboolean
till_plant_service_count_finish (TillPlantService *self, GAsyncResult *result, guint *ret_count, GError **error)
{
  return till_service_count_finish (result, ret_count, error);
}

/* --- import --- */

#define IMPORT_S 120 /* ten thousand rows are looked at before the answer begins */

void
till_plant_service_import_async (TillPlantService *self, JsonNode *body, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, till_plant_service_import_async);
  till_service_call_node (task, self->api, &(TillCall){ .method = "POST", .path = TILL_PATH_IMPORTS, .body = body, .timeout_s = IMPORT_S });
}

JsonNode *
till_plant_service_import_finish (TillPlantService *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* --- discovery --- */

void
till_plant_service_discover_async (TillPlantService *self, const TillDiscoveryOrder *order, GCancellable *cancellable, GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr(JsonNode) body = till_service_body_new ();
  g_autofree char *id = g_strdup_printf ("%" G_GINT64_FORMAT, order->gateway);

  g_task_set_source_tag (task, till_plant_service_discover_async);
  till_service_body_int (body, "port", order->port);
  till_service_call_node (task, self->api, &(TillCall){ .method = "POST", .path = TILL_PATH_GATEWAY_DISCOVER, .id = id, .body = body });
}

void
till_plant_service_get_job_async (TillPlantService *self, const char *job, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, till_plant_service_get_job_async);
  till_service_call_node (task, self->api, &(TillCall){ .path = TILL_PATH_JOB, .id = job });
}

static void
cancelled_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(JsonNode) reply = till_api_call_finish (TILL_API (source), result, &error);

  if (reply == NULL)
    g_debug ("job not cancelled: %s", error->message);
}

void
till_plant_service_cancel_job (TillPlantService *self, const char *job)
{
  till_api_call_async (self->api, &(TillCall){ .method = "DELETE", .path = TILL_PATH_JOB, .id = job }, NULL, cancelled_cb, NULL);
}

void
till_plant_service_add_meters_async (TillPlantService *self, JsonNode *body, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, till_plant_service_add_meters_async);
  till_service_call_node (task, self->api, &(TillCall){ .method = "POST", .path = TILL_PATH_METERS, .body = body });
}

JsonNode *
till_plant_service_discovery_finish (TillPlantService *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
till_plant_service_defaults_for_async (TillPlantService *self, const TillMeterPlace *place, GCancellable *cancellable, GAsyncReadyCallback callback,
                                       gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autofree char *area = place->area > 0 ? g_strdup_printf ("area=%" G_GINT64_FORMAT, place->area) : g_strdup ("");
  g_autofree char *query = place->use_class != NULL ? g_strconcat (area, *area != '\0' ? "&class=" : "class=", place->use_class, NULL) : g_strdup (area);

  g_task_set_source_tag (task, till_plant_service_defaults_for_async);
  till_service_call_node (task, self->api, &(TillCall){ .path = TILL_PATH_DEFAULTS_FOR, .query = *query != '\0' ? query : NULL });
}

void
till_plant_service_hours_async (TillPlantService *self, JsonNode *body, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, till_plant_service_hours_async);
  till_service_call_node (task, self->api, &(TillCall){ .method = body != NULL ? "POST" : NULL, .path = TILL_PATH_PROTECTED_HOURS, .body = body });
}
