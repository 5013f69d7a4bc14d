/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-scheduler.c: one line of reference meters under a fake clock: rounds, slots, lost circuits that cost little and come back soon,
 * a dead line, a meter that refuses merged reads. */
#include <string.h>
#include "server/field/scheduler.h"
#include "server/field/station.h"
#include "server/field/transport.h"
#include "server/profile/profile-load.h"
#include "tests/field/bad-slave.h"
#include "tests/lib/test-main.h"

#define METERS 8

typedef struct {
  TilldClock      *clock;
  TilldReactor    *reactor;
  BadSlave         slave;
  TilldLine        line;
  TilldLink        link;
  TilldStation     station;
  TilldSchedule    schedule;
  TilldPlanSet     plans;
  TilldCircuit     circuits[METERS];
  TilldFieldMeter  records[METERS];
  TilldCircuitMoney money[METERS];
  gboolean         dead[METERS + 1];
  gboolean         narrow; /* refuses more than 20 registers */
  guint            energy; /* register, in 10 Wh */
  guint            readings[METERS], full[METERS], lost[METERS], wrong, empty;
  gint64           seen_us[METERS];
} World;

static TilldProfiles *profiles;

static gboolean
value (guint8 unit, guint16 at, guint16 *ret, gpointer data)
{
  World *w = data;

  if (w->narrow && w->slave.in_len == 0 && at >= 0x14 && at <= 0x18 && w->line.bus.in_flight->request.count > 20)
    return FALSE;
  *ret = 0;
  if (at == 0x0002)
    *ret = 0x0181; /* relay closed, prepaid, opened */
  else if (at == 0x0005)
    *ret = (guint16) w->energy;
  else if (at == 0x0011)
    *ret = (guint16) (unit * 100); /* balance: as many yuan as its unit */
  else if (at == 0x0022)
    *ret = 1500;
  else if (at >= 0x0027 && at <= 0x002a)
    *ret = at == 0x0027 ? 0x1a09 : at == 0x0028 ? 0x0102 : 0x0000; /* 2026-09-01 */
  else if (at >= 0x002b && at <= 0x0030)
    *ret = 0x4130;
  return TRUE;
}

static gboolean
dead (guint8 unit, gpointer data)
{
  return ((World *) data)->dead[unit];
}

static void
reading (TilldLine *line, TilldCircuit *circuit, const TilldFieldReading *r, const TilldMoneyReading *money, gpointer data)
{
  World *w = data;
  guint  i = circuit->unit - 1u;

  if (r->lost)
    {
      w->lost[i]++;
      return;
    }
  w->readings[i]++;
  w->empty += r->has == 0;
  w->full[i] += r->slot != 0;
  w->seen_us[i] = tilld_clock_boot_us (w->clock);
  w->wrong += r->balance != circuit->unit * TILL_MONEY_UNIT || r->energy_total != (gint64) w->energy * 10 || r->power_w != 1500 ||
              r->relay != TILL_RELAY_CLOSED || money == NULL || money->balance != r->balance;
}

static void
world_open (World *w, gboolean mbap)
{
  static const TilldPlanTiming timing = { 9600, 20, 0 };
  g_autofree char             *address = NULL;

  memset (w, 0, sizeof *w);
  w->energy = 1000;
  /* 10:20 of a site in UTC: the slot of 10:00 is in its second half. */
  w->clock = tilld_clock_fake_new (TILL_SECOND * (G_GINT64_CONSTANT (1788220800) + 37200), TILL_SECOND * 1000);
  w->reactor = tilld_reactor_new (w->clock, NULL);
  bad_slave_start (&w->slave, w->clock, w->reactor, mbap);
  w->slave.value = value;
  w->slave.dead = dead;
  w->slave.data = w;
  address = bad_slave_address (&w->slave);
  g_assert_true (tilld_link_init (&w->link, w->reactor, &tilld_transport_tcp, mbap ? &tilld_front_mbap : &tilld_front_rtu, "GW-1", address, NULL));
  g_strlcpy (w->station.record.code, "GW-1", sizeof w->station.record.code);
  w->station.record.status_interval_s = 150;
  w->station.record.full_interval_s = 1800;
  w->station.record.word_order = -1;
  w->station.zone = g_time_zone_new_utc ();
  w->plans.profile = tilld_profiles_get (profiles, "gridtill-generic");
  for (guint kind = 0; kind < TILLD_PLAN_N; kind++)
    tilld_mb_plan (w->plans.profile, (TilldPlanKind) kind, &timing, &w->plans.plan[kind]);
  for (guint i = 0; i < METERS; i++)
    {
      w->records[i] = (TilldFieldMeter){ .id = 100 + i, .unit = (guint8) (i + 1), .epoch = 1, .purse = TILL_PURSE_MONEY, .control = -1 };
      w->circuits[i] = (TilldCircuit){ .line = &w->line, .meter = 100 + i, .energy_wh = -1, .plans = &w->plans, .money = &w->money[i],
                                       .record = &w->records[i], .epoch = 1, .ct_ratio = 1, .unit = (guint8) (i + 1) };
    }
  w->line.circuits = w->circuits;
  w->line.n = METERS;
  w->line.station = &w->station;
  tilld_bus_init (&w->line.bus, w->reactor, 1, 9600);
  tilld_link_add_port (&w->link, &w->line.bus);
  tilld_schedule_init (&w->schedule, &w->line, reading, w);
  tilld_link_open (&w->link);
}

static void
world_close (World *w)
{
  tilld_schedule_clear (&w->schedule);
  tilld_link_clear (&w->link);
  tilld_bus_clear (&w->line.bus);
  for (guint i = 0; i < METERS; i++)
    {
      g_free (w->circuits[i].own_status);
      g_free (w->circuits[i].own_full);
    }
  bad_slave_stop (&w->slave);
  g_time_zone_unref (w->station.zone);
  tilld_reactor_free (w->reactor);
  tilld_clock_free (w->clock);
}

static void
run_s (World *w, guint seconds)
{
  for (guint i = 0; i < seconds * 200; i++)
    bad_slave_step (&w->slave);
}

static void
test_rounds (gconstpointer data)
{
  World w;

  world_open (&w, GPOINTER_TO_INT (data));
  run_s (&w, 20);
  for (guint i = 0; i < METERS; i++)
    g_assert_cmpuint (w.readings[i], ==, 1); /* all fresh at once */
  run_s (&w, 750);
  for (guint i = 0; i < METERS; i++)
    {
      g_assert_cmpuint (w.readings[i], >=, 5);
      g_assert_cmpuint (w.readings[i], <=, 7);
      g_assert_cmpuint (w.full[i], ==, 1); /* 10:30; 10:00 was past its half and stays a gap */
      g_assert_cmpuint (w.lost[i], ==, 0);
    }
  g_assert_cmpuint (w.wrong, ==, 0);
  world_close (&w);
}

static void
test_read_now (void)
{
  World  w;
  gint64 before;

  world_open (&w, FALSE);
  run_s (&w, 20);
  before = tilld_clock_boot_us (w.clock);
  w.energy = 1001;
  tilld_schedule_read_now (&w.schedule, &w.circuits[4]);
  run_s (&w, 1);
  g_assert_cmpuint (w.readings[4], ==, 2);
  g_assert_cmpint (w.seen_us[4] - before, <, TILL_SECOND / 2);
  g_assert_cmpuint (w.readings[3], ==, 1);
  world_close (&w);
}

static void
test_lost (void)
{
  World w;
  guint before;

  world_open (&w, FALSE);
  w.dead[3] = TRUE;
  run_s (&w, 20 + 3 * 150 + 60);
  g_assert_cmpuint (w.lost[2], ==, 1);
  g_assert_cmpuint (w.readings[2], ==, 0);
  g_assert_true (w.circuits[2].lost);
  before = w.readings[0];
  run_s (&w, 300);
  g_assert_cmpuint (w.readings[0], >=, before + 1); /* the living are read as before */
  w.dead[3] = FALSE;
  run_s (&w, 60);
  g_assert_cmpuint (w.readings[2], >=, 1); /* seen again within a minute */
  g_assert_false (w.circuits[2].lost);
  g_assert_cmpuint (w.lost[2], ==, 1);
  g_assert_cmpuint (w.wrong, ==, 0);
  world_close (&w);
}

static void
test_dead_line (void)
{
  World w;
  guint asked;

  world_open (&w, FALSE);
  for (guint unit = 1; unit <= METERS; unit++)
    w.dead[unit] = TRUE;
  run_s (&w, 300);
  g_assert_true (w.schedule.suspected);
  asked = w.slave.requests;
  run_s (&w, 120);
  g_assert_cmpuint (w.slave.requests - asked, <=, 12); /* three circuits a minute, not a whole sweep of time-outs */
  memset (w.dead, 0, sizeof w.dead);
  run_s (&w, 90);
  g_assert_false (w.schedule.suspected);
  for (guint i = 0; i < METERS; i++)
    g_assert_cmpuint (w.readings[i], >=, 1);
  world_close (&w);
}

/* A line without a pause between two rounds: the lost circuit is tried all the same, and costs the others little. */
static void
test_lost_on_a_full_line (void)
{
  World w;
  guint before;

  world_open (&w, FALSE);
  w.station.record.status_interval_s = 0;
  w.dead[3] = TRUE;
  run_s (&w, 30);
  g_assert_true (w.circuits[2].lost);
  before = w.readings[0];
  run_s (&w, 60);
  g_assert_cmpuint (w.readings[0] - before, >=, 60 * 3 / 4 * 1000 / (METERS * 25)); /* 20 ms of the device, 5 ms of the test's clock */
  w.dead[3] = FALSE;
  run_s (&w, 60);
  g_assert_cmpuint (w.readings[2], >=, 1);
  g_assert_cmpuint (w.wrong, ==, 0);
  world_close (&w);
}

typedef struct { TilldBusJob job; World *w; guint n; TilldBusOutcome last; gboolean again; } Pusher;

static void
pushed (TilldBusJob *job, TilldBusOutcome outcome, const TilldMbReply *reply, gpointer data)
{
  Pusher *p = data;

  p->n++;
  p->last = outcome;
  if (p->again)
    tilld_bus_queue (&p->w->line.bus, job, job->priority);
}

/* Money without end: it takes the line, until states grow old; then they get their 30 percent. Commands leave every second slot anyway. */
static void
test_budget (gconstpointer data)
{
  gboolean money = GPOINTER_TO_INT (data);
  World    w;
  Pusher   p = { .job = { .done = pushed, .data = &p }, .w = &w, .again = TRUE };
  gint64   oldest = 0;

  world_open (&w, FALSE);
  run_s (&w, 20);
  tilld_mb_read (&p.job.request, 1, 3, 0x10, 11);
  tilld_bus_queue (&w.line.bus, &p.job, money ? TILLD_BUS_MONEY : TILLD_BUS_COMMAND);
  for (guint s = 0; s < 400; s++)
    {
      run_s (&w, 1);
      for (guint i = 0; i < METERS; i++)
        oldest = MAX (oldest, tilld_clock_boot_us (w.clock) - w.seen_us[i]);
    }
  g_test_message ("%u orders, oldest state %" G_GINT64_FORMAT " s", p.n, oldest / TILL_SECOND);
  g_assert_cmpint (oldest, <=, (money ? 170 + 60 : 160) * TILL_SECOND);
  g_assert_cmpuint (p.n, >=, 3000); /* and money is not kept waiting for it */
  p.again = FALSE;
  run_s (&w, 1);
  world_close (&w);
}

/* Looks at what meters hold: behind the round that is due; on a line that never rests, one in half a minute. */
static void
test_config (gconstpointer data)
{
  gboolean rests = GPOINTER_TO_INT (data);
  World    w;
  Pusher   p = { .job = { .done = pushed, .data = &p }, .w = &w, .again = TRUE };
  guint    round = 0;

  world_open (&w, TRUE);
  w.station.record.status_interval_s = rests ? 150 : 0;
  while (w.readings[0] == 0)
    bad_slave_step (&w.slave);
  tilld_mb_read (&p.job.request, 1, 3, 0x10, 11);
  tilld_bus_queue (&w.line.bus, &p.job, TILLD_BUS_CONFIG);
  while (rests && p.n == 0)
    bad_slave_step (&w.slave);
  for (guint i = 0; i < METERS; i++)
    round += w.readings[i];
  g_assert_cmpuint (rests ? round : METERS, ==, METERS);
  if (rests)
    {
      run_s (&w, 10);
      g_assert_cmpuint (p.n, >=, 100); /* nothing else wants the line */
    }
  else
    {
      run_s (&w, 28);
      g_assert_cmpuint (p.n, ==, 0);
      run_s (&w, 272);
      g_assert_cmpuint (p.n, >=, 9);
      g_assert_cmpuint (p.n, <=, 10);
    }
  g_assert_cmpint (p.last, ==, TILLD_BUS_OK);
  p.again = FALSE;
  run_s (&w, 40);
  world_close (&w);
}

/* Behind a line that is taken for longer than a minute: a stale frame is worse than none. */
static void
test_stale_request (void)
{
  World  w;
  Pusher first = { .job = { .done = pushed, .data = &first }, .w = &w }, late = { .job = { .done = pushed, .data = &late }, .w = &w };

  world_open (&w, FALSE);
  run_s (&w, 20);
  w.line.bus.timeout_max_ms = w.line.bus.timeout_min_ms = 61000; /* a device that leaves the bus hanging */
  w.dead[2] = TRUE;
  tilld_mb_read (&first.job.request, 2, 3, 0x10, 11);
  tilld_mb_read (&late.job.request, 1, 3, 0x10, 11);
  tilld_bus_queue (&w.line.bus, &first.job, TILLD_BUS_MONEY);
  tilld_bus_queue (&w.line.bus, &late.job, TILLD_BUS_MONEY);
  run_s (&w, 70);
  g_assert_cmpuint (first.n, ==, 1);
  g_assert_cmpint (first.last, ==, TILLD_BUS_TIMEOUT);
  g_assert_cmpuint (late.n, ==, 1);
  g_assert_cmpint (late.last, ==, TILLD_BUS_NOT_SENT);
  world_close (&w);
}

/* site < gateway < meter: the nearest record that sets an interval is the one that holds. */
static void
test_intervals (void)
{
  World w;

  world_open (&w, FALSE);
  w.records[4].full_interval_s = 300;
  run_s (&w, 1800);
  g_assert_cmpuint (w.full[4], >=, 5);
  g_assert_cmpuint (w.full[3], ==, 1);
  world_close (&w);
}

/* A meter that refuses a merged read gets smaller ones, and that is remembered. */
static void
test_split (void)
{
  World w;
  guint asked;

  world_open (&w, TRUE);
  w.narrow = TRUE;
  run_s (&w, 20);
  g_assert_nonnull (w.circuits[0].own_status);
  g_assert_cmpuint (w.readings[0], ==, 1);
  asked = w.slave.requests;
  run_s (&w, 150);
  g_assert_cmpuint (w.readings[0], ==, 2);
  g_assert_cmpuint (w.slave.requests - asked, <=, METERS * w.circuits[0].own_status->n_reads);
  world_close (&w);
}

/* Energy does not run backwards: nothing is shown of such a reading. */
static void
test_energy_falls (void)
{
  World w;

  world_open (&w, TRUE);
  run_s (&w, 20);
  w.energy = 10;
  tilld_schedule_read_now (&w.schedule, &w.circuits[0]);
  g_assert_cmpuint (w.empty, ==, 0);
  run_s (&w, 1);
  g_assert_cmpuint (w.empty, ==, 1);
  g_assert_cmpint (w.circuits[0].energy_wh, ==, 10000);
  world_close (&w);
}

int
main (int argc, char **argv)
{
  int result;

  till_test_init (&argc, &argv);
  profiles = tilld_profiles_load (NULL, NULL);
  g_test_add_data_func ("/scheduler/rounds/rtu", GINT_TO_POINTER (FALSE), test_rounds);
  g_test_add_data_func ("/scheduler/rounds/modbus-tcp", GINT_TO_POINTER (TRUE), test_rounds);
  g_test_add_func ("/scheduler/read-now", test_read_now);
  g_test_add_func ("/scheduler/lost", test_lost);
  g_test_add_func ("/scheduler/lost-on-a-full-line", test_lost_on_a_full_line);
  g_test_add_func ("/scheduler/dead-line", test_dead_line);
  g_test_add_data_func ("/scheduler/budget/money", GINT_TO_POINTER (TRUE), test_budget);
  g_test_add_data_func ("/scheduler/budget/commands", GINT_TO_POINTER (FALSE), test_budget);
  g_test_add_data_func ("/scheduler/config/line-rests", GINT_TO_POINTER (TRUE), test_config);
  g_test_add_data_func ("/scheduler/config/line-never-rests", GINT_TO_POINTER (FALSE), test_config);
  g_test_add_func ("/scheduler/stale-request", test_stale_request);
  g_test_add_func ("/scheduler/intervals", test_intervals);
  g_test_add_func ("/scheduler/split", test_split);
  g_test_add_func ("/scheduler/energy-falls", test_energy_falls);
  result = till_test_run ();
  tilld_profiles_free (profiles);
  return result;
}
