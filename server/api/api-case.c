/* SPDX-License-Identifier: GPL-2.0-or-later
 * api-case.c: deliveries in doubt. */
#include "server/api/listing.h"
#include "server/api/single.h"
#include "server/domain/money/case.h"
#include "shared/api/till-limits.h"
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

/* --- POST: one person proposes, the other agrees by /approvals --- */

typedef struct {
  TilldCaseRequest request;
  char            *note, *unreadable;
} Decision;

static void
decision_free (gpointer data)
{
  Decision *in = data;

  g_free (in->note);
  g_free (in->unreadable);
  g_free (in);
}

static gboolean
decide_decode (TilldRequest *request, GError **error)
{
  Decision *in = g_new0 (Decision, 1);
  TillJsonRead r;
  int decision = 0;

  tilld_request_take_input (request, in, decision_free);
  if (!tilld_request_param_int (request, &in->request.id, error))
    return FALSE;
  till_json_read_init (&r, request->body);
  till_json_read_enum (&r, "decision", TILL_REQUIRED, tilld_case_decision_from_word, &decision);
  till_json_read_text (&r, "note", TILL_REQUIRED, TILL_NOTE_CHARS, &in->note);
  till_json_read_bool (&r, "accept", TILL_OPTIONAL, &in->request.accept);
  till_json_read_text (&r, "unreadable", TILL_OPTIONAL, TILL_NOTE_CHARS, &in->unreadable);
  if (!till_json_read_finish (&r, error) || !tilld_query_finish (&request->query, error))
    return FALSE;
  in->request.decision = (TilldCaseDecision) decision;
  in->request.note = in->note;
  in->request.unreadable = in->unreadable;
  return TRUE;
}

static gboolean
decide (TilldRequest *request, TilldDb *db, GError **error)
{
  const Decision *in = request->input;
  g_autoptr (TillJsonWrite) w = till_json_write_new ();
  gint64 approval;

  if (!tilld_case_propose (db, tilld_api_of (request)->profiles, &request->actor, &in->request, &approval, error))
    return FALSE;
  till_json_write_begin_object (w, NULL);
  till_json_write_int (w, "approval", approval);
  till_json_write_end_object (w);
  tilld_reply_json (request, 202, g_steal_pointer (&w));
  return TRUE;
}

const TilldRoute tilld_api_case_routes[] = {
  { "GET", TILL_PATH_CASES, TILL_PERMISSION_SALES_VIEW, 0, 0, TILLD_RUN_INTERACTIVE, 5000, tilld_listing_decode, list_cases },
  { "GET", TILL_PATH_CASE, TILL_PERMISSION_SALES_VIEW, 0, 0, TILLD_RUN_INTERACTIVE, 5000, tilld_single_decode, get_case },
  { "POST", TILL_PATH_CASE, TILL_PERMISSION_APPROVE_HELD, TILLD_ROUTE_WRITES, 4096, TILLD_RUN_INTERACTIVE, 10000, decide_decode, decide },
  { NULL },
};
