/* SPDX-License-Identifier: GPL-2.0-or-later
 * api-alarm.c: alarms and their acknowledgement. */
#include "server/api/listing.h"
#include "server/domain/plant/alarm.h"
#include "shared/api/till-limits.h"
#include "shared/api/till-paths.h"

static const TilldColumn alarm_columns[] = {
  { "raised_at", "Raised", "发生时间", TILLD_CELL_TIME, NULL },
  { "kind", "Alarm", "报警", TILLD_CELL_TEXT, NULL },
  { "severity", "Severity", "级别", TILLD_CELL_TEXT, NULL },
  { "meter_code", "Meter No.", "表号", TILLD_CELL_TEXT, NULL },
  { "gateway_code", "Gateway", "网关", TILLD_CELL_TEXT, NULL },
  { "room", "Room", "房间", TILLD_CELL_TEXT, NULL },
  { "customer_name", "Customer", "用户名", TILLD_CELL_TEXT, NULL },
  { "cleared_at", "Cleared", "恢复时间", TILLD_CELL_TIME, NULL },
  { "note", "Note", "备注", TILLD_CELL_TEXT, NULL },
  { NULL },
};
static const TilldListing alarms = { "Alarms", "报警", "alarms", tilld_alarm_list, alarm_columns };

static gboolean
list (TilldRequest *request, TilldDb *db, GError **error)
{
  return tilld_listing_run (request, db, &alarms, error);
}

typedef struct {
  gint64 id;
  char  *note;
} Ack;

static void
ack_free (gpointer data)
{
  Ack *ack = data;
  g_free (ack->note);
  g_free (ack);
}

static gboolean
ack_decode (TilldRequest *request, GError **error)
{
  Ack *in = g_new0 (Ack, 1);
  TillJsonRead r;

  tilld_request_take_input (request, in, ack_free);
  till_json_read_init (&r, request->body);
  till_json_read_text (&r, "note", TILL_OPTIONAL, TILL_NOTE_CHARS, &in->note);
  return till_json_read_finish (&r, error) && tilld_request_param_int (request, &in->id, error)
         && tilld_query_finish (&request->query, error);
}

static gboolean
ack (TilldRequest *request, TilldDb *db, GError **error)
{
  const Ack *in = request->input;
  g_autoptr (TillJsonWrite) w = till_json_write_new ();

  if (!tilld_alarm_ack (db, &request->actor, in->id, in->note, error))
    return FALSE;
  till_json_write_begin_object (w, NULL);
  if (!tilld_alarm_get (db, &request->actor, in->id, w, error))
    return FALSE;
  till_json_write_end_object (w);
  tilld_reply_json (request, 200, g_steal_pointer (&w));
  return TRUE;
}

const TilldRoute tilld_api_alarm_routes[] = {
  { "GET", TILL_PATH_ALARMS, TILL_PERMISSION_METERS_VIEW, 0, 0, TILLD_RUN_INTERACTIVE, 5000, tilld_listing_decode, list },
  { "POST", TILL_PATH_ALARM_ACK, TILL_PERMISSION_ALARMS_ACKNOWLEDGE, TILLD_ROUTE_WRITES, 4096, TILLD_RUN_INTERACTIVE, 5000, ack_decode, ack },
  { NULL },
};
