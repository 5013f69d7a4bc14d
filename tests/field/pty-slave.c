/* SPDX-License-Identifier: GPL-2.0-or-later
 * pty-slave.c: see pty-slave.h. */
#include "tests/field/pty-slave.h"
#include <fcntl.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

/* An answer of this device with one part of it spoiled. */
static void
answer_badly (PtySlave *slave, const guint8 *query, int n, PtyMode mode)
{
  guint8 bytes[] = { query[0], query[1], 2, 0xab, 0xcd, 0, 0 };

  if (mode == PTY_LATE)
    {
      g_usleep ((gulong) g_atomic_int_get (&slave->late_ms) * 1000); /* the device's own slowness, not a wait of the test */
      modbus_reply (slave->ctx, query, n, slave->map);
    }
  else if (mode == PTY_OTHER_UNIT)
    modbus_reply_exception (slave->ctx, (const guint8[]){ (guint8) (query[0] + 1), query[1], 0, 0, 0, 1, 0, 0 }, 2);
  else if (mode == PTY_BAD_CRC)
    g_assert_cmpint (write (slave->fd, bytes, sizeof bytes), ==, sizeof bytes);
}

static gpointer
run (gpointer data)
{
  PtySlave *slave = data;

  while (!g_atomic_int_get (&slave->stop))
    {
      struct pollfd p = { .fd = slave->fd, .events = POLLIN };
      guint8        query[MODBUS_RTU_MAX_ADU_LENGTH];
      int           n, mode;

      if (poll (&p, 1, 20) <= 0 || !(p.revents & POLLIN))
        continue;
      n = modbus_receive (slave->ctx, query);
      if (n <= 0)
        continue;
      g_atomic_int_inc (&slave->requests);
      mode = g_atomic_int_get (&slave->mode);
      g_atomic_int_set (&slave->mode, PTY_ANSWERS);
      if (mode == PTY_ANSWERS)
        modbus_reply (slave->ctx, query, n, slave->map);
      else
        answer_badly (slave, query, n, (PtyMode) mode);
    }
  return NULL;
}

void
pty_slave_plug (PtySlave *slave)
{
  struct termios raw;

  slave->fd = posix_openpt (O_RDWR | O_NOCTTY | O_CLOEXEC);
  g_assert_cmpint (slave->fd, >=, 0);
  g_assert_cmpint (grantpt (slave->fd), ==, 0);
  g_assert_cmpint (unlockpt (slave->fd), ==, 0);
  g_assert_cmpint (tcgetattr (slave->fd, &raw), ==, 0);
  cfmakeraw (&raw);
  g_assert_cmpint (tcsetattr (slave->fd, TCSANOW, &raw), ==, 0);
  g_unlink (slave->path);
  g_assert_cmpint (symlink (ptsname (slave->fd), slave->path), ==, 0);
  modbus_set_socket (slave->ctx, slave->fd);
  g_atomic_int_set (&slave->stop, FALSE);
  slave->thread = g_thread_new ("device", run, slave);
}

void
pty_slave_unplug (PtySlave *slave)
{
  g_atomic_int_set (&slave->stop, TRUE);
  g_thread_join (slave->thread);
  g_unlink (slave->path);
  close (slave->fd);
}

gboolean
pty_slave_start (PtySlave *slave, guint8 unit)
{
  int fd = posix_openpt (O_RDWR | O_NOCTTY | O_CLOEXEC);

  if (fd < 0)
    return FALSE;
  close (fd);
  *slave = (PtySlave){ .folder = g_dir_make_tmp ("gridtill-tty-XXXXXX", NULL) };
  g_assert_nonnull (slave->folder);
  slave->path = g_build_filename (slave->folder, "tty", NULL);
  slave->ctx = modbus_new_rtu ("/dev/null", 9600, 'N', 8, 1);
  modbus_set_slave (slave->ctx, unit);
  slave->map = modbus_mapping_new (0, 0, PTY_SLAVE_REGISTERS, PTY_SLAVE_REGISTERS);
  for (guint i = 0; i < PTY_SLAVE_REGISTERS; i++)
    slave->map->tab_registers[i] = (guint16) (unit << 8 | (i & 0xff));
  pty_slave_plug (slave);
  return TRUE;
}

void
pty_slave_stop (PtySlave *slave)
{
  if (slave->thread != NULL)
    pty_slave_unplug (slave);
  g_rmdir (slave->folder);
  modbus_mapping_free (slave->map);
  modbus_free (slave->ctx);
  g_free (slave->folder);
  g_free (slave->path);
}
