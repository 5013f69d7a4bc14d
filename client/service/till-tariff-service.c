/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-tariff-service.c: see till-tariff-service.h. One call each. */
#define G_LOG_DOMAIN "till-tariff-service"
#include "config.h"
#include "client/service/till-tariff-service.h"
#include "client/service/till-service-call.h"
#include "shared/api/till-paths.h"
#include "shared/base/till-time.h"

struct _TillTariffService {
  GObject  parent_instance;
  TillApi *api;
};

G_DEFINE_FINAL_TYPE (TillTariffService, till_tariff_service, G_TYPE_OBJECT)

static void
till_tariff_service_finalize (GObject *object)
{
  g_clear_object (&TILL_TARIFF_SERVICE (object)->api);
  G_OBJECT_CLASS (till_tariff_service_parent_class)->finalize (object);
}

static void
till_tariff_service_class_init (TillTariffServiceClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = till_tariff_service_finalize;
}

static void
till_tariff_service_init (TillTariffService *self)
{
}

TillTariffService *
till_tariff_service_new (TillApi *api)
{
  TillTariffService *self = g_object_new (TILL_TYPE_TARIFF_SERVICE, NULL);

  self->api = g_object_ref (api);
  return self;
}

/* Takes the task. */
static void
run (TillTariffService *self, GTask *task, const TillCall *call)
{
  till_service_call_node (task, self->api, call);
  g_object_unref (task);
}

JsonNode *
till_tariff_service_finish (TillTariffService *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
till_tariff_service_get_async (TillTariffService *self, gint64 tariff, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autofree char *id = g_strdup_printf ("%" G_GINT64_FORMAT, tariff);

  run (self, g_task_new (self, cancellable, callback, user_data), &(TillCall){ .path = TILL_PATH_TARIFF, .id = id });
}

void
till_tariff_service_create_async (TillTariffService *self, JsonNode *body, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  run (self, g_task_new (self, cancellable, callback, user_data), &(TillCall){ .method = "POST", .path = TILL_PATH_TARIFFS, .body = body });
}

void
till_tariff_service_rename_async (TillTariffService *self, const TillTariffRename *rename, GCancellable *cancellable, GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  g_autofree char *id = g_strdup_printf ("%" G_GINT64_FORMAT, rename->tariff);
  g_autoptr (JsonNode) body = till_service_body_new ();

  till_service_body_text (body, "name", rename->name);
  run (self, g_task_new (self, cancellable, callback, user_data),
       &(TillCall){ .method = "PATCH", .path = TILL_PATH_TARIFF, .id = id, .body = body, .version = rename->version });
}

void
till_tariff_service_put_async (TillTariffService *self, const TillTariffPut *put, GCancellable *cancellable, GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_autofree char *id = g_strdup_printf ("%" G_GINT64_FORMAT, put->tariff);

  run (self, g_task_new (self, cancellable, callback, user_data),
       &(TillCall){ .method = "POST", .path = TILL_PATH_TARIFF_VERSIONS, .id = id, .body = put->body });
}

void
till_tariff_service_withdraw_async (TillTariffService *self, const TillTariffDay *day, GCancellable *cancellable, GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  char text[TILL_DAY_TEXT];
  g_autofree char *id = g_strdup_printf ("%" G_GINT64_FORMAT, day->tariff);
  g_autofree char *query = g_strdup_printf ("effective=%s", till_day_print (day->effective, text));

  run (self, g_task_new (self, cancellable, callback, user_data),
       &(TillCall){ .method = "DELETE", .path = TILL_PATH_TARIFF_VERSIONS, .id = id, .query = query });
}

void
till_tariff_service_assign_async (TillTariffService *self, const TillTariffPut *assign, GCancellable *cancellable, GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  g_autofree char *id = g_strdup_printf ("%" G_GINT64_FORMAT, assign->tariff);

  run (self, g_task_new (self, cancellable, callback, user_data),
       &(TillCall){ .method = "POST", .path = TILL_PATH_TARIFF_METERS, .id = id, .body = assign->body });
}

/* --- what it would cost --- */

void
till_tariff_service_simulate_async (TillTariffService *self, JsonNode *body, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  run (self, g_task_new (self, cancellable, callback, user_data),
       &(TillCall){ .method = "POST", .path = TILL_PATH_TARIFF_SIMULATE, .body = body, .timeout_s = 70 });
}
