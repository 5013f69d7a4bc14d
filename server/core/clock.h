/* SPDX-License-Identifier: GPL-2.0-or-later
 * clock.h: the only caller of clock functions. Moments of business are wall time; intervals and deadlines are boot time,
 * which goes on while the machine sleeps and never jumps. */
#pragma once
#include "server/core/types.h"

G_BEGIN_DECLS

TilldClock *tilld_clock_system (void); /* shared, never freed */
TillTime    tilld_clock_wall (TilldClock *clock);    /* microseconds UTC */
gint64      tilld_clock_boot_us (TilldClock *clock); /* CLOCK_BOOTTIME */

/* Tests: stands still until advanced; may be read from other threads. */
TilldClock *tilld_clock_fake_new (TillTime wall, gint64 boot_us);
void        tilld_clock_fake_advance (TilldClock *clock, gint64 us); /* both clocks */
void        tilld_clock_fake_set_wall (TilldClock *clock, TillTime wall);
void        tilld_clock_free (TilldClock *clock); /* a no-op for the system clock */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TilldClock, tilld_clock_free)

G_END_DECLS
