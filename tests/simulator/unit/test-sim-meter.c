/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-sim-meter.c: energy and purse to the last fraction, relay, purchase counts, registers by profile. */
#include <string.h>
#include "tests/simulator/meter-registers.h"
#include "tests/simulator/seed.h"
#include "tests/simulator/unit/sim-fixture.h"

#define FINE_PER_FEN (G_GINT64_CONSTANT (360000000)) /* 0.01 of a currency unit */
#define METERS(list) "[{\"code\":\"GW-0001\",\"kind\":\"modbus_tcp\",\"at\":\"127.0.0.1:7501\",\"buses\":[{\"meters\":[" list "]}]}]"
#define GENERIC(rest) "{\"profile\":\"gridtill-generic\",\"unit\":1," rest "}"
#define CABINET(rest) "[{\"code\":\"GW-0001\",\"kind\":\"modbus_tcp\",\"at\":\"127.0.0.1:7501\",\"buses\":[{\"cabinets\":[{\"table\":1,\"single\":2," rest "}]}]}]"

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

static void
test_exact (void)
{
  SimFixture f;
  SimMeter  *meter = begin (&f, METERS (GENERIC ("\"load\":\"w100\",\"price\":\"flat\",\"balance\":\"50.00\"")));
  gint64     wh = sim_meter_energy_wh (meter), fine = meter->fine;

  g_assert_cmpint (sim_meter_balance_raw (meter), ==, 5000);
  meter = later (&f, 3600);
  g_assert_cmpint (sim_meter_energy_wh (meter) - wh, ==, 100);
  g_assert_cmpint (fine - meter->fine, ==, 3600 * 100 * 5600); /* 0.056 exactly */
  g_assert_cmpint (sim_meter_balance_raw (meter), ==, 4994);   /* the register shows the floor */
  meter = later (&f, 9 * 3600);
  g_assert_cmpint (fine - meter->fine, ==, 56 * FINE_PER_FEN);
  g_assert_cmpint (sim_meter_balance_raw (meter), ==, 4944);
  sim_fixture_clear (&f);
}

/* Half an hour of valley, half an hour of peak: 1.8 kWh at 0.5 and 1.8 kWh at 1. */
static void
test_rate_border (void)
{
  SimFixture f;
  SimMeter  *meter = begin (&f, METERS (GENERIC ("\"load\":\"w3600\",\"price\":\"two\",\"balance\":\"50.00\"")));
  gint64     fine = meter->fine, valley = meter->energy_ws[TILL_RATE_VALLEY], peak = meter->energy_ws[TILL_RATE_PEAK];

  meter = later (&f, 3600);
  g_assert_cmpint (fine - meter->fine, ==, 270 * FINE_PER_FEN);
  g_assert_cmpint (meter->energy_ws[TILL_RATE_VALLEY] - valley, ==, 1800 * 3600);
  g_assert_cmpint (meter->energy_ws[TILL_RATE_PEAK] - peak, ==, 1800 * 3600);
  sim_fixture_clear (&f);
}

/* The first kWh at 1, then 2 a kWh: 1 + 2 x 2.6 for 3.6 kWh. */
static void
test_tier_border (void)
{
  SimFixture f;
  SimMeter  *meter = begin (&f, METERS (GENERIC ("\"load\":\"w3600\",\"price\":\"tier\",\"balance\":\"50.00\"")));
  gint64     fine = meter->fine;

  meter = later (&f, 3600);
  g_assert_cmpint (fine - meter->fine, ==, 620 * FINE_PER_FEN);
  sim_fixture_clear (&f);
}

/* The same day asked once or in a thousand odd steps is the same day. */
static void
test_any_cut (void)
{
  SimFixture once, cut;
  SimMeter  *a = begin (&once, METERS (GENERIC ("\"price\":\"two\",\"balance\":\"9.00\"")));
  SimMeter  *b = begin (&cut, METERS (GENERIC ("\"price\":\"two\",\"balance\":\"9.00\"")));
  gint64     done = 0;

  for (guint64 k = 0; done < 3 * SIM_DAY_S; k++)
    {
      gint64 step = MIN ((gint64) (sim_splitmix64 (k) % 600) + 1, 3 * SIM_DAY_S - done);

      b = later (&cut, step);
      done += step;
    }
  a = later (&once, 3 * SIM_DAY_S);
  g_assert_cmpint (a->fine, ==, b->fine);
  g_assert_cmpmem (a->energy_ws, sizeof a->energy_ws, b->energy_ws, sizeof b->energy_ws);
  g_assert_cmpint (a->closed, ==, b->closed);
  sim_fixture_clear (&once);
  sim_fixture_clear (&cut);
}

/* 3.6 kW at 0.56 uses 1.00 in 1785.7 s: the relay opens in the second in which the purse is empty, and pays no more. */
static void
test_arrears (void)
{
  SimFixture f;
  SimMeter  *meter = begin (&f, METERS (GENERIC ("\"load\":\"w3600\",\"price\":\"flat\",\"balance\":\"1.00\"")));
  SimEffect  effect = { 0 };
  gint64     fine;

  meter = later (&f, 1785);
  g_assert_true (meter->closed);
  meter = later (&f, 1);
  g_assert_false (meter->closed);
  g_assert_true (sim_meter_flag (meter, SIM_FLAG_ARREARS));
  fine = meter->fine;
  meter = later (&f, 36000);
  g_assert_cmpint (meter->fine, ==, fine);
  g_assert_cmpint (meter->power_w, ==, 0);
  g_assert_cmpuint (sim_meter_recharge (meter, 1000, (guint16) (meter->count + 1), &effect), ==, 0);
  g_assert_true (meter->closed);
  g_assert_cmpint (meter->power_w, ==, 3600);
  sim_fixture_clear (&f);
}

static void
test_overload (void)
{
  SimFixture f;
  SimMeter  *meter = begin (&f, METERS (GENERIC ("\"load\":\"w3600\",\"price\":\"flat\",\"balance\":\"100.00\"")));

  meter->overload_w = 3000;
  meter->overload_restore_s = 60;
  meter = later (&f, 9);
  g_assert_true (meter->closed);
  meter = later (&f, 1);
  g_assert_false (meter->closed);
  g_assert_true (sim_meter_flag (meter, SIM_FLAG_OVERLOAD));
  g_assert_cmpuint (meter->load_trips, ==, 1);
  meter = later (&f, 60);
  g_assert_true (meter->closed);
  sim_meter_force (meter, SIM_FORCED_CLOSED); /* a reference meter protects its wires also then */
  meter = later (&f, 12);
  g_assert_false (meter->closed);
  sim_fixture_clear (&f);
}

static void
test_cabinet_rules (void)
{
  SimFixture f;
  SimMeter  *meter = begin (&f, CABINET ("\"load\":\"w3600\",\"price\":\"flat\",\"balance\":\"11.00\""));

  meter = later (&f, 1786); /* alarm 2 at 10.00 opens the relay for 60 s */
  g_assert_false (meter->closed);
  meter = later (&f, 60);
  g_assert_true (meter->closed);
  meter->overload_enable = 1;
  meter->overload_w = 1000;
  sim_meter_force (meter, SIM_FORCED_CLOSED); /* forced control overrides everything in a cabinet */
  meter = later (&f, 4 * 3600 + 1800);
  g_assert_true (meter->closed);
  g_assert_cmpint (sim_meter_balance_raw (meter), <, 500);
  sim_fixture_clear (&f);
}

typedef struct { const char *quirk; int same, wrong; gboolean wrong_applies; } CountRule;

static void
test_count_rules (void)
{
  static const CountRule rules[] = {
    { "{}", 0, 3, FALSE },
    { "{\"count\":\"strict\"}", 3, 3, FALSE },
    { "{\"count\":\"ack_same\",\"wrong_exception\":7}", 0, 7, FALSE },
    { "{\"count\":\"accept_any\"}", 0, 0, TRUE },
    { "{\"count\":\"ignore\"}", 0, 0, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    {
      g_autofree char *links = g_strdup_printf (METERS (GENERIC ("\"balance\":\"10.00\",\"quirks\":%s")), rules[i].quirk);
      SimFixture       f;
      SimMeter        *meter = begin (&f, links);
      SimEffect        effect = { 0 };
      guint16          n = meter->count;
      gint64           total = meter->total_raw;

      g_assert_cmpuint (sim_meter_recharge (meter, 2500, (guint16) (n + 1), &effect), ==, 0);
      g_assert_cmpint (effect.kind, ==, SIM_EFFECT_RECHARGE);
      g_assert_cmpuint (meter->count, ==, n + 1);
      g_assert_cmpint (meter->total_raw - total, ==, 2500);
      effect.kind = SIM_EFFECT_NONE;
      g_assert_cmpuint (sim_meter_recharge (meter, 2500, (guint16) (n + 1), &effect), ==, rules[i].same);
      g_assert_cmpint (effect.kind, ==, rules[i].wrong_applies ? SIM_EFFECT_RECHARGE : SIM_EFFECT_NONE);
      effect.kind = SIM_EFFECT_NONE;
      total = meter->total_raw;
      g_assert_cmpuint (sim_meter_recharge (meter, 700, (guint16) (n + 9), &effect), ==, rules[i].wrong);
      g_assert_cmpint (meter->total_raw - total, ==, rules[i].wrong_applies ? 700 : 0);
      g_assert_cmpint (effect.kind, ==, rules[i].wrong_applies ? SIM_EFFECT_RECHARGE : SIM_EFFECT_NONE);
      sim_fixture_clear (&f);
    }
}

static void
test_refusals (void)
{
  SimFixture f;
  SimMeter  *meter = begin (&f, METERS (GENERIC ("\"balance\":\"10.00\"")));
  SimEffect  effect = { 0 };
  guint16    next = (guint16) (meter->count + 1);

  g_assert_cmpuint (sim_meter_recharge (meter, 0, next, &effect), ==, 3);
  g_assert_cmpuint (sim_meter_recharge (meter, -1, next, &effect), ==, 3);
  meter->hoard_raw = 2000;
  g_assert_cmpuint (sim_meter_recharge (meter, 1001, next, &effect), ==, 3);
  g_assert_cmpuint (sim_meter_recharge (meter, 1000, next, &effect), ==, 0);
  meter->count = 65535;
  g_assert_cmpuint (sim_meter_recharge (meter, 1, 0, &effect), ==, 3);
  effect.kind = SIM_EFFECT_NONE;
  g_assert_cmpuint (sim_meter_debit (meter, 2001, TRUE, 1, &effect), ==, 3);
  g_assert_cmpuint (sim_meter_debit (meter, 500, TRUE, 2, &effect), ==, 3);
  g_assert_cmpint (effect.kind, ==, SIM_EFFECT_NONE);
  g_assert_cmpuint (sim_meter_debit (meter, 500, TRUE, 1, &effect), ==, 0);
  g_assert_cmpuint (sim_meter_debit (meter, 500, TRUE, 1, &effect), ==, 0); /* the same again has no effect */
  g_assert_cmpint (sim_meter_balance_raw (meter), ==, 1500);
  g_assert_cmpint (meter->refunded_raw, ==, 500);
  sim_fixture_clear (&f);
}

static gint64
read_u32 (const SimMeter *meter, guint16 at)
{
  guint16 words[2];

  g_assert_cmpuint (sim_registers_read (meter, at, 2, words), ==, 0);
  return (gint64) words[0] << 16 | words[1];
}

static void
test_registers (void)
{
  SimFixture f;
  SimMeter  *meter = begin (&f, CABINET ("\"serial\":\"24010120260001\",\"load\":\"w100\",\"price\":\"flat\",\"balance\":\"50.00\""));
  guint16    words[128];
  SimEffect  effect;

  memset (meter->energy_ws, 0, sizeof meter->energy_ws);
  meter->energy_ws[TILL_RATE_FLAT] = G_GINT64_CONSTANT (3600000000); /* 1000.00 kWh */
  g_assert_cmpint (read_u32 (meter, 0x0306), ==, 0x000186a0);
  g_assert_cmpint (read_u32 (meter, 0x030a), ==, 5000);
  g_assert_cmpint (read_u32 (meter, 0x0505), ==, 56);
  g_assert_cmpuint (sim_registers_read (meter, 0x030e, 1, words), ==, 0);
  g_assert_cmpuint (words[0], ==, meter->count);
  g_assert_cmpuint (sim_registers_read (meter, 0x0311, 1, words), ==, 0);
  g_assert_cmphex (words[0], ==, 0x0300);
  g_assert_cmpuint (sim_registers_read (meter, 0x0947, 7, words), ==, 0);
  g_assert_cmphex (words[0], ==, 0x3234);
  g_assert_cmphex (words[6], ==, 0x3031);
  g_assert_cmpuint (sim_registers_read (meter, 0x0904, 1, words), ==, 0);
  g_assert_cmpuint (words[0], ==, 2);
  /* One read never leaves a range; empty and too long reads are bad values. */
  g_assert_cmpuint (sim_registers_read (meter, 0x0320, 2, words), ==, 2);
  g_assert_cmpuint (sim_registers_read (meter, 0x0000, 1, words), ==, 2);
  g_assert_cmpuint (sim_registers_read (meter, 0x0300, 0, words), ==, 3);
  g_assert_cmpuint (sim_registers_read (meter, 0x0300, 65, words), ==, 3);
  /* Settings: whole fields only, and nothing changes on a refusal. */
  g_assert_cmpuint (sim_registers_write (meter, 16, 0x0501, 8, (const guint16[]){ 0, 92, 0, 78, 0, 60, 0, 31 }, &effect), ==, 0);
  g_assert_cmpint (read_u32 (meter, 0x0505), ==, 60);
  g_assert_cmpint (meter->price_own[TILL_RATE_FLAT], ==, 6000);
  g_assert_cmpuint (sim_registers_write (meter, 16, 0x0502, 2, (const guint16[]){ 1, 1 }, &effect), ==, 3);
  g_assert_cmpuint (sim_registers_write (meter, 16, 0x0501, 3, (const guint16[]){ 0, 1, 0 }, &effect), ==, 3);
  g_assert_cmpuint (sim_registers_write (meter, 16, 0x0300, 1, (const guint16[]){ 1 }, &effect), ==, 2);
  g_assert_cmpint (read_u32 (meter, 0x0501), ==, 92);
  sim_fixture_clear (&f);
}

static void
test_day_plan (void)
{
  SimFixture f;
  SimMeter  *meter = begin (&f, CABINET ("\"price\":\"flat\",\"balance\":\"50.00\""));
  guint16    plan[21], words[21];
  SimEffect  effect;
  int        until;

  /* valley from 00:00, peak from 08:30, the rest repeats the last one. */
  for (guint i = 0; i < 42; i++)
    {
      static const guint8 first[] = { 4, 0, 0, 2, 8, 30 };
      guint8              byte = i < 6 ? first[i] : first[3 + i % 3];

      plan[i / 2] = (guint16) (i % 2 == 0 ? byte << 8 : plan[i / 2] | byte);
    }
  g_assert_cmpuint (sim_registers_write (meter, 16, 0x0914, 21, plan, &effect), ==, 0);
  g_assert_cmpuint (sim_registers_read (sim_fixture_meter (&f, 2), 0x0914, 21, words), ==, 0); /* shared by the cabinet */
  g_assert_cmpmem (words, sizeof words, plan, sizeof plan);
  g_assert_cmpint (sim_tariff_rate (sim_meter_plan (meter), 1, 8 * 3600, &until), ==, TILL_RATE_VALLEY);
  g_assert_cmpint (until, ==, 8 * 3600 + 1800);
  g_assert_cmpint (sim_tariff_rate (sim_meter_plan (meter), 1, until, &until), ==, TILL_RATE_PEAK);
  plan[0] = 0x0900; /* a rate this meter does not keep */
  g_assert_cmpuint (sim_registers_write (meter, 16, 0x0914, 21, plan, &effect), ==, 3);
  g_assert_cmpuint (sim_registers_read (meter, 0x0914, 1, words), ==, 0);
  g_assert_cmphex (words[0], ==, 0x0400);
  sim_fixture_clear (&f);
}

static void
test_control_words (void)
{
  SimFixture f;
  SimMeter  *meter = begin (&f, CABINET ("\"load\":\"w100\",\"balance\":\"50.00\",\"except\":[{\"circuits\":[2],\"quirks\":{\"control\":\"H1\"}}]"));
  SimMeter  *other = sim_fixture_meter (&f, 2);
  guint16    word;
  SimEffect  effect;

  g_assert_cmpuint (sim_registers_write (meter, 16, 0x0801, 1, (const guint16[]){ 0x0100 }, &effect), ==, 0);
  g_assert_cmpint (effect.kind, ==, SIM_EFFECT_RELAY);
  g_assert_false (meter->closed);
  g_assert_cmpuint (sim_registers_read (meter, 0x0801, 1, &word), ==, 0);
  g_assert_cmphex (word, ==, 0x0100);
  g_assert_cmpuint (sim_registers_write (meter, 16, 0x0801, 1, (const guint16[]){ 0x0001 }, &effect), ==, 3);
  g_assert_cmpuint (sim_registers_write (meter, 16, 0x0801, 1, (const guint16[]){ 0x0000 }, &effect), ==, 0);
  g_assert_true (meter->closed);
  g_assert_cmpuint (sim_registers_write (other, 16, 0x0801, 1, (const guint16[]){ 0x0001 }, &effect), ==, 0);
  g_assert_cmpint (other->forced, ==, SIM_FORCED_CLOSED);
  sim_fixture_clear (&f);
}

/* Each model that is shipped can be read whole, range by range, in reads of at most max_read. */
static void
test_every_model (void)
{
  static const char *const names[] = { "adf400l-1p", "adf400l-3p", "adw300-readonly", "ddsy1352", "dtsy1352", "gridtill-generic",
                                       "gridtill-generic-b", "gridtill-generic-c", "gridtill-generic-kwh" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *links = g_strdup_printf (METERS ("{\"profile\":\"%s\",\"unit\":1,\"load\":\"w3600\",\"opened\":true}"), names[i]);
      SimFixture       f;
      SimMeter        *meter = begin (&f, links);

      meter = later (&f, 86400);
      for (guint r = 0; r < meter->model->ranges->len; r++)
        {
          const SimRange *range = &g_array_index (meter->model->ranges, SimRange, r);
          guint16         words[128];

          for (guint at = range->from; at <= range->to; at += meter->model->max_read)
            g_assert_cmpuint (sim_registers_read (meter, (guint16) at, (guint16) MIN (meter->model->max_read, range->to - at + 1u), words), ==, 0);
        }
      sim_fixture_clear (&f);
    }
}

static void
test_size (void)
{
  g_assert_cmpuint (sizeof (SimMeter), <=, 640);
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/sim/meter/exact", test_exact);
  g_test_add_func ("/sim/meter/rate-border", test_rate_border);
  g_test_add_func ("/sim/meter/tier-border", test_tier_border);
  g_test_add_func ("/sim/meter/any-cut", test_any_cut);
  g_test_add_func ("/sim/meter/arrears", test_arrears);
  g_test_add_func ("/sim/meter/overload", test_overload);
  g_test_add_func ("/sim/meter/cabinet-rules", test_cabinet_rules);
  g_test_add_func ("/sim/meter/count-rules", test_count_rules);
  g_test_add_func ("/sim/meter/refusals", test_refusals);
  g_test_add_func ("/sim/meter/registers", test_registers);
  g_test_add_func ("/sim/meter/day-plan", test_day_plan);
  g_test_add_func ("/sim/meter/control-words", test_control_words);
  g_test_add_func ("/sim/meter/every-model", test_every_model);
  g_test_add_func ("/sim/meter/size", test_size);
  return till_test_run ();
}
