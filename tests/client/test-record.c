/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-record.c: field tables against JSON samples: kinds, partial objects, words nobody knows, wrong types. */
#include "config.h"
#include "client/model/till-alarm.h"
#include "client/model/till-command.h"
#include "client/model/till-log-entry.h"
#include "client/model/till-meter.h"
#include "client/model/till-sale.h"
#include "shared/base/till-error.h"
#include "tests/lib/test-main.h"

static const char meter_json[] =
  "{\"id\":12,\"code\":\"A3-0201\",\"room\":\"Campus/B3/F2/201\",\"ct_ratio\":1,\"purse\":\"money\",\"state\":\"alarm1\",\"mode\":\"prepaid\","
  "\"relay\":\"closed\",\"flags\":[\"overload\",\"dispute\",\"from_a_newer_server\"],\"balance\":\"-12.0050\",\"energy_total\":\"1234.567\","
  "\"energy_rates\":{\"tip\":\"1.000\",\"peak\":\"2.500\"},\"power_kw\":\"2.205\",\"u\":\"220.1\",\"i\":10,\"read_at\":\"2026-09-01T00:00:01.250Z\","
  "\"age_s\":31,\"days_left\":null,\"life_support\":false,\"purchase_count\":12,\"new_member\":{\"x\":1}}";

static JsonNode *
parse (const char *text)
{
  g_autoptr(GError) error = NULL;
  JsonNode *node = json_from_string (text, &error);

  g_assert_no_error (error);
  return node;
}

static gpointer
make (GType type, const char *text)
{
  g_autoptr(JsonNode) node = parse (text);
  g_autoptr(GError) error = NULL;
  gpointer record = till_record_new_from_json (type, node, &error);

  g_assert_no_error (error);
  return record;
}

static void
test_kinds (void)
{
  g_autoptr(TillMeter) meter = make (TILL_TYPE_METER, meter_json);
  g_autofree char *room = NULL;
  gint64 balance;
  gboolean loaded;

  g_assert_cmpstr (till_record_key (meter), ==, "12");
  g_assert_cmpint (till_record_int (meter, "balance"), ==, -120050);
  g_assert_cmpint (till_record_int (meter, "energy-total"), ==, 1234567);
  g_assert_cmpint (till_record_int (meter, "energy-peak"), ==, 2500);
  g_assert_cmpint (till_record_int (meter, "energy-deep"), ==, TILL_UNKNOWN);
  g_assert_cmpint (till_record_int (meter, "power-kw"), ==, 2205);
  g_assert_cmpint (till_record_int (meter, "u"), ==, 220100);
  g_assert_cmpint (till_record_int (meter, "i"), ==, 10000);
  g_assert_cmpint (till_record_int (meter, "read-at"), ==, G_GINT64_CONSTANT (1788220801250000));
  g_assert_cmpint (till_record_int (meter, "age-s"), ==, 31);
  g_assert_cmpint (till_record_int (meter, "days-left"), ==, TILL_UNKNOWN);
  g_assert_false (till_record_known (meter, "days-left"));
  g_assert_cmpint (till_record_int (meter, "life-support"), ==, FALSE);
  g_assert_cmpint (till_record_int (meter, "state"), ==, TILL_METER_STATE_ALARM1);
  g_assert_cmpstr (till_record_text (meter, "state"), ==, "alarm1");
  g_assert_cmpint (till_record_int (meter, "flags"), ==, TILL_METER_FLAG_OVERLOAD | TILL_METER_FLAG_DISPUTE);
  g_assert_null (till_record_text (meter, "serial"));
  g_assert_cmpint (till_meter_age_s (meter, G_GINT64_CONSTANT (1788220801250000) + 42 * G_USEC_PER_SEC), ==, 42);
  g_object_get (meter, "room", &room, "balance", &balance, "loaded", &loaded, NULL);
  g_assert_cmpstr (room, ==, "Campus/B3/F2/201");
  g_assert_cmpint (balance, ==, -120050);
  g_assert_true (loaded);
}

static void
count_cb (GObject *object, GParamSpec *pspec, gpointer user_data)
{
  g_string_append_printf (user_data, "%s ", g_param_spec_get_name (pspec));
}

static void
test_partial (void)
{
  g_autoptr(TillMeter) meter = make (TILL_TYPE_METER, meter_json);
  g_autoptr(JsonNode) change = parse ("{\"state\":\"arrears\",\"balance\":\"-12.0050\",\"relay\":null}");
  g_autoptr(GString) seen = g_string_new (NULL);
  g_autoptr(GError) error = NULL;

  g_signal_connect (meter, "notify", G_CALLBACK (count_cb), seen);
  g_assert_true (till_record_load (TILL_RECORD (meter), json_node_get_object (change), TRUE, &error));
  g_assert_no_error (error);
  g_assert_cmpint (till_record_int (meter, "state"), ==, TILL_METER_STATE_ARREARS);
  g_assert_cmpint (till_record_int (meter, "relay"), ==, TILL_UNKNOWN);
  g_assert_cmpstr (till_record_text (meter, "code"), ==, "A3-0201"); /* absent members stay */
  g_assert_nonnull (strstr (seen->str, "state "));
  g_assert_nonnull (strstr (seen->str, "relay "));
  g_assert_null (strstr (seen->str, "balance ")); /* the same again is no change */
  g_assert_null (strstr (seen->str, "code "));
}

static void
test_whole_forgets (void)
{
  g_autoptr(TillMeter) meter = make (TILL_TYPE_METER, meter_json);
  g_autoptr(JsonNode) other = parse ("{\"id\":13,\"code\":\"A3-0202\"}");

  g_assert_true (till_record_load (TILL_RECORD (meter), json_node_get_object (other), FALSE, NULL));
  g_assert_cmpstr (till_record_key (meter), ==, "13");
  g_assert_cmpint (till_record_int (meter, "balance"), ==, TILL_UNKNOWN);
  g_assert_null (till_record_text (meter, "room"));
}

static void
test_unknown_word (void)
{
  g_autoptr(TillSale) sale = make (TILL_TYPE_SALE, "{\"id\":\"0190a000-0000-7000-8000-000000000001\",\"state\":\"teleported\",\"kind\":\"sale\",\"number\":17}");
  const TillField *field = till_record_type_find_field (TILL_TYPE_SALE, "state");

  g_assert_cmpint (till_record_int (sale, "state"), <, -1);
  g_assert_cmpstr (till_record_text (sale, "state"), ==, "teleported");
  g_assert_cmpstr (till_words_get (field->words, TILL_UNKNOWN), ==, NULL);
  g_assert_cmpstr (till_record_key (sale), ==, "0190a000-0000-7000-8000-000000000001");
  g_assert_cmpstr (till_record_text (sale, "number"), ==, "17");
}

static void
test_wrong_type (gconstpointer data)
{
  g_autoptr(JsonNode) node = parse (data);
  g_autoptr(GError) error = NULL;

  g_assert_null (till_record_new_from_json (TILL_TYPE_METER, node, &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_INVALID);
}

static void
test_renamed (void)
{
  g_autoptr(TillAlarm) alarm = make (TILL_TYPE_ALARM, "{\"id\":3,\"kind\":\"low2\",\"severity\":\"high\",\"acked_name\":\"Li\",\"acked_at\":\"2026-09-01T00:00:00Z\",\"detail\":{\"a\":1}}");
  g_autoptr(TillLogEntry) entry = make (TILL_TYPE_LOG_ENTRY, "{\"n\":7,\"at\":\"2026-09-01T00:00:00Z\",\"before\":null,\"after\":{\"name\":\"x\"}}");

  g_assert_cmpstr (till_record_text (alarm, "acknowledged-by"), ==, "Li");
  g_assert_cmpint (till_record_int (alarm, "kind"), ==, TILL_ALARM_KIND_LOW2);
  g_assert_cmpstr (till_record_text (alarm, "detail"), ==, "{\"a\":1}");
  g_assert_cmpstr (till_record_key (entry), ==, "7");
  g_assert_cmpstr (till_record_text (entry, "after"), ==, "{\"name\":\"x\"}");
  g_assert_null (till_record_text (entry, "before"));
}

static void
test_words_are_whole (void)
{
  for (const TillWords *const *words = till_words_all (); *words != NULL; words++)
    for (int value = 0; value < 32; value++)
      {
        const char *word = (*words)->to_word (value);
        int back = -1;

        if (word == NULL)
          continue;
        g_assert_true ((*words)->from_word (word, &back));
        g_assert_cmpint (back, ==, value);
      }
}

static void
test_placeholder (void)
{
  g_autoptr(TillMeter) meter = g_object_new (TILL_TYPE_METER, NULL);

  g_assert_false (till_record_is_loaded (TILL_RECORD (meter)));
  g_assert_null (till_record_key (meter));
  g_assert_cmpint (till_record_int (meter, "balance"), ==, TILL_UNKNOWN);
  g_assert_cmpint (till_record_int (NULL, "balance"), ==, TILL_UNKNOWN);
  g_assert_cmpint (till_meter_age_s (meter, 1), ==, -1);
}

/* 20,000 records in well under a second: a page of 200 is not felt. */
static void
test_speed (void)
{
  g_autoptr(JsonNode) node = parse (meter_json);
  gint64 start = g_get_monotonic_time ();

  for (guint i = 0; i < 20000; i++)
    {
      g_autoptr(TillMeter) meter = till_record_new_from_json (TILL_TYPE_METER, node, NULL);

      g_assert_nonnull (meter);
    }
  g_test_message ("20,000 meters in %" G_GINT64_FORMAT " us", g_get_monotonic_time () - start);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 5 * G_USEC_PER_SEC);
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/record/kinds", test_kinds);
  g_test_add_func ("/record/partial", test_partial);
  g_test_add_func ("/record/whole-forgets", test_whole_forgets);
  g_test_add_func ("/record/unknown-word", test_unknown_word);
  g_test_add_data_func ("/record/wrong-type/money-number", "{\"id\":1,\"balance\":12.5}", test_wrong_type);
  g_test_add_data_func ("/record/wrong-type/money-text", "{\"id\":1,\"balance\":\"1e2\"}", test_wrong_type);
  g_test_add_data_func ("/record/wrong-type/int", "{\"id\":\"x\"}", test_wrong_type);
  g_test_add_data_func ("/record/wrong-type/time", "{\"id\":1,\"read_at\":\"yesterday\"}", test_wrong_type);
  g_test_add_data_func ("/record/wrong-type/bool", "{\"id\":1,\"life_support\":1}", test_wrong_type);
  g_test_add_data_func ("/record/wrong-type/no-object", "[]", test_wrong_type);
  g_test_add_func ("/record/renamed", test_renamed);
  g_test_add_func ("/record/words", test_words_are_whole);
  g_test_add_func ("/record/placeholder", test_placeholder);
  g_test_add_func ("/record/speed", test_speed);
  return till_test_run ();
}
