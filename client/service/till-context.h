/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-context.h: the bundle every page receives; no globals. Properties: "api" "session" "feed" "settings" "ref-lists" "board"
 * "trust" and the services (read-only objects), "online" (boolean: signed in and the feed connected), "site-name" (string). */
#pragma once
#include "client/core/till-live-feed.h"
#include "client/core/till-session.h"
#include "client/core/till-settings.h"
#include "client/model/till-board-state.h"
#include "client/model/till-paged-list.h"
#include "client/model/till-ref-lists.h"
#include "client/service/till-admin-service.h"
#include "client/service/till-alarm-service.h"
#include "client/service/till-customer-service.h"
#include "client/service/till-drawer-service.h"
#include "client/service/till-meter-service.h"
#include "client/service/till-plant-service.h"
#include "client/service/till-report-service.h"
#include "client/service/till-sales-service.h"
#include "client/service/till-tariff-service.h"

G_BEGIN_DECLS

#define TILL_TYPE_CONTEXT (till_context_get_type ())
G_DECLARE_FINAL_TYPE (TillContext, till_context, TILL, CONTEXT, GObject)

/* NULL paths = the user's configuration folder. The session's sign-in starts the feed, sign-out stops it; board and
 * ref-lists follow the feed; a reset of the feed loads them again. */
TillContext         *till_context_new (const char *settings_path, const char *trust_directory);
TillApi             *till_context_get_api (TillContext *self);
TillSession         *till_context_get_session (TillContext *self);
TillLiveFeed        *till_context_get_feed (TillContext *self);
TillSettings        *till_context_get_settings (TillContext *self);
TillTrust           *till_context_get_trust (TillContext *self);
TillRefLists        *till_context_get_ref_lists (TillContext *self);
TillBoardState      *till_context_get_board (TillContext *self);
TillAdminService    *till_context_get_admin (TillContext *self);
TillAlarmService    *till_context_get_alarms (TillContext *self);
TillCustomerService *till_context_get_customers (TillContext *self);
TillDrawerService   *till_context_get_drawers (TillContext *self);
TillMeterService    *till_context_get_meters (TillContext *self);
TillPlantService    *till_context_get_plant (TillContext *self);
TillReportService   *till_context_get_reports (TillContext *self);
TillSalesService    *till_context_get_sales (TillContext *self);
TillTariffService   *till_context_get_tariffs (TillContext *self);
gboolean             till_context_is_online (TillContext *self);

/* A list over a route ("/meters") that follows the feed: partial objects of its kind go into the live rows. The list is
 * watched as long as it lives. */
TillPagedList       *till_context_make_list (TillContext *self, const char *path, GType record_type, TillQuery *query);

G_END_DECLS
