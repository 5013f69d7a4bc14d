/* SPDX-License-Identifier: GPL-2.0-or-later
 * timers.h: a heap of moments with millisecond precision, for bytes that take their time on a line. The reactor's wheel
 * is too coarse for a 9600 baud bus. */
#pragma once
#include "server/core/types.h"

G_BEGIN_DECLS

typedef struct _SimTimers SimTimers;
typedef struct _SimTimer {
  gint64 due_us; /* boot time */
  guint  at;     /* place in the heap + 1; 0 = not armed */
  void (*fire) (struct _SimTimer *timer, gpointer data);
  gpointer data;
} SimTimer;

SimTimers *sim_timers_new (TilldClock *clock, GMainContext *context); /* context NULL: stepped by sim_timers_run only */
void       sim_timers_free (SimTimers *timers);
gint64     sim_timers_now (SimTimers *timers);
void       sim_timers_arm (SimTimers *timers, SimTimer *timer, gint64 due_us); /* re-arms */
void       sim_timers_disarm (SimTimers *timers, SimTimer *timer);
guint      sim_timers_run (SimTimers *timers); /* fires what is due; how many */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimTimers, sim_timers_free)

G_END_DECLS
