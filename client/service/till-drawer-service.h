/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-drawer-service.h: the cash box of a shift: open with a float, count, close. No GTK. */
#pragma once
#include "client/core/till-api.h"
#include "client/model/till-drawer.h"
#include "shared/base/till-money.h"

G_BEGIN_DECLS

#define TILL_TYPE_DRAWER_SERVICE (till_drawer_service_get_type ())
G_DECLARE_FINAL_TYPE (TillDrawerService, till_drawer_service, TILL, DRAWER_SERVICE, GObject)

TillDrawerService *till_drawer_service_new (TillApi *api);

void        till_drawer_service_open_async (TillDrawerService *self, TillMoney opened_with, GCancellable *cancellable, GAsyncReadyCallback callback,
                                            gpointer user_data);
TillDrawer *till_drawer_service_open_finish (TillDrawerService *self, GAsyncResult *result, GError **error);
/* counted blind, float included; the server posts the difference and says it. */
typedef struct { const char *drawer; TillMoney counted; } TillDrawerCount;
void        till_drawer_service_close_async (TillDrawerService *self, const TillDrawerCount *count, GCancellable *cancellable,
                                             GAsyncReadyCallback callback, gpointer user_data);
TillDrawer *till_drawer_service_close_finish (TillDrawerService *self, GAsyncResult *result, GError **error);

G_END_DECLS
