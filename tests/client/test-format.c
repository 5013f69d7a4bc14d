/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-format.c: every formatter by table; each word of the contract has a text. */
#include "config.h"
#include <gtk/gtk.h>
#include "client/model/till-meter.h"
#include "client/widgets/till-format.h"
#include "tests/lib/test-main.h"

typedef struct { char *(*format) (gint64 value); gint64 value; const char *text; } Row;

#define TIME G_GINT64_CONSTANT (1788220801250000) /* 2026-08-31T24:00:01.25Z */

static const Row rows[] = {
  { till_format_int, 0, "0" }, { till_format_int, 999, "999" }, { till_format_int, 1000, "1,000" }, { till_format_int, -1234567, "−1,234,567" },
  { till_format_int, TILL_UNKNOWN, "–" },
  { till_format_money, 12345000, "1,234.50" }, { till_format_money, -120000, "−12.00" }, { till_format_money, 49, "0.00" },
  { till_format_money, 50, "0.01" }, { till_format_money, -49, "0.00" }, { till_format_money, -50, "−0.01" }, { till_format_money, TILL_UNKNOWN, "–" },
  { till_format_money, 9999999949, "999,999.99" }, { till_format_money, 9999999950, "1,000,000.00" },
  { till_format_money_sign, 1000000, "¥ 100.00" }, { till_format_money_sign, TILL_UNKNOWN, "–" },
  { till_format_price, 5685, "0.5685" }, { till_format_price, TILL_UNKNOWN, "–" },
  { till_format_energy, 1234564, "1,234.56" }, { till_format_energy, 1234565, "1,234.57" }, { till_format_energy, 0, "0.00" },
  { till_format_power, 2200, "2.20" }, { till_format_percent, 99800, "99.8" },
  { till_format_time, TIME, "2026-09-01 08:00" }, { till_format_time_seconds, TIME, "2026-09-01 08:00:01" }, { till_format_clock, TIME, "08:00:01" },
  { till_format_time, TILL_UNKNOWN, "–" }, { till_format_time, 0, "–" },
  { till_format_day, 20697, "2026-09-01" }, { till_format_day, TILL_UNKNOWN, "–" },
  { till_format_age, 42, "42 s" }, { till_format_age, 200, "3 min" }, { till_format_age, 5 * 3600, "5 h" }, { till_format_age, 2 * 86400, "2 d" },
  { till_format_age, -1, "–" }, { till_format_age, TILL_UNKNOWN, "–" },
};

static void
test_table (void)
{
  g_autoptr(GTimeZone) zone = g_time_zone_new_identifier ("Asia/Shanghai");

  till_format_set_zone (zone);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *text = rows[i].format (rows[i].value);

      g_assert_cmpstr (text, ==, rows[i].text);
    }
  till_format_set_zone (NULL);
}

/* A word without a text would be shown raw; alarm 1 and alarm1 differ, class A may be its own text. */
static void
test_words (void)
{
  for (const TillWords *const *words = till_words_all (); *words != NULL; words++)
    for (int value = 0; value < 256; value++)
      {
        const char *word = (*words)->to_word (value);

        if (word == NULL)
          continue;
        g_assert_nonnull (till_format_wire ((*words)->name, word));
        g_assert_null (strchr (till_format_wire ((*words)->name, word), '_'));
      }
  g_assert_cmpstr (till_format_wire ("sale-state", "teleported"), ==, "teleported");
  g_assert_cmpstr (till_format_wire ("sale-state", NULL), ==, "–");
  g_assert_cmpstr (till_format_word (&till_words_sale_state, TILL_UNKNOWN), ==, "–");
}

static void
test_field (void)
{
  g_autoptr(JsonNode) node = json_from_string ("{\"id\":1,\"code\":\"A\",\"balance\":\"-12.0000\",\"flags\":[\"overload\",\"dispute\"],\"life_support\":true}", NULL);
  g_autoptr(TillMeter) meter = till_record_new_from_json (TILL_TYPE_METER, node, NULL);
  g_autofree char *balance = till_format_field (meter, till_record_type_find_field (TILL_TYPE_METER, "balance"));
  g_autofree char *flags = till_format_field (meter, till_record_type_find_field (TILL_TYPE_METER, "flags"));
  g_autofree char *state = till_format_field (meter, till_record_type_find_field (TILL_TYPE_METER, "state"));
  g_autofree char *room = till_format_field (meter, till_record_type_find_field (TILL_TYPE_METER, "room"));

  g_assert_cmpstr (balance, ==, "−12.00");
  g_assert_true (strchr (flags, ',') != NULL);
  g_assert_cmpstr (state, ==, "–");
  g_assert_cmpstr (room, ==, "–");
  g_assert_true (till_format_is_numeric (TILL_FIELD_MONEY));
  g_assert_false (till_format_is_numeric (TILL_FIELD_TEXT));
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/format/table", test_table);
  g_test_add_func ("/format/words", test_words);
  g_test_add_func ("/format/field", test_field);
  return till_test_run ();
}
