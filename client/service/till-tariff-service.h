/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-tariff-service.h: tariffs, their versions, which meters have them, and what another would cost. All calls end with
 * the server's answer as JSON of the contract (a null node where it has none). No GTK. */
#pragma once
#include "client/core/till-api.h"

G_BEGIN_DECLS

#define TILL_TYPE_TARIFF_SERVICE (till_tariff_service_get_type ())
G_DECLARE_FINAL_TYPE (TillTariffService, till_tariff_service, TILL, TARIFF_SERVICE, GObject)

TillTariffService *till_tariff_service_new (TillApi *api);
JsonNode          *till_tariff_service_finish (TillTariffService *self, GAsyncResult *result, GError **error);

void till_tariff_service_get_async (TillTariffService *self, gint64 tariff, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data);
/* body: name, effective, prices, … as the contract has them. */
void till_tariff_service_create_async (TillTariffService *self, JsonNode *body, GCancellable *cancellable, GAsyncReadyCallback callback,
                                       gpointer user_data);
typedef struct { gint64 tariff, version; const char *name; } TillTariffRename; /* version: for If-Match */
void till_tariff_service_rename_async (TillTariffService *self, const TillTariffRename *rename, GCancellable *cancellable, GAsyncReadyCallback callback,
                                       gpointer user_data);
/* A version: stored, kept as a draft, or tried, as body says. APPROVAL_REQUIRED: it waits for a second operator. */
typedef struct { gint64 tariff; JsonNode *body; } TillTariffPut;
void till_tariff_service_put_async (TillTariffService *self, const TillTariffPut *put, GCancellable *cancellable, GAsyncReadyCallback callback,
                                    gpointer user_data);
typedef struct { gint64 tariff; gint32 effective; } TillTariffDay;
void till_tariff_service_withdraw_async (TillTariffService *self, const TillTariffDay *day, GCancellable *cancellable, GAsyncReadyCallback callback,
                                         gpointer user_data);
/* {"meters"|"area", "from"} */
void till_tariff_service_assign_async (TillTariffService *self, const TillTariffPut *assign, GCancellable *cancellable, GAsyncReadyCallback callback,
                                       gpointer user_data);

/* {"tariff"|"version", "meters"|"area", "from", "to"}: the result, or {"job"}, which the plant service is asked for. */
void till_tariff_service_simulate_async (TillTariffService *self, JsonNode *body, GCancellable *cancellable, GAsyncReadyCallback callback,
                                         gpointer user_data);

G_END_DECLS
