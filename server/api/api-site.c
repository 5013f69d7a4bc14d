/* SPDX-License-Identifier: GPL-2.0-or-later
 * api-site.c: the site and what is set for it. */
#include "server/api/listing.h"
#include "server/api/single.h"
#include "server/domain/office/site-edit.h"
#include "shared/api/till-paths.h"

static const TilldColumn site_columns[] = {
  { "code", "Code", "编号", TILLD_CELL_TEXT, NULL },
  { "name", "Name", "名称", TILLD_CELL_TEXT, NULL },
  { "zone", "Time zone", "时区", TILLD_CELL_TEXT, NULL },
  { NULL },
};
static const TilldListing sites = { "Sites", "站点", "sites", tilld_site_list, site_columns };

static gboolean
list (TilldRequest *request, TilldDb *db, GError **error)
{
  return tilld_listing_run (request, db, &sites, error);
}

static gboolean
get (TilldRequest *request, TilldDb *db, GError **error)
{
  return tilld_single_run (request, db, tilld_site_get, error);
}

static void
change_free (gpointer data)
{
  tilld_site_change_clear (data);
  g_free (data);
}

static gboolean
change_decode (TilldRequest *request, GError **error)
{
  TilldSiteChange *in = g_new0 (TilldSiteChange, 1);
  TillJsonRead r;

  tilld_request_take_input (request, in, change_free);
  if (!tilld_request_param_int (request, &in->id, error) || !tilld_request_if_match (request, &in->version, error))
    return FALSE;
  till_json_read_init (&r, request->body);
  tilld_site_change_read (&r, in);
  return till_json_read_finish (&r, error) && tilld_query_finish (&request->query, error);
}

static gboolean
change (TilldRequest *request, TilldDb *db, GError **error)
{
  const TilldSiteChange *in = request->input;
  g_autoptr (TillJsonWrite) w = till_json_write_new ();

  till_json_write_begin_object (w, NULL);
  if (!tilld_site_update (db, &request->actor, in, error) || !tilld_site_get (db, &request->actor, in->id, w, error))
    return FALSE;
  till_json_write_end_object (w);
  tilld_reply_json (request, 200, g_steal_pointer (&w));
  return TRUE;
}

const TilldRoute tilld_api_site_routes[] = {
  { "GET", TILL_PATH_SITES, TILL_PERMISSION_METERS_VIEW, 0, 0, TILLD_RUN_INTERACTIVE, 5000, tilld_listing_decode, list },
  { "GET", TILL_PATH_SITE, TILL_PERMISSION_METERS_VIEW, 0, 0, TILLD_RUN_INTERACTIVE, 5000, tilld_single_decode, get },
  { "PATCH", TILL_PATH_SITE, TILL_PERMISSION_DEFAULTS_EDIT, TILLD_ROUTE_WRITES, 4096, TILLD_RUN_INTERACTIVE, 5000, change_decode, change },
  { NULL },
};
