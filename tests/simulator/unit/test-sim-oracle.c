/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-sim-oracle.c: libmodbus as the master of a simulated Modbus TCP gateway: 10,000 random requests, each answer compared with
 * a twin campus that is asked without any frame. */
#include <errno.h>
#include <modbus.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "tests/simulator/link.h"
#include "tests/simulator/meter-registers.h"
#include "tests/simulator/seed.h"
#include "tests/simulator/unit/sim-fixture.h"

#define REQUESTS 10000
#define WORLD                                                                                                                     \
  "[{\"code\":\"GW-0001\",\"kind\":\"modbus_tcp\",\"at\":\"127.0.0.1:7501\",\"buses\":[{\"cabinets\":[{\"table\":1,\"three\":2,"  \
  "\"single\":6}],\"meters\":[{\"profile\":\"gridtill-generic\",\"unit\":50,\"balance\":\"10.00\"},"                              \
  "{\"profile\":\"ddsy1352\",\"unit\":51},{\"profile\":\"adw300-readonly\",\"unit\":52}]}]}]"

static const guint units[] = { 1, 4, 7, 8, 12, 50, 51, 52 };

typedef struct { SimFixture f; guint16 port; GMainContext *context; GMainLoop *loop; } Served;

static guint16
free_port (void)
{
  struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t          size = sizeof at;
  int                fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_cmpint (bind (fd, (struct sockaddr *) &at, sizeof at), ==, 0);
  g_assert_cmpint (getsockname (fd, (struct sockaddr *) &at, &size), ==, 0);
  close (fd);
  return ntohs (at.sin_port);
}

static gpointer
serve (gpointer data)
{
  Served                  *served = data;
  g_autoptr (TilldReactor) reactor = tilld_reactor_new (served->f.clock, NULL);
  g_autoptr (GError)       error = NULL;

  tilld_reactor_attach (reactor, served->context);
  sim_campus_open (served->f.campus, reactor, &(SimWays){ served->port, NULL, NULL }, &error);
  g_assert_no_error (error);
  g_main_loop_run (served->loop);
  sim_campus_close (served->f.campus);
  return NULL;
}

static modbus_t *
dial (guint16 port)
{
  modbus_t *master = modbus_new_tcp ("127.0.0.1", port);

  modbus_set_response_timeout (master, 5, 0);
  for (int tries = 0; modbus_connect (master) != 0; tries++)
    {
      g_assert_cmpint (errno, ==, ECONNREFUSED); /* the thread has not come to listen yet */
      g_assert_cmpint (tries, <, 100000);
      g_thread_yield ();
    }
  return master;
}

/* A random read, mostly where there is something to read. */
static void
ask_read (modbus_t *master, SimMeter *twin, guint64 draw)
{
  const SimModel *model = twin->model;
  const SimRange *range = &g_array_index (model->ranges, SimRange, draw % model->ranges->len);
  guint16         at = (guint16) (range->from + (draw >> 16) % (range->to - range->from + 4u));
  guint16         n = (guint16) (1 + (draw >> 32) % 40), got[128] = { 0 }, expected[128] = { 0 };
  guint8          verdict = sim_registers_read (twin, at, n, expected);
  int             done = modbus_read_registers (master, at, n, got);

  if (verdict != 0)
    {
      g_assert_cmpint (done, ==, -1);
      g_assert_cmpint (errno, ==, MODBUS_ENOBASE + verdict);
      return;
    }
  g_assert_cmpint (done, ==, n);
  g_assert_cmpmem (got, n * 2u, expected, n * 2u);
}

static void
ask_write (modbus_t *master, SimMeter *twin, guint64 draw)
{
  const SimModel *model = twin->model;
  const SimWrite *write = model->writes->len > 0 ? &g_array_index (model->writes, SimWrite, draw % model->writes->len) : NULL;
  guint16         at = write ? (guint16) (write->at + (draw >> 16) % 2) : 0x0100, words[64];
  guint16         n = write ? (guint16) MIN (write->registers + (draw >> 20) % 2, 60) : 1;
  SimEffect       effect;
  guint8          verdict;
  int             done;

  for (guint i = 0; i < n; i++)
    words[i] = (guint16) ((draw >> 8 * (i % 8)) % 12);
  if (write && write->role == SIM_ROLE_RECHARGE && n == 3)
    words[2] = (guint16) (twin->count + 1);
  verdict = model->max_write > 0 ? sim_registers_write (twin, 16, at, n, words, &effect) : 1;
  done = modbus_write_registers (master, at, n, words);
  g_assert_cmpint (done, ==, verdict == 0 ? n : -1);
  if (verdict != 0)
    g_assert_cmpint (errno, ==, MODBUS_ENOBASE + verdict);
}

static void
test_oracle (void)
{
  Served           served = { .port = free_port (), .context = g_main_context_new () };
  SimFixture       twin;
  GThread         *thread;
  modbus_t        *master;

  sim_fixture_init (&served.f, WORLD, NULL);
  sim_fixture_init (&twin, WORLD, NULL);
  served.loop = g_main_loop_new (served.context, FALSE);
  thread = g_thread_new ("campus", serve, &served);
  master = dial (served.port);
  for (guint64 k = 0; k < REQUESTS; k++)
    {
      guint64   draw = sim_draw (3, 0, "oracle", k);
      SimMeter *meter = sim_fixture_meter (&twin, units[(draw >> 48) % G_N_ELEMENTS (units)]);

      modbus_set_slave (master, meter->unit);
      if (draw % 4 == 0)
        ask_write (master, meter, draw >> 2);
      else
        ask_read (master, meter, draw >> 2);
    }
  modbus_close (master);
  modbus_free (master);
  g_main_loop_quit (served.loop);
  g_thread_join (thread);
  g_main_loop_unref (served.loop);
  g_main_context_unref (served.context);
  sim_fixture_clear (&served.f);
  sim_fixture_clear (&twin);
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/sim/oracle/libmodbus", test_oracle);
  return till_test_run ();
}
