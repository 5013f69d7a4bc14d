/* SPDX-License-Identifier: GPL-2.0-or-later
 * api-discovery.c: looking for cabinets behind a gateway. The answer is a job; its result is the preview that POST /meters accepts. */
#include "server/api/api.h"
#include "server/core/clock.h"
#include "server/domain/plant/discovery.h"
#include "shared/api/till-paths.h"
#include "shared/base/till-json-read.h"

static gboolean
decode (TilldRequest *request, GError **error)
{
  TilldDiscovery *in = g_new0 (TilldDiscovery, 1);
  JsonArray *tables = NULL;
  TillJsonRead r;

  tilld_request_take_input (request, in, g_free);
  if (!tilld_request_param_int (request, &in->gateway, error))
    return FALSE;
  in->port = 1;
  till_json_read_init (&r, request->body);
  till_json_read_int (&r, "port", TILL_OPTIONAL, 1, 16, &in->port);
  till_json_read_array (&r, "tables", TILL_OPTIONAL, TILLD_DISCOVERY_TABLES_MAX, &tables);
  for (guint i = 0; tables != NULL && i < json_array_get_length (tables); i++)
    {
      JsonNode *node = json_array_get_element (tables, i);
      gint64 table = JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64 ? json_node_get_int (node) : 0;

      if (table < 1 || table > 247)
        till_json_read_error (&r, "tables", "holds table numbers, 1 to 247");
      else
        in->tables[in->n_tables++] = (guint8) table;
    }
  till_id_new (&in->job, tilld_clock_wall (tilld_api_of (request)->clock) / 1000);
  return till_json_read_finish (&r, error) && tilld_query_finish (&request->query, error);
}

static gboolean
start (TilldRequest *request, TilldDb *db, GError **error)
{
  const TilldDiscovery *in = request->input;
  TillJsonWrite *w;

  if (!tilld_discovery_start (db, &request->actor, in, error))
    return FALSE;
  w = till_json_write_new ();
  till_json_write_begin_object (w, NULL);
  till_json_write_id (w, "job", &in->job);
  till_json_write_end_object (w);
  tilld_reply_json (request, 202, w);
  return TRUE;
}

const TilldRoute tilld_api_discovery_routes[] = {
  { "POST", TILL_PATH_GATEWAY_DISCOVER, TILL_PERMISSION_PLANT_EDIT, TILLD_ROUTE_WRITES, 4096, TILLD_RUN_INTERACTIVE, 5000, decode, start },
  { NULL },
};
