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
