/* SPDX-License-Identifier: GPL-2.0-or-later
 * throttle.h: slows down guessing of passwords. Counts failures of one account from one address, and of one address for all accounts;
 * an account is never closed for people at other addresses. One main context. */
#pragma once
#include "server/core/types.h"

G_BEGIN_DECLS

typedef struct _TilldThrottle TilldThrottle;

typedef struct {
  guint begin;       /* failures that are free */
  guint full;        /* failures from which on the wait is longest */
  guint longest_s;
  guint address_begin; /* the same for one address with any account */
  guint at_once;     /* attempts under way from one address */
} TilldThrottleLimits;

extern const TilldThrottleLimits tilld_throttle_default_limits;

TilldThrottle *tilld_throttle_new (const TilldThrottleLimits *limits, TilldClock *clock);
void           tilld_throttle_free (TilldThrottle *self);
/* THROTTLED, with the seconds to wait, or TRUE: then end () follows exactly once. */
gboolean       tilld_throttle_begin (TilldThrottle *self, const char *address, const char *account, guint *ret_wait_s, GError **error);
void           tilld_throttle_end (TilldThrottle *self, const char *address, const char *account, gboolean good);
/* The attempt came to no verdict (database away, queue full). */
void           tilld_throttle_abandon (TilldThrottle *self, const char *address);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TilldThrottle, tilld_throttle_free)

G_END_DECLS
