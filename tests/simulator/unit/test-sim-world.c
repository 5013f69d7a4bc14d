/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-sim-world.c: drawing by path, strict loading, counts, the units of a cabinet, and bad world files with their verdicts. */
#include <string.h>
#include "tests/simulator/seed.h"
#include "tests/simulator/unit/sim-fixture.h"

#define LINK(inner) "[{\"code\":\"GW-0001\",\"kind\":\"modbus_tcp\",\"at\":\"127.0.0.1:7501\",\"buses\":[{" inner "}]}]"

static void
test_vectors (void)
{
  /* Published values of FNV-1a 64 and of splitmix64 from state 0 and 1234567. */
  g_assert_cmphex (sim_fnv1a64 (SIM_FNV_START, ""), ==, G_GUINT64_CONSTANT (0xcbf29ce484222325));
  g_assert_cmphex (sim_fnv1a64 (SIM_FNV_START, "a"), ==, G_GUINT64_CONSTANT (0xaf63dc4c8601ec8c));
  g_assert_cmphex (sim_fnv1a64 (SIM_FNV_START, "foobar"), ==, G_GUINT64_CONSTANT (0x85944171f73967e8));
  g_assert_cmphex (sim_fnv1a64 (sim_fnv1a64 (SIM_FNV_START, "foo"), "bar"), ==, G_GUINT64_CONSTANT (0x85944171f73967e8));
  g_assert_cmphex (sim_splitmix64 (0), ==, G_GUINT64_CONSTANT (0xe220a8397b1dcdaf));
  g_assert_cmpuint (sim_splitmix64 (1234567), ==, G_GUINT64_CONSTANT (6457827717110365317));
}

static void
test_units (void)
{
  SimFixture f;
  SimBus    *bus;
  guint      expected[] = { 1, 4, 7, 10, 13, 16, 19, 22, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36 };

  sim_fixture_init (&f, LINK ("\"cabinets\":[{\"table\":1,\"ct\":4,\"three\":4,\"single\":12}]"), NULL);
  bus = &f.campus->links[0].buses[0];
  g_assert_cmpuint (bus->n_meters, ==, G_N_ELEMENTS (expected));
  for (guint i = 0; i < bus->n_meters; i++)
    {
      g_assert_cmpuint (bus->meters[i].unit, ==, expected[i]);
      g_assert_cmpstr (bus->meters[i].model->name, ==, i < 8 ? "adf400l-3p" : "adf400l-1p");
    }
  sim_fixture_clear (&f);
}

static void
assert_same_meter (const SimMeter *a, const SimMeter *b)
{
  g_assert_cmpuint (a->unit, ==, b->unit);
  g_assert_cmpint (a->fine, ==, b->fine);
  g_assert_cmpint (a->total_raw, ==, b->total_raw);
  g_assert_cmpuint (a->count, ==, b->count);
  g_assert_cmpint (sim_meter_energy_wh (a), ==, sim_meter_energy_wh (b));
  g_assert_cmpstr (sim_meter_serial (a), ==, sim_meter_serial (b));
}

/* Another gateway and another cabinet before it change nothing for a circuit: it is drawn by its own path. */
static void
test_drawn_by_path (void)
{
  SimFixture a, b;

  sim_fixture_init (&a, LINK ("\"cabinets\":[{\"table\":37,\"single\":36}]"), NULL);
  sim_fixture_init (&b,
                    "[{\"code\":\"GW-0000\",\"kind\":\"rtu_tcp\",\"at\":\"127.0.0.1:7500\",\"buses\":[{\"cabinets\":[{\"table\":1,\"single\":3}]}]},"
                    "{\"code\":\"GW-0001\",\"kind\":\"modbus_tcp\",\"at\":\"127.0.0.1:7501\",\"buses\":[{\"cabinets\":"
                    "[{\"table\":1,\"single\":36,\"count\":2}]}]}]",
                    NULL);
  for (guint unit = 37; unit <= 72; unit++)
    assert_same_meter (sim_fixture_meter (&a, unit), sim_fixture_meter (&b, unit));
  sim_fixture_clear (&a);
  sim_fixture_clear (&b);
}

static void
test_count (void)
{
  SimFixture f;

  sim_fixture_init (&f,
                    "[{\"code\":\"GW-%04d\",\"count\":3,\"kind\":\"modbus_tcp\",\"at\":\"127.0.0.1:75%02d\",\"buses\":[{\"cabinets\":"
                    "[{\"table\":1,\"count\":2,\"single\":36,\"serial\":\"SN%06d\",\"opened\":true,"
                    "\"except\":[{\"circuits\":[2,36],\"opened\":false},{\"circuits\":[3],\"balance\":\"-1.50\",\"quirks\":{\"off\":true}}]}],"
                    "\"meters\":[{\"profile\":\"gridtill-generic\",\"unit\":100,\"count\":5,\"serial\":\"GT%04d\"}]}]}]",
                    NULL);
  g_assert_cmpuint (sim_world_circuits (f.campus->world), ==, 3 * (72 + 5));
  g_assert_cmpstr (f.campus->links[2].spec->code, ==, "GW-0003");
  g_assert_cmpstr (f.campus->links[2].spec->at, ==, "127.0.0.1:7503");
  g_assert_cmpstr (sim_meter_serial (sim_fixture_meter (&f, 37)), ==, "SN000002");
  g_assert_cmpstr (sim_meter_serial (sim_fixture_meter (&f, 104)), ==, "GT0005");
  g_assert_cmpuint (sim_fixture_meter (&f, 38)->count, ==, 0);
  g_assert_cmpuint (sim_fixture_meter (&f, 36)->count, ==, 0);
  g_assert_cmpuint (sim_fixture_meter (&f, 1)->count, >, 0);
  g_assert_cmpint (sim_meter_balance_raw (sim_fixture_meter (&f, 3)), ==, -150);
  g_assert_true (sim_fixture_meter (&f, 39)->off);
  sim_fixture_clear (&f);
}

static void
test_print_again (gconstpointer data)
{
  g_autoptr (GError)   error = NULL;
  g_autofree char     *path = till_test_source_path (data);
  g_autoptr (SimWorld) world = sim_world_load (path, NULL, &error);
  g_autofree char     *text = world ? sim_world_print (world) : NULL;
  g_autoptr (SimWorld) again = text ? sim_world_parse ("again", text, -1, NULL, &error) : NULL;
  g_autofree char     *twice = again ? sim_world_print (again) : NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (text, ==, twice);
  g_assert_cmpuint (sim_world_circuits (world), ==, sim_world_circuits (again));
}

/* The demo campus shows every state that people can see on the board. */
static void
test_demo_states (void)
{
  g_autoptr (GError)     error = NULL;
  g_autofree char       *path = till_test_source_path ("tests/simulator/worlds/demo.json");
  SimWorld              *world = sim_world_load (path, NULL, &error);
  g_autoptr (TilldClock) clock = tilld_clock_fake_new (1788192000 * TILL_SECOND, 0);
  SimCampusOptions       options = { .clock = clock };
  g_autoptr (SimCampus)  campus = sim_campus_new (world, &options, &error);
  guint                  normal = 0, alarm1 = 0, alarm2 = 0, arrears = 0, unopened = 0, off = 0;

  g_assert_no_error (error);
  for (guint l = 0; l < campus->n_links; l++)
    for (guint i = 0; i < campus->links[l].buses[0].n_meters; i++)
      {
        const SimMeter *meter = &campus->links[l].buses[0].meters[i];
        gint64          balance = sim_meter_balance_raw (meter);
        guint          *state = meter->off ? &off : meter->count == 0 ? &unopened : balance <= 0 ? &arrears : balance <= 1000 ? &alarm2 : balance <= 5000 ? &alarm1 : &normal;

        (*state)++;
        g_assert_true (balance > 0 || !meter->closed);
      }
  g_assert_cmpuint (normal + alarm1 + alarm2 + arrears + unopened + off, ==, 360);
  g_assert_cmpuint (normal, >, 180);
  g_assert_cmpuint (MIN (alarm1, alarm2), >=, 10);
  g_assert_cmpuint (MIN (arrears, unopened), >=, 10);
  g_assert_cmpuint (off, ==, 10);
}

typedef struct { const char *links, *verdict; } Bad;

#define DIAL(proto, rest) "[{\"code\":\"A\",\"kind\":\"dial_in\",\"at\":\"127.0.0.1:1\",\"proto\":\"" proto "\"," rest "\"buses\":[{}]}]"

static const Bad bad_links[] = {
  { "[{\"code\":\"GW-0001\",\"kind\":\"dial_in\"}]", "links[0].proto: is required" },
  { DIAL ("dtn", ""), "links[0].proto: must be dtu, gt3, tls, 7b7b or 1f1f" },
  { DIAL ("dtu", ""), "links[0].registration: must be one text for each bus" },
  { DIAL ("dtu", "\"registration\":[\"A\",\"B\"],"), "links[0].registration: must be one text for each bus" },
  { DIAL ("dtu", "\"registration\":\"0xabc\","), "links[0].registration: must be a text or 0x*" },
  { DIAL ("dtu", "\"registration\":\"A\",\"registration_mode\":\"twice\","), "links[0].registration_mode: must be once or prefix" },
  { DIAL ("dtu", "\"registration\":\"A\",\"heartbeat\":{\"every_s\":5},"), "links[0].heartbeat.hex: is required for dtu" },
  { DIAL ("dtu", "\"registration\":\"A\",\"heartbeat\":{\"hex\":\"f\",\"every_s\":5},"), "links[0].heartbeat.hex: must be hexadecimal digits" },
  { DIAL ("gt3", ""), "links[0].key: is required for gt3" },
  { DIAL ("gt3", "\"key\":\"0001\","), "links[0].key: must be 64 hexadecimal digits" },
  { DIAL ("gt3", "\"suite\":3,"), "links[0].suite: must be from 1 to 2" },
  { DIAL ("tls", ""), "links[0].key: tls needs a key or a certificate" },
  { DIAL ("1f1f", ""), "links[0].secret: is required for 1f1f" },
  { DIAL ("1f1f", "\"secret\":\"short\","), "links[0].secret: must be 16 characters" },
  { "[{\"code\":\"A\",\"kind\":\"serial\",\"at\":\"/tmp/t\",\"proto\":\"tls\",\"buses\":[{}]}]", "links[0].proto: a serial link cannot speak tls" },
  { "[{\"code\":\"A\",\"kind\":\"rtu_tcp\",\"at\":\"127.0.0.1:1\",\"proto\":\"tls\",\"buses\":[{}]}]", "links[0].certificate: is required*" },
  { "[{\"code\":\"A\",\"kind\":\"dial_in\",\"proto\":\"7b7b\",\"at\":\"127.0.0.1:1\",\"buses\":[{},{\"port\":2}]}]", "links[0].buses: a 7b7b link is one bus" },
  { "[{\"code\":\"A\",\"kind\":\"dial_in\",\"proto\":\"gt3\",\"at\":\"127.0.0.1:1\",\"buses\":[{},{}]}]", "links[0].buses: port 1 is there twice" },
  { "[{\"code\":\"GW-0001\",\"kind\":\"carrier\"}]", "links[0].kind: *" },
  { "[{\"kind\":\"modbus_tcp\",\"at\":\"127.0.0.1:1\",\"buses\":[{}]}]", "links[0].code: is required" },
  { "[{\"code\":\"A\",\"kind\":\"modbus_tcp\",\"at\":\"localhost:1\",\"buses\":[{}]}]", "links[0].at: must be ADDRESS:PORT" },
  { "[{\"code\":\"A\",\"kind\":\"modbus_tcp\",\"at\":\"127.0.0.1\",\"buses\":[{}]}]", "links[0].at: must be ADDRESS:PORT" },
  { "[{\"code\":\"A\",\"kind\":\"modbus_tcp\",\"at\":\"127.0.0.1:1\",\"buses\":[{},{\"port\":2}]}]", "links[0].buses: a modbus_tcp link is one bus" },
  { "[{\"code\":\"A\",\"kind\":\"modbus_tcp\",\"at\":\"127.0.0.1:1\",\"rtt_ms\":[9,1],\"buses\":[{}]}]", "links[0].rtt_ms: *" },
  { "[{\"code\":\"A\",\"count\":2,\"kind\":\"modbus_tcp\",\"at\":\"127.0.0.1:1%02d\",\"buses\":[{}]}]", "links: code A is there twice" },
  { "[{\"code\":\"A%01d\",\"count\":2,\"kind\":\"modbus_tcp\",\"at\":\"127.0.0.1:1\",\"buses\":[{}]}]", "links: two links at *" },
  { LINK ("\"baud\":null"), "links[0].buses[0].baud: null" },
  { LINK ("\"buad\":9600"), "links[0].buses[0].buad: is not known here" },
  { LINK ("\"baud\":9600.5"), "links[0].buses[0].baud: must be a whole number" },
  { LINK ("\"cabinets\":[{\"table\":1,\"single\":37}]"), "links[0].buses[0].cabinets[0].single: a cabinet has room for 36*" },
  { LINK ("\"cabinets\":[{\"table\":1,\"three\":12,\"single\":1}]"), "links[0].buses[0].cabinets[0].single: a cabinet has room for 36*" },
  { LINK ("\"cabinets\":[{\"table\":1}]"), "links[0].buses[0].cabinets[0].single: a cabinet without circuits" },
  { LINK ("\"cabinets\":[{\"table\":217,\"single\":32}]"), "links[0].buses[0].cabinets[0].table: units would pass 247" },
  { LINK ("\"cabinets\":[{\"table\":1,\"single\":36,\"count\":7}]"), "links[0].buses[0].cabinets[0].table: units would pass 247" },
  { LINK ("\"cabinets\":[{\"table\":1,\"single\":36},{\"table\":36,\"single\":2}]"), "links[0].buses[0].meters: unit 36 is there twice" },
  { LINK ("\"cabinets\":[{\"table\":1,\"single\":3}],\"meters\":[{\"profile\":\"gridtill-generic\",\"unit\":3}]"), "*unit 3 is there twice" },
  { LINK ("\"cabinets\":[{\"table\":1,\"single\":3,\"except\":[{\"circuits\":[4]}]}]"), "*except[0].circuits: item 0 must be from 1 to 3" },
  { LINK ("\"cabinets\":[{\"table\":1,\"single\":3,\"load\":\"none\"}]"), "*.load: there is no load*" },
  { LINK ("\"cabinets\":[{\"table\":1,\"single\":3,\"balance\":5}]"), "*.balance: must be a decimal in quotes" },
  { LINK ("\"cabinets\":[{\"table\":1,\"single\":3,\"balance\":\"0.005\"}]"), "*.balance: must be whole hundredths*" },
  { LINK ("\"cabinets\":[{\"table\":1,\"single\":3,\"quirks\":{\"control\":\"H3\"}}]"), "*.quirks.control: *" },
  { LINK ("\"cabinets\":[{\"table\":1,\"single\":3,\"quirks\":{\"negative_but_applied\":2}}]"), "*.quirks.negative_but_applied: must be from 0 to 1" },
  { LINK ("\"meters\":[{\"profile\":\"no-such\",\"unit\":1}]"), "*.meters[0].profile: no meter profile no-such" },
  { LINK ("\"meters\":[{\"profile\":\"gridtill-generic\",\"unit\":248}]"), "*.meters[0].unit: must be from 1 to 247" },
  { LINK ("\"meters\":[{\"profile\":\"gridtill-generic\",\"unit\":247,\"count\":2}]"), "*.meters[0].unit: would pass 247" },
};

static void
test_bad (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (bad_links); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char   *text = sim_world_text (bad_links[i].links);
      g_autofree char   *verdict = g_strconcat ("bad.json:", bad_links[i].verdict, NULL);
      SimWorld          *world = sim_world_parse ("bad.json", text, -1, NULL, &error);

      g_test_message ("%s -> %s", bad_links[i].links, error ? error->message : "accepted");
      g_assert_null (world);
      g_assert_true (g_pattern_match_simple (verdict, error->message));
    }
}

/* Whole files that are wrong in their head; each with its verdict. */
static void
test_bad_heads (void)
{
  static const Bad heads[] = {
    { "", "bad.json:*" },
    { "[]", "bad.json:*" },
    { "{\"world\":1,\"world\":1}", "bad.json:*" },
    { "{\"world\":2,\"name\":\"x\",\"seed\":1}", "bad.json:world: must be from 1 to 1" },
    { "{\"world\":1,\"name\":\"x\",\"seed\":-1}", "bad.json:seed: *" },
    { "{\"world\":1,\"name\":\"x\",\"seed\":1,\"zone\":\"Mars/Base\"}", "bad.json:zone: *" },
    { "{\"world\":1,\"name\":\"x\",\"seed\":1,\"start\":\"yesterday\"}", "bad.json:start: *" },
    { "{\"world\":1,\"name\":\"x\",\"seed\":1,\"speed\":3601}", "bad.json:speed: *" },
    { "{\"world\":1,\"name\":\"x\",\"seed\":1,\"modems\":[{\"at\":\"/tmp/x\"}]}", "bad.json:modems: *" },
    { "{\"world\":1,\"name\":\"x\",\"seed\":1,\"loads\":{\"a\":{\"workday\":[1,2]}}}", "bad.json:loads.a.workday: must hold 24 numbers" },
    { "{\"world\":1,\"name\":\"x\",\"seed\":1,\"prices\":{\"a\":{\"rates\":{\"night\":\"1\"},\"day\":[[\"00:00\",\"flat\"]]}}}",
      "bad.json:prices.a.rates.night: is not known here" },
    { "{\"world\":1,\"name\":\"x\",\"seed\":1,\"prices\":{\"a\":{\"rates\":{\"flat\":\"1\"},\"day\":[[\"01:00\",\"flat\"]]}}}",
      "bad.json:prices.a.day: *begin at 00:00*" },
    { "{\"world\":1,\"name\":\"x\",\"seed\":1,\"prices\":{\"a\":{\"rates\":{\"flat\":\"1\"},\"day\":[[\"00:00\",\"flat\"],[\"24:00\",\"flat\"]]}}}",
      "bad.json:prices.a.day: item 1 must be*" },
    { "{\"world\":1,\"name\":\"x\",\"seed\":1,\"weather\":\"rain\"}", "bad.json:*weather*" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (heads); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (sim_world_parse ("bad.json", heads[i].links, -1, NULL, &error));
      g_test_message ("%s -> %s", heads[i].links, error->message);
      g_assert_true (g_pattern_match_simple (heads[i].verdict, error->message));
    }
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/sim/seed/vectors", test_vectors);
  g_test_add_func ("/sim/world/units", test_units);
  g_test_add_func ("/sim/world/drawn-by-path", test_drawn_by_path);
  g_test_add_func ("/sim/world/count", test_count);
  g_test_add_data_func ("/sim/world/print/mini", "tests/simulator/worlds/mini.json", test_print_again);
  g_test_add_data_func ("/sim/world/print/demo", "tests/simulator/worlds/demo.json", test_print_again);
  g_test_add_data_func ("/sim/world/print/all-links", "tests/simulator/worlds/all-links.json", test_print_again);
  g_test_add_func ("/sim/world/demo-states", test_demo_states);
  g_test_add_func ("/sim/world/bad", test_bad);
  g_test_add_func ("/sim/world/bad-heads", test_bad_heads);
  return till_test_run ();
}
