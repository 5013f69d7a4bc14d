/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-report.c: a report's columns, cells and totals as the server sent them. */
#include "config.h"
#include "client/model/till-report.h"
#include "shared/base/till-error.h"
#include "tests/lib/test-main.h"

static const char sales_daily[] =
  "{\"columns\":[{\"name\":\"day\",\"title\":\"Day\",\"type\":\"day\"},{\"name\":\"sales\",\"title\":\"Sales\",\"type\":\"money\",\"unit\":\"¥\"},"
  "{\"name\":\"count\",\"title\":\"Count\",\"type\":\"int\"},{\"name\":\"what\",\"type\":\"a newer type\"}],"
  "\"rows\":[[\"2026-09-01\",\"12430.0000\",96,\"x\"],[\"2026-09-02\",null,0,null]],\"totals\":[null,\"12430.0000\",96,null],\"series\":[]}";

static void
test_report (void)
{
  g_autoptr(JsonNode) node = json_from_string (sales_daily, NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(TillReport) report = till_report_new_from_json (node, &error);
  g_autoptr(TillReportRow) first = NULL;
  g_autoptr(TillReportRow) second = NULL;

  g_assert_no_error (error);
  g_assert_cmpuint (till_report_get_n_columns (report), ==, 4);
  g_assert_cmpint (till_report_get_column (report, 1)->kind, ==, TILL_FIELD_MONEY);
  g_assert_cmpint (till_report_get_column (report, 3)->kind, ==, TILL_FIELD_TEXT);
  g_assert_cmpstr (till_report_get_column (report, 3)->title, ==, "what");
  g_assert_cmpint (till_report_find_column (report, "count"), ==, 2);
  g_assert_cmpint (till_report_find_column (report, "nothing"), ==, -1);
  first = g_list_model_get_item (till_report_get_rows (report), 0);
  second = g_list_model_get_item (till_report_get_rows (report), 1);
  g_assert_cmpint (till_report_row_get_int (first, 0), ==, 20697);
  g_assert_cmpint (till_report_row_get_int (first, 1), ==, 124300000);
  g_assert_cmpint (till_report_row_get_int (first, 2), ==, 96);
  g_assert_cmpstr (till_report_row_get_text (first, 3), ==, "x");
  g_assert_cmpint (till_report_row_get_int (second, 1), ==, TILL_UNKNOWN);
  g_assert_null (till_report_row_get_text (second, 1));
  g_assert_cmpint (till_report_row_get_int (till_report_get_totals (report), 1), ==, 124300000);
  g_assert_false (till_report_is_empty (report));
}

static void
test_bad (gconstpointer data)
{
  g_autoptr(JsonNode) node = json_from_string (data, NULL);
  g_autoptr(GError) error = NULL;

  g_assert_null (till_report_new_from_json (node, &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_INVALID);
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/report/whole", test_report);
  g_test_add_data_func ("/report/bad/none", "{}", test_bad);
  g_test_add_data_func ("/report/bad/row", "{\"columns\":[{\"name\":\"a\"}],\"rows\":[[1,2]]}", test_bad);
  g_test_add_data_func ("/report/bad/column", "{\"columns\":[{\"title\":\"a\"}],\"rows\":[]}", test_bad);
  return till_test_run ();
}
