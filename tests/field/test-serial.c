/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-serial.c: the thread of a tty against a device on a pseudo terminal: values, spoiled answers, unplugging, descriptors. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>
#include "server/core/clock.h"
#include "server/field/serial-bus.h"
#include "shared/base/till-error.h"
#include "tests/field/pty-slave.h"
#include "tests/lib/test-main.h"

typedef struct {
  GMainContext    *context;
  TilldReactor    *reactor;
  PtySlave         slave;
  TilldSerialBus  *serial;
  TilldSerialEvent event;
  guint            events;
} World;

static void
event_came (TilldSerialBus *serial, const TilldSerialEvent *event, gpointer data)
{
  World *w = data;

  w->event = *event;
  w->events++;
}

static gboolean
world_open (World *w)
{
  TilldSerialLine   line = { .baud = 9600, .parity = 'N' };
  g_autoptr(GError) error = NULL;

  memset (w, 0, sizeof *w);
  if (!pty_slave_start (&w->slave, 5))
    {
      g_test_skip ("no pseudo terminals here (/dev/pts)");
      return FALSE;
    }
  w->context = g_main_context_new ();
  w->reactor = tilld_reactor_new (tilld_clock_system (), &error);
  g_assert_no_error (error);
  tilld_reactor_attach (w->reactor, w->context);
  g_strlcpy (line.path, w->slave.path, sizeof line.path);
  w->serial = tilld_serial_bus_new (w->reactor, &line, event_came, w, &error);
  g_assert_no_error (error);
  return TRUE;
}

static void
world_close (World *w)
{
  g_clear_pointer (&w->serial, tilld_serial_bus_free);
  pty_slave_stop (&w->slave);
  tilld_reactor_free (w->reactor);
  g_main_context_unref (w->context);
}

static TilldSerialKind
wait_event (World *w)
{
  guint before = w->events;

  while (w->events == before)
    g_main_context_iteration (w->context, TRUE);
  return w->event.kind;
}

static TilldSerialKind
open_line (World *w)
{
  tilld_serial_bus_open (w->serial);
  return wait_event (w);
}

static TilldBusOutcome
read_line (World *w, guint8 unit, guint16 at, guint n, PtyMode mode)
{
  TilldMbRequest request;
  TilldMbReply   reply;

  g_atomic_int_set (&w->slave.mode, mode);
  tilld_mb_read (&request, unit, 3, at, n);
  tilld_serial_bus_send (w->serial, &request, 300);
  g_assert_cmpint (wait_event (w), ==, TILLD_SERIAL_ANSWERED);
  if (w->event.outcome != TILLD_BUS_OK && w->event.outcome != TILLD_BUS_EXCEPTION)
    return w->event.outcome;
  tilld_mb_decode (&request, w->event.pdu, w->event.pdu_len, &reply);
  g_assert_cmpint (reply.kind, ==, w->event.outcome == TILLD_BUS_OK ? TILLD_MB_OK : TILLD_MB_EXCEPTION);
  for (guint i = 0; reply.kind == TILLD_MB_OK && i < n; i++)
    g_assert_cmphex (reply.regs[i], ==, w->slave.map->tab_registers[at + i]);
  if (reply.kind == TILLD_MB_EXCEPTION)
    g_assert_cmpuint (reply.exception, ==, 2);
  return w->event.outcome;
}

static void
test_values (void)
{
  static const guint16 words[] = { 0x1234, 0xabcd, 0xffff };
  World                w;
  TilldMbRequest       request;
  TilldMbReply         reply;

  if (!world_open (&w))
    return;
  g_assert_cmpint (open_line (&w), ==, TILLD_SERIAL_OPENED);
  for (guint n = 1; n <= TILLD_MB_READ_MAX; n++)
    g_assert_cmpint (read_line (&w, 5, (guint16) n, n, PTY_ANSWERS), ==, TILLD_BUS_OK);
  g_assert_cmpint (read_line (&w, 5, PTY_SLAVE_REGISTERS, 1, PTY_ANSWERS), ==, TILLD_BUS_EXCEPTION);
  for (guint fc = 6; fc <= 16; fc += 10)
    {
      tilld_mb_write (&request, 5, (guint8) fc, 0x10, words, fc == 6 ? 1 : 3);
      tilld_serial_bus_send (w.serial, &request, 300);
      g_assert_cmpint (wait_event (&w), ==, TILLD_SERIAL_ANSWERED);
      g_assert_cmpint (w.event.outcome, ==, TILLD_BUS_OK);
      tilld_mb_decode (&request, w.event.pdu, w.event.pdu_len, &reply);
      g_assert_cmpint (reply.kind, ==, TILLD_MB_OK);
      g_assert_cmphex (w.slave.map->tab_registers[0x10], ==, 0x1234);
    }
  g_assert_cmphex (w.slave.map->tab_registers[0x12], ==, 0xffff);
  world_close (&w);
}

/* What each spoiled answer ends in, and that the next one is right: a late answer of the same length must not pass for it. */
static void
test_spoiled (void)
{
  static const struct { PtyMode mode; TilldBusOutcome outcome; } rows[] = {
    { PTY_SILENT, TILLD_BUS_TIMEOUT }, { PTY_LATE, TILLD_BUS_TIMEOUT }, { PTY_OTHER_UNIT, TILLD_BUS_GARBAGE }, { PTY_BAD_CRC, TILLD_BUS_GARBAGE },
  };
  World w;

  if (!world_open (&w))
    return;
  g_assert_cmpint (open_line (&w), ==, TILLD_SERIAL_OPENED);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_atomic_int_set (&w.slave.late_ms, 420);
      g_assert_cmpint (read_line (&w, 5, 0x40, 1, rows[i].mode), ==, rows[i].outcome);
      g_assert_cmpint (read_line (&w, 5, 0x50, 1, PTY_ANSWERS), ==, TILLD_BUS_OK);
    }
  g_assert_cmpint (read_line (&w, 6, 0x40, 1, PTY_ANSWERS), ==, TILLD_BUS_TIMEOUT); /* nobody has this address */
  world_close (&w);
}

static void
test_unplug (void)
{
  World          w;
  TilldMbRequest request;

  if (!world_open (&w))
    return;
  for (guint round = 0; round < 3; round++)
    {
      g_assert_cmpint (open_line (&w), ==, TILLD_SERIAL_OPENED);
      g_assert_cmpint (read_line (&w, 5, 0x40, 4, PTY_ANSWERS), ==, TILLD_BUS_OK);
      if (round == 1) /* gone with a request on the wire */
        {
          g_atomic_int_set (&w.slave.mode, PTY_SILENT);
          tilld_mb_read (&request, 5, 3, 0, 1);
          tilld_serial_bus_send (w.serial, &request, 2000);
          while (g_atomic_int_get (&w.slave.mode) != PTY_ANSWERS)
            g_thread_yield ();
        }
      pty_slave_unplug (&w.slave);
      g_assert_cmpint (wait_event (&w), ==, TILLD_SERIAL_LOST);
      g_assert_cmpint (open_line (&w), ==, TILLD_SERIAL_LOST);
      g_assert_cmpint (w.event.status, ==, ENOENT);
      pty_slave_plug (&w.slave);
    }
  g_assert_cmpint (open_line (&w), ==, TILLD_SERIAL_OPENED);
  g_assert_cmpint (read_line (&w, 5, 0x40, 4, PTY_ANSWERS), ==, TILLD_BUS_OK);
  world_close (&w);
}

/* A request of an opening that was closed brings nothing, and the tty is free again afterwards. */
static void
test_close_in_flight (void)
{
  World          w;
  TilldMbRequest request;

  if (!world_open (&w))
    return;
  g_assert_cmpint (open_line (&w), ==, TILLD_SERIAL_OPENED);
  g_atomic_int_set (&w.slave.mode, PTY_SILENT);
  tilld_mb_read (&request, 5, 3, 0, 1);
  tilld_serial_bus_send (w.serial, &request, 300);
  tilld_serial_bus_close (w.serial);
  g_assert_cmpint (open_line (&w), ==, TILLD_SERIAL_OPENED);
  g_assert_cmpuint (w.events, ==, 2);
  g_atomic_int_set (&w.slave.mode, PTY_ANSWERS);
  g_assert_cmpint (read_line (&w, 5, 0x40, 4, PTY_ANSWERS), ==, TILLD_BUS_OK);
  world_close (&w);
}

/* Nobody else opens the tty, and it sits below 1024 although 1,100 descriptors are in use. */
static void
test_descriptors (void)
{
  struct rlimit limit;
  int           many[1100], tty, exclusive = 0;
  World         w;

  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  if (limit.rlim_max < 1300)
    {
      g_test_skip ("fewer than 1,300 descriptors allowed here");
      return;
    }
  limit.rlim_cur = MAX (limit.rlim_cur, 1300);
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  g_assert_true (tilld_serial_reserve (1, NULL));
  if (!world_open (&w))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (many); i++)
    {
      many[i] = open ("/dev/null", O_RDWR | O_CLOEXEC);
      g_assert_cmpint (many[i], >=, 0);
    }
  g_assert_cmpint (many[G_N_ELEMENTS (many) - 1], >=, 1024);
  g_assert_cmpint (open_line (&w), ==, TILLD_SERIAL_OPENED);
  g_assert_cmpint (read_line (&w, 5, 0x40, 20, PTY_ANSWERS), ==, TILLD_BUS_OK);
  tty = open (w.slave.path, O_RDWR | O_NOCTTY | O_CLOEXEC); /* succeeds for root only */
  if (tty < 0)
    g_assert_cmpint (errno, ==, EBUSY);
  else
    g_assert_cmpint (ioctl (tty, TIOCGEXCL, &exclusive), ==, 0);
  g_assert_true (tty < 0 || exclusive);
  if (tty >= 0)
    close (tty);
  for (guint i = 0; i < G_N_ELEMENTS (many); i++)
    close (many[i]);
  world_close (&w);
}

static void
test_records (void)
{
  static const TilldSerialLine wrong[] = {
    { "/dev/ttyUSB0", 9601, 'N' }, { "/dev/ttyUSB0", 9600, 'X' }, { "127.0.0.1:502", 9600, 'N' }, { "", 9600, 'N' },
  };
  g_autoptr(TilldReactor) reactor = tilld_reactor_new (tilld_clock_system (), NULL);

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_null (tilld_serial_bus_new (reactor, &wrong[i], event_came, NULL, &error));
      g_assert_error (error, TILL_ERROR, TILL_ERROR_INVALID);
    }
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/serial/values", test_values);
  g_test_add_func ("/serial/spoiled", test_spoiled);
  g_test_add_func ("/serial/unplug", test_unplug);
  g_test_add_func ("/serial/close-in-flight", test_close_in_flight);
  g_test_add_func ("/serial/descriptors", test_descriptors);
  g_test_add_func ("/serial/records", test_records);
  return till_test_run ();
}
