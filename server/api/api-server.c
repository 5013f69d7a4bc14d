/* SPDX-License-Identifier: GPL-2.0-or-later
 * api-server.c: the server about itself: health, version, permissions, metrics, live events. */
#include "config.h"
#include "server/api/api.h"
#include <string.h>
#include "server/core/clock.h"
#include "server/core/metrics.h"
#include "shared/api/till-paths.h"

static gboolean
health (TilldRequest *request, TilldDb *db, GError **error)
{
  TilldApi *api = tilld_api_of (request);
  TillJsonWrite *w = till_json_write_new ();

  till_json_write_begin_object (w, NULL);
  till_json_write_text (w, "status", !api->healthy (api->healthy_data) ? "degraded" : g_atomic_int_get (&api->reconciling) ? "reconcile" : "ok");
  till_json_write_end_object (w);
  tilld_reply_json (request, 200, w);
  return TRUE;
}

static gboolean
server (TilldRequest *request, TilldDb *db, GError **error)
{
  TilldApi *api = tilld_api_of (request);
  TillJsonWrite *w = till_json_write_new ();

  till_json_write_begin_object (w, NULL);
  till_json_write_text (w, "version", GRIDTILL_VERSION);
  till_json_write_text (w, "site", api->site_name);
  till_json_write_text (w, "zone", api->site_zone);
  till_json_write_text (w, "currency", api->currency);
  till_json_write_time (w, "time", tilld_clock_wall (api->clock));
  till_json_write_bool (w, "reconcile", g_atomic_int_get (&api->reconciling));
  till_json_write_end_object (w);
  tilld_reply_json (request, 200, w);
  return TRUE;
}

static void
write_role (const char *role, TillJsonWrite *w)
{
  TillPermissionSet set = till_role_default_permissions (role);

  till_json_write_begin_array (w, role);
  for (int i = 0; i < TILL_PERMISSION_N; i++)
    if (till_permission_set_has (set, (TillPermission) i))
      till_json_write_text (w, NULL, till_permission_word ((TillPermission) i));
  till_json_write_end_array (w);
}

static gboolean
permissions (TilldRequest *request, TilldDb *db, GError **error)
{
  TillJsonWrite *w = till_json_write_new ();

  till_json_write_begin_object (w, NULL);
  till_json_write_begin_array (w, "permissions");
  for (int i = 0; i < TILL_PERMISSION_N; i++)
    till_json_write_text (w, NULL, till_permission_word ((TillPermission) i));
  till_json_write_end_array (w);
  till_json_write_begin_object (w, "roles");
  for (const char *const *role = till_role_names (); *role != NULL; role++)
    write_role (*role, w);
  till_json_write_end_object (w);
  till_json_write_end_object (w);
  tilld_reply_json (request, 200, w);
  return TRUE;
}

static gboolean
metrics (TilldRequest *request, TilldDb *db, GError **error)
{
  char *text = tilld_metrics_print ();
  g_autoptr (GBytes) bytes = g_bytes_new_take (text, strlen (text));

  tilld_reply_bytes (request, "text/plain", bytes, NULL);
  return TRUE;
}

/* --- events --- */

static gboolean
events_decode (TilldRequest *request, GError **error)
{
  gint64 *cursor = g_new0 (gint64, 1);

  tilld_request_take_input (request, cursor, g_free);
  tilld_query_int (&request->query, "cursor", 0, G_MAXINT64 / 2, cursor);
  return tilld_query_finish (&request->query, error);
}

static gboolean
events (TilldRequest *request, TilldDb *db, GError **error)
{
  TilldApi *api = tilld_api_of (request);
  g_autoptr (GArray) areas = tilld_board_scope (api->board, request->actor.areas);

  TilldReaderScope scope = {
    .areas = areas != NULL ? (const gint64 *) areas->data : NULL, .n_areas = areas != NULL ? areas->len : 0,
    .kinds = 1u << TILLD_LIVE_METER | 1u << TILLD_LIVE_COMMAND | 1u << TILLD_LIVE_ALARM | 1u << TILLD_LIVE_JOB
             | 1u << TILLD_LIVE_APPROVAL | 1u << TILLD_LIVE_PROOF,
    .cursor = *(const gint64 *) request->input,
  };

  if (till_permission_set_has (request->actor.permissions, TILL_PERMISSION_SALES_VIEW))
    scope.kinds |= 1u << TILLD_LIVE_SALE | 1u << TILLD_LIVE_CASE;
  if (till_permission_set_has (request->actor.permissions, TILL_PERMISSION_DRAWER_OWN))
    scope.kinds |= 1u << TILLD_LIVE_DRAWER;
  return tilld_events_upgrade (api->events, request, &scope, error);
}

const TilldRoute tilld_api_server_routes[] = {
  { "GET", TILL_PATH_EVENTS, TILL_PERMISSION_METERS_VIEW, TILLD_ROUTE_STREAM, 0, TILLD_RUN_HERE, 0, events_decode, events },
  { "GET", TILL_PATH_HEALTH, TILLD_ANYONE, TILLD_ROUTE_PUBLIC, 0, TILLD_RUN_HERE, 0, NULL, health },
  { "GET", TILL_PATH_METRICS, TILL_PERMISSION_METRICS_VIEW, 0, 0, TILLD_RUN_HERE, 0, NULL, metrics },
  { "GET", TILL_PATH_PERMISSIONS, TILLD_ANYONE, 0, 0, TILLD_RUN_HERE, 0, NULL, permissions },
  { "GET", TILL_PATH_SERVER, TILLD_ANYONE, TILLD_ROUTE_FIRST, 0, TILLD_RUN_HERE, 0, NULL, server },
  { NULL },
};
