/* SPDX-License-Identifier: GPL-2.0-or-later
 * api-history.c: everything about a meter or a customer in one list. */
#include "server/api/listing.h"
#include "server/domain/money/past.h"
#include "shared/api/till-paths.h"

static const TilldColumn columns[] = {
  { "at", "Time", "时间", TILLD_CELL_TIME, NULL },
  { "kind", "Kind", "类别", TILLD_CELL_TEXT, NULL },
  { "meter_code", "Meter", "电表", TILLD_CELL_TEXT, NULL },
  { "account_code", "Account No.", "户号", TILLD_CELL_TEXT, NULL },
  { "what", "What", "内容", TILLD_CELL_TEXT, NULL },
  { "state", "State", "状态", TILLD_CELL_TEXT, NULL },
  { "amount", "Amount", "金额", TILLD_CELL_MONEY, NULL },
  { "operator_name", "Operator", "操作员", TILLD_CELL_TEXT, NULL },
  { "note", "Note", "备注", TILLD_CELL_TEXT, NULL },
  { NULL },
};
static const TilldListing of_meter = { "History of a meter", "电表履历", "meter-history", tilld_meter_past, columns };
static const TilldListing of_customer = { "History of a customer", "用户履历", "customer-history", tilld_customer_past, columns };

static gboolean
decode (TilldRequest *request, GError **error)
{
  gint64 subject;

  if (!tilld_request_param_int (request, &subject, error) || !tilld_listing_decode (request, error))
    return FALSE;
  tilld_listing_fix (request, "subject", subject);
  return TRUE;
}

static gboolean
list_meter (TilldRequest *request, TilldDb *db, GError **error)
{
  return tilld_listing_run (request, db, &of_meter, error);
}

static gboolean
list_customer (TilldRequest *request, TilldDb *db, GError **error)
{
  return tilld_listing_run (request, db, &of_customer, error);
}

const TilldRoute tilld_api_history_routes[] = {
  { "GET", TILL_PATH_CUSTOMER_HISTORY, TILL_PERMISSION_METERS_VIEW, 0, 0, TILLD_RUN_INTERACTIVE, 5000, decode, list_customer },
  { "GET", TILL_PATH_METER_HISTORY, TILL_PERMISSION_METERS_VIEW, 0, 0, TILLD_RUN_INTERACTIVE, 5000, decode, list_meter },
  { NULL },
};
