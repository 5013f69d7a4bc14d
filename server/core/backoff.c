/* SPDX-License-Identifier: GPL-2.0-or-later
 * backoff.c: the next wait is drawn between the base and three times the last wait, and capped. */
#include "server/core/backoff.h"

/* A database that restarts is back within seconds; the house is blind until then. */
const TilldBackoffPolicy tilld_backoff_database = { 100, 5000 };
/* A gateway without power stays away for hours and there are thousands: quick twice, then at most one dial a minute. */
const TilldBackoffPolicy tilld_backoff_link = { 1000, 60000 };
/* A tty that was pulled out is plugged in by a person who waits for it. */
const TilldBackoffPolicy tilld_backoff_serial = { 2000, 2000 };
/* The modem's child needs 5 s to connect; one that crashes at once must not eat a core. */
const TilldBackoffPolicy tilld_backoff_modem = { 1000, 300000 };
/* Two transactions that met once should not meet again; the whole transaction lasts 2 s at most. */
const TilldBackoffPolicy tilld_backoff_retry = { 5, 100 };

void
tilld_backoff_init (TilldBackoff *backoff, const TilldBackoffPolicy *policy, guint64 seed)
{
  *backoff = (TilldBackoff){ policy, seed * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15) + 1, 0 };
}

/* splitmix64: any seed is good, also neighbours */
static guint64
next_random (guint64 *state)
{
  guint64 z = *state += G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
  z = (z ^ z >> 30) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return z ^ z >> 31;
}

guint
tilld_backoff_next_ms (TilldBackoff *backoff)
{
  guint64 base = backoff->policy->base_ms, cap = backoff->policy->cap_ms;
  guint64 top = MAX (base, (guint64) backoff->last_ms * 3);
  guint64 wait = backoff->last_ms == 0 ? base : base + next_random (&backoff->random) % (top - base + 1);

  backoff->last_ms = (guint) MIN (wait, cap);
  return backoff->last_ms;
}

void
tilld_backoff_reset (TilldBackoff *backoff)
{
  backoff->last_ms = 0;
}
