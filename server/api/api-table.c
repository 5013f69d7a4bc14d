/* SPDX-License-Identifier: GPL-2.0-or-later
 * api-table.c: all routes there are. */
#include "server/api/api.h"

const TilldRoute *const tilld_api_tables[] = {
  tilld_api_account_routes,
  tilld_api_alarm_routes,
  tilld_api_approval_routes,
  tilld_api_board_routes,
  tilld_api_capture_routes,
  tilld_api_case_routes,
  tilld_api_command_routes,
  tilld_api_customer_routes,
  tilld_api_discovery_routes,
  tilld_api_drawer_routes,
  tilld_api_gateway_routes,
  tilld_api_job_routes,
  tilld_api_ledger_routes,
  tilld_api_meter_edit_routes,
  tilld_api_meter_routes,
  tilld_api_model_routes,
  tilld_api_office_routes,
  tilld_api_plant_routes,
  tilld_api_proof_routes,
  tilld_api_refund_routes,
  tilld_api_replace_routes,
  tilld_api_report_routes,
  tilld_api_sale_routes,
  tilld_api_server_routes,
  tilld_api_session_routes,
  tilld_api_site_routes,
  tilld_api_tariff_routes,
  NULL,
};
