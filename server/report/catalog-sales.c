/* SPDX-License-Identifier: GPL-2.0-or-later
 * catalog-sales.c: reports about money taken. */
#include "server/report/catalog-private.h"

static const TilldStatement sales_daily = {
  .name = "report-sales-daily",
  .resource = "queries/sales-daily.sql",
  .params = { DB_I64_TYPE, DB_DAY_TYPE, DB_DAY_TYPE, DB_TEXT_TYPE, DB_I64_ARRAY_TYPE, DB_I64_TYPE },
  .columns = { { "day", DB_DAY_TYPE, DB_NULL_OK }, { "count", DB_I64_TYPE }, { "sales", DB_I64_TYPE }, { "subsidy", DB_I64_TYPE },
               { "reversed", DB_I64_TYPE }, { "refunded", DB_I64_TYPE }, { "net", DB_I64_TYPE }, { "cash", DB_I64_TYPE } },
};
TILLD_STATEMENT (sales_daily)

static const TilldColumn sales_columns[] = {
  { "day", "Day", "日期", TILLD_CELL_DAY, NULL },
  { "sales", "Sales", "售电金额", TILLD_CELL_MONEY, NULL },
  { "reversed", "Reversed", "冲正金额", TILLD_CELL_MONEY, NULL },
  { "refunded", "Refunded", "退电金额", TILLD_CELL_MONEY, NULL },
  { "net", "Net income", "财务收入", TILLD_CELL_MONEY, NULL },
  { "cash", "Cash", "现金", TILLD_CELL_MONEY, NULL },
  { "subsidy", "Subsidy", "补助", TILLD_CELL_MONEY, NULL },
  { "count", "Count", "笔数", TILLD_CELL_INT, NULL },
};
static const char *const sales_series[] = { "sales", NULL };

const TilldReport tilld_sales_reports[TILLD_SALES_REPORTS] = {
  { "sales_daily", "Daily sales", "售电日报", TILL_PERMISSION_REPORTS_MONEY, 366, &sales_daily, sales_columns,
    G_N_ELEMENTS (sales_columns), 0xfe, sales_series, TRUE },
};
