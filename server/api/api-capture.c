/* SPDX-License-Identifier: GPL-2.0-or-later
 * api-capture.c: raw exchanges of a gateway: ordered, listed, handed out as JSON lines. */
#include "server/api/listing.h"
#include "server/api/single.h"
#include "server/domain/plant/capture.h"
#include "server/domain/plant/gateway.h"
#include "shared/api/till-paths.h"

#define BODY_MAX 4096

static const TilldColumn capture_columns[] = {
  { "n", "Capture", "抓包", TILLD_CELL_INT, NULL },
  { "state", "State", "状态", TILLD_CELL_TEXT, NULL },
  { "minutes", "Minutes", "分钟", TILLD_CELL_INT, NULL },
  { "ordered_at", "Time", "时间", TILLD_CELL_TIME, NULL },
  { "operator_name", "Operator", "操作员", TILLD_CELL_TEXT, NULL },
  { "lines", "Lines", "行数", TILLD_CELL_INT, NULL },
  { "bytes", "Bytes", "字节", TILLD_CELL_INT, NULL },
  { "message", "Note", "说明", TILLD_CELL_TEXT, NULL },
  { NULL },
};
static const TilldListing captures = { "Captures", "抓包", "captures", tilld_capture_list, capture_columns };

typedef struct {
  gint64 gateway, n, minutes;
} Input;

static gboolean
list_decode (TilldRequest *request, GError **error)
{
  Input *in = g_new0 (Input, 1);

  tilld_request_take_input (request, in, g_free);
  return tilld_request_param_int (request, &in->gateway, error) && tilld_listing_decode (request, error);
}

static gboolean
list (TilldRequest *request, TilldDb *db, GError **error)
{
  g_autoptr(TillJsonWrite) probe = till_json_write_new ();

  till_json_write_begin_object (probe, NULL);
  if (!tilld_gateway_get (db, &request->actor, ((const Input *) request->input)->gateway, probe, error))
    return FALSE;
  tilld_listing_fix (request, "gateway", ((const Input *) request->input)->gateway);
  return tilld_listing_run (request, db, &captures, error);
}

static gboolean
create_decode (TilldRequest *request, GError **error)
{
  Input       *in = g_new0 (Input, 1);
  TillJsonRead r;

  tilld_request_take_input (request, in, g_free);
  till_json_read_init (&r, request->body);
  till_json_read_int (&r, "minutes", TILL_REQUIRED, 1, TILLD_CAPTURE_MINUTES_MAX, &in->minutes);
  return till_json_read_finish (&r, error) && tilld_request_param_int (request, &in->gateway, error) && tilld_query_finish (&request->query, error);
}

static gboolean
create (TilldRequest *request, TilldDb *db, GError **error)
{
  const Input              *in = request->input;
  g_autoptr(TillJsonWrite)  w = till_json_write_new ();
  gint64                    n;

  till_json_write_begin_object (w, NULL);
  if (!tilld_capture_order (db, &request->actor, in->gateway, (guint) in->minutes, &n, error) ||
      !tilld_capture_get (db, &request->actor, in->gateway, n, w, error))
    return FALSE;
  till_json_write_end_object (w);
  tilld_reply_json (request, 201, g_steal_pointer (&w));
  return TRUE;
}

static gboolean
get_decode (TilldRequest *request, GError **error)
{
  Input *in = g_new0 (Input, 1);

  tilld_request_take_input (request, in, g_free);
  return tilld_request_param_ints (request, &in->gateway, &in->n, error) && tilld_query_finish (&request->query, error);
}

static gboolean
get (TilldRequest *request, TilldDb *db, GError **error)
{
  const Input      *in = request->input;
  g_autoptr(GBytes) content = NULL;
  g_autofree char  *code = NULL, *name = NULL;

  if (!tilld_capture_content (db, &request->actor, in->gateway, in->n, &content, &code, error))
    return FALSE;
  name = g_strdup_printf ("%s-%" G_GINT64_FORMAT ".jsonl", code, in->n);
  tilld_reply_bytes (request, "application/x-ndjson", content, name);
  return TRUE;
}

const TilldRoute tilld_api_capture_routes[] = {
  { "GET", TILL_PATH_GATEWAY_CAPTURES, TILL_PERMISSION_PLANT_EDIT, 0, 0, TILLD_RUN_INTERACTIVE, 5000, list_decode, list },
  { "POST", TILL_PATH_GATEWAY_CAPTURES, TILL_PERMISSION_PLANT_EDIT, TILLD_ROUTE_WRITES, BODY_MAX, TILLD_RUN_INTERACTIVE, 5000, create_decode, create },
  { "GET", TILL_PATH_GATEWAY_CAPTURE, TILL_PERMISSION_PLANT_EDIT, 0, 0, TILLD_RUN_BATCH, 30000, get_decode, get },
  { NULL },
};
