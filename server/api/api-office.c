/* SPDX-License-Identifier: GPL-2.0-or-later
 * api-office.c: the log. */
#include "server/api/listing.h"
#include "server/domain/office/audit.h"
#include "shared/api/till-paths.h"

static const TilldColumn log_columns[] = {
  { "n", "No.", "序号", TILLD_CELL_INT, NULL },
  { "at", "Time", "时间", TILLD_CELL_TIME, NULL },
  { "operator_name", "Operator", "操作员", TILLD_CELL_TEXT, NULL },
  { "address", "Address", "地址", TILLD_CELL_TEXT, NULL },
  { "action", "Action", "操作", TILLD_CELL_TEXT, NULL },
  { "object", "Object", "对象", TILLD_CELL_TEXT, NULL },
  { "result", "Result", "结果", TILLD_CELL_TEXT, NULL },
  { "request", "Request", "请求", TILLD_CELL_TEXT, NULL },
  { NULL },
};
static const TilldListing log_rows = { "Log", "系统日志", "log", tilld_audit_list, log_columns };

static gboolean
list_log (TilldRequest *request, TilldDb *db, GError **error)
{
  return tilld_listing_run (request, db, &log_rows, error);
}

static gboolean
verify_log (TilldRequest *request, TilldDb *db, GError **error)
{
  TillJsonWrite *w;
  gint64 rows, broken;

  if (!tilld_audit_verify (db, request->actor.site, &rows, &broken, error))
    return FALSE;
  w = till_json_write_new ();
  till_json_write_begin_object (w, NULL);
  till_json_write_bool (w, "ok", broken == 0);
  till_json_write_int (w, "rows", rows);
  if (broken == 0)
    till_json_write_null (w, "broken");
  else
    till_json_write_int (w, "broken", broken);
  till_json_write_end_object (w);
  tilld_reply_json (request, 200, w);
  return TRUE;
}

const TilldRoute tilld_api_office_routes[] = {
  { "GET", TILL_PATH_LOG, TILL_PERMISSION_LOG_VIEW, 0, 0, TILLD_RUN_INTERACTIVE, 5000, tilld_listing_decode, list_log },
  { "GET", TILL_PATH_LOG_VERIFY, TILL_PERMISSION_LOG_VERIFY, 0, 0, TILLD_RUN_BATCH, 60000, NULL, verify_log },
  { NULL },
};
