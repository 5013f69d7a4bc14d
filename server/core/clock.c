/* SPDX-License-Identifier: GPL-2.0-or-later
 * clock.c: the only file that asks the system what time it is. */
#include "server/core/clock.h"
#include <time.h>

struct _TilldClock {
  gboolean fake;
  gint64   wall, boot_us; /* atomic; of a fake one */
};

static gint64
read_us (clockid_t id)
{
  struct timespec now;
  int failed = clock_gettime (id, &now);
  g_assert (failed == 0);
  return (gint64) now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

TilldClock *
tilld_clock_system (void)
{
  static TilldClock system_clock;
  return &system_clock;
}

TillTime
tilld_clock_wall (TilldClock *clock)
{
  return clock->fake ? __atomic_load_n (&clock->wall, __ATOMIC_SEQ_CST) : read_us (CLOCK_REALTIME);
}

gint64
tilld_clock_boot_us (TilldClock *clock)
{
  return clock->fake ? __atomic_load_n (&clock->boot_us, __ATOMIC_SEQ_CST) : read_us (CLOCK_BOOTTIME);
}

TilldClock *
tilld_clock_fake_new (TillTime wall, gint64 boot_us)
{
  TilldClock *clock = g_new0 (TilldClock, 1);
  *clock = (TilldClock){ TRUE, wall, boot_us };
  return clock;
}

void
tilld_clock_fake_advance (TilldClock *clock, gint64 us)
{
  g_assert (clock->fake && us >= 0);
  __atomic_add_fetch (&clock->wall, us, __ATOMIC_SEQ_CST);
  __atomic_add_fetch (&clock->boot_us, us, __ATOMIC_SEQ_CST);
}

void
tilld_clock_fake_set_wall (TilldClock *clock, TillTime wall)
{
  g_assert (clock->fake);
  __atomic_store_n (&clock->wall, wall, __ATOMIC_SEQ_CST);
}

void
tilld_clock_free (TilldClock *clock)
{
  if (clock->fake)
    g_free (clock);
}
