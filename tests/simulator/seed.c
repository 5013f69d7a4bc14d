/* SPDX-License-Identifier: GPL-2.0-or-later
 * seed.c: FNV-1a and splitmix64. Pure; no state is kept anywhere. */
#include "tests/simulator/seed.h"

guint64
sim_fnv1a64 (guint64 state, const char *text)
{
  for (const guint8 *at = (const guint8 *) text; *at != '\0'; at++)
    state = (state ^ *at) * G_GUINT64_CONSTANT (0x100000001b3);
  return state;
}

guint64
sim_splitmix64 (guint64 x)
{
  x += G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
  x = (x ^ (x >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  x = (x ^ (x >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return x ^ (x >> 31);
}

guint64
sim_draw (guint64 seed, guint64 path, const char *name, guint64 k)
{
  return sim_splitmix64 ((seed ^ sim_fnv1a64 (path, name)) + k);
}

gint64
sim_draw_range (guint64 seed, guint64 path, const char *name, guint64 k, gint64 lo, gint64 hi)
{
  g_assert (hi >= lo);
  return lo + (gint64) (sim_draw (seed, path, name, k) % ((guint64) (hi - lo) + 1));
}
