/* SPDX-License-Identifier: GPL-2.0-or-later
 * api-gateway.c: gateways made, changed, adopted, retired; unknown callers; certificates of those that call by TLS. */
#include "server/api/gateway-body.h"
#include "server/api/listing.h"
#include "server/api/single.h"
#include "server/core/clock.h"
#include "server/core/config.h"
#include "server/crypto/mac.h"
#include "server/crypto/pki.h"
#include "server/domain/plant/gateway-unknown.h"
#include "server/domain/plant/gateway.h"
#include "shared/api/till-limits.h"
#include "shared/api/till-paths.h"

#include <string.h>

#define BODY_MAX 32768

static const TilldColumn unknown_columns[] = {
  { "text", "Sent", "内容", TILLD_CELL_TEXT, NULL },
  { "front", "Protocol", "协议", TILLD_CELL_TEXT, NULL },
  { "address", "Address", "地址", TILLD_CELL_TEXT, NULL },
  { "first_seen", "First seen", "首次出现", TILLD_CELL_TIME, NULL },
  { "last_seen", "Last seen", "最后通讯", TILLD_CELL_TIME, NULL },
  { "tries", "Tries", "次数", TILLD_CELL_INT, NULL },
  { NULL },
};
static const TilldListing unknowns = { "Unknown gateways", "未知网关", "unknown-gateways", tilld_gateway_unknown_list, unknown_columns };

typedef struct {
  TilldGatewayEdit *edit;
  gint64            version, port, days;
} Input;

static void
input_free (gpointer data)
{
  Input *in = data;

  tilld_gateway_edit_free (in->edit);
  g_free (in);
}

static Input *
input (TilldRequest *request)
{
  Input *in = g_new0 (Input, 1);

  in->edit = g_new0 (TilldGatewayEdit, 1);
  tilld_request_take_input (request, in, input_free);
  return in;
}

/* The record, and once the master key that was made with it. */
static gboolean
write_gateway (TilldRequest *request, TilldDb *db, gint64 id, char *master, guint status, GError **error)
{
  g_autoptr (TillJsonWrite) w = till_json_write_new ();
  gboolean good;

  till_json_write_begin_object (w, NULL);
  good = tilld_gateway_get (db, &request->actor, id, w, error);
  if (master != NULL)
    {
      till_json_write_text (w, "master_key", master);
      tilld_wipe (master, strlen (master));
      g_free (master);
    }
  till_json_write_end_object (w);
  if (good)
    tilld_reply_json (request, status, g_steal_pointer (&w));
  return good;
}

static gboolean
list_unknown (TilldRequest *request, TilldDb *db, GError **error)
{
  return tilld_listing_run (request, db, &unknowns, error);
}

static void
read_code (TillJsonRead *r, TillPresence presence, TilldGatewayEdit *edit)
{
  g_autofree char *code = NULL;

  if (till_json_read_text (r, "code", presence, 16, &code) && code != NULL && g_strlcpy (edit->record.code, code, sizeof edit->record.code) > 16)
    till_json_read_error (r, "code", "at most 16 bytes");
}

/* --- create, adopt --- */

static gboolean
create_decode (TilldRequest *request, GError **error)
{
  Input *in = input (request);
  TillJsonRead r;

  till_json_read_init (&r, request->body);
  read_code (&r, TILL_REQUIRED, in->edit);
  tilld_gateway_body_read (&r, in->edit, TRUE, TRUE);
  return till_json_read_finish (&r, error) && tilld_query_finish (&request->query, error);
}

static gboolean
create (TilldRequest *request, TilldDb *db, GError **error)
{
  const Input *in = request->input;
  char *master = NULL;
  gint64 id;

  return tilld_gateway_create (db, &request->actor, tilld_api_of (request)->keys, in->edit, &id, &master, error) &&
         write_gateway (request, db, id, master, 201, error);
}

static gboolean
adopt_decode (TilldRequest *request, GError **error)
{
  Input *in = input (request);
  TillJsonRead r;

  till_json_read_init (&r, request->body);
  till_json_read_int (&r, "unknown", TILL_REQUIRED, 1, G_MAXINT64, &in->edit->unknown);
  read_code (&r, TILL_OPTIONAL, in->edit);
  tilld_gateway_body_read (&r, in->edit, TRUE, FALSE);
  return till_json_read_finish (&r, error) && tilld_query_finish (&request->query, error);
}

static gboolean
adopt (TilldRequest *request, TilldDb *db, GError **error)
{
  const Input *in = request->input;
  char *master = NULL;
  gint64 id;

  return tilld_gateway_adopt (db, &request->actor, tilld_api_of (request)->keys, in->edit, &id, &master, error) &&
         write_gateway (request, db, id, master, 201, error);
}

/* --- change, retire --- */

static gboolean
update_decode (TilldRequest *request, GError **error)
{
  Input *in = input (request);
  TillJsonRead r;

  till_json_read_init (&r, request->body);
  tilld_gateway_body_read (&r, in->edit, FALSE, TRUE);
  return till_json_read_finish (&r, error) && tilld_query_finish (&request->query, error)
         && tilld_request_param_int (request, &in->edit->record.id, error) && tilld_request_if_match (request, &in->version, error);
}

static gboolean
update (TilldRequest *request, TilldDb *db, GError **error)
{
  const Input *in = request->input;
  char *master = NULL;

  return tilld_gateway_update (db, &request->actor, tilld_api_of (request)->keys, in->edit, in->version, &master, error) &&
         write_gateway (request, db, in->edit->record.id, master, 200, error);
}

static gboolean
retire_decode (TilldRequest *request, GError **error)
{
  Input *in = input (request);

  return tilld_query_finish (&request->query, error) && tilld_request_param_int (request, &in->edit->record.id, error)
         && tilld_request_if_match (request, &in->version, error);
}

static gboolean
retire (TilldRequest *request, TilldDb *db, GError **error)
{
  const Input *in = request->input;

  if (!tilld_gateway_retire (db, &request->actor, in->edit->record.id, in->version, error))
    return FALSE;
  tilld_reply_empty (request, 204);
  return TRUE;
}

/* --- certificates --- */

static gboolean
certificate_decode (TilldRequest *request, GError **error)
{
  Input *in = input (request);
  TillJsonRead r;

  in->port = 1;
  in->days = 825;
  till_json_read_init (&r, request->body);
  till_json_read_int (&r, "port", TILL_OPTIONAL, 1, TILLD_FIELD_PORTS, &in->port);
  till_json_read_int (&r, "days", TILL_OPTIONAL, 1, 3650, &in->days);
  return till_json_read_finish (&r, error) && tilld_query_finish (&request->query, error)
         && tilld_request_param_int (request, &in->edit->record.id, error);
}

/* The key is made here, given out once and kept nowhere. */
static gboolean
certify (TilldRequest *request, TilldDb *db, GError **error)
{
  const Input *in = request->input;
  TilldApi *api = tilld_api_of (request);
  g_auto (TilldIssued) issued = { NULL };
  g_autofree char *code = NULL;
  g_autoptr (TillJsonWrite) w = till_json_write_new ();
  TillTime now = tilld_clock_wall (api->clock);

  if (!tilld_gateway_certify (db, &request->actor, in->edit->record.id, (guint) in->port, &code, error) ||
      !tilld_pki_issue (tilld_config_text (api->config, "server", "state_dir"), code, now, (guint) in->days, &issued, error))
    return FALSE;
  till_json_write_begin_object (w, NULL);
  till_json_write_text (w, "name", code);
  till_json_write_text (w, "certificate", issued.certificate);
  till_json_write_text (w, "key", issued.key);
  till_json_write_time (w, "expires_at", now + in->days * 24 * 3600 * TILL_SECOND);
  till_json_write_end_object (w);
  tilld_reply_json (request, 201, g_steal_pointer (&w));
  return TRUE;
}

const TilldRoute tilld_api_gateway_routes[] = {
  { "GET", TILL_PATH_GATEWAYS_UNKNOWN, TILL_PERMISSION_PLANT_EDIT, 0, 0, TILLD_RUN_INTERACTIVE, 5000, tilld_listing_decode, list_unknown },
  { "POST", TILL_PATH_GATEWAYS_ADOPT, TILL_PERMISSION_PLANT_EDIT, TILLD_ROUTE_WRITES, BODY_MAX, TILLD_RUN_INTERACTIVE, 5000, adopt_decode, adopt },
  { "POST", TILL_PATH_GATEWAYS, TILL_PERMISSION_PLANT_EDIT, TILLD_ROUTE_WRITES, BODY_MAX, TILLD_RUN_INTERACTIVE, 5000, create_decode, create },
  { "PATCH", TILL_PATH_GATEWAY, TILL_PERMISSION_PLANT_EDIT, TILLD_ROUTE_WRITES, BODY_MAX, TILLD_RUN_INTERACTIVE, 5000, update_decode, update },
  { "DELETE", TILL_PATH_GATEWAY, TILL_PERMISSION_PLANT_EDIT, TILLD_ROUTE_WRITES, 0, TILLD_RUN_INTERACTIVE, 5000, retire_decode, retire },
  { "POST", TILL_PATH_GATEWAY_CERTIFICATE, TILL_PERMISSION_PLANT_EDIT, TILLD_ROUTE_WRITES, 1024, TILLD_RUN_INTERACTIVE, 5000, certificate_decode,
    certify },
  { NULL },
};
