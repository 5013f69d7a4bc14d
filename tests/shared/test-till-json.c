/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-till-json.c: what hostile bytes do to the pre-check (nothing), typed reading, and a writer that cannot be wrong. */
#include <string.h>
#include "shared/api/till-enums.h"
#include "shared/base/till-json-check.h"
#include "shared/base/till-json-read.h"
#include "shared/base/till-json-write.h"
#include "tests/lib/test-main.h"

static void
check_accepts (void)
{
  static const char *const good[] = {
    "{}", "[]", "null", "true", "0", "-0", "-1.5e-7", "\"\"", " [1 , 2]\r\n\t", "9223372036854775807", "-9223372036854775808",
    "9e307", "0e999999999", "0.0000001e308", "1e-999999999999", "{\"a\":{\"a\":1},\"b\":[{\"a\":1},{\"a\":2}]}", "\"\\ud83d\\ude00\"",
    "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"", "[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]", "\"\xe4\xb8\xad\"",
  };
  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonNode) node = till_json_parse (good[i], -1, 1000, &error);
      g_assert_no_error (error);
      g_assert_nonnull (node);
    }
}

static void
check_refuses (void)
{
  static const char *const bad[] = {
    "", " ", "{", "[", "[1", "[1,", "[1,]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{'a':1}", "[1 2]", "]", "}", "[}", "{]", "1 1",
    "{} {}", "{}x", "nul", "nulll", "True", "NaN", "Infinity", "-", "+1", "01", "-01", "1.", ".5", "1e", "1e+", "0x10", "077",
    "9223372036854775808", "-9223372036854775809", "18446744073709551616", "1e308", "123456e303", "1e99999999999999999999",
    "\"", "\"\\\"", "\"\\x41\"", "\"\\u12\"", "\"\\u12g4\"", "\"\n\"", "\"\t\"", "\"\\u0000\"", "\"\\ud800\"", "\"\\udc00\"",
    "\"\\ud800\\u0041\"", "\"\\ud800\\ud800\"", "\"\\ud800x\"", "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}",
    "{\"b\":{\"c\":1,\"d\":2,\"c\":3}}", "[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]", "// c\n1", "/* c */1", "\xef\xbb\xbf{}", "\"\xff\"",
    "\"\xc0\x80\"", "\"\xed\xa0\x80\"",
  };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      if (till_json_check (bad[i], -1, 1000, &error))
        g_error ("accepted: %s", bad[i]);
      g_assert_error (error, TILL_ERROR, TILL_ERROR_INVALID);
      g_assert_nonnull (strstr (error->message, "at byte "));
    }
}

static void
check_bounds (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *deep = g_strnfill (100000, '[');
  g_autoptr (GString) wide = g_string_new ("{");

  g_assert_false (till_json_check (deep, -1, G_MAXSSIZE, &error)); /* json-glib dies of this one */
  g_assert_error (error, TILL_ERROR, TILL_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_false (till_json_check ("[1,2]", -1, 4, &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_TOO_LARGE);
  g_clear_error (&error);
  g_assert_false (till_json_check ("{}\0", 3, 100, &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_true (till_json_check ("{}garbage", 2, 100, &error)); /* the length counts */
  for (guint i = 0; i < 2000; i++)
    g_string_append_printf (wide, "%s\"k%u\":0", i > 0 ? "," : "", i);
  g_string_append_c (wide, '}');
  g_assert_false (till_json_check (wide->str, -1, G_MAXSSIZE, &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_INVALID);
}

static void
check_names_the_place (void)
{
  g_autoptr (GError) error = NULL;
  g_assert_false (till_json_check ("{\"meters\":[{\"id\":1},{\"id\":01}]}", -1, 100, &error));
  g_assert_nonnull (strstr (error->message, "meters[1].id"));
}

/* Whatever the bytes are, the answer is yes or no; and a yes is always readable. */
static void
check_random_bytes (void)
{
  static const char alphabet[] = "{}[]\",:0123456789-+.eE\\u d8truefalsn";
  for (guint i = 0; i < 30000; i++)
    {
      char text[24];
      guint n = (guint) g_test_rand_int_range (0, sizeof text);
      for (guint k = 0; k < n; k++)
        text[k] = alphabet[g_test_rand_int_range (0, sizeof alphabet - 1)];
      if (till_json_check (text, n, sizeof text, NULL))
        {
          g_autoptr (GError) error = NULL;
          g_autoptr (JsonNode) node = till_json_parse (text, n, sizeof text, &error);
          g_assert_no_error (error);
        }
    }
}

typedef struct {
  TillId    id;
  TillMoney amount;
  char     *note;
  int       channel;
  gint64    count;
  gboolean  dry;
  TillTime  at;
  TillDay   day;
} Input;

static gboolean
read_input (const char *json, Input *in, GError **error)
{
  g_autoptr (JsonNode) node = till_json_parse (json, -1, 10000, error);
  TillJsonRead r;

  g_assert_nonnull (node);
  till_json_read_init (&r, node);
  till_json_read_id (&r, "id", TILL_REQUIRED, &in->id);
  till_json_read_money (&r, "amount", TILL_REQUIRED, &in->amount);
  till_json_read_text (&r, "note", TILL_OPTIONAL, 10, &in->note);
  till_json_read_enum (&r, "channel", TILL_OPTIONAL, till_channel_from_word, &in->channel);
  till_json_read_int (&r, "count", TILL_OPTIONAL, 1, 5, &in->count);
  till_json_read_bool (&r, "dry", TILL_OPTIONAL, &in->dry);
  till_json_read_time (&r, "at", TILL_OPTIONAL, &in->at);
  till_json_read_day (&r, "day", TILL_OPTIONAL, &in->day);
  return till_json_read_finish (&r, error);
}

static void
read_accepts (void)
{
  g_autoptr (GError) error = NULL;
  Input in = { .count = 3 };

  g_assert_true (read_input ("{\"id\":\"01890a5d-ac96-774b-bcce-b302099a8057\",\"amount\":\"12.50\",\"note\":\"  e\\u0301 \","
                             "\"channel\":\"wechat\",\"count\":null,\"dry\":true,\"at\":\"2026-01-01T08:00:00+08:00\",\"day\":\"2026-02-28\"}",
                             &in, &error));
  g_assert_no_error (error);
  g_assert_cmpint (in.amount, ==, 125000);
  g_assert_cmpstr (in.note, ==, "\xc3\xa9"); /* trimmed, composed */
  g_assert_cmpint (in.channel, ==, TILL_CHANNEL_WECHAT);
  g_assert_cmpint (in.count, ==, 3); /* null leaves it alone */
  g_assert_true (in.dry);
  g_assert_cmpint (in.at, ==, G_GINT64_CONSTANT (1767225600) * TILL_SECOND);
  g_free (in.note);
}

static void
read_collects_all_errors (void)
{
  static const char *const wanted[] = { "id", "amount", "note", "channel", "count", "dry", "at", "day", "strange" };
  g_autoptr (GError) error = NULL;
  Input in = { .amount = 7, .count = 3 };
  GPtrArray *fields;

  g_assert_false (read_input ("{\"id\":\"x\",\"amount\":12.5,\"note\":\"a\\u202eb\",\"channel\":\"gold\",\"count\":6,\"dry\":1,"
                              "\"at\":\"2026-01-01\",\"day\":\"2026-02-29\",\"strange\":1}", &in, &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_INVALID);
  fields = till_error_get_fields (error);
  g_assert_cmpuint (fields->len, ==, G_N_ELEMENTS (wanted));
  for (guint i = 0; i < fields->len; i++)
    g_assert_cmpstr (((TillFieldError *) g_ptr_array_index (fields, i))->member, ==, wanted[i]);
  g_assert_cmpint (in.amount, ==, 7); /* untouched */
  g_assert_cmpint (in.count, ==, 3);
}

static void
read_wrong_shapes (void)
{
  static const char *const bodies[] = { "[]", "1", "null", "\"x\"" };
  for (guint i = 0; i < G_N_ELEMENTS (bodies); i++)
    {
      g_autoptr (GError) error = NULL;
      Input in = { 0 };
      g_assert_false (read_input (bodies[i], &in, &error));
      g_assert_cmpuint (till_error_get_fields (error)->len, ==, 1);
    }
}

static void
read_nested (void)
{
  g_autoptr (JsonNode) node = till_json_parse ("{\"meters\":[{\"serial\":\"1\"},{\"serial\":2,\"x\":0},3]}", -1, 1000, NULL);
  g_autoptr (GError) error = NULL;
  static const char *const wanted[] = { "meters[1].serial", "meters[1].x", "meters[2]" };
  JsonArray *meters = NULL;
  TillJsonRead r;
  GPtrArray *fields;

  till_json_read_init (&r, node);
  g_assert_true (till_json_read_array (&r, "meters", TILL_REQUIRED, 3, &meters));
  for (guint i = 0; i < json_array_get_length (meters); i++)
    {
      g_autofree char *path = g_strdup_printf ("meters[%u]", i), *serial = NULL;
      TillJsonRead nested;
      till_json_read_init_nested (&nested, json_array_get_element (meters, i), path);
      till_json_read_text (&nested, "serial", TILL_REQUIRED, 20, &serial);
      till_json_read_end_nested (&r, &nested);
    }
  g_assert_false (till_json_read_finish (&r, &error));
  fields = till_error_get_fields (error);
  g_assert_cmpuint (fields->len, ==, 3);
  for (guint i = 0; i < fields->len; i++)
    g_assert_cmpstr (((TillFieldError *) g_ptr_array_index (fields, i))->member, ==, wanted[i]);
}

static void
write_document (void)
{
  g_autoptr (TillJsonWrite) w = till_json_write_new ();
  g_autofree char *text = NULL;
  gsize len;

  till_json_write_begin_object (w, NULL);
  till_json_write_text (w, "quote\"", "a\"\\\n\x01中");
  till_json_write_text (w, "none", NULL);
  till_json_write_begin_array (w, "list");
  till_json_write_int (w, NULL, G_MININT64);
  till_json_write_begin_object (w, NULL);
  till_json_write_end_object (w);
  till_json_write_bool (w, NULL, FALSE);
  till_json_write_end_array (w);
  till_json_write_money (w, "money", -12500);
  till_json_write_energy (w, "energy", 1);
  till_json_write_time (w, "never", 0);
  till_json_write_time (w, "at", 1500);
  till_json_write_day (w, "day", 0);
  till_json_write_id (w, "id", &TILL_ID_NIL);
  till_json_write_raw (w, "raw", "[1]");
  till_json_write_end_object (w);
  text = till_json_write_free_to_text (g_steal_pointer (&w), &len);
  g_assert_cmpstr (text, ==,
                   "{\"quote\\\"\":\"a\\\"\\\\\\n\\u0001中\",\"none\":null,\"list\":[-9223372036854775808,{},false],"
                   "\"money\":\"-1.2500\",\"energy\":\"0.001\",\"never\":null,\"at\":\"1970-01-01T00:00:00.001500Z\","
                   "\"day\":\"1970-01-01\",\"id\":null,\"raw\":[1]}");
  g_assert_cmpuint (len, ==, strlen (text));
  g_assert_true (till_json_check (text, -1, len, NULL));
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/json/check/accepts", check_accepts);
  g_test_add_func ("/json/check/refuses", check_refuses);
  g_test_add_func ("/json/check/bounds", check_bounds);
  g_test_add_func ("/json/check/place", check_names_the_place);
  g_test_add_func ("/json/check/random", check_random_bytes);
  g_test_add_func ("/json/read/accepts", read_accepts);
  g_test_add_func ("/json/read/all-errors", read_collects_all_errors);
  g_test_add_func ("/json/read/shapes", read_wrong_shapes);
  g_test_add_func ("/json/read/nested", read_nested);
  g_test_add_func ("/json/write", write_document);
  return till_test_run ();
}
