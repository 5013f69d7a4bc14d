/* SPDX-License-Identifier: GPL-2.0-or-later
 * api-plant.c: areas, gateways: what stands where. Read only here. */
#include "server/api/listing.h"
#include "server/api/single.h"
#include "server/domain/plant/area.h"
#include "server/domain/plant/gateway.h"
#include "shared/api/till-paths.h"

static const TilldColumn area_columns[] = {
  { "path", "Place", "位置", TILLD_CELL_TEXT, NULL },
  { "kind", "Kind", "类别", TILLD_CELL_TEXT, NULL },
  { "meters", "Meters", "电表", TILLD_CELL_INT, NULL },
  { NULL },
};
static const TilldListing areas = { "Areas", "区域", "areas", tilld_area_list, area_columns };

static const TilldColumn gateway_columns[] = {
  { "code", "Gateway", "网关", TILLD_CELL_TEXT, NULL },
  { "name", "Name", "名称", TILLD_CELL_TEXT, NULL },
  { "room", "Place", "位置", TILLD_CELL_TEXT, NULL },
  { "link", "Link", "连接", TILLD_CELL_TEXT, NULL },
  { "address", "Address", "地址", TILLD_CELL_TEXT, NULL },
  { "online", "Online", "在线", TILLD_CELL_BOOL, NULL },
  { "last_seen", "Last seen", "最后通讯", TILLD_CELL_TIME, NULL },
  { "meters", "Meters", "电表", TILLD_CELL_INT, NULL },
  { NULL },
};
static const TilldListing gateways = { "Gateways", "网关", "gateways", tilld_gateway_list, gateway_columns };

static gboolean
list_areas (TilldRequest *request, TilldDb *db, GError **error)
{
  return tilld_listing_run (request, db, &areas, error);
}

static gboolean
list_gateways (TilldRequest *request, TilldDb *db, GError **error)
{
  return tilld_listing_run (request, db, &gateways, error);
}

static gboolean
get_gateway (TilldRequest *request, TilldDb *db, GError **error)
{
  return tilld_single_run (request, db, tilld_gateway_get, error);
}

const TilldRoute tilld_api_plant_routes[] = {
  { "GET", TILL_PATH_AREAS, TILL_PERMISSION_METERS_VIEW, 0, 0, TILLD_RUN_INTERACTIVE, 5000, tilld_listing_decode, list_areas },
  { "GET", TILL_PATH_GATEWAYS, TILL_PERMISSION_METERS_VIEW, 0, 0, TILLD_RUN_INTERACTIVE, 5000, tilld_listing_decode, list_gateways },
  { "GET", TILL_PATH_GATEWAY, TILL_PERMISSION_METERS_VIEW, 0, 0, TILLD_RUN_INTERACTIVE, 5000, tilld_single_decode, get_gateway },
  { NULL },
};
