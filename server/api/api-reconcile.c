/* SPDX-License-Identifier: GPL-2.0-or-later
 * api-reconcile.c: progress after a restore, and the proposal to release the books. */
#include "server/api/single.h"
#include "server/domain/control/reconcile.h"
#include "shared/api/till-limits.h"
#include "shared/api/till-paths.h"

static gboolean
get (TilldRequest *request, TilldDb *db, GError **error)
{
  g_autoptr (TillJsonWrite) w = till_json_write_new ();

  till_json_write_begin_object (w, NULL);
  if (!tilld_reconcile_write_json (db, &request->actor, w, error))
    return FALSE;
  till_json_write_end_object (w);
  tilld_reply_json (request, 200, g_steal_pointer (&w));
  return TRUE;
}

/* --- POST: one operator proposes the release, another one decides by /approvals --- */

static gboolean
propose_decode (TilldRequest *request, GError **error)
{
  char *note = NULL;
  TillJsonRead r;

  till_json_read_init (&r, request->body);
  till_json_read_text (&r, "note", TILL_REQUIRED, TILL_NOTE_CHARS, &note);
  tilld_request_take_input (request, note, g_free);
  return till_json_read_finish (&r, error) && tilld_query_finish (&request->query, error);
}

static gboolean
propose (TilldRequest *request, TilldDb *db, GError **error)
{
  g_autoptr (TillJsonWrite) w = till_json_write_new ();
  gint64 approval;

  if (!tilld_reconcile_propose (db, &request->actor, request->input, &approval, error))
    return FALSE;
  till_json_write_begin_object (w, NULL);
  till_json_write_int (w, "approval", approval);
  till_json_write_end_object (w);
  tilld_reply_json (request, 202, g_steal_pointer (&w));
  return TRUE;
}

const TilldRoute tilld_api_reconcile_routes[] = {
  { "GET", TILL_PATH_RECONCILE, TILL_PERMISSION_SALES_VIEW, 0, 0, TILLD_RUN_INTERACTIVE, 5000, NULL, get },
  { "POST", TILL_PATH_RECONCILE, TILL_PERMISSION_APPROVE_HELD, TILLD_ROUTE_WRITES, 4096, TILLD_RUN_INTERACTIVE, 10000, propose_decode, propose },
  { NULL },
};
