/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-sinks.c: csv, xlsx and JSON of one small table, hostile names included; the receipt's text as a reader of the PDF sees it. */
#include "config.h"
#include <glib/gstdio.h>
#include "server/report/receipt.h"
#include "server/report/sink.h"
#include "shared/base/till-json-check.h"

static const TilldColumn columns[] = {
  { "day", "Day", "日期", TILLD_CELL_DAY, NULL },
  { "name", "Customer", "用户名", TILLD_CELL_TEXT, NULL },
  { "amount", "Sales", "售电金额", TILLD_CELL_MONEY, NULL },
  { "energy", "Energy", "电量", TILLD_CELL_ENERGY, "kWh" },
  { "at", "Time", "时间", TILLD_CELL_TIME, NULL },
};

static char *
fill (TilldSink *sink, const char *path)
{
  g_autoptr (GTimeZone) zone = till_zone_new ("Asia/Shanghai", NULL);
  g_autoptr (GError) error = NULL;
  static const char *const series[] = { "amount", NULL };
  TilldSheet sheet = { "日报", "2026-09", TRUE, zone, series };
  TilldCell first[] = { TILLD_CELL_NUMBER (20698), TILLD_CELL_STRING ("=HYPERLINK(\"x\")"), TILLD_CELL_NUMBER (1285000), TILLD_CELL_NUMBER (12345),
                        TILLD_CELL_NUMBER (G_GINT64_CONSTANT (1788220800000000)) };
  TilldCell second[] = { TILLD_CELL_NUMBER (20699), TILLD_CELL_STRING ("王, \"芳\""), TILLD_CELL_NUMBER (-100), TILLD_CELL_NULL, TILLD_CELL_NULL };
  TilldCell total[] = { TILLD_CELL_NULL, TILLD_CELL_NULL, TILLD_CELL_NUMBER (1284900), TILLD_CELL_NULL, TILLD_CELL_NULL };
  char *text = NULL;

  g_assert_true (tilld_sink_begin (sink, &sheet, columns, G_N_ELEMENTS (columns), &error));
  g_assert_true (tilld_sink_row (sink, first, &error));
  g_assert_true (tilld_sink_row (sink, second, &error));
  g_assert_true (tilld_sink_totals (sink, total, &error));
  g_assert_true (tilld_sink_end (sink, &error));
  g_assert_no_error (error);
  if (path != NULL)
    g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return text;
}

static void
test_csv (void)
{
  g_autofree char *folder = g_dir_make_tmp ("till-XXXXXX", NULL), *path = g_build_filename (folder, "a.csv", NULL);
  g_autoptr (TilldSink) sink = tilld_sink_csv_new (path, NULL);
  g_autofree char *text = fill (sink, path);

  g_assert_cmpstr (text, ==,
                   "\xEF\xBB\xBF日期,用户名,售电金额,电量 (kWh),时间\r\n"
                   "2026-09-02,\"'=HYPERLINK(\"\"x\"\")\",128.50,12.345,2026-09-01 08:00:00\r\n"
                   "2026-09-03,\"王, \"\"芳\"\"\",-0.01,,\r\n"
                   ",,128.49,,\r\n");
  g_unlink (path);
  g_rmdir (folder);
}

static void
test_json (void)
{
  g_autoptr (TilldSink) sink = tilld_sink_json_new ();
  g_autofree char *text = NULL;
  gsize length;

  fill (sink, NULL);
  text = tilld_sink_json_steal (sink, &length);
  g_assert_true (till_json_check (text, (gssize) length, 65536, NULL));
  g_assert_nonnull (strstr (text, "[\"2026-09-02\",\"=HYPERLINK(\\\"x\\\")\",\"128.5000\",\"12.345\",\"2026-09-01T00:00:00Z\"]"));
  g_assert_nonnull (strstr (text, "\"totals\":[null,null,\"128.4900\",null,null],\"series\":[\"amount\"]}"));
}

/* Read by another program: openpyxl sees numbers as numbers, dates as dates, and the formula as text. */
static void
test_xlsx (void)
{
  g_autofree char *folder = g_dir_make_tmp ("till-XXXXXX", NULL), *path = g_build_filename (folder, "a.xlsx", NULL);
  g_autoptr (TilldSink) sink = tilld_sink_xlsx_new (path, NULL);
  g_autofree char *out = NULL;
  const char *argv[] = { "/usr/bin/python3", "-c",
                         "import openpyxl,sys\n"
                         "s=openpyxl.load_workbook(sys.argv[1]).worksheets[0]\n"
                         "r=[c for c in s[4]]\n"
                         "print(s['A1'].value,r[0].value.date(),r[1].value,r[1].data_type,r[2].value,r[3].value,r[4].value,s['C6'].value)",
                         path, NULL };
  int status;

  g_free (fill (sink, NULL));
  g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL, 0, NULL, NULL, &out, NULL, &status, NULL));
  g_assert_cmpstr (out, ==, "日报 2026-09-02 =HYPERLINK(\"x\") s 128.5 12.345 2026-09-01 08:00:00 128.49\n");
  g_assert_cmpint (status, ==, 0);
  g_unlink (path);
  g_rmdir (folder);
}

static char *
receipt_out (const char *mode, TilldReceiptSize size, gboolean chinese, TillSaleState state, guint copy)
{
  g_autoptr (GTimeZone) zone = till_zone_new ("Asia/Shanghai", NULL);
  TilldReceipt r = {
    .site = "海亮宁海公学", .number = "S-2026-000042", .account = "100231", .customer = "张伟", .room = "B3/F2/201", .meter = "A3-0201", .operator_name = "李娜", .service_phone = "0574-6543210",
    .at = G_GINT64_CONSTANT (1788220800000000), .zone = zone, .amount = 1000000, .has_before = TRUE, .before = 1710900, .has_after = TRUE,
    .after = 2710900, .count = 13, .days_left = 11, .state = state, .copy = copy, .printed_at = G_GINT64_CONSTANT (1788307200000000),
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) pdf = tilld_receipt_pdf (&r, size, chinese, &error);
  g_autofree char *folder = g_dir_make_tmp ("till-XXXXXX", NULL), *path = g_build_filename (folder, "a.pdf", NULL);
  const char *argv[] = { "pdftotext", mode, path, "-", NULL };
  char *out = NULL;

  g_assert_no_error (error);
  g_assert_true (g_file_set_contents (path, g_bytes_get_data (pdf, NULL), (gssize) g_bytes_get_size (pdf), NULL));
  g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &out, NULL, NULL, NULL));
  g_unlink (path);
  g_rmdir (folder);
  return out;
}

static char *
receipt_text (TilldReceiptSize size, gboolean chinese, TillSaleState state, guint copy)
{
  return receipt_out ("-layout", size, chinese, state, copy);
}

/* The foot of the sheet once fell off the page of a copy: every word lies within the paper, on both sizes. */
static void
test_receipt_fits (void)
{
  g_autoptr (GRegex) page = g_regex_new ("<page [^>]*height=\"(\\d+)", 0, 0, NULL), word = g_regex_new ("yMax=\"(\\d+)", 0, 0, NULL);
  for (guint n = 0; n < 8; n++)
    {
      g_autofree char *boxes = receipt_out ("-bbox", n & 1 ? TILLD_RECEIPT_A5 : TILLD_RECEIPT_80MM, (n & 2) != 0,
                                            n & 4 ? TILL_SALE_STATE_HELD : TILL_SALE_STATE_VERIFIED, 3);
      g_autoptr (GMatchInfo) sheet = NULL, match = NULL;
      gint64 height = 0, words = 0;

      g_assert_true (g_regex_match (page, boxes, 0, &sheet));
      {
        g_autofree char *text = g_match_info_fetch (sheet, 1);
        height = g_ascii_strtoll (text, NULL, 10);
      }
      for (g_regex_match (word, boxes, 0, &match); g_match_info_matches (match); g_match_info_next (match, NULL), words++)
        {
          g_autofree char *bottom = g_match_info_fetch (match, 1);
          g_assert_cmpint (g_ascii_strtoll (bottom, NULL, 10), <, height);
        }
      g_assert_cmpint (words, >, 25);
    }
}

static void
test_receipt (void)
{
  g_autofree char *paid = receipt_text (TILLD_RECEIPT_80MM, TRUE, TILL_SALE_STATE_QUEUED, 0);
  g_autofree char *verified = receipt_text (TILLD_RECEIPT_A5, TRUE, TILL_SALE_STATE_VERIFIED, 2);
  g_autofree char *english = receipt_text (TILLD_RECEIPT_80MM, FALSE, TILL_SALE_STATE_HELD, 0);

  for (const char *const *word = (const char *const[]){ "海亮宁海公学", "预付费售电收据", "S-2026-000042", "张伟", "B3/F2/201", "¥ 100.00", "171.09", "已收款，待下发", NULL };
       *word != NULL; word++)
    g_assert_nonnull (strstr (paid, *word));
  g_assert_null (strstr (paid, "补打"));
  g_assert_nonnull (strstr (verified, "已到表"));
  g_assert_nonnull (strstr (verified, "补打 2"));
  g_assert_nonnull (strstr (verified, "壹佰元整"));
  g_assert_nonnull (strstr (english, "CLARIFIED"));
  g_assert_nonnull (strstr (english, "Purchase count"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/report/csv", test_csv);
  g_test_add_func ("/report/json", test_json);
  g_test_add_func ("/report/xlsx", test_xlsx);
  g_test_add_func ("/report/receipt", test_receipt);
  g_test_add_func ("/report/receipt/fits", test_receipt_fits);
  return g_test_run ();
}
