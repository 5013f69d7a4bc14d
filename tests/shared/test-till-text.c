/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-till-text.c: typed text, ids, error fields, and the log's limits. */
#include <string.h>
#include "shared/base/till-error.h"
#include "shared/base/till-id.h"
#include "shared/base/till-log.h"
#include "shared/base/till-money.h"
#include "shared/base/till-text.h"
#include "tests/lib/test-main.h"

static void
clean (void)
{
  static const struct {
    const char *in, *out; /* out NULL: refused */
    gboolean multiline;
  } cases[] = {
    { "  Zhang Wei\t", "Zhang Wei", FALSE },
    { "\u3000张伟\u3000", "张伟", FALSE },
    { "e\u0301", "é", FALSE },
    { "", "", FALSE },
    { "a\nb", NULL, FALSE },
    { "a\nb", "a\nb", TRUE },
    { "a\u202eb", NULL, TRUE },  /* right-to-left override */
    { "a\u2066b", NULL, FALSE }, /* isolate */
    { "a\u200bb", NULL, FALSE }, /* zero width space */
    { "a\x7f" "b", NULL, FALSE },
    { "a\u2028b", NULL, TRUE },
    { "\ufdd0x", NULL, FALSE },
    { "\xff", NULL, FALSE },
    { "1234567890x", NULL, FALSE }, /* eleven characters */
    { "一二三四五六七八九十", "一二三四五六七八九十", FALSE },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *out = till_text_clean (cases[i].in, 10, cases[i].multiline, &error);
      g_assert_cmpstr (out, ==, cases[i].out);
      g_assert_true ((out == NULL) == (error != NULL));
    }
}

static void
codes_and_phones (void)
{
  g_autofree char *long_code = g_strnfill (33, 'a'), *masked = till_text_mask_phone ("13912345566"), *tiny = till_text_mask_phone ("12345");
  g_assert_true (till_text_is_code ("GW-0001.a_b"));
  g_assert_false (till_text_is_code (""));
  g_assert_false (till_text_is_code ("a b"));
  g_assert_false (till_text_is_code ("表"));
  g_assert_false (till_text_is_code (long_code));
  g_assert_true (till_text_is_phone ("+8613912345566"));
  g_assert_false (till_text_is_phone ("1391234-566"));
  g_assert_false (till_text_is_phone ("1234"));
  g_assert_false (till_text_is_phone ("++12345"));
  g_assert_cmpstr (masked, ==, "139****5566");
  g_assert_cmpstr (tiny, ==, "***45");
  g_assert_true (till_text_is_identity ("11010519491231002X"));
  g_assert_true (till_text_is_identity ("11010519491231002x"));
  g_assert_false (till_text_is_identity ("110105194912310021"));
  g_assert_false (till_text_is_identity ("1101051949123100"));
}

static void
escape (void)
{
  g_autofree char *a = till_text_escape ("a\n\x1b[2J\xff中\u202e", -1, 100), *b = till_text_escape ("abcdef", 6, 3);
  g_assert_cmpstr (a, ==, "a\\x0A\\x1B[2J\\xFF中\\u{202E}");
  g_assert_cmpstr (b, ==, "abc…");
}

static void
amounts_in_words (void)
{
  static const struct {
    const char *amount, *words;
  } cases[] = {
    { "0", "零元整" },
    { "0.05", "伍分" },
    { "0.30", "叁角整" },
    { "1", "壹元整" },
    { "1.05", "壹元零伍分" },
    { "10.50", "壹拾元伍角整" },
    { "100", "壹佰元整" },
    { "123.45", "壹佰贰拾叁元肆角伍分" },
    { "1005", "壹仟零伍元整" },
    { "1050", "壹仟零伍拾元整" },
    { "10000", "壹万元整" },
    { "10010.01", "壹万零壹拾元零壹分" },
    { "100000005", "壹亿零伍元整" },
    { "20001000", "贰仟万零壹仟元整" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      TillMoney amount = 0;
      g_autofree char *words = NULL;
      g_assert_true (till_money_parse (cases[i].amount, &amount, NULL));
      words = till_text_amount_zh (amount);
      g_assert_cmpstr (words, ==, cases[i].words);
    }
}

static void
set_str (void)
{
  char *field = NULL;
  g_assert_true (till_set_str (&field, "abc"));
  g_assert_false (till_set_str (&field, "abc"));
  g_assert_true (till_set_str (&field, field + 1)); /* into itself */
  g_assert_cmpstr (field, ==, "bc");
  g_assert_true (till_set_str (&field, NULL));
  g_assert_false (till_set_str (&field, NULL));
}

static void
ids (void)
{
  static const char *const bad[] = { NULL, "", "01890a5d-ac96-774b-bcce-b302099a805", "01890a5dac96774bbcceb302099a8057xxxx",
                                     "01890A5D-AC96-774B-BCCE-B302099A8057", "01890a5d-ac96-774b-bcce-b302099a80577",
                                     "01890a5d-ac96-774b-bcce-b302099a805g", "00000000-0000-0000-0000-000000000000",
                                     "{1890a5d-ac96-774b-bcce-b302099a805}" };
  char previous[TILL_ID_TEXT] = "", text[TILL_ID_TEXT];
  g_autoptr (GHashTable) seen = g_hash_table_new_full (till_id_hash, till_id_equal, g_free, NULL);

  for (gint64 ms = G_GINT64_CONSTANT (1790000000000), i = 0; i < 2000; i++, ms += 1 + i % 3)
    {
      TillId id, back;
      till_id_new (&id, ms);
      till_id_print (&id, text);
      g_assert_cmpstr (text, >, previous); /* text order is time order */
      g_assert_true (text[14] == '7' && strchr ("89ab", text[19]) != NULL);
      g_assert_true (till_id_parse (text, &back, NULL));
      g_assert_true (till_id_equal (&id, &back));
      g_assert_true (g_hash_table_add (seen, g_memdup2 (&id, sizeof id)));
      memcpy (previous, text, sizeof text);
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      TillId id = TILL_ID_NIL;
      g_assert_false (till_id_parse (bad[i], &id, &error));
      g_assert_error (error, TILL_ERROR, TILL_ERROR_INVALID);
      g_assert_true (till_id_is_nil (&id));
    }
}

static void
errors (void)
{
  g_autoptr (GError) error = NULL, copy = NULL, foreign = g_error_new (G_FILE_ERROR, G_FILE_ERROR_NOENT, "x");

  g_assert_false (till_fail (&error, TILL_ERROR_STALE, "row %d", 3));
  g_assert_cmpstr (error->message, ==, "row 3");
  g_assert_null (till_error_get_fields (error));
  till_error_add_field (error, "a", "b");
  copy = g_error_copy (error);
  till_error_add_field (error, "c", "d");
  g_assert_cmpuint (till_error_get_fields (copy)->len, ==, 1); /* a copy is its own */
  g_assert_cmpuint (till_error_get_fields (error)->len, ==, 2);
  g_assert_null (till_error_get_fields (foreign));
  g_assert_true (till_error_is_conflict (error));
  g_assert_false (till_error_is_retryable (error));
  g_assert_false (till_error_is_conflict (foreign));
  g_assert_false (till_fail (NULL, TILL_ERROR_BUSY, "nobody listens"));
  for (int code = 0; code < TILL_ERROR_N; code++)
    {
      TillError back = TILL_ERROR_N;
      g_assert_true (till_error_from_word (till_error_word (code), &back));
      g_assert_cmpint (back, ==, code);
      g_assert_cmpuint (till_error_status (code), >=, 400);
    }
}

static void
log_names_its_subject (void)
{
  g_autoptr (GError) error = NULL;
  till_fail (&error, TILL_ERROR_OFFLINE, "no answer");
  till_test_expect_warning ("gateway GW-1\\x0A: link lost: no answer"); /* a line feed cannot forge a line */
  till_warn (TILL_LOG_GATEWAY ("GW-1\n"), error, "link %s", "lost");
  till_test_assert_warnings ();
}

/* A site that fails ten thousand times a second writes ten lines. */
static void
log_is_limited (void)
{
  for (guint i = 0; i < 10; i++)
    till_test_expect_warning ("again");
  for (guint i = 0; i < 10000; i++)
    till_warn (TILL_LOG_NONE, NULL, "again"); /* the eleventh would abort the test */
  till_test_assert_warnings ();
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/text/clean", clean);
  g_test_add_func ("/text/codes", codes_and_phones);
  g_test_add_func ("/text/escape", escape);
  g_test_add_func ("/text/amount", amounts_in_words);
  g_test_add_func ("/text/set-str", set_str);
  g_test_add_func ("/id", ids);
  g_test_add_func ("/error", errors);
  g_test_add_func ("/log/subject", log_names_its_subject);
  g_test_add_func ("/log/limit", log_is_limited);
  return till_test_run ();
}
