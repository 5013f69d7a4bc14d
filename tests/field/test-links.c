/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-links.c: links and buses against a device that spoils its answers: whatever comes, a value is right or there is none. */
#include <string.h>
#include "server/field/bus.h"
#include "server/field/transport.h"
#include "tests/field/bad-slave.h"
#include "tests/lib/test-main.h"

typedef struct {
  TilldClock     *clock;
  TilldReactor   *reactor;
  BadSlave        slave;
  TilldLink       link;
  TilldBus        bus;
  TilldBusJob     job;
  gboolean        done;
  TilldBusOutcome outcome;
  TilldMbReply    reply;
} World;

static void
job_done (TilldBusJob *job, TilldBusOutcome outcome, const TilldMbReply *reply, gpointer data)
{
  World *w = data;

  w->done = TRUE;
  w->outcome = outcome;
  if (reply != NULL)
    w->reply = *reply;
}

static void
world_open (World *w, gboolean mbap, gboolean heartbeat)
{
  g_autofree char  *address = NULL;
  g_autoptr(GError) error = NULL;

  memset (w, 0, sizeof *w);
  w->clock = tilld_clock_fake_new (TILL_SECOND * 1788264000, TILL_SECOND * 1000);
  w->reactor = tilld_reactor_new (w->clock, &error);
  g_assert_no_error (error);
  bad_slave_start (&w->slave, w->clock, w->reactor, mbap);
  address = bad_slave_address (&w->slave);
  tilld_link_init (&w->link, w->reactor, &tilld_transport_tcp, mbap ? &tilld_front_mbap : &tilld_front_rtu, "GW-1", address, &error);
  g_assert_no_error (error);
  if (heartbeat)
    {
      memcpy (w->link.heartbeat, bad_slave_heartbeat, 3);
      w->link.heartbeat_len = 3;
    }
  tilld_bus_init (&w->bus, w->reactor, 1, 9600);
  tilld_link_add_port (&w->link, &w->bus);
  w->job.done = job_done;
  w->job.data = w;
  tilld_link_open (&w->link);
}

static void
world_close (World *w)
{
  tilld_link_clear (&w->link);
  tilld_bus_clear (&w->bus);
  bad_slave_stop (&w->slave);
  tilld_reactor_free (w->reactor);
  tilld_clock_free (w->clock);
}

static void
run_until (World *w, const gboolean *done)
{
  for (guint i = 0; i < 40000 && !*done; i++)
    bad_slave_step (&w->slave);
  g_assert_true (*done);
}

static void
wait_up (World *w)
{
  for (guint i = 0; i < 40000 && w->link.state != TILLD_LINK_UP; i++)
    bad_slave_step (&w->slave);
  g_assert_cmpint (w->link.state, ==, TILLD_LINK_UP);
}

static TilldBusOutcome
ask (World *w, guint8 unit, guint16 at, guint n, BadMode mode)
{
  wait_up (w);
  w->slave.mode = mode;
  w->done = FALSE;
  tilld_mb_read (&w->job.request, unit, 3, at, n);
  tilld_bus_queue (&w->bus, &w->job, TILLD_BUS_COMMAND);
  run_until (w, &w->done);
  if (w->outcome == TILLD_BUS_OK)
    for (guint i = 0; i < n; i++)
      g_assert_cmphex (w->reply.regs[i], ==, (guint16) (unit << 8 | ((at + i) & 0xff)));
  return w->outcome;
}

/* What each spoiled answer must end in: {RTU, Modbus TCP}. */
static const struct { BadMode mode; const char *name; TilldBusOutcome outcome[2]; } verdicts[] = {
  { BAD_NOTHING, "nothing", { TILLD_BUS_OK, TILLD_BUS_OK } },
  { BAD_SPLIT, "one byte a segment", { TILLD_BUS_OK, TILLD_BUS_OK } },
  { BAD_LATE, "late", { TILLD_BUS_TIMEOUT, TILLD_BUS_TIMEOUT } },
  { BAD_OTHER_UNIT, "other unit", { TILLD_BUS_GARBAGE, TILLD_BUS_LINK_LOST } },
  { BAD_OTHER_LENGTH, "other length", { TILLD_BUS_GARBAGE, TILLD_BUS_GARBAGE } },
  { BAD_HEARTBEAT_BEFORE, "heartbeat before", { TILLD_BUS_OK, TILLD_BUS_LINK_LOST } },
  { BAD_HEARTBEAT_INSIDE, "heartbeat inside", { TILLD_BUS_OK, TILLD_BUS_LINK_LOST } },
  { BAD_GARBAGE, "garbage", { TILLD_BUS_TIMEOUT, TILLD_BUS_LINK_LOST } },
  { BAD_HALF, "half", { TILLD_BUS_TIMEOUT, TILLD_BUS_TIMEOUT } },
  { BAD_CRC, "wrong CRC", { TILLD_BUS_TIMEOUT, TILLD_BUS_OK } },
  { BAD_SILENCE, "silence", { TILLD_BUS_TIMEOUT, TILLD_BUS_TIMEOUT } },
  { BAD_TWICE, "twice", { TILLD_BUS_OK, TILLD_BUS_OK } },
  { BAD_HANGUP, "hang-up", { TILLD_BUS_LINK_LOST, TILLD_BUS_LINK_LOST } },
  { BAD_EXCEPTION, "exception", { TILLD_BUS_EXCEPTION, TILLD_BUS_EXCEPTION } },
};

static void
test_each (gconstpointer data)
{
  gboolean mbap = GPOINTER_TO_INT (data);

  for (guint i = 0; i < G_N_ELEMENTS (verdicts); i++)
    {
      World           w;
      TilldBusOutcome outcome;

      if (mbap && (verdicts[i].mode == BAD_CRC || verdicts[i].mode == BAD_HEARTBEAT_BEFORE || verdicts[i].mode == BAD_HEARTBEAT_INSIDE ||
                   verdicts[i].mode == BAD_GARBAGE || verdicts[i].mode == BAD_HALF))
        continue; /* there is no CRC; pieces of frames are the framer's tests */
      world_open (&w, mbap, TRUE);
      w.slave.late_ms = 1200;
      g_assert_cmpint (ask (&w, 1, 0x10, 4, BAD_NOTHING), ==, TILLD_BUS_OK);
      outcome = ask (&w, 1, 0x20, 5, verdicts[i].mode);
      g_test_message ("%s: %d", verdicts[i].name, outcome);
      g_assert_cmpint (outcome, ==, verdicts[i].outcome[mbap]);
      g_assert_cmpint (ask (&w, 1, 0x30, 6, BAD_NOTHING), ==, TILLD_BUS_OK); /* the next one is right */
      world_close (&w);
    }
}

/* 600 requests, every third spoiled at random. RTU cannot tell a late answer of the same unit and length: quiet time swallows what comes
 * soon, other lengths what comes later, so the lengths here come back only after that. A tid knows them all. */
static void
test_random (gconstpointer data)
{
  gboolean mbap = GPOINTER_TO_INT (data);
  World    w;
  guint    good = 0;

  world_open (&w, mbap, TRUE);
  for (guint i = 0; i < 600; i++)
    {
      BadMode mode = i % 3 == 0 ? (BadMode) g_test_rand_int_range (0, BAD_MODES) : BAD_NOTHING;

      if (mbap && (mode == BAD_CRC || mode == BAD_HALF || mode == BAD_GARBAGE || mode == BAD_HEARTBEAT_INSIDE || mode == BAD_HEARTBEAT_BEFORE))
        mode = BAD_LATE;
      w.slave.late_ms = (guint) g_test_rand_int_range (520, mbap ? 3000 : 1100);
      good += ask (&w, (guint8) g_test_rand_int_range (1, 4), (guint16) g_test_rand_int_range (0, 200), 4 + i % 40, mode) == TILLD_BUS_OK;
    }
  g_test_message ("%u of 600 answered, %" G_GUINT64_FORMAT " time-outs, %" G_GUINT64_FORMAT " garbage", good, w.bus.timeouts, w.bus.garbage);
  g_assert_cmpuint (good, >=, 350);
  world_close (&w);
}

static void
test_priorities (void)
{
  World       w, second = { 0 };
  TilldBusJob late = { .done = job_done, .data = &second };

  world_open (&w, TRUE, FALSE);
  g_assert_cmpint (ask (&w, 1, 0, 4, BAD_NOTHING), ==, TILLD_BUS_OK);
  /* One is on its way; of two that wait, money goes before a command. */
  w.done = FALSE;
  tilld_mb_read (&w.job.request, 1, 3, 0, 4);
  tilld_bus_queue (&w.bus, &w.job, TILLD_BUS_COMMAND);
  tilld_mb_read (&late.request, 1, 3, 8, 4);
  tilld_bus_queue (&w.bus, &late, TILLD_BUS_MONEY);
  g_assert_true (w.bus.in_flight == &w.job);
  g_assert_true (w.bus.head[TILLD_BUS_MONEY] == &late);
  run_until (&w, &second.done);
  g_assert_true (w.done);
  world_close (&w);
}

/* A write whose two seconds are over, or that is meant for another connection, never leaves. */
static void
test_deadline (void)
{
  static const guint16 words[] = { 1, 2, 3 };
  World                w;
  guint                before;

  world_open (&w, FALSE, FALSE);
  g_assert_cmpint (ask (&w, 1, 0, 4, BAD_NOTHING), ==, TILLD_BUS_OK);
  before = w.slave.requests;
  tilld_mb_write (&w.job.request, 1, 16, 0x0200, words, 3);
  w.job.deadline_us = tilld_clock_boot_us (w.clock);
  w.done = FALSE;
  tilld_bus_queue (&w.bus, &w.job, TILLD_BUS_MONEY);
  g_assert_true (w.done);
  g_assert_cmpint (w.outcome, ==, TILLD_BUS_NOT_SENT);
  w.job.deadline_us = 0;
  w.job.instance = w.link.instance;
  tilld_link_close (&w.link, "test");
  wait_up (&w);
  w.done = FALSE;
  tilld_bus_queue (&w.bus, &w.job, TILLD_BUS_MONEY);
  g_assert_true (w.done);
  g_assert_cmpint (w.outcome, ==, TILLD_BUS_NOT_SENT);
  g_assert_cmpuint (w.slave.requests, ==, before);
  world_close (&w);
}

static void
test_edges (void)
{
  static const gboolean legal[TILLD_LINK_STATES][TILLD_LINK_STATES] = {
    { 0, 1, 1, 1, 0 }, { 1, 0, 1, 0, 0 }, { 1, 0, 0, 0, 1 }, { 1, 0, 0, 0, 1 }, { 1, 0, 0, 0, 0 },
  };

  for (guint from = 0; from < TILLD_LINK_STATES; from++)
    for (guint to = 0; to < TILLD_LINK_STATES; to++)
      g_assert_cmpint ((tilld_link_edges[from] >> to) & 1, ==, legal[from][to]);
}

static void
test_addresses (void)
{
  static const struct { const char *text; gboolean ok; } rows[] = {
    { "127.0.0.1:502", TRUE }, { "[::1]:502", TRUE }, { "gw.example:7501", TRUE }, { "127.0.0.1", FALSE }, { ":502", FALSE },
    { "127.0.0.1:0", FALSE },  { "127.0.0.1:65536", FALSE }, { "127.0.0.1:5x", FALSE }, { "", FALSE },
  };
  g_autoptr(TilldReactor) reactor = tilld_reactor_new (tilld_clock_system (), NULL);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      TilldLink link;

      g_assert_cmpint (tilld_link_init (&link, reactor, &tilld_transport_tcp, &tilld_front_rtu, "GW-1", rows[i].text, NULL), ==, rows[i].ok);
    }
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_data_func ("/links/each/rtu", GINT_TO_POINTER (FALSE), test_each);
  g_test_add_data_func ("/links/each/modbus-tcp", GINT_TO_POINTER (TRUE), test_each);
  g_test_add_data_func ("/links/random/rtu", GINT_TO_POINTER (FALSE), test_random);
  g_test_add_data_func ("/links/random/modbus-tcp", GINT_TO_POINTER (TRUE), test_random);
  g_test_add_func ("/links/priorities", test_priorities);
  g_test_add_func ("/links/deadline", test_deadline);
  g_test_add_func ("/links/edges", test_edges);
  g_test_add_func ("/links/addresses", test_addresses);
  return till_test_run ();
}
