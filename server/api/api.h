/* SPDX-License-Identifier: GPL-2.0-or-later
 * api.h: what the handlers share. Set up by the application; TilldRequest.api points to it. */
#pragma once
#include "server/crypto/key-file.h"
#include "server/domain/money/sale-desk.h"
#include "server/http/events.h"
#include "server/http/request.h"
#include "server/live/board.h"
#include "server/profile/profile-load.h"

G_BEGIN_DECLS

typedef struct {
  TilldConfig         *config;
  TilldClock          *clock;
  TilldKeyFile        *keys;           /* wraps the keys of gateways */
  TilldLedger         *ledger;
  TilldSaleDesk       *sale_desk;
  const TilldProfiles *profiles;
  TilldBoard          *board;
  TilldLive           *live;
  TilldEvents         *events;
  TilldHttp           *http;
  char                *site_name, *currency, *service_phone, *site_zone;
  gint64               site;
  GTimeZone           *zone;
  char                *spool_dir;      /* spreadsheets under way */
  gint                 reconciling;    /* atomic: the books were restored and are not released yet */
  gint                 n_exports;      /* atomic */
  gboolean           (*healthy) (gpointer data);
  gpointer             healthy_data;
} TilldApi;

static inline TilldApi *
tilld_api_of (TilldRequest *request)
{
  return request->api;
}

/* For run () of a NO_TX route that posts beside the ledger's lane: step in one transaction, then the journal learns of it before the answer. */
gboolean tilld_api_run_money (TilldRequest *request, TilldDb *db, TilldRun step, GError **error);

/* Sales as a list of JSON, for the list route and for live events. */
gboolean tilld_api_sales_verb (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error);

/* All tables, ended by NULL. */
extern const TilldRoute *const tilld_api_tables[];

extern const TilldRoute tilld_api_account_routes[];
extern const TilldRoute tilld_api_alarm_routes[];
extern const TilldRoute tilld_api_approval_routes[];
extern const TilldRoute tilld_api_area_routes[];
extern const TilldRoute tilld_api_board_routes[];
extern const TilldRoute tilld_api_capture_routes[];
extern const TilldRoute tilld_api_case_routes[];
extern const TilldRoute tilld_api_command_routes[];
extern const TilldRoute tilld_api_customer_routes[];
extern const TilldRoute tilld_api_discovery_routes[];
extern const TilldRoute tilld_api_drawer_routes[];
extern const TilldRoute tilld_api_gateway_routes[];
extern const TilldRoute tilld_api_history_routes[];
extern const TilldRoute tilld_api_import_routes[];
extern const TilldRoute tilld_api_job_routes[];
extern const TilldRoute tilld_api_ledger_routes[];
extern const TilldRoute tilld_api_meter_edit_routes[];
extern const TilldRoute tilld_api_meter_routes[];
extern const TilldRoute tilld_api_model_routes[];
extern const TilldRoute tilld_api_office_routes[];
extern const TilldRoute tilld_api_operator_routes[];
extern const TilldRoute tilld_api_plant_routes[];
extern const TilldRoute tilld_api_reconcile_routes[];
extern const TilldRoute tilld_api_preset_routes[];
extern const TilldRoute tilld_api_refund_routes[];
extern const TilldRoute tilld_api_replace_routes[];
extern const TilldRoute tilld_api_proof_routes[];
extern const TilldRoute tilld_api_report_routes[];
extern const TilldRoute tilld_api_sale_routes[];
extern const TilldRoute tilld_api_server_routes[];
extern const TilldRoute tilld_api_session_routes[];
extern const TilldRoute tilld_api_site_routes[];
extern const TilldRoute tilld_api_tariff_routes[];

G_END_DECLS
