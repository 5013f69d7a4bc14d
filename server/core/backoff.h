/* SPDX-License-Identifier: GPL-2.0-or-later
 * backoff.h: waits between attempts: decorrelated jitter, so that many who failed together do not return together.
 * Seeded by the owner: the same seed waits the same, which the simulation needs. */
#pragma once
#include "server/core/types.h"

G_BEGIN_DECLS

typedef struct {
  guint base_ms, cap_ms;
} TilldBackoffPolicy;

extern const TilldBackoffPolicy tilld_backoff_database; /* connections to PostgreSQL */
extern const TilldBackoffPolicy tilld_backoff_link;     /* gateways that are dialled */
extern const TilldBackoffPolicy tilld_backoff_modem;    /* the SMS child */
extern const TilldBackoffPolicy tilld_backoff_serial;   /* ttys that are unplugged */
extern const TilldBackoffPolicy tilld_backoff_retry;    /* serialization failures and deadlocks */

typedef struct {
  const TilldBackoffPolicy *policy;
  guint64                   random;
  guint                     last_ms; /* 0 = no failure yet */
} TilldBackoff;

void  tilld_backoff_init (TilldBackoff *backoff, const TilldBackoffPolicy *policy, guint64 seed);
guint tilld_backoff_next_ms (TilldBackoff *backoff); /* base <= wait <= cap */
void  tilld_backoff_reset (TilldBackoff *backoff);   /* after a success */

G_END_DECLS
