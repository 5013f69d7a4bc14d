/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-sim-models.c: every kind of purse and every quirk through registers alone, as a server meets them: class B and C, energy
 * purses, debits of each mode, settings that act, five rates, wrong word order, clocks that drift. */
#include <glib/gstdio.h>
#include <string.h>
#include "tests/simulator/meter-registers.h"
#include "tests/simulator/seed.h"
#include "tests/simulator/unit/sim-fixture.h"

#define METER(profile, rest) \
  "[{\"code\":\"GW-0001\",\"kind\":\"modbus_tcp\",\"at\":\"127.0.0.1:7501\",\"buses\":[{\"meters\":[{\"profile\":\"" profile "\",\"unit\":1," rest "}]}]}]"
#define BASIC "\"load\":\"w3600\",\"price\":\"flat\",\"balance\":\"50.00\""

static SimMeter *
begin (SimFixture *f, const char *links)
{
  sim_fixture_init (f, links, NULL);
  return sim_fixture_meter (f, 1);
}

static SimMeter *
later (SimFixture *f, gint64 seconds)
{
  sim_campus_advance (f->campus, seconds);
  return sim_fixture_meter (f, 1);
}

static gint64
get32 (SimMeter *meter, guint16 at)
{
  guint16 words[2];

  g_assert_cmpuint (sim_registers_read (meter, at, 2, words), ==, 0);
  return (gint32) ((guint32) words[0] << 16 | words[1]);
}

static guint
get16 (SimMeter *meter, guint16 at)
{
  guint16 word;

  g_assert_cmpuint (sim_registers_read (meter, at, 1, &word), ==, 0);
  return word;
}

/* Words to an address by function 16; the exception code. */
static guint
put (SimMeter *meter, guint16 at, guint n, const guint16 *words)
{
  SimEffect effect;

  return sim_registers_write (meter, 16, at, (guint16) n, words, &effect);
}

#define PUT(meter, at, ...) put (meter, at, sizeof ((guint16[]){ __VA_ARGS__ }) / 2, (const guint16[]){ __VA_ARGS__ })

enum { BALANCE = 0x0010, TOTAL = 0x0012, COUNT = 0x0014, LAST = 0x0015, REFUNDED = 0x0018, REFUNDS = 0x001a, STATUS = 0x0002, TRIP = 0x0003 };

/* Class B: add only, the same frame twice is credited twice, the meter counts by itself. */
static void
test_class_b (void)
{
  SimFixture f;
  SimMeter  *meter = begin (&f, METER ("gridtill-generic-b", BASIC));
  guint      count = get16 (meter, COUNT);
  gint64     total = get32 (meter, TOTAL);

  g_assert_cmpuint (PUT (meter, 0x0208, 0, 2500), ==, 0);
  g_assert_cmpuint (PUT (meter, 0x0208, 0, 2500), ==, 0);
  g_assert_cmpint (get32 (meter, BALANCE), ==, 10000);
  g_assert_cmpint (get32 (meter, TOTAL), ==, total + 5000);
  g_assert_cmpuint (get16 (meter, COUNT), ==, count + 2);
  g_assert_cmpuint (PUT (meter, 0x0208, 0, 0), ==, 3);
  g_assert_cmpuint (PUT (meter, 0x0200, 0, 100, (guint16) (count + 3)), !=, 0); /* no recharge with a count here */
  g_assert_cmpuint (PUT (meter, 0x0210, 0, 10001), ==, 3);
  g_assert_cmpuint (PUT (meter, 0x0210, 0, 1000), ==, 0);
  g_assert_cmpint (get32 (meter, BALANCE), ==, 9000);
  g_assert_cmpint (get32 (meter, REFUNDED), ==, 1000);
  g_assert_cmpuint (get16 (meter, REFUNDS), ==, 1);
  sim_fixture_clear (&f);
}

/* An energy purse falls with the energy register, whatever a kWh costs. */
static void
test_energy_purse (void)
{
  SimFixture f;
  SimMeter  *meter = begin (&f, METER ("gridtill-generic-kwh", BASIC));
  gint64     energy = get32 (meter, 0x0004);
  guint      count = get16 (meter, COUNT);

  g_assert_cmpint (get32 (meter, BALANCE), ==, 5000); /* 50.00 kWh */
  meter = later (&f, 3600);
  g_assert_cmpint (get32 (meter, 0x0004) - energy, ==, 360);
  g_assert_cmpint (get32 (meter, BALANCE), ==, 4640);
  g_assert_cmpuint (PUT (meter, 0x0200, 0, 1000, (guint16) (count + 1)), ==, 0);
  g_assert_cmpint (get32 (meter, BALANCE), ==, 5640);
  meter = later (&f, 16 * 3600);
  g_assert_cmpint (get32 (meter, BALANCE), ==, 0);
  g_assert_cmpuint (get16 (meter, TRIP) & 1, ==, 1);
  g_assert_cmpint (get32 (meter, 0x0021), ==, 0);
  sim_fixture_clear (&f);
}

/* Class C: no purse that can be written; forced control is all there is. */
static void
test_class_c (void)
{
  static const struct { const char *profile; guint16 at, word, closed; } rows[] = {
    { METER ("gridtill-generic-c", BASIC), 0x0300, 0x0002, 0x0001 },
    { METER ("ddsy1352", BASIC), 0x0057, 0x0224, 0x2000 },
    { METER ("dtsy1352", BASIC), 0x0057, 0x0224, 0xe000 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      SimFixture f;
      SimMeter  *meter = begin (&f, rows[i].profile);

      g_assert_cmpuint (PUT (meter, 0x0200, 0, 100, 1), !=, 0);
      g_assert_cmphex (get16 (meter, rows[i].word) & rows[i].closed, ==, rows[i].closed);
      g_assert_cmpuint (PUT (meter, rows[i].at, 1, 1), ==, 0);
      g_assert_cmphex (get16 (meter, rows[i].word) & rows[i].closed, ==, 0);
      g_assert_cmpint (meter->power_w, ==, 0);
      g_assert_cmpuint (get16 (meter, (guint16) (rows[i].at + 1)), ==, 1);
      g_assert_cmpuint (PUT (meter, rows[i].at, 1, 0), ==, 0);
      g_assert_cmphex (get16 (meter, rows[i].word) & rows[i].closed, ==, rows[i].closed);
      g_assert_cmpuint (PUT (meter, rows[i].at, 7, 7), ==, 3);
      g_assert_cmpuint (PUT (meter, rows[i].at, 0, 0), ==, 0);
      meter = later (&f, 400000); /* a purse that only shows: forced closed or not, generic-c never trips for money */
      if (i == 0)
        g_assert_true (meter->closed);
      sim_fixture_clear (&f);
    }
}

static void
test_read_only (void)
{
  SimFixture f;
  SimMeter  *meter = begin (&f, METER ("adw300-readonly", BASIC));
  gint64     energy = get32 (meter, 0x003e);
  SimRequest request = { .unit = 1, .n_pdu = 8, .pdu = { 16, 0, 0x14, 0, 1, 2, 0, 1 } };
  guint8     reply[SIM_PDU_MAX];
  SimEffect  effect;

  meter = later (&f, 3600);
  g_assert_cmpint (get32 (meter, 0x003e) - energy, ==, 360);
  g_assert_cmpint (get32 (meter, 0x0024), ==, 3600);
  g_assert_cmpint (get32 (meter, 0x001e) + get32 (meter, 0x0020) + get32 (meter, 0x0022), ==, 3600);
  g_assert_cmpuint (sim_slave_answer (meter, &request, reply, &effect), ==, 2);
  g_assert_cmpint (reply[1], ==, 1); /* it takes no write at all */
  sim_fixture_clear (&f);
}

/* Limits, schedule, protected hours, clock, prices and tiers act from the moment they are written. */
static void
test_limits_act (void)
{
  SimFixture f;
  SimMeter  *meter = begin (&f, METER ("gridtill-generic", BASIC));

  g_assert_cmpuint (PUT (meter, 0x010a, 0, 3000, 0, 1000, 0, 3000, 0, 500, 0, 20000), ==, 0);
  g_assert_cmpuint (PUT (meter, 0x0114, 60), ==, 0);
  meter = later (&f, 10);
  g_assert_cmphex (get16 (meter, TRIP), ==, 4); /* 3,600 W above 3,000 W */
  g_assert_cmphex (get16 (meter, STATUS) & 0x11, ==, 0x10);
  meter = later (&f, 60);
  g_assert_cmphex (get16 (meter, TRIP), ==, 0);
  g_assert_cmpuint (PUT (meter, 0x010e, 0, 0), ==, 0); /* one whole field of the run */
  g_assert_cmpuint (PUT (meter, 0x010f, 0), ==, 3);    /* half a field */
  meter = later (&f, 100000);
  g_assert_cmphex (get16 (meter, TRIP), ==, 1); /* 100 kWh at 0.56: past the overdraft of 5.00 */
  g_assert_cmpint (get32 (meter, BALANCE), <=, -500);
  g_assert_cmpint (get32 (meter, BALANCE), >=, -501); /* not a second longer */
  g_assert_cmpuint (PUT (meter, 0x0116, 0), ==, 0); /* prepaid off */
  meter = later (&f, 1);
  g_assert_cmphex (get16 (meter, TRIP), ==, 0);
  g_assert_cmpuint (PUT (meter, 0x0116, 2), ==, 3);
  g_assert_cmpuint (PUT (meter, 0x0200, 0, 30000, (guint16) (get16 (meter, COUNT) + 1)), ==, 3); /* above the hoard of 200.00 */
  sim_fixture_clear (&f);
}

static void
test_trips_a_day (void)
{
  SimFixture f;
  SimMeter  *meter = begin (&f, METER ("gridtill-generic", BASIC));

  g_assert_cmpuint (PUT (meter, 0x010e, 0, 3000), ==, 0);
  g_assert_cmpuint (PUT (meter, 0x0114, 30, 2), ==, 0); /* back after 30 s, at most two trips a day */
  meter = later (&f, 10 + 30 + 10 + 30);
  g_assert_cmpuint (get16 (meter, 0x0032), ==, 2);
  g_assert_cmphex (get16 (meter, TRIP), ==, 4);
  meter = later (&f, 86400 - 81); /* the last second of the day */
  g_assert_cmphex (get16 (meter, TRIP), ==, 4);
  meter = later (&f, 1);
  g_assert_cmphex (get16 (meter, TRIP), ==, 0);
  sim_fixture_clear (&f);
}

/* Trips, releases and empty purses come in the same second whether a meter is asked once or all the time. */
static void
test_any_cut (void)
{
  SimFixture once, cut;
  SimMeter  *a = begin (&once, METER ("gridtill-generic", "\"load\":\"w3600\",\"price\":\"flat\",\"balance\":\"9.00\""));
  SimMeter  *b = begin (&cut, METER ("gridtill-generic", "\"load\":\"w3600\",\"price\":\"flat\",\"balance\":\"9.00\""));

  a->overload_w = b->overload_w = 3000;
  a->overload_restore_s = b->overload_restore_s = 45;
  a->load_allowed = b->load_allowed = 70;
  for (guint64 k = 0, done = 0; done < 200000; k++)
    {
      guint64 step = MIN (sim_splitmix64 (k) % 90 + 1, 200000 - done);

      b = later (&cut, (gint64) step);
      done += step;
    }
  a = later (&once, 200000);
  g_assert_cmpuint (a->load_trips, ==, b->load_trips);
  g_assert_cmpint (a->fine, ==, b->fine);
  g_assert_cmpmem (a->energy_ws, sizeof a->energy_ws, b->energy_ws, sizeof b->energy_ws);
  g_assert_cmpint (a->overload_until_s, ==, b->overload_until_s);
  sim_fixture_clear (&once);
  sim_fixture_clear (&cut);
}

static void
test_schedule_acts (void)
{
  SimFixture f;
  SimMeter  *meter = begin (&f, METER ("gridtill-generic", BASIC)); /* a Tuesday, 00:00 */
  guint16    words[33] = { 1 };
  guint8     plan[] = { 0, 0, 0, 1, 7, 0, 0, 23, 0 };

  for (guint list = 0; list < 2; list++)
    for (guint i = 0; i < sizeof plan; i++)
      {
        guint at = list * 24 + i;

        words[1 + at / 2] = (guint16) (at % 2 == 0 ? plan[i] << 8 : words[1 + at / 2] | plan[i]);
      }
  g_assert_cmpuint (put (meter, 0x0180, 33, words), ==, 0);
  g_assert_cmphex (get16 (meter, TRIP), ==, 8);
  g_assert_cmphex (get16 (meter, STATUS) & 0x0801, ==, 0x0800);
  meter = later (&f, 7 * 3600);
  g_assert_cmphex (get16 (meter, TRIP), ==, 0);
  g_assert_cmpuint (PUT (meter, 0x0310, 0x1a09, 0x0102, 0x1700, 0x0000), ==, 0); /* 2026-09-01, Tuesday, 23:00:00 */
  meter = later (&f, 1);
  g_assert_cmphex (get16 (meter, TRIP), ==, 8);
  g_assert_cmphex (get16 (meter, 0x0029) >> 8, ==, 23);
  g_assert_cmpuint (PUT (meter, 0x0310, 0x1a02, 0x1e02, 0x1700, 0x0000), ==, 3); /* 30 February */
  sim_fixture_clear (&f);
}

/* A third of a kWh at each price: tiers add, prices are those written. */
static void
test_prices_act (void)
{
  SimFixture f;
  SimMeter  *meter = begin (&f, METER ("gridtill-generic", BASIC));
  guint16    tiers[29] = { 2 };

  g_assert_cmpuint (PUT (meter, 0x0100, 0, 10000, 0, 10000, 0, 10000, 0, 10000, 0, 10000), ==, 0);
  tiers[2] = 100; /* to 1.00 kWh */
  tiers[13 + 3] = 5000; /* the second tier: 0.50 more */
  tiers[28] = 1;
  g_assert_cmpuint (put (meter, 0x0117, 29, tiers), ==, 0);
  meter = later (&f, 2000); /* 2 kWh */
  g_assert_cmpint (get32 (meter, BALANCE), ==, 5000 - 100 - 150);
  g_assert_cmpuint (put (meter, 0x0117, 28, tiers), ==, 0); /* whole fields only need not be all of them */
  g_assert_cmpuint (put (meter, 0x0117, 2, tiers), ==, 3);
  sim_fixture_clear (&f);
}

/* 5 rates and 4 rates: each hour counts where its plan says. */
static void
test_rates (void)
{
  static const struct { const char *profile; guint16 plan, deep; gboolean has_deep; } rows[] = {
    { METER ("gridtill-generic", BASIC), 0x0140, 0x000e, TRUE },
    { METER ("dtsy1352", BASIC), 0x2000, 0x5030, TRUE },
    { METER ("ddsy1352", BASIC), 0x2006, 0x5030, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      SimFixture f;
      SimMeter  *meter = begin (&f, rows[i].profile);
      gint64     deep = get32 (meter, rows[i].deep);
      guint16    plan[21] = { 0 };
      guint8     items[] = { 5, 0, 0, 1, 1, 0 }; /* deep from 00:00, tip from 01:00 */

      for (guint k = 0; k < sizeof items; k++)
        plan[k / 2] = (guint16) (k % 2 == 0 ? items[k] << 8 : plan[k / 2] | items[k]);
      g_assert_cmpuint (put (meter, rows[i].plan, 21, plan), ==, 0);
      meter = later (&f, 7200);
      g_assert_cmpint (get32 (meter, rows[i].deep) - deep, ==, 360);
      g_assert_cmpuint (get16 (meter, rows[i].plan), ==, 0x0500);
      sim_fixture_clear (&f);
    }
}

typedef void (*QuirkCheck) (SimFixture *f, SimMeter *meter);

static void
check_word_order (SimFixture *f, SimMeter *meter)
{
  guint16 words[2];

  g_assert_cmpuint (sim_registers_read (meter, BALANCE, 2, words), ==, 0);
  g_assert_cmpuint (words[0], ==, 5000);
  g_assert_cmpuint (words[1], ==, 0);
  g_assert_cmpuint (PUT (meter, 0x0200, 1000, 0, (guint16) (get16 (meter, COUNT) + 1)), ==, 0);
  g_assert_cmpint (sim_meter_balance_raw (meter), ==, 6000);
}

static void
check_no_serial (SimFixture *f, SimMeter *meter)
{
  for (guint16 at = 0x002b; at <= 0x0030; at++)
    g_assert_cmpuint (get16 (meter, at), ==, 0);
}

static void
check_drift (SimFixture *f, SimMeter *meter)
{
  gint32 day;
  int    second;

  meter = later (f, 43200);
  sim_meter_local (meter, &day, &second);
  g_assert_cmpint (second, ==, 43200 + 60); /* 120 s a day */
}

static void
check_stuck (SimFixture *f, SimMeter *meter)
{
  g_assert_cmpuint (PUT (meter, 0x0300, 1, 1), ==, 0);
  g_assert_cmphex (get16 (meter, STATUS) & 0x21, ==, 0x21); /* forced open, and still closed */
  g_assert_cmpint (meter->power_w, ==, 3600);
}

static void
check_leak (SimFixture *f, SimMeter *meter)
{
  gint64 energy;

  g_assert_cmpuint (PUT (meter, 0x0300, 1, 1), ==, 0);
  energy = get32 (meter, 0x0004);
  meter = later (f, 36000);
  g_assert_cmphex (get16 (meter, STATUS) & 1, ==, 0);
  g_assert_cmpint (get32 (meter, 0x0004) - energy, ==, 100); /* 100 W for 10 h */
}

static void
check_wrap (SimFixture *f, SimMeter *meter)
{
  g_assert_cmpuint ((guint32) get32 (meter, 0x0004), >, 0xffffff00);
  meter = later (f, 3600);
  g_assert_cmpuint ((guint32) get32 (meter, 0x0004), <, 1000);
}

static void
check_negative (SimFixture *f, SimMeter *meter)
{
  g_assert_cmpuint (PUT (meter, 0x0200, 0, 1000, (guint16) (get16 (meter, COUNT) + 1)), ==, 4);
  g_assert_cmpint (get32 (meter, BALANCE), ==, 6000); /* it says no and does it */
  g_assert_cmpuint (PUT (meter, 0x0210, 0, 500, 1), ==, 4);
  g_assert_cmpint (get32 (meter, BALANCE), ==, 5500);
}

static void
check_slow (SimFixture *f, SimMeter *meter)
{
  sim_fixture_ask (f, 1, "0300020001");
  sim_fixture_step (f, 899);
  g_assert_cmpuint (f->sends, ==, 0);
  sim_fixture_step (f, 2);
  g_assert_cmpuint (f->sends, ==, 1);
}

static void
test_quirks (void)
{
  static const struct { const char *quirk; QuirkCheck check; } rows[] = {
    { "{\"word_order\":\"little\"}", check_word_order }, { "{\"no_serial\":true}", check_no_serial },
    { "{\"clock_drift_s_day\":120}", check_drift },      { "{\"stuck_relay\":true}", check_stuck },
    { "{\"leak_w\":100}", check_leak },                  { "{\"wrap_energy\":true}", check_wrap },
    { "{\"negative_but_applied\":1,\"wrong_exception\":4}", check_negative }, { "{\"slow_ms\":900}", check_slow },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *links = g_strdup_printf (METER ("gridtill-generic", BASIC ",\"quirks\":%s"), rows[i].quirk);
      SimFixture       f;
      SimMeter        *meter = begin (&f, links);

      g_test_message ("%s", rows[i].quirk);
      rows[i].check (&f, meter);
      sim_fixture_clear (&f);
    }
}

/* Profiles made from a shipped one: the debit of another mode. */
static SimMeter *
begin_with_debit (SimFixture *f, const char *folder, const char *debit)
{
  g_autofree char   *from = till_test_source_path ("server/data/profiles/gridtill-generic.json"), *text = NULL, *made = NULL, *world = NULL;
  g_autofree char   *path = g_build_filename (folder, "gridtill-generic.json", NULL);
  g_autoptr (GError) error = NULL;
  const char        *at, *end;
  SimCampusOptions   options = { 0 };

  g_assert_true (g_file_get_contents (from, &text, NULL, NULL));
  at = strstr (text, "  \"debit\": {");
  end = strstr (text, "  \"control\": {");
  g_assert_true (at && end && at < end);
  made = g_strdup_printf ("%.*s%s%s", (int) (at - text), text, debit, end);
  g_assert_true (g_file_set_contents (path, made, -1, NULL));
  world = sim_world_text (METER ("gridtill-generic", "\"load\":\"w100\",\"balance\":\"50.00\""));
  memset (f, 0, sizeof *f);
  f->clock = options.clock = tilld_clock_fake_new (1788192000 * TILL_SECOND, 1000000);
  f->sent = g_byte_array_new ();
  f->campus = sim_campus_new (sim_world_parse ("w", world, -1, folder, &error), &options, &error);
  g_assert_no_error (error);
  return sim_fixture_meter (f, 1);
}

#define DEBIT(mode, at, fields)                                                                                                    \
  "\"debit\":{\"evidence\":\"reference\",\"fc\":16,\"at\":\"" at "\",\"scope\":\"circuit\",\"fields\":[" fields "],\"mode\":\"" mode \
  "\",\"settle_ms\":0,\"verify\":{\"proof\":\"balance\"}},"

static void
test_debit_modes (void)
{
  g_autofree char *folder = g_dir_make_tmp ("sim-profile-XXXXXX", NULL), *path = g_build_filename (folder, "gridtill-generic.json", NULL);
  SimFixture       f;
  SimMeter        *meter = begin_with_debit (&f, folder, DEBIT ("preset", "0218", "{\"name\":\"balance\",\"type\":\"i32\",\"scale\":\"0.01\"}"));
  guint16          count;
  gint64           total;

  g_assert_cmpuint (PUT (meter, 0x0218, 0, 1000), ==, 3); /* the relay is closed */
  g_assert_cmpuint (PUT (meter, 0x0300, 1, 1), ==, 0);
  g_assert_cmpuint (PUT (meter, 0x0218, 0, 1000), ==, 0);
  g_assert_cmpint (get32 (meter, BALANCE), ==, 1000);
  g_assert_cmpuint (get16 (meter, REFUNDS), ==, 0);
  g_assert_cmpuint (PUT (meter, 0x0218, 0xffff, 0xffff), ==, 3);
  sim_fixture_clear (&f);
  meter = begin_with_debit (&f, folder, DEBIT ("negative", "0200", "{\"name\":\"amount\",\"type\":\"i32\",\"scale\":\"0.01\"},{\"name\":\"count\",\"type\":\"u16\"}"));
  count = (guint16) get16 (meter, COUNT);
  total = get32 (meter, TOTAL);
  g_assert_cmpuint (PUT (meter, 0x0200, 0xffff, 0xfc18, (guint16) (count + 1)), ==, 0); /* -10.00 */
  g_assert_cmpint (get32 (meter, BALANCE), ==, 4000);
  g_assert_cmpint (get32 (meter, TOTAL), ==, total - 1000);
  g_assert_cmpuint (get16 (meter, COUNT), ==, count + 1);
  g_assert_cmpuint (PUT (meter, 0x0200, 0xffff, 0xfc18, (guint16) (count + 1)), ==, 0); /* the same again: no effect */
  g_assert_cmpint (get32 (meter, BALANCE), ==, 4000);
  g_assert_cmpuint (PUT (meter, 0x0200, 0xffff, 0x0000, (guint16) (count + 2)), ==, 3); /* more than there is */
  sim_fixture_clear (&f);
  g_unlink (path);
  g_rmdir (folder);
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/sim/models/class-b", test_class_b);
  g_test_add_func ("/sim/models/energy-purse", test_energy_purse);
  g_test_add_func ("/sim/models/class-c", test_class_c);
  g_test_add_func ("/sim/models/read-only", test_read_only);
  g_test_add_func ("/sim/models/limits-act", test_limits_act);
  g_test_add_func ("/sim/models/trips-a-day", test_trips_a_day);
  g_test_add_func ("/sim/models/any-cut", test_any_cut);
  g_test_add_func ("/sim/models/schedule-acts", test_schedule_acts);
  g_test_add_func ("/sim/models/prices-act", test_prices_act);
  g_test_add_func ("/sim/models/rates", test_rates);
  g_test_add_func ("/sim/models/quirks", test_quirks);
  g_test_add_func ("/sim/models/debit-modes", test_debit_modes);
  return till_test_run ();
}
