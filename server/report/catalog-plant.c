/* SPDX-License-Identifier: GPL-2.0-or-later
 * catalog-plant.c: reports about links and meters as they are at this moment: freshness, lost meters, lost gateways. Their period is
 * not used. */
#include "server/report/catalog-private.h"

static const TilldStatement freshness = {
  .name = "report-freshness",
  .resource = "queries/freshness.sql",
  .params = { DB_I64_TYPE, DB_DAY_TYPE, DB_DAY_TYPE, DB_TEXT_TYPE, DB_I64_ARRAY_TYPE, DB_I64_TYPE },
  .columns = { { "gateway", DB_TEXT_TYPE }, { "name", DB_TEXT_TYPE }, { "online", DB_I64_TYPE }, { "circuits", DB_I64_TYPE }, { "fresh", DB_I64_TYPE },
               { "stale", DB_I64_TYPE }, { "lost", DB_I64_TYPE }, { "never", DB_I64_TYPE }, { "age_median", DB_I64_TYPE, DB_NULL_OK },
               { "age_p99", DB_I64_TYPE, DB_NULL_OK }, { "age_max", DB_I64_TYPE, DB_NULL_OK } },
};
TILLD_STATEMENT (freshness)

static const TilldStatement lost_meters = {
  .name = "report-lost-meters",
  .resource = "queries/lost-meters.sql",
  .params = { DB_I64_TYPE, DB_DAY_TYPE, DB_DAY_TYPE, DB_TEXT_TYPE, DB_I64_ARRAY_TYPE, DB_I64_TYPE },
  .columns = { { "meter", DB_TEXT_TYPE }, { "room", DB_TEXT_TYPE }, { "customer", DB_TEXT_TYPE, DB_NULL_OK }, { "gateway", DB_TEXT_TYPE },
               { "port", DB_I64_TYPE }, { "unit", DB_I64_TYPE }, { "model", DB_TEXT_TYPE }, { "lost_since", DB_TS_TYPE, DB_NULL_OK },
               { "read_at", DB_TS_TYPE, DB_NULL_OK }, { "balance", DB_I64_TYPE, DB_NULL_OK } },
};
TILLD_STATEMENT (lost_meters)

static const TilldStatement lost_gateways = {
  .name = "report-lost-gateways",
  .resource = "queries/lost-gateways.sql",
  .params = { DB_I64_TYPE, DB_DAY_TYPE, DB_DAY_TYPE, DB_TEXT_TYPE, DB_I64_ARRAY_TYPE, DB_I64_TYPE },
  .columns = { { "gateway", DB_TEXT_TYPE }, { "name", DB_TEXT_TYPE }, { "room", DB_TEXT_TYPE, DB_NULL_OK }, { "address", DB_TEXT_TYPE },
               { "last_seen", DB_TS_TYPE, DB_NULL_OK }, { "meters", DB_I64_TYPE } },
};
TILLD_STATEMENT (lost_gateways)

static const TilldColumn freshness_columns[] = {
  { "gateway", "Gateway", "网关", TILLD_CELL_TEXT, NULL },
  { "name", "Name", "名称", TILLD_CELL_TEXT, NULL },
  { "online", "Online", "在线", TILLD_CELL_BOOL, NULL },
  { "circuits", "Meters", "电表数", TILLD_CELL_INT, NULL },
  { "fresh", "Fresh", "3 分钟内", TILLD_CELL_INT, NULL },
  { "stale", "Older than 3 min", "超过 3 分钟", TILLD_CELL_INT, NULL },
  { "lost", "Lost", "失联", TILLD_CELL_INT, NULL },
  { "never", "Never read", "从未抄到", TILLD_CELL_INT, NULL },
  { "age_median", "Age, median", "数据时间中位数", TILLD_CELL_INT, "s" },
  { "age_p99", "Age, 99 %", "数据时间 99 %", TILLD_CELL_INT, "s" },
  { "age_max", "Age, oldest", "最旧数据时间", TILLD_CELL_INT, "s" },
};
static const char *const freshness_series[] = { "age_p99", NULL };

static const TilldColumn lost_meter_columns[] = {
  { "meter", "Meter No.", "表号", TILLD_CELL_TEXT, NULL },
  { "room", "Room", "房间", TILLD_CELL_TEXT, NULL },
  { "customer", "Customer", "用户名", TILLD_CELL_TEXT, NULL },
  { "gateway", "Gateway", "网关", TILLD_CELL_TEXT, NULL },
  { "port", "Port", "串口号", TILLD_CELL_INT, NULL },
  { "unit", "Address", "表地址", TILLD_CELL_INT, NULL },
  { "model", "Model", "型号", TILLD_CELL_TEXT, NULL },
  { "lost_since", "Lost since", "失联时间", TILLD_CELL_TIME, NULL },
  { "read_at", "Last reading", "上次抄表", TILLD_CELL_TIME, NULL },
  { "balance", "Balance", "剩余金额", TILLD_CELL_MONEY, NULL },
};

static const TilldColumn lost_gateway_columns[] = {
  { "gateway", "Gateway", "网关", TILLD_CELL_TEXT, NULL },
  { "name", "Name", "名称", TILLD_CELL_TEXT, NULL },
  { "room", "Area", "区域", TILLD_CELL_TEXT, NULL },
  { "address", "Address", "地址", TILLD_CELL_TEXT, NULL },
  { "last_seen", "Last seen", "最后通讯", TILLD_CELL_TIME, NULL },
  { "meters", "Meters", "电表数", TILLD_CELL_INT, NULL },
};

const TilldReport tilld_plant_reports[TILLD_PLANT_REPORTS] = {
  { "freshness", "Age of states", "数据时效", TILL_PERMISSION_REPORTS_ENERGY, 366, &freshness, freshness_columns,
    G_N_ELEMENTS (freshness_columns), 0xf8, freshness_series },
  { "lost_gateways", "Lost gateways", "失联网关", TILL_PERMISSION_REPORTS_ENERGY, 366, &lost_gateways, lost_gateway_columns,
    G_N_ELEMENTS (lost_gateway_columns), 0x20, NULL },
  { "lost_meters", "Lost meters", "失联电表", TILL_PERMISSION_REPORTS_ENERGY, 366, &lost_meters, lost_meter_columns,
    G_N_ELEMENTS (lost_meter_columns), 0, NULL },
};
