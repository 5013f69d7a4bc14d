/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-sniff.c: every beginning of every row, and each byte that spoils it. */
#include "server/wire/sniff.h"
#include "tests/lib/test-main.h"

#define ROW(text, kind) { text, sizeof (text) - 1, kind }

static void
test_rows (void)
{
  static const struct { const char *bytes; gsize len; TilldSniff kind; } rows[] = {
    ROW ("", TILLD_SNIFF_MORE), ROW ("G", TILLD_SNIFF_MORE), ROW ("GT", TILLD_SNIFF_MORE), ROW ("GT\001", TILLD_SNIFF_GT3),
    ROW ("GT\001\002GW", TILLD_SNIFF_GT3), ROW ("GT\002", TILLD_SNIFF_TEXT), ROW ("GATE7", TILLD_SNIFF_TEXT), ROW ("GTX", TILLD_SNIFF_TEXT),
    ROW ("\026", TILLD_SNIFF_MORE), ROW ("\026\003", TILLD_SNIFF_MORE), ROW ("\026\003\001", TILLD_SNIFF_TLS), ROW ("\026\003\004", TILLD_SNIFF_TLS),
    ROW ("\026\003\005", TILLD_SNIFF_TEXT), ROW ("\026\002", TILLD_SNIFF_TEXT), ROW ("{", TILLD_SNIFF_MORE), ROW ("{{", TILLD_SNIFF_7B7B),
    ROW ("{\"imei\":1}", TILLD_SNIFF_TEXT), ROW ("\037", TILLD_SNIFF_MORE), ROW ("\037\037", TILLD_SNIFF_1F1F), ROW ("\037\036", TILLD_SNIFF_TEXT),
    ROW ("\000", TILLD_SNIFF_TEXT), ROW ("\377\377\377", TILLD_SNIFF_TEXT), ROW ("1", TILLD_SNIFF_TEXT),
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_test_message ("row %u", i);
      g_assert_cmpint (tilld_sniff ((const guint8 *) rows[i].bytes, rows[i].len), ==, rows[i].kind);
    }
  for (guint i = 1; i < TILLD_SNIFF_KINDS; i++)
    g_assert_cmpstr (tilld_sniff_word ((TilldSniff) i), !=, "");
}

/* Once decided, more bytes change nothing; what waits has at most two bytes. */
static void
test_every_start (void)
{
  for (guint a = 0; a < 256; a++)
    for (guint b = 0; b < 256; b++)
      for (guint c = 0; c < 256; c += c < 8 ? 1 : 31)
        {
          guint8     bytes[3] = { (guint8) a, (guint8) b, (guint8) c };
          TilldSniff decided = TILLD_SNIFF_MORE;

          for (guint n = 1; n <= 3; n++)
            {
              TilldSniff kind = tilld_sniff (bytes, n);

              g_assert_true (decided == TILLD_SNIFF_MORE || kind == decided);
              decided = kind;
            }
          g_assert_cmpint (decided, !=, TILLD_SNIFF_MORE);
        }
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/sniff/rows", test_rows);
  g_test_add_func ("/sniff/every-start", test_every_start);
  return g_test_run ();
}
