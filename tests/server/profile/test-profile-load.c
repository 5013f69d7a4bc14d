/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-profile-load.c: every shipped model loads; every rule of the format, broken once, names the member. */
#include <string.h>
#include "server/profile/profile-load.h"
#include "shared/base/till-error.h"
#include "tests/lib/test-main.h"

static char *
read_shipped (const char *name)
{
  g_autofree char  *path = g_strdup_printf ("%s/server/data/profiles/%s.json", g_getenv ("GRIDTILL_SOURCE"), name);
  g_autoptr(GError) error = NULL;
  char             *text = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  return text;
}

static void
test_shipped (void)
{
  static const struct { const char *name; TillMeterClass meter_class, unproven; guint points; } models[] = {
    { "adf400l-1p", TILL_METER_CLASS_A, TILL_METER_CLASS_B, 37 },
    { "adf400l-3p", TILL_METER_CLASS_A, TILL_METER_CLASS_B, 44 },
    { "adw300-readonly", TILL_METER_CLASS_NONE, TILL_METER_CLASS_NONE, 12 },
    { "ddsy1352", TILL_METER_CLASS_C, TILL_METER_CLASS_C, 0 },
    { "dtsy1352", TILL_METER_CLASS_C, TILL_METER_CLASS_C, 0 },
    { "gridtill-generic", TILL_METER_CLASS_A, TILL_METER_CLASS_A, 0 },
    { "gridtill-generic-b", TILL_METER_CLASS_B, TILL_METER_CLASS_B, 0 },
    { "gridtill-generic-c", TILL_METER_CLASS_C, TILL_METER_CLASS_C, 0 },
    { "gridtill-generic-kwh", TILL_METER_CLASS_A, TILL_METER_CLASS_A, 0 },
  };
  g_autoptr(GError)        error = NULL;
  g_autoptr(TilldProfiles) profiles = tilld_profiles_load (NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (tilld_profiles_count (profiles), ==, G_N_ELEMENTS (models));
  for (guint i = 0; i < G_N_ELEMENTS (models); i++)
    {
      const TilldProfile *p = tilld_profiles_get (profiles, models[i].name);

      g_assert_nonnull (p);
      g_assert_cmpint (p->meter_class, ==, models[i].meter_class);
      g_assert_cmpint (tilld_profile_effective_class (p, FALSE), ==, models[i].unproven);
      g_assert_cmpint (tilld_profile_effective_class (p, TRUE), ==, models[i].meter_class);
      if (models[i].points > 0)
        g_assert_cmpuint (p->n_points, ==, models[i].points);
    }
  g_assert_null (tilld_profiles_get (profiles, "nothing"));
}

static void
test_units (void)
{
  g_autoptr(TilldProfiles) profiles = tilld_profiles_load (NULL, NULL);
  const TilldProfile      *p = tilld_profiles_get (profiles, "adf400l-1p"), *kwh = tilld_profiles_get (profiles, "gridtill-generic-kwh");

  g_assert_cmpint (tilld_profile_point (p, TILLD_POINT_BALANCE)->multiplier, ==, 100);
  g_assert_cmpint (tilld_profile_point (p, TILLD_POINT_ENERGY_TOTAL)->multiplier, ==, 10);
  g_assert_cmpint (tilld_profile_point (p, TILLD_POINT_U)->multiplier, ==, 100);
  g_assert_cmpint (tilld_profile_point (p, TILLD_POINT_PRICE_TIP)->multiplier, ==, 100);
  g_assert_cmpint (tilld_profile_point (kwh, TILLD_POINT_BALANCE)->multiplier, ==, 10);
  g_assert_cmpint (p->purse_max, ==, G_GINT64_CONSTANT (214748364700));
  g_assert_cmpint (p->recharge.min, ==, 100);
  g_assert_cmpint (p->recharge.max, ==, 999999900);
  g_assert_cmpuint (p->recharge.write.at, ==, 0x050d);
  g_assert_cmpuint (p->recharge.write.registers, ==, 3);
  g_assert_cmpstr (p->recharge.proof, ==, "count+total");
  g_assert_cmpint (p->money_group, ==, 0);
  g_assert_cmpuint (p->control.n_candidates, ==, 2);
  g_assert_cmpuint (p->settings[1].registers, ==, 21);
  g_assert_true (p->cabinet);
}

typedef struct { const char *name, *find, *with, *member; } Broken;

static const Broken broken[] = {
  /* the file itself */
  { "gridtill-generic", "\"schema\": 1", "\"schema\": 2", "schema" },
  { "gridtill-generic", "\"schema\": 1,", "\"schema\": 1, \"extra\": 1,", "extra" },
  { "gridtill-generic", "\"schema\": 1,", "\"schema\": 1, \"schema\": 1,", "" },
  { "gridtill-generic", "\"version\": 1,", "\"version\": null,", "version" },
  { "gridtill-generic", "\"version\": 1,", "\"version\": 0,", "version" },
  { "gridtill-generic", "\"version\": 1,", "\"version\": 1.5,", "version" },
  { "gridtill-generic", "\"version\": 1,", "", "version" },
  { "gridtill-generic", "\"name\": \"gridtill-generic\"", "\"name\": \"other\"", "name" },
  { "gridtill-generic", "\"name\": \"gridtill-generic\"", "\"name\": \"Gridtill\"", "name" },
  { "gridtill-generic", "\"ct\": \"primary\",", "", "ct" },
  { "gridtill-generic", "\"vendor\": \"Gridtill\",\n  \"model\"", "\"model\": \"x\",\n  \"vendor\"", "vendor" },
  { "gridtill-generic", "\"zh_CN\"", "\"de\"", "title.de" },
  { "gridtill-generic", "\"phases\": 3", "\"phases\": 2", "phases" },
  { "gridtill-generic", "\"class\": \"A\"", "\"class\": \"D\"", "class" },
  { "gridtill-generic", "\"class\": \"A\"", "\"class\": \"none\"", "settlement" },
  { "gridtill-generic", "[\"meter\", \"server\"]", "[\"server\"]", "settlement" },
  { "gridtill-generic-c", "\"settlement\": [\"server\"]", "\"settlement\": [\"meter\", \"server\"]", "settlement" },
  { "adf400l-1p", "\"verified\": false", "\"verified\": true", "verified" },
  /* bus */
  { "gridtill-generic", "[\"rtu\", \"tcp\"]", "[\"rtu\", \"rtu\"]", "bus.frames" },
  { "gridtill-generic", "\"baud\": 9600", "\"baud\": 9601", "bus.baud" },
  { "gridtill-generic", "\"parity\": \"N\"", "\"parity\": \"X\"", "bus.parity" },
  { "gridtill-generic", "\"stop_bits\": 1", "\"stop_bits\": 3", "bus.stop_bits" },
  { "gridtill-generic", "\"read_fc\": 3", "\"read_fc\": 2", "bus.read_fc" },
  { "gridtill-generic", "\"max_read\": 100", "\"max_read\": 126", "bus.max_read" },
  { "gridtill-generic", "\"max_write\": 64", "\"max_write\": 124", "bus.max_write" },
  { "gridtill-generic", "\"max_write\": 64", "\"max_write\": 0", "recharge" },
  { "gridtill-generic", "\"word_order\": \"big\"", "\"word_order\": \"default\"", "bus.word_order" },
  { "gridtill-generic", "\"kind\": \"single\"", "\"kind\": \"single\", \"span\": 36", "bus.units.span" },
  { "adf400l-1p", "[1, 37, 73", "[1, 30, 73", "bus.units.tables" },
  { "adf400l-1p", "\"step\": 1}", "\"step\": 2}", "bus.units.step" },
  /* purse, rates, ranges */
  { "gridtill-generic", "\"purse\": {\"kind\": \"money\"", "\"purse\": {\"kind\": \"none\"", "purse.kind" },
  { "gridtill-generic", "\"kind\": \"money\", \"scale\": \"0.01\"", "\"kind\": \"money\", \"scale\": \"0.02\"", "purse.scale" },
  { "gridtill-generic", "\"max\": \"21474836.47\"", "\"max\": \"21474836.475\"", "purse.max" },
  { "gridtill-generic", "[\"tip\", \"peak\", \"flat\"", "[\"peak\", \"tip\", \"flat\"", "rates" },
  { "gridtill-generic", "\"peak\": 2", "\"peak\": 1", "rate_codes.peak" },
  { "gridtill-generic", "\"peak\": 2, ", "", "rate_codes.peak" },
  { "gridtill-generic", "\"0032\"], [\"0100\"", "\"0132\"], [\"0100\"", "ranges" },
  { "gridtill-generic", "[\"0000\", \"0032\"]", "[\"0000\", \"32\"]", "ranges" },
  { "adf400l-1p", "[\"0900\", \"0904\"]", "[\"0900\", \"090a\"]", "ranges" },
  /* atomic, points */
  { "adf400l-1p", "\"purchase_count\"]]", "\"serial\"]]", "atomic" },
  { "adf400l-1p", "[\"balance\", \"purchased_total\", \"purchase_count\"]", "[\"u\", \"i\"]", "atomic" },
  { "adf400l-1p", "[\"balance\", \"purchased_total\", \"purchase_count\"]", "[\"balance\", \"nothing\"]", "atomic" },
  { "adf400l-1p", "\"u\": {", "\"voltage\": {", "points.voltage" },
  { "adf400l-1p", "\"at\": \"0300\", \"type\": \"u16\", \"scale\": \"0.1\"", "\"at\": \"0301\", \"type\": \"u16\", \"scale\": \"0.1\"", "points.i.at" },
  { "adf400l-1p", "\"at\": \"0300\", \"type\"", "\"at\": \"0200\", \"type\"", "points.u.at" },
  { "adf400l-1p", "\"at\": \"0300\", \"type\"", "\"at\": \"300\", \"type\"", "points.u.at" },
  { "adf400l-1p", "\"scale\": \"0.1\", \"poll\"", "\"poll\"", "points.u.scale" },
  { "adf400l-1p", "\"scale\": \"0.01\", \"poll\": \"status\"},\n    \"reactive", "\"scale\": \"0.0001\", \"poll\": \"status\"},\n    \"reactive", "points.energy_total.scale" },
  { "adf400l-1p", "\"0311\", \"type\": \"bits16\"", "\"0311\", \"type\": \"u16\"", "points.status_word.type" },
  { "adf400l-1p", "\"0311\", \"type\": \"bits16\"", "\"0311\", \"type\": \"bits16\", \"scale\": \"1\"", "points.status_word.scale" },
  { "adf400l-1p", "\"0311\", \"type\": \"bits16\"", "\"0311\", \"type\": \"bits17\"", "points.status_word.type" },
  { "adf400l-1p", "\"type\": \"ascii:7\", \"poll\"", "\"type\": \"ascii:0\", \"poll\"", "points.serial.type" },
  { "adf400l-1p", "\"type\": \"ascii:7\", \"poll\": \"config\"", "\"type\": \"ascii:7\", \"poll\": \"daily\"", "points.serial.poll" },
  { "adf400l-1p", "\"clock\", \"poll\": \"config\", \"order\": [\"sec\", \"min\"", "\"clock\", \"poll\": \"config\", \"order\": [\"sec\", \"sec\"", "points.clock.order" },
  { "dtsy1352", "\"optional\": true", "\"optional\": 1", "points.energy_deep.optional" },
  { "adf400l-3p", "[\"p_a\", \"p_b\", \"p_c\"]", "[\"p_a\", \"u_a\"]", "points.p.sum" },
  { "adf400l-3p", "{\"sum\": [", "{\"at\": \"0300\", \"sum\": [", "points.p.at" },
  /* flags */
  { "gridtill-generic", "\"relay_closed\": {\"point\"", "\"closed\": {\"point\"", "flags.closed" },
  { "gridtill-generic", "\"bit\": 0}", "\"bit\": 16}", "flags.relay_closed.bit" },
  { "gridtill-generic", "{\"point\": \"status_word\", \"bit\": 0}", "{\"point\": \"balance\", \"bit\": 0}", "flags.relay_closed.bit" },
  { "gridtill-generic", "{\"point\": \"status_word\", \"bit\": 0}", "{\"point\": \"run_word\", \"bit\": 0}", "flags.relay_closed.point" },
  /* recharge and debit */
  { "gridtill-generic-c", "\"control\": {", "\"recharge\": {}, \"control\": {", "recharge" },
  { "gridtill-generic", "\"mode\": \"count\"", "\"mode\": \"add\"", "recharge.mode" },
  { "gridtill-generic-b", "\"mode\": \"add\"", "\"mode\": \"count\"", "recharge.mode" },
  { "gridtill-generic", "\"same_count\": \"ack\"", "\"same_count\": \"accept\"", "recharge.same_count" },
  { "gridtill-generic", "\"wrong_count\": \"refuse\"", "\"wrong_count\": \"ack\"", "recharge.wrong_count" },
  { "gridtill-generic", "\"evidence\": \"reference\"", "\"evidence\": \"hearsay\"", "recharge.evidence" },
  { "gridtill-generic", "\"fc\": 16", "\"fc\": 6", "recharge.fc" },
  { "gridtill-generic", "\"fc\": 16", "\"fc\": 5", "recharge.fc" },
  { "gridtill-generic", "\"scope\": \"circuit\"", "\"scope\": \"cabinet\"", "recharge.scope" },
  { "gridtill-generic", "\"min\": \"0.01\"", "\"min\": \"0\"", "recharge.min" },
  { "gridtill-generic", "\"min\": \"0.01\"", "\"min\": 0.01", "recharge.min" },
  { "gridtill-generic", "\"max\": \"99999.99\"", "\"max\": \"99999999.99\"", "recharge.max" },
  { "gridtill-generic", "\"proof\": \"count+total\"", "\"proof\": \"hope\"", "recharge.verify.proof" },
  { "adf400l-1p", "\"proof\": \"count+total\"", "\"proof\": \"count+last\"", "recharge.verify.proof" },
  { "gridtill-generic", "\"mode\": \"subtract\"", "\"mode\": \"add\"", "debit.mode" },
  { "gridtill-generic", "{\"name\": \"amount\", \"type\": \"i32\", \"scale\": \"0.01\"}, {\"name\": \"count\"", "{\"name\": \"count\", \"type\": \"u16\"}, {\"name\": \"tier_count\"", "recharge.fields" },
  /* control, settings, the rest */
  { "gridtill-generic", "\"open\": [\"0001\", \"0001\"]", "\"open\": [\"0001\"]", "control.actions.open" },
  { "gridtill-generic", "{\"forced\": false}", "{\"dancing\": false}", "control.verify.flags.auto.dancing" },
  { "gridtill-generic", "\"read_back\": true", "\"read_back\": \"yes\"", "control.verify.read_back" },
  { "adf400l-1p", "\"id\": \"H1\"", "\"id\": \"H2\"", "control.candidates[1].id" },
  { "gridtill-generic", "\"command\": \"set_price\"", "\"command\": \"set_mood\"", "settings[0].command" },
  { "gridtill-generic", "{\"name\": \"price_peak\"", "{\"name\": \"price_tip\"", "settings[0].fields[1].name" },
  { "gridtill-generic", "\"type\": \"slots\", \"count\": 14", "\"type\": \"slots\", \"count\": 25", "settings[2].fields[0].count" },
  { "gridtill-generic", "\"order\": [\"rate\", \"hour\", \"minute\"]", "\"order\": [\"switch\", \"hour\", \"minute\"]", "settings[2].fields[0].order" },
  { "gridtill-generic", "\"kind\": \"array\"", "\"kind\": \"heap\"", "records.kind" },
  { "gridtill-generic", "\"registers\": 10", "\"registers\": 9", "records.layout" },
  { "adf400l-1p", "\"kind\": \"adf400\"", "\"kind\": \"adf500\"", "discover.kind" },
  { "ddsy1352", "\"bytes\": 96", "\"bytes\": 97", "upload[0].bytes" },
  { "adf400l-1p", "\"id\": \"A2\"", "\"id\": \"A1\"", "facts[1].id" },
  { "adf400l-1p", "\"state\": \"open\"", "\"state\": \"maybe\"", "facts[0].state" },
};

static void
test_broken (gconstpointer data)
{
  const Broken     *b = data;
  g_autofree char  *text = read_shipped (b->name), *file = g_strconcat (b->name, ".json", NULL), *prefix = NULL;
  g_autoptr(GString) changed = g_string_new (text);
  g_autoptr(GError) error = NULL;

  g_assert_cmpuint (g_string_replace (changed, b->find, b->with, 1), ==, 1);
  g_assert_null (tilld_profile_load_bytes (file, changed->str, changed->len, &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_INVALID);
  prefix = g_strdup_printf ("%s:%s: ", file, b->member);
  if (!g_str_has_prefix (error->message, prefix))
    g_error ("expected %s..., got %s", prefix, error->message);
}

static void
test_size_and_depth (void)
{
  g_autofree char  *big = g_strnfill (TILLD_PROFILE_FILE_MAX + 1, ' ');
  const char       *deep = "{\"a\":[[[[[[[[1]]]]]]]]}";
  g_autoptr(GError) error = NULL;

  g_assert_null (tilld_profile_load_bytes ("x.json", big, strlen (big), &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_null (tilld_profile_load_bytes ("x.json", deep, strlen (deep), &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_INVALID);
  g_assert_nonnull (strstr (error->message, "deeper"));
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/profile/shipped", test_shipped);
  g_test_add_func ("/profile/units", test_units);
  g_test_add_func ("/profile/size-and-depth", test_size_and_depth);
  for (guint i = 0; i < G_N_ELEMENTS (broken); i++)
    {
      g_autofree char *path = g_strdup_printf ("/profile/broken/%02u-%s", i, broken[i].member);

      g_test_add_data_func (path, &broken[i], test_broken);
    }
  return till_test_run ();
}
