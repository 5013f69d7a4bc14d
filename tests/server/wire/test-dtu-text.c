/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-dtu-text.c: where a registration text ends, in whatever pieces it comes, and which registrations a record may hold. */
#include <string.h>
#include "server/wire/dtu-text.h"
#include "shared/base/till-error.h"
#include "tests/lib/test-main.h"

#define ROW(in, whole, text, used) { in, sizeof (in) - 1, whole, text, used }

static const struct { const char *in; gsize len; gboolean whole; const char *text; gsize used; } rows[] = {
  ROW ("GATE7\r\n", TRUE, "GATE7", 6), ROW ("GATE7", FALSE, "GATE7", 5), ROW ("  GATE7 \n\001\003", TRUE, "GATE7", 9),
  ROW ("\r\n\000GATE7\000X", TRUE, "GATE7", 9), ROW ("", FALSE, "", 0), ROW ("   ", FALSE, "", 3), ROW ("{\"imei\":\"86\"}\n", TRUE, "{\"imei\":\"86\"}", 14),
  ROW ("0123456789012345678901234567890123456789012345678901234567890123456789", TRUE,
       "0123456789012345678901234567890123456789012345678901234567890123", 64),
  ROW ("GA\tTE 7\r", TRUE, "GA\tTE 7", 8),
};

static void
test_ends (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    for (gsize step = 1; step <= MAX (rows[i].len, 1); step++)
      {
        TilldDtuText text = { .len = 0 };
        gsize        at = 0, used = 0;
        gboolean     whole = FALSE;

        while (at < rows[i].len && !whole)
          {
            whole = tilld_dtu_text_feed (&text, (const guint8 *) rows[i].in + at, MIN (step, rows[i].len - at), &used);
            at += used;
          }
        tilld_dtu_text_trim (&text);
        g_test_message ("row %u in pieces of %zu", i, step);
        g_assert_cmpint (whole, ==, rows[i].whole);
        g_assert_cmpuint (at, ==, rows[i].used);
        g_assert_cmpmem (text.bytes, text.len, rows[i].text, strlen (rows[i].text));
      }
}

static void
test_registrations (void)
{
  static const struct { const char *word; gboolean ok; guint len; } words[] = {
    { "GATE7", TRUE, 5 }, { "0x0102ff", TRUE, 3 }, { "0x0102F", FALSE }, { "0x", FALSE }, { "0xzz", FALSE }, { "", FALSE }, { " GATE", FALSE },
    { "GATE ", FALSE }, { "GA TE", TRUE, 5 }, { "GA\nTE", FALSE }, { "0x0a", FALSE }, { "0x4700", FALSE }, { "0x475401", FALSE }, { "{{x", FALSE },
    { "0x1f1f00", FALSE }, { "0x160301", FALSE }, { "G", TRUE, 1 }, { "{\"imei\":1}", TRUE, 10 }, { "0x20aa", FALSE }, { "站点一", TRUE, 9 },
    { "0123456789012345678901234567890123456789012345678901234567890123", TRUE, 64 },
    { "01234567890123456789012345678901234567890123456789012345678901234", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      TilldDtuText      text;
      g_autoptr (GError) error = NULL;
      gboolean          ok = tilld_dtu_registration_parse (words[i].word, &text, &error);

      g_test_message ("%s: %s", words[i].word, error == NULL ? "good" : error->message);
      g_assert_cmpint (ok, ==, words[i].ok);
      if (ok)
        g_assert_cmpuint (text.len, ==, words[i].len);
      else
        g_assert_error (error, TILL_ERROR, TILL_ERROR_INVALID);
    }
}

static void
test_shown (void)
{
  char   shown[TILLD_DTU_SHOWN];
  guint8 long_one[100];

  tilld_dtu_text_show ((const guint8 *) "a\\b\001\377", 5, shown);
  g_assert_cmpstr (shown, ==, "a\\x5cb\\x01\\xff");
  memset (long_one, 'x', sizeof long_one);
  tilld_dtu_text_show (long_one, sizeof long_one, shown);
  g_assert_cmpuint (strlen (shown), ==, 64);
  memset (long_one, 1, sizeof long_one);
  tilld_dtu_text_show (long_one, sizeof long_one, shown);
  g_assert_cmpuint (strlen (shown), ==, 64);
  tilld_dtu_text_show (NULL, 0, shown);
  g_assert_cmpstr (shown, ==, "");
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/dtu-text/ends", test_ends);
  g_test_add_func ("/dtu-text/registrations", test_registrations);
  g_test_add_func ("/dtu-text/shown", test_shown);
  return g_test_run ();
}
