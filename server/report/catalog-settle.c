/* SPDX-License-Identifier: GPL-2.0-or-later
 * catalog-settle.c: reports about what was used and earned, and whether meters and books agree. */
#include "server/report/catalog-private.h"

#define PERIOD { DB_I64_TYPE, DB_DAY_TYPE, DB_DAY_TYPE, DB_TEXT_TYPE, DB_I64_ARRAY_TYPE, DB_I64_TYPE }

static const TilldStatement conservation = {
  .name = "report-conservation",
  .resource = "queries/conservation.sql",
  .params = PERIOD,
  .columns = { { "meter", DB_TEXT_TYPE }, { "room", DB_TEXT_TYPE }, { "days", DB_I64_TYPE }, { "beyond", DB_I64_TYPE }, { "energy", DB_I64_TYPE },
               { "bought", DB_I64_TYPE }, { "deducted", DB_I64_TYPE }, { "charge", DB_I64_TYPE }, { "difference", DB_I64_TYPE },
               { "tolerance", DB_I64_TYPE }, { "energy_deducted", DB_I64_TYPE, DB_NULL_OK }, { "energy_difference", DB_I64_TYPE, DB_NULL_OK },
               { "open_case", DB_BOOL_TYPE } },
};
TILLD_STATEMENT (conservation)

static const TilldColumn conservation_columns[] = {
  { "meter", "Meter No.", "表号", TILLD_CELL_TEXT, NULL },
  { "room", "Room", "房间", TILLD_CELL_TEXT, NULL },
  { "days", "Days compared", "核对天数", TILLD_CELL_INT, NULL },
  { "beyond", "Days beyond tolerance", "超差天数", TILLD_CELL_INT, NULL },
  { "energy", "Energy", "电量", TILLD_CELL_ENERGY, "kWh" },
  { "bought", "Bought", "购电金额", TILLD_CELL_MONEY, NULL },
  { "deducted", "Taken by the meter", "电表扣费", TILLD_CELL_PRICE, NULL },
  { "charge", "Cost of the energy", "应扣电费", TILLD_CELL_PRICE, NULL },
  { "difference", "Difference", "差额", TILLD_CELL_PRICE, NULL },
  { "tolerance", "Tolerance", "允许差额", TILLD_CELL_PRICE, NULL },
  { "energy_deducted", "kWh taken by the meter", "电表扣减电量", TILLD_CELL_ENERGY, "kWh" },
  { "energy_difference", "kWh difference", "电量差额", TILLD_CELL_ENERGY, "kWh" },
  { "open_case", "Open case", "待处理", TILLD_CELL_BOOL, NULL },
};

static const TilldStatement balances_moved = {
  .name = "report-meter-statement",
  .resource = "queries/balances-moved.sql",
  .params = PERIOD,
  .columns = { { "meter", DB_TEXT_TYPE }, { "room", DB_TEXT_TYPE }, { "customer", DB_TEXT_TYPE, DB_NULL_OK }, { "opening", DB_I64_TYPE },
               { "sold", DB_I64_TYPE }, { "given_back", DB_I64_TYPE }, { "used", DB_I64_TYPE }, { "other", DB_I64_TYPE }, { "closing", DB_I64_TYPE },
               { "energy", DB_I64_TYPE } },
};
TILLD_STATEMENT (balances_moved)

static const TilldColumn moved_columns[] = {
  { "meter", "Meter No.", "表号", TILLD_CELL_TEXT, NULL },
  { "room", "Room", "房间", TILLD_CELL_TEXT, NULL },
  { "customer", "Customer", "用户名", TILLD_CELL_TEXT, NULL },
  { "opening", "Opening balance", "期初余额", TILLD_CELL_PRICE, NULL },
  { "sold", "Sales", "售电金额", TILLD_CELL_MONEY, NULL },
  { "given_back", "Given back", "退回", TILLD_CELL_MONEY, NULL },
  { "used", "Used", "电费", TILLD_CELL_PRICE, NULL },
  { "other", "Other", "其他", TILLD_CELL_PRICE, NULL },
  { "closing", "Closing balance", "期末余额", TILLD_CELL_PRICE, NULL },
  { "energy", "Energy", "电量", TILLD_CELL_ENERGY, "kWh" },
};

static const TilldStatement revenue = {
  .name = "report-revenue",
  .resource = "queries/revenue.sql",
  .params = PERIOD,
  .columns = { { "day", DB_DAY_TYPE, DB_NULL_OK }, { "energy", DB_I64_TYPE }, { "energy_charge", DB_I64_TYPE }, { "fixed_fee", DB_I64_TYPE },
               { "free_energy", DB_I64_TYPE }, { "rounding", DB_I64_TYPE }, { "revenue", DB_I64_TYPE } },
};
TILLD_STATEMENT (revenue)

static const TilldColumn revenue_columns[] = {
  { "day", "Day", "日期", TILLD_CELL_DAY, NULL },
  { "energy", "Energy", "电量", TILLD_CELL_ENERGY, "kWh" },
  { "energy_charge", "Energy charge", "电度电费", TILLD_CELL_PRICE, NULL },
  { "fixed_fee", "Fixed fees", "基本费", TILLD_CELL_PRICE, NULL },
  { "free_energy", "Free energy", "免费电量", TILLD_CELL_ENERGY, "kWh" },
  { "rounding", "Rounding of meters", "电表尾差", TILLD_CELL_PRICE, NULL },
  { "revenue", "Revenue", "电费收入", TILLD_CELL_PRICE, NULL },
};
static const char *const revenue_series[] = { "revenue", NULL };

const TilldReport tilld_settle_reports[TILLD_SETTLE_REPORTS] = {
  { "conservation", "Meters against the books", "表账核对", TILL_PERMISSION_REPORTS_MONEY, 366, &conservation, conservation_columns,
    G_N_ELEMENTS (conservation_columns), 0x1f0, NULL },
  { "meter_statement", "Balances", "余额变动", TILL_PERMISSION_REPORTS_MONEY, 366, &balances_moved, moved_columns, G_N_ELEMENTS (moved_columns), 0x3f8, NULL },
  { "revenue", "Revenue", "电费收入", TILL_PERMISSION_REPORTS_MONEY, 366, &revenue, revenue_columns, G_N_ELEMENTS (revenue_columns), 0x7e, revenue_series },
};
