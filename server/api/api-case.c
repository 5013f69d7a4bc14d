/* SPDX-License-Identifier: GPL-2.0-or-later
 * api-case.c: deliveries in doubt. */
#include "server/api/listing.h"
#include "server/api/single.h"
#include "server/domain/money/case.h"
#include "shared/api/till-paths.h"

static const TilldColumn case_columns[] = {
  { "opened_at", "Opened", "发生时间", TILLD_CELL_TIME, NULL },
  { "meter_code", "Meter No.", "表号", TILLD_CELL_TEXT, NULL },
  { "room", "Room", "房间", TILLD_CELL_TEXT, NULL },
  { "reason", "Reason", "原因", TILLD_CELL_TEXT, NULL },
  { "amount", "Amount", "金额", TILLD_CELL_MONEY, NULL },
  { "closed_at", "Closed", "结案时间", TILLD_CELL_TIME, NULL },
  { NULL },
};
static const TilldListing cases = { "Cases", "待处理事项", "cases", tilld_case_list, case_columns };

static gboolean
list_cases (TilldRequest *request, TilldDb *db, GError **error)
{
  return tilld_listing_run (request, db, &cases, error);
}

static gboolean
get_case (TilldRequest *request, TilldDb *db, GError **error)
{
  return tilld_single_run (request, db, tilld_case_get, error);
}

const TilldRoute tilld_api_case_routes[] = {
  { "GET", TILL_PATH_CASES, TILL_PERMISSION_SALES_VIEW, 0, 0, TILLD_RUN_INTERACTIVE, 5000, tilld_listing_decode, list_cases },
  { "GET", TILL_PATH_CASE, TILL_PERMISSION_SALES_VIEW, 0, 0, TILLD_RUN_INTERACTIVE, 5000, tilld_single_decode, get_case },
  { NULL },
};
