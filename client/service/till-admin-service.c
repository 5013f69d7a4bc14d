/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-admin-service.c: the system log. */
#define G_LOG_DOMAIN "till-admin-service"
#include "config.h"
#include "client/service/till-admin-service.h"

#include "client/service/till-service-call.h"
#include "shared/api/till-paths.h"

struct _TillAdminService {
  GObject  parent_instance;
  TillApi *api;
};

G_DEFINE_FINAL_TYPE (TillAdminService, till_admin_service, G_TYPE_OBJECT)

static void
till_admin_service_finalize (GObject *object)
{
  g_clear_object (&TILL_ADMIN_SERVICE (object)->api);
  G_OBJECT_CLASS (till_admin_service_parent_class)->finalize (object);
}

static void
till_admin_service_class_init (TillAdminServiceClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = till_admin_service_finalize;
}

static void
till_admin_service_init (TillAdminService *self)
{
}

TillAdminService *
till_admin_service_new (TillApi *api)
{
  TillAdminService *self = g_object_new (TILL_TYPE_ADMIN_SERVICE, NULL);

  self->api = g_object_ref (api);
  return self;
}

#define VERIFY_TIMEOUT_S 600 /* a million rows */

static gboolean
read_verdict (JsonNode *reply, TillLogVerdict *ret)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (reply) ? json_node_get_object (reply) : NULL;
  JsonNode *ok = object != NULL ? json_object_get_member (object, "ok") : NULL;

  if (ok == NULL || !JSON_NODE_HOLDS_VALUE (ok) || json_node_get_value_type (ok) != G_TYPE_BOOLEAN)
    return FALSE;
  ret->ok = json_node_get_boolean (ok);
  ret->rows = json_object_get_int_member_with_default (object, "rows", 0);
  ret->broken = json_object_get_int_member_with_default (object, "broken", 0);
  return TRUE;
}

static void
verify_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  GError *error = NULL;
  g_autoptr(JsonNode) reply = till_api_call_finish (TILL_API (source), result, &error);
  TillLogVerdict verdict = { 0 };

  if (reply == NULL)
    g_task_return_error (task, error);
  else if (!read_verdict (reply, &verdict))
    g_task_return_new_error (task, TILL_API_ERROR, TILL_API_ERROR_VERSION, "this is no verdict");
  else
    g_task_return_pointer (task, g_memdup2 (&verdict, sizeof verdict), g_free);
}

void
till_admin_service_verify_log_async (TillAdminService *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, till_admin_service_verify_log_async);
  till_api_call_async (self->api, &(TillCall){ .path = TILL_PATH_LOG_VERIFY, .timeout_s = VERIFY_TIMEOUT_S }, cancellable, verify_cb,
                       g_object_ref (task));
}

gboolean
till_admin_service_verify_log_finish (TillAdminService *self, GAsyncResult *result, TillLogVerdict *ret_verdict, GError **error)
{
  g_autofree TillLogVerdict *verdict = g_task_propagate_pointer (G_TASK (result), error);

  if (verdict == NULL)
    return FALSE;
  *ret_verdict = *verdict;
  return TRUE;
}

void
till_admin_service_decide_async (TillAdminService *self, const TillApprovalDecision *decision, GCancellable *cancellable, GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr(JsonNode) body = till_service_body_new ();
  g_autofree char *id = g_strdup_printf ("%" G_GINT64_FORMAT, decision->approval);

  g_task_set_source_tag (task, till_admin_service_decide_async);
  till_service_body_text (body, "decision", decision->decision);
  till_service_body_text (body, "note", decision->note);
  till_service_call_record (task, self->api, &(TillCall){ .method = "POST", .path = TILL_PATH_APPROVAL, .id = id, .body = body }, TILL_TYPE_APPROVAL);
}

TillApproval *
till_admin_service_decide_finish (TillAdminService *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
till_admin_service_count_approvals_async (TillAdminService *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, till_admin_service_count_approvals_async);
  till_service_call_count (task, self->api, &(TillCall){ .path = TILL_PATH_APPROVALS, .query = "state=open&limit=1" });
}

gboolean
till_admin_service_count_approvals_finish (TillAdminService *self, GAsyncResult *result, guint *ret_count, GError **error)
{
  return till_service_count_finish (result, ret_count, error);
}

void
till_admin_service_reconcile_async (TillAdminService *self, const char *note, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr(JsonNode) body = note != NULL ? till_service_body_new () : NULL;

  g_task_set_source_tag (task, till_admin_service_reconcile_async);
  if (body != NULL)
    till_service_body_text (body, "note", note);
  till_service_call_node (task, self->api, &(TillCall){ .method = body != NULL ? "POST" : NULL, .path = TILL_PATH_RECONCILE, .body = body });
}

JsonNode *
till_admin_service_reconcile_finish (TillAdminService *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
till_admin_service_reset_password_async (TillAdminService *self, gint64 operator_id, GCancellable *cancellable, GAsyncReadyCallback callback,
                                         gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autofree char *id = g_strdup_printf ("%" G_GINT64_FORMAT, operator_id);

  g_task_set_source_tag (task, till_admin_service_reset_password_async);
  till_service_call_node (task, self->api, &(TillCall){ .method = "POST", .path = TILL_PATH_OPERATOR_PASSWORD, .id = id });
}

JsonNode *
till_admin_service_reset_password_finish (TillAdminService *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
till_admin_service_begin_totp_async (TillAdminService *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, till_admin_service_begin_totp_async);
  till_service_call_node (task, self->api, &(TillCall){ .method = "POST", .path = TILL_PATH_SESSION_TOTP });
}

void
till_admin_service_confirm_totp_async (TillAdminService *self, const char *code, GCancellable *cancellable, GAsyncReadyCallback callback,
                                       gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr(JsonNode) body = till_service_body_new ();

  g_task_set_source_tag (task, till_admin_service_confirm_totp_async);
  till_service_body_text (body, "code", code);
  till_service_call_node (task, self->api, &(TillCall){ .method = "POST", .path = TILL_PATH_SESSION_TOTP_CONFIRM, .body = body });
}

void
till_admin_service_drop_totp_async (TillAdminService *self, gint64 operator_id, GCancellable *cancellable, GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autofree char *id = g_strdup_printf ("%" G_GINT64_FORMAT, operator_id);

  g_task_set_source_tag (task, till_admin_service_drop_totp_async);
  till_service_call_node (task, self->api, &(TillCall){ .method = "DELETE", .path = TILL_PATH_OPERATOR_TOTP, .id = id });
}

JsonNode *
till_admin_service_totp_finish (TillAdminService *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
