/* SPDX-License-Identifier: GPL-2.0-or-later
 * api-job.c: long work: how far it is, what came of it, and its end before its time. */
#include "server/api/listing.h"
#include "server/domain/office/job.h"
#include "shared/api/till-paths.h"

static const TilldColumn job_columns[] = {
  { "started_at", "Time", "时间", TILLD_CELL_TIME, NULL },
  { "name", "Job", "任务", TILLD_CELL_TEXT, NULL },
  { "state", "State", "状态", TILLD_CELL_TEXT, NULL },
  { "done", "Done", "完成", TILLD_CELL_INT, NULL },
  { "failed", "Failed", "失败", TILLD_CELL_INT, NULL },
  { "total", "Total", "总数", TILLD_CELL_INT, NULL },
  { "operator_name", "Operator", "操作员", TILLD_CELL_TEXT, NULL },
  { "message", "Message", "说明", TILLD_CELL_TEXT, NULL },
  { NULL },
};
static const TilldListing jobs = { "Jobs", "任务", "jobs", tilld_job_list, job_columns };

static gboolean
list (TilldRequest *request, TilldDb *db, GError **error)
{
  return tilld_listing_run (request, db, &jobs, error);
}

static gboolean
id_decode (TilldRequest *request, GError **error)
{
  TillId *id = g_new0 (TillId, 1);

  tilld_request_take_input (request, id, g_free);
  return tilld_request_param_id (request, id, error) && tilld_query_finish (&request->query, error);
}

static gboolean
get (TilldRequest *request, TilldDb *db, GError **error)
{
  g_autoptr (TillJsonWrite) w = till_json_write_new ();

  till_json_write_begin_object (w, NULL);
  if (!tilld_job_get (db, &request->actor, request->input, w, error))
    return FALSE;
  till_json_write_end_object (w);
  tilld_reply_json (request, 200, g_steal_pointer (&w));
  return TRUE;
}

static gboolean
cancel (TilldRequest *request, TilldDb *db, GError **error)
{
  return tilld_job_cancel (db, &request->actor, request->input, error) && get (request, db, error);
}

const TilldRoute tilld_api_job_routes[] = {
  { "GET", TILL_PATH_JOBS, TILL_PERMISSION_METERS_VIEW, 0, 0, TILLD_RUN_INTERACTIVE, 5000, tilld_listing_decode, list },
  { "GET", TILL_PATH_JOB, TILLD_ANYONE, 0, 0, TILLD_RUN_INTERACTIVE, 5000, id_decode, get },
  { "DELETE", TILL_PATH_JOB, TILLD_ANYONE, TILLD_ROUTE_WRITES, 0, TILLD_RUN_INTERACTIVE, 5000, id_decode, cancel },
  { NULL },
};
