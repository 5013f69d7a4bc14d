/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-plant-service.h: areas, gateways, models. No GTK. */
#pragma once
#include "client/core/till-api.h"
#include "client/model/till-capture.h"
#include "client/model/till-gateway.h"

G_BEGIN_DECLS

#define TILL_TYPE_PLANT_SERVICE (till_plant_service_get_type ())
G_DECLARE_FINAL_TYPE (TillPlantService, till_plant_service, TILL, PLANT_SERVICE, GObject)

TillPlantService *till_plant_service_new (TillApi *api);

void         till_plant_service_get_gateway_async (TillPlantService *self, gint64 gateway, GCancellable *cancellable,
                                                   GAsyncReadyCallback callback, gpointer user_data);
TillGateway *till_plant_service_get_gateway_finish (TillPlantService *self, GAsyncResult *result, GError **error);

/* Records the raw exchanges of a gateway for so many minutes. */
typedef struct { gint64 gateway; guint minutes; } TillCaptureOrder;
void         till_plant_service_capture_async (TillPlantService *self, const TillCaptureOrder *order, GCancellable *cancellable,
                                               GAsyncReadyCallback callback, gpointer user_data);
TillCapture *till_plant_service_capture_finish (TillPlantService *self, GAsyncResult *result, GError **error);
/* What was recorded so far, as JSON lines, into target. */
typedef struct { gint64 gateway, n; GFile *target; } TillCaptureFile;
void         till_plant_service_save_capture_async (TillPlantService *self, const TillCaptureFile *file, GCancellable *cancellable,
                                                    GAsyncReadyCallback callback, gpointer user_data);
gboolean     till_plant_service_save_capture_finish (TillPlantService *self, GAsyncResult *result, GError **error);

G_END_DECLS
