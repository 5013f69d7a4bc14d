/* SPDX-License-Identifier: GPL-2.0-or-later
 * api-plant.c: areas, gateways, tariffs: what stands where. Read only here. */
#include "server/api/listing.h"
#include "server/api/single.h"
#include "server/domain/plant/area.h"
#include "server/domain/plant/gateway.h"
#include "server/domain/plant/tariff.h"
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

static const TilldColumn tariff_columns[] = {
  { "name", "Tariff", "电价", TILLD_CELL_TEXT, NULL },
  { "effective", "From", "生效日期", TILLD_CELL_DAY, NULL },
  { "price_tip", "Tip", "尖", TILLD_CELL_PRICE, NULL },
  { "price_peak", "Peak", "峰", TILLD_CELL_PRICE, NULL },
  { "price_flat", "Flat", "平", TILLD_CELL_PRICE, NULL },
  { "price_valley", "Valley", "谷", TILLD_CELL_PRICE, NULL },
  { "price_deep", "Deep valley", "深谷", TILLD_CELL_PRICE, NULL },
  { NULL },
};
static const TilldListing tariffs = { "Tariffs", "电价", "tariffs", tilld_tariff_list, tariff_columns };

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

static gboolean
list_tariffs (TilldRequest *request, TilldDb *db, GError **error)
{
  return tilld_listing_run (request, db, &tariffs, error);
}

const TilldRoute tilld_api_plant_routes[] = {
  { "GET", TILL_PATH_AREAS, TILL_PERMISSION_METERS_VIEW, 0, 0, TILLD_RUN_INTERACTIVE, 5000, tilld_listing_decode, list_areas },
  { "GET", TILL_PATH_GATEWAYS, TILL_PERMISSION_METERS_VIEW, 0, 0, TILLD_RUN_INTERACTIVE, 5000, tilld_listing_decode, list_gateways },
  { "GET", TILL_PATH_GATEWAY, TILL_PERMISSION_METERS_VIEW, 0, 0, TILLD_RUN_INTERACTIVE, 5000, tilld_single_decode, get_gateway },
  { "GET", TILL_PATH_TARIFFS, TILL_PERMISSION_METERS_VIEW, 0, 0, TILLD_RUN_INTERACTIVE, 5000, tilld_listing_decode, list_tariffs },
  { NULL },
};
