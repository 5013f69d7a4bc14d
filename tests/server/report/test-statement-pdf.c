/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-statement-pdf.c: a statement over several pages, as a reader of the PDF sees it: every line, the sums, the page numbers. */
#include <glib/gstdio.h>
#include <string.h>
#include "server/report/statement-pdf.h"

#define LINES 120

static char *
text_of (gboolean chinese)
{
  g_autoptr (GTimeZone) zone = till_zone_new ("Asia/Shanghai", NULL);
  g_autoptr (GArray) lines = g_array_new (FALSE, TRUE, sizeof (TilldStatementLine));
  TilldMeterStatement s = { .meter_code = (char *) "A3-0201", .room = (char *) "B3/F2/201", .customer_name = (char *) "张伟",
                            .account_code = (char *) "100231", .from = TILL_SECOND,
                            .to = 100 * TILL_SECOND, .opening = 1000000, .used = -LINES * 10001, .closing = 1000000 - LINES * 10001, .lines = lines };
  TilldStatementPaper paper = { &s, "Campus", "0574-6543210", zone, G_GINT64_CONSTANT (1788307200000000), "Anna" };
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) pdf = NULL;
  g_autofree char *folder = g_dir_make_tmp ("till-XXXXXX", NULL), *path = g_build_filename (folder, "a.pdf", NULL);
  const char *argv[] = { "pdftotext", "-layout", path, "-", NULL };
  char *out = NULL;

  for (guint i = 0; i < LINES; i++)
    {
      TilldStatementLine line = { .kind = TILLD_ENTRY_ENERGY, .at = G_GINT64_CONSTANT (1788220800000000) + i * 3600 * TILL_SECOND, .day = 20697 + (TillDay) (i / 24),
                                  .rate = TILL_RATE_PEAK, .tier = 2, .has_price = TRUE, .price = 10850, .energy = 922, .estimated = i == 7,
                                  .amount = -10001, .balance = 1000000 - ((gint64) i + 1) * 10001 };
      g_array_append_val (lines, line);
    }
  pdf = tilld_statement_pdf (&paper, chinese, &error);
  g_assert_no_error (error);
  g_assert_true (g_file_set_contents (path, g_bytes_get_data (pdf, NULL), (gssize) g_bytes_get_size (pdf), NULL));
  g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &out, NULL, NULL, NULL));
  g_unlink (path);
  g_rmdir (folder);
  return out;
}

static guint
count_of (const char *text, const char *part)
{
  guint n = 0;

  for (const char *at = strstr (text, part); at != NULL; at = strstr (at + strlen (part), part))
    n++;
  return n;
}

static void
test_pages (void)
{
  g_autofree char *english = text_of (FALSE), *chinese = text_of (TRUE);

  g_assert_cmpuint (count_of (english, "-1.0001"), ==, LINES);
  g_assert_cmpuint (count_of (english, "Energy peak tier 2"), ==, LINES);
  g_assert_cmpuint (count_of (english, "(estimated)"), ==, 1);
  g_assert_cmpuint (count_of (english, "\f"), >=, 2); /* pages */
  g_assert_cmpuint (count_of (english, "Posted"), ==, count_of (english, "\f")); /* the head stands on each */
  g_assert_nonnull (strstr (english, "-20.0120")); /* closing */
  g_assert_nonnull (strstr (english, "张伟 · 100231"));
  g_assert_nonnull (strstr (chinese, "电费账单"));
  g_assert_nonnull (strstr (chinese, "（估算）"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/statement-pdf/pages", test_pages);
  return g_test_run ();
}
