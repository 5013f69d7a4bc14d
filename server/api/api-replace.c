/* SPDX-License-Identifier: GPL-2.0-or-later
 * api-replace.c: another device behind a meter record, and a provisional credit put right. */
#include "server/api/api.h"
#include "server/domain/money/replace.h"
#include "shared/api/till-limits.h"
#include "shared/api/till-paths.h"

typedef struct {
  TilldReplaceRequest    replace;
  TilldReplaceCorrection correct;
  char                  *serial, *model, *note;
} Input;

static void
input_free (gpointer data)
{
  Input *in = data;

  g_free (in->serial);
  g_free (in->model);
  g_free (in->note);
  g_free (in);
}

static void
read_new (TillJsonRead *r, JsonNode *node, Input *in)
{
  TillJsonRead device;

  till_json_read_init_nested (&device, node, "new");
  till_json_read_text (&device, "serial", TILL_REQUIRED, 32, &in->serial);
  till_json_read_text (&device, "model", TILL_OPTIONAL, 32, &in->model);
  till_json_read_int (&device, "gateway", TILL_OPTIONAL, 1, G_MAXINT64 / 2, &in->replace.gateway);
  till_json_read_int (&device, "port", TILL_OPTIONAL, 1, 16, &in->replace.port);
  till_json_read_int (&device, "unit", TILL_OPTIONAL, 1, 247, &in->replace.unit);
  till_json_read_int (&device, "ct_ratio", TILL_OPTIONAL, 1, 10000, &in->replace.ct_ratio);
  till_json_read_end_nested (r, &device);
}

static void
read_final (TillJsonRead *r, JsonNode *node, Input *in)
{
  TillJsonRead final;
  int source = TILLD_FINAL_READ;

  till_json_read_init_nested (&final, node, "final");
  till_json_read_enum (&final, "source", TILL_REQUIRED, tilld_final_source_from_word, &source);
  in->replace.has_balance = till_json_read_has (&final, "balance");
  till_json_read_money (&final, "balance", TILL_OPTIONAL, &in->replace.balance);
  till_json_read_text (&final, "note", source == TILLD_FINAL_READ ? TILL_OPTIONAL : TILL_REQUIRED, TILL_NOTE_CHARS, &in->note);
  if (source == TILLD_FINAL_TYPED && !in->replace.has_balance)
    till_json_read_error (&final, "balance", "is required when the final reading is typed");
  if (source == TILLD_FINAL_READ && in->replace.has_balance)
    till_json_read_error (&final, "balance", "comes from the meter when it is read");
  till_json_read_end_nested (r, &final);
  in->replace.source = (TilldFinalSource) source;
}

static gboolean
replace_decode (TilldRequest *request, GError **error)
{
  Input *in = g_new0 (Input, 1);
  JsonNode *device = NULL, *final = NULL;
  TillJsonRead r;

  tilld_request_take_input (request, in, input_free);
  if (!tilld_request_param_int (request, &in->replace.meter, error))
    return FALSE;
  till_json_read_init (&r, request->body);
  till_json_read_id (&r, "id", TILL_REQUIRED, &in->replace.id);
  if (till_json_read_object (&r, "new", TILL_REQUIRED, &device) && device != NULL)
    read_new (&r, device, in);
  if (till_json_read_object (&r, "final", TILL_REQUIRED, &final) && final != NULL)
    read_final (&r, final, in);
  if (!till_json_read_finish (&r, error) || !tilld_query_finish (&request->query, error))
    return FALSE;
  in->replace.serial = in->serial;
  in->replace.model = in->model;
  in->replace.note = in->note;
  return TRUE;
}

static gboolean
answer (TilldRequest *request, TilldDb *db, const TillId *id, gboolean replayed, GError **error)
{
  g_autoptr (TillJsonWrite) w = till_json_write_new ();

  till_json_write_begin_object (w, NULL);
  if (!tilld_replace_write (db, id, w, error))
    return FALSE;
  till_json_write_end_object (w);
  tilld_reply_json (request, replayed ? 200 : 201, g_steal_pointer (&w));
  request->reply.replay = replayed;
  return TRUE;
}

static gboolean
replace (TilldRequest *request, TilldDb *db, GError **error)
{
  const Input *in = request->input;
  TilldReplaceResult result;
  g_autoptr (GError) says = NULL;

  if (!tilld_meter_replace (db, tilld_api_of (request)->profiles, &request->actor, &in->replace, &result, error))
    return FALSE;
  if (result.approval != 0)
    says = tilld_approval_required (result.approval);
  else if (result.held)
    till_fail (&says, TILL_ERROR_DISPUTE, "A delivery to the old device was under way and is a case now: decide it, then replace the meter.");
  if (says == NULL)
    return answer (request, db, &in->replace.id, result.replayed, error);
  tilld_reply_error (request, says); /* what was stored stays: the transaction commits */
  return TRUE;
}

/* --- correction --- */

static gboolean
correct_decode (TilldRequest *request, GError **error)
{
  Input *in = g_new0 (Input, 1);
  TillJsonRead r;

  tilld_request_take_input (request, in, input_free);
  if (!tilld_request_param_int (request, &in->correct.meter, error))
    return FALSE;
  till_json_read_init (&r, request->body);
  till_json_read_id (&r, "id", TILL_REQUIRED, &in->correct.id);
  till_json_read_money (&r, "balance", TILL_REQUIRED, &in->correct.balance);
  till_json_read_text (&r, "note", TILL_REQUIRED, TILL_NOTE_CHARS, &in->note);
  if (!till_json_read_finish (&r, error) || !tilld_query_finish (&request->query, error))
    return FALSE;
  in->correct.note = in->note;
  return TRUE;
}

static gboolean
correct (TilldRequest *request, TilldDb *db, GError **error)
{
  const Input *in = request->input;
  gboolean replayed;
  TillJsonWrite *w;

  if (!tilld_replace_correct (db, &request->actor, &in->correct, &replayed, error))
    return FALSE;
  w = till_json_write_new ();
  till_json_write_begin_object (w, NULL);
  till_json_write_id (w, "id", &in->correct.id);
  till_json_write_int (w, "meter", in->correct.meter);
  till_json_write_money (w, "balance", in->correct.balance);
  till_json_write_end_object (w);
  tilld_reply_json (request, replayed ? 200 : 201, w);
  request->reply.replay = replayed;
  return TRUE;
}

const TilldRoute tilld_api_replace_routes[] = {
  { "POST", TILL_PATH_METER_REPLACE, TILL_PERMISSION_METERS_REPLACE, TILLD_ROUTE_WRITES | TILLD_ROUTE_REPLAY, 4096, TILLD_RUN_INTERACTIVE, 10000,
    replace_decode, replace },
  { "POST", TILL_PATH_METER_CORRECT, TILL_PERMISSION_METERS_REPLACE, TILLD_ROUTE_WRITES | TILLD_ROUTE_REPLAY, 4096, TILLD_RUN_INTERACTIVE, 10000,
    correct_decode, correct },
  { NULL },
};
