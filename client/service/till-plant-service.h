/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-plant-service.h: areas, gateways, models. No GTK. */
#pragma once
#include "client/core/till-api.h"
#include "client/model/till-capture.h"
#include "client/model/till-gateway.h"
#include "shared/base/till-id.h"

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

/* Records of the plant as JSON, for forms. id 0: a new one; version for If-Match. A new gateway with "unknown" adopts that
 * caller; the answer of a gateway may hold "master_key", shown this once. retire: it leaves the lists, its history stays. */
typedef enum {
  TILL_PLANT_AREA, TILL_PLANT_CUSTOMER, TILL_PLANT_GATEWAY, TILL_PLANT_METER, TILL_PLANT_OPERATOR, TILL_PLANT_SITE, TILL_PLANT_DEFAULT, TILL_PLANT_N
} TillPlantKind;
typedef struct { TillPlantKind kind; gint64 id, version; JsonNode *body; } TillPlantEdit;
void      till_plant_service_save_async (TillPlantService *self, const TillPlantEdit *edit, GCancellable *cancellable, GAsyncReadyCallback callback,
                                         gpointer user_data);
void      till_plant_service_read_async (TillPlantService *self, TillPlantKind kind, gint64 id, GCancellable *cancellable,
                                         GAsyncReadyCallback callback, gpointer user_data);
void      till_plant_service_retire_async (TillPlantService *self, const TillPlantEdit *edit, GCancellable *cancellable,
                                           GAsyncReadyCallback callback, gpointer user_data);
JsonNode *till_plant_service_record_finish (TillPlantService *self, GAsyncResult *result, GError **error); /* retire: a null node */

/* What a meter of this class would begin with there (DefaultsFor of the contract; area 0: the site, use_class NULL: every class);
 * ends with till_plant_service_record_finish. */
typedef struct { gint64 area; const char *use_class; } TillMeterPlace;
void      till_plant_service_defaults_for_async (TillPlantService *self, const TillMeterPlace *place, GCancellable *cancellable,
                                                 GAsyncReadyCallback callback, gpointer user_data);

/* Days of the calendar: {"days": [...]}, all or none; one ("2026-10-01") taken back. Both end with till_plant_service_record_finish. */
void      till_plant_service_set_days_async (TillPlantService *self, JsonNode *body, GCancellable *cancellable, GAsyncReadyCallback callback,
                                             gpointer user_data);
void      till_plant_service_drop_day_async (TillPlantService *self, const char *day, GCancellable *cancellable, GAsyncReadyCallback callback,
                                             gpointer user_data);
/* Protected hours: body {"hours": [...]} sets these and no others, NULL asks for them. Ends with till_plant_service_record_finish. */
void      till_plant_service_hours_async (TillPlantService *self, JsonNode *body, GCancellable *cancellable, GAsyncReadyCallback callback,
                                          gpointer user_data);
/* How many records a list has: "/gateways". */
void      till_plant_service_count_async (TillPlantService *self, const char *path, GCancellable *cancellable, GAsyncReadyCallback callback,
                                          gpointer user_data);
gboolean  till_plant_service_count_finish (TillPlantService *self, GAsyncResult *result, guint *ret_count, GError **error);
/* {"kind","rows","dry_run"}: with dry_run the verdicts; else a job, which does all or nothing. */
void      till_plant_service_import_async (TillPlantService *self, JsonNode *body, GCancellable *cancellable, GAsyncReadyCallback callback,
                                           gpointer user_data);
JsonNode *till_plant_service_import_finish (TillPlantService *self, GAsyncResult *result, GError **error); /* also of get_job */
/* Looks for circuits behind a port: the first call names a job, the job's result lists them (Discovery of the contract). */
typedef struct { gint64 gateway; guint port; } TillDiscoveryOrder;
void      till_plant_service_discover_async (TillPlantService *self, const TillDiscoveryOrder *order, GCancellable *cancellable,
                                             GAsyncReadyCallback callback, gpointer user_data);
void      till_plant_service_get_job_async (TillPlantService *self, const char *job, GCancellable *cancellable, GAsyncReadyCallback callback,
                                            gpointer user_data);
/* Nobody waits any more: the job ends at the next circuit. */
void      till_plant_service_cancel_job (TillPlantService *self, const char *job);
/* {"meters": [...]}: all or none. */
void      till_plant_service_add_meters_async (TillPlantService *self, JsonNode *body, GCancellable *cancellable, GAsyncReadyCallback callback,
                                               gpointer user_data);
JsonNode *till_plant_service_discovery_finish (TillPlantService *self, GAsyncResult *result, GError **error);

/* Commissioning: a walk of steps on one real circuit. All give the walk as it stands: a JSON object as the contract has it. */
typedef struct { TillId id; const char *model; gint64 meter; gboolean everywhere; } TillProofStart;
typedef struct { const char *proof, *step, *answer, *note; } TillProofAnswer;
void      till_plant_service_start_proof_async (TillPlantService *self, const TillProofStart *start, GCancellable *cancellable,
                                                GAsyncReadyCallback callback, gpointer user_data);
void      till_plant_service_get_proof_async (TillPlantService *self, const char *proof, GCancellable *cancellable, GAsyncReadyCallback callback,
                                              gpointer user_data);
void      till_plant_service_answer_proof_async (TillPlantService *self, const TillProofAnswer *answer, GCancellable *cancellable,
                                                 GAsyncReadyCallback callback, gpointer user_data);
void      till_plant_service_abort_proof_async (TillPlantService *self, const char *proof, GCancellable *cancellable, GAsyncReadyCallback callback,
                                                gpointer user_data);
JsonNode *till_plant_service_proof_finish (TillPlantService *self, GAsyncResult *result, GError **error);

G_END_DECLS
