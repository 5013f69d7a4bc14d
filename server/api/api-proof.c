/* SPDX-License-Identifier: GPL-2.0-or-later
 * api-proof.c: commissioning proofs: begun at a meter model, then one question and one answer at a time. */
#include "server/api/listing.h"
#include "server/domain/control/commission.h"
#include "shared/api/till-limits.h"
#include "shared/api/till-paths.h"

static const TilldColumn proof_columns[] = {
  { "started_at", "Time", "时间", TILLD_CELL_TIME, NULL },
  { "model", "Model", "型号", TILLD_CELL_TEXT, NULL },
  { "meter_code", "Meter No.", "表号", TILLD_CELL_TEXT, NULL },
  { "gateway_code", "Gateway", "网关", TILLD_CELL_TEXT, NULL },
  { "state", "State", "状态", TILLD_CELL_TEXT, NULL },
  { "step", "Step", "步骤", TILLD_CELL_TEXT, NULL },
  { "started_name", "Operator", "操作员", TILLD_CELL_TEXT, NULL },
  { "agreed_name", "Second operator", "复核人", TILLD_CELL_TEXT, NULL },
  { NULL },
};
static const TilldListing proofs = { "Commissioning", "投运验证", "proofs", tilld_commission_list, proof_columns };

static gboolean
list (TilldRequest *request, TilldDb *db, GError **error)
{
  return tilld_listing_run (request, db, &proofs, error);
}

typedef struct {
  TillId   id;
  gint64   meter;
  gboolean everywhere, as_page;
  char    *step, *answer, *note;
} Input;

static void
input_free (gpointer data)
{
  Input *in = data;

  g_free (in->step);
  g_free (in->answer);
  g_free (in->note);
  g_free (in);
}

static gboolean
reply (TilldRequest *request, TilldDb *db, guint status, GError **error)
{
  const Input *in = request->input;
  g_autoptr (TillJsonWrite) w = till_json_write_new ();

  till_json_write_begin_object (w, NULL);
  if (!tilld_commission_get (db, tilld_api_of (request)->profiles, &request->actor, &in->id, w, error))
    return FALSE;
  till_json_write_end_object (w);
  tilld_reply_json (request, status, g_steal_pointer (&w));
  return TRUE;
}

static gboolean
start_decode (TilldRequest *request, GError **error)
{
  Input *in = tilld_request_new_input (request, sizeof (Input), input_free);
  g_autofree char *scope = NULL;
  TillJsonRead r;

  till_json_read_init (&r, request->body);
  till_json_read_id (&r, "id", TILL_REQUIRED, &in->id);
  till_json_read_int (&r, "meter", TILL_REQUIRED, 1, G_MAXINT64 / 2, &in->meter);
  if (till_json_read_text (&r, "scope", TILL_OPTIONAL, 16, &scope) && scope != NULL)
    {
      in->everywhere = g_str_equal (scope, "everywhere");
      if (!in->everywhere && !g_str_equal (scope, "gateway"))
        till_json_read_error (&r, "scope", "must be gateway or everywhere");
    }
  return till_json_read_finish (&r, error) && tilld_query_finish (&request->query, error);
}

static gboolean
start (TilldRequest *request, TilldDb *db, GError **error)
{
  const Input *in = request->input;
  TilldCommissionNew new = { .id = in->id, .model = request->param, .meter = in->meter, .everywhere = in->everywhere };
  gboolean replay = FALSE;

  if (!tilld_commission_start (db, tilld_api_of (request)->profiles, &request->actor, &new, &replay, error)
      || !reply (request, db, replay ? 200 : 201, error))
    return FALSE;
  request->reply.replay = replay;
  return TRUE;
}

static gboolean
id_decode (TilldRequest *request, GError **error)
{
  Input *in = tilld_request_new_input (request, sizeof (Input), input_free);

  return tilld_request_param_id (request, &in->id, error) && tilld_query_finish (&request->query, error);
}

static gboolean
get_decode (TilldRequest *request, GError **error)
{
  Input *in = tilld_request_new_input (request, sizeof (Input), input_free);
  const char *format = tilld_query_text (&request->query, "format", 8);

  in->as_page = format != NULL;
  if (format != NULL && !g_str_equal (format, "text"))
    tilld_query_error (&request->query, "format", "must be text");
  return tilld_request_param_id (request, &in->id, error) && tilld_query_finish (&request->query, error);
}

static gboolean
get (TilldRequest *request, TilldDb *db, GError **error)
{
  const Input *in = request->input;
  g_autoptr (GString) page = NULL;
  g_autoptr (GBytes) bytes = NULL;

  if (!in->as_page)
    return reply (request, db, 200, error);
  page = g_string_new (NULL);
  if (!tilld_commission_text (db, tilld_api_of (request)->profiles, &request->actor, &in->id, page, error))
    return FALSE;
  bytes = g_bytes_new (page->str, page->len);
  tilld_reply_bytes (request, "text/plain; charset=utf-8", bytes, "proof.txt");
  return TRUE;
}

static gboolean
answer_decode (TilldRequest *request, GError **error)
{
  Input *in = tilld_request_new_input (request, sizeof (Input), input_free);
  TillJsonRead r;

  if (!tilld_request_param_id (request, &in->id, error))
    return FALSE;
  till_json_read_init (&r, request->body);
  till_json_read_text (&r, "step", TILL_REQUIRED, 24, &in->step);
  till_json_read_text (&r, "answer", TILL_REQUIRED, 24, &in->answer);
  till_json_read_text (&r, "note", TILL_OPTIONAL, TILL_NOTE_CHARS, &in->note);
  return till_json_read_finish (&r, error) && tilld_query_finish (&request->query, error);
}

static gboolean
answer (TilldRequest *request, TilldDb *db, GError **error)
{
  const Input *in = request->input;
  TilldCommissionAnswer said = { .id = in->id, .step = in->step, .answer = in->answer, .note = in->note };

  return tilld_commission_answer (db, tilld_api_of (request)->profiles, &request->actor, &said, error) && reply (request, db, 200, error);
}

static gboolean
give_up (TilldRequest *request, TilldDb *db, GError **error)
{
  const Input *in = request->input;

  return tilld_commission_abort (db, &request->actor, &in->id, error) && reply (request, db, 200, error);
}

const TilldRoute tilld_api_proof_routes[] = {
  { "POST", TILL_PATH_METER_MODEL_PROOFS, TILL_PERMISSION_PLANT_PROVE, TILLD_ROUTE_WRITES | TILLD_ROUTE_REPLAY, 4096, TILLD_RUN_INTERACTIVE, 5000,
    start_decode, start },
  { "GET", TILL_PATH_PROOFS, TILL_PERMISSION_METERS_VIEW, 0, 0, TILLD_RUN_INTERACTIVE, 5000, tilld_listing_decode, list },
  { "GET", TILL_PATH_PROOF, TILL_PERMISSION_METERS_VIEW, 0, 0, TILLD_RUN_INTERACTIVE, 5000, get_decode, get },
  { "POST", TILL_PATH_PROOF, TILL_PERMISSION_PLANT_PROVE, TILLD_ROUTE_WRITES, 4096, TILLD_RUN_INTERACTIVE, 5000, answer_decode, answer },
  { "DELETE", TILL_PATH_PROOF, TILL_PERMISSION_PLANT_PROVE, TILLD_ROUTE_WRITES, 0, TILLD_RUN_INTERACTIVE, 5000, id_decode, give_up },
  { NULL },
};
