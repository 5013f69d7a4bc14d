/* SPDX-License-Identifier: GPL-2.0-or-later
 * api-approval.c: operations that wait for a second operator. Who may decide which, the approval says. */
#include "server/api/listing.h"
#include "server/api/single.h"
#include "server/db/db-tx.h"
#include "server/domain/money/ledger.h"
#include "server/domain/office/approval.h"
#include "shared/api/till-limits.h"
#include "shared/api/till-paths.h"

static const TilldColumn columns[] = {
  { "proposed_at", "Proposed", "提出时间", TILLD_CELL_TIME, NULL },
  { "kind", "Operation", "操作", TILLD_CELL_TEXT, NULL },
  { "state", "State", "状态", TILLD_CELL_TEXT, NULL },
  { "meter_code", "Meter No.", "表号", TILLD_CELL_TEXT, NULL },
  { "room", "Room", "房间", TILLD_CELL_TEXT, NULL },
  { "amount", "Amount", "金额", TILLD_CELL_MONEY, NULL },
  { "reason", "Reason", "原因", TILLD_CELL_TEXT, NULL },
  { "proposed_by_name", "Proposed by", "提出人", TILLD_CELL_TEXT, NULL },
  { "decided_by_name", "Decided by", "决定人", TILLD_CELL_TEXT, NULL },
  { "decided_at", "Decided", "决定时间", TILLD_CELL_TIME, NULL },
  { "note", "Note", "备注", TILLD_CELL_TEXT, NULL },
  { NULL },
};
static const TilldListing approvals = { "Approvals", "复核", "approvals", tilld_approval_list, columns };

static gboolean
list (TilldRequest *request, TilldDb *db, GError **error)
{
  return tilld_listing_run (request, db, &approvals, error);
}

static gboolean
get (TilldRequest *request, TilldDb *db, GError **error)
{
  return tilld_single_run (request, db, tilld_approval_get, error);
}

typedef struct {
  gint64 id;
  char  *decision, *note;
} Decision;

static void
decision_free (gpointer data)
{
  Decision *in = data;

  g_free (in->decision);
  g_free (in->note);
  g_free (in);
}

static gboolean
decide_decode (TilldRequest *request, GError **error)
{
  Decision *in = g_new0 (Decision, 1);
  TillJsonRead r;

  tilld_request_take_input (request, in, decision_free);
  if (!tilld_request_param_int (request, &in->id, error))
    return FALSE;
  till_json_read_init (&r, request->body);
  till_json_read_text (&r, "decision", TILL_REQUIRED, 16, &in->decision);
  till_json_read_text (&r, "note", TILL_OPTIONAL, TILL_NOTE_CHARS, &in->note);
  return till_json_read_finish (&r, error) && tilld_query_finish (&request->query, error);
}

typedef struct {
  TilldRequest  *request;
  TillJsonWrite *w;
} Deciding;

static gboolean
decide_in_tx (TilldDb *db, gpointer data, GError **error)
{
  Deciding *d = data;
  const Decision *in = d->request->input;
  const TilldApprovalDecision decision = { .id = in->id, .decision = in->decision, .note = in->note };

  g_clear_pointer (&d->w, till_json_write_free);
  d->w = till_json_write_new ();
  till_json_write_begin_object (d->w, NULL);
  if (!tilld_approval_decide (db, tilld_api_of (d->request)->profiles, &d->request->actor, &decision, d->w, error))
    return FALSE;
  till_json_write_end_object (d->w);
  return TRUE;
}

/* A sale that was agreed to is in the books now, and must be in the journal before anybody hears of it. */
static gboolean
decide (TilldRequest *request, TilldDb *db, GError **error)
{
  Deciding d = { request, NULL };

  if (!tilld_tx_run (db, TILLD_READ_COMMITTED, decide_in_tx, &d, error))
    {
      g_clear_pointer (&d.w, till_json_write_free);
      return FALSE;
    }
  if (tilld_api_of (request)->ledger != NULL)
    tilld_ledger_missed (tilld_api_of (request)->ledger, db);
  tilld_reply_json (request, 200, d.w);
  return TRUE;
}

const TilldRoute tilld_api_approval_routes[] = {
  { "GET", TILL_PATH_APPROVALS, TILLD_ANYONE, 0, 0, TILLD_RUN_INTERACTIVE, 5000, tilld_listing_decode, list },
  { "GET", TILL_PATH_APPROVAL, TILLD_ANYONE, 0, 0, TILLD_RUN_INTERACTIVE, 5000, tilld_single_decode, get },
  { "POST", TILL_PATH_APPROVAL, TILLD_ANYONE, TILLD_ROUTE_WRITES | TILLD_ROUTE_NO_TX, 4096, TILLD_RUN_INTERACTIVE, 10000, decide_decode, decide },
  { NULL },
};
