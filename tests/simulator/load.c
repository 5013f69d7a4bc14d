/* SPDX-License-Identifier: GPL-2.0-or-later
 * load.c: the power of a circuit as a pure function of seed, path and time, so that a restart goes on where it was. */
#include "tests/simulator/load.h"
#include "tests/simulator/seed.h"

static guint
weekday_of (gint32 day)
{
  return (guint) (((day + 4) % 7 + 7) % 7); /* 1970-01-01 was a Thursday */
}

static gint64
device_power (const SimLoad *load, guint64 seed, guint64 path, gint32 day, int second, int *until)
{
  gint64 power = 0;

  for (guint d = 0; d < load->n_devices; d++)
    for (guint run = 0; run < load->devices[d].per_day; run++)
      {
        const SimDevice *device = &load->devices[d];
        guint64          k = ((guint64) (guint32) day * SIM_DEVICES + d) * 32 + run;
        int              latest = MAX ((int) (device->to * 60) - (int) device->minutes, (int) device->from * 60);
        int              on = 60 * (int) sim_draw_range (seed, path, "device", k, device->from * 60, latest);
        int              off = MIN (on + (int) device->minutes * 60, 86400);

        if (second >= on && second < off)
          power += device->w;
        if (on > second)
          *until = MIN (*until, on);
        if (off > second)
          *until = MIN (*until, off);
      }
  return power;
}

gint64
sim_load_power (const SimLoad *load, guint64 seed, guint64 path, gint32 day, int second, int *ret_until)
{
  guint  weekday = weekday_of (day), hour = (guint) second / 3600;
  gint64 base = (weekday == 0 || weekday == 6 ? load->restday : load->workday)[hour];
  gint64 noise = load->noise_pct == 0 ? 0 : sim_draw_range (seed, path, "noise", (guint64) (guint32) day * 24 + hour, -1000, 1000);

  *ret_until = ((int) hour + 1) * 3600;
  base += base * noise * load->noise_pct / 100000;
  return base + device_power (load, seed, path, day, second, ret_until);
}
