/* SPDX-License-Identifier: GPL-2.0-or-later
 * load.h: how much power a circuit draws at a moment: hourly profile, noise by the hour, devices by the minute. Pure. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

#define SIM_DEVICES 8

typedef struct { guint w, minutes, per_day, from, to; } SimDevice; /* from, to: hours of the day, 0..24 */

typedef struct {
  char     *name;
  guint     workday[24], restday[24]; /* W */
  guint     noise_pct, pf_milli;
  guint     n_devices;
  SimDevice devices[SIM_DEVICES];
} SimLoad;

/* Power in W at a second of a civil day and the second (exclusive, at most 86400) until which it holds. */
gint64 sim_load_power (const SimLoad *load, guint64 seed, guint64 path, gint32 day, int second, int *ret_until);

G_END_DECLS
