/* SPDX-License-Identifier: GPL-2.0-or-later
 * timers.c: binary heap behind one GSource. */
#include "tests/simulator/timers.h"
#include "server/core/clock.h"

typedef struct { GSource base; SimTimers *timers; } TimerSource;

struct _SimTimers {
  TilldClock *clock;
  GPtrArray  *heap; /* SimTimer, borrowed */
  GSource    *source;
};

static SimTimer *
at (SimTimers *timers, guint i)
{
  return timers->heap->pdata[i];
}

static void
place (SimTimers *timers, guint i, SimTimer *timer)
{
  timers->heap->pdata[i] = timer;
  timer->at = i + 1;
}

static void
sift (SimTimers *timers, guint i)
{
  SimTimer *timer = at (timers, i);
  guint     n = timers->heap->len;

  for (; i > 0 && at (timers, (i - 1) / 2)->due_us > timer->due_us; i = (i - 1) / 2)
    place (timers, i, at (timers, (i - 1) / 2));
  for (guint child = 2 * i + 1; child < n; child = 2 * i + 1)
    {
      if (child + 1 < n && at (timers, child + 1)->due_us < at (timers, child)->due_us)
        child++;
      if (at (timers, child)->due_us >= timer->due_us)
        break;
      place (timers, i, at (timers, child));
      i = child;
    }
  place (timers, i, timer);
}

static int
wait_ms (SimTimers *timers)
{
  gint64 left_us;

  if (timers->heap->len == 0)
    return -1;
  left_us = at (timers, 0)->due_us - tilld_clock_boot_us (timers->clock);
  return left_us <= 0 ? 0 : (int) MIN ((left_us + 999) / 1000, 60000);
}

static gboolean
source_prepare (GSource *source, int *timeout_ms)
{
  *timeout_ms = wait_ms (((TimerSource *) source)->timers);
  return *timeout_ms == 0;
}

static gboolean
source_check (GSource *source)
{
  return wait_ms (((TimerSource *) source)->timers) == 0;
}

static gboolean
source_dispatch (GSource *source, GSourceFunc func, gpointer data)
{
  sim_timers_run (((TimerSource *) source)->timers);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs source_funcs = { .prepare = source_prepare, .check = source_check, .dispatch = source_dispatch };

SimTimers *
sim_timers_new (TilldClock *clock, GMainContext *context)
{
  SimTimers *timers = g_new0 (SimTimers, 1);

  timers->clock = clock;
  timers->heap = g_ptr_array_new ();
  timers->source = g_source_new (&source_funcs, sizeof (TimerSource));
  ((TimerSource *) timers->source)->timers = timers;
  if (context)
    g_source_attach (timers->source, context);
  return timers;
}

void
sim_timers_free (SimTimers *timers)
{
  g_source_destroy (timers->source);
  g_source_unref (timers->source);
  g_ptr_array_unref (timers->heap);
  g_free (timers);
}

gint64
sim_timers_now (SimTimers *timers)
{
  return tilld_clock_boot_us (timers->clock);
}

void
sim_timers_arm (SimTimers *timers, SimTimer *timer, gint64 due_us)
{
  timer->due_us = due_us;
  if (timer->at == 0)
    {
      g_ptr_array_add (timers->heap, timer);
      timer->at = timers->heap->len;
    }
  sift (timers, timer->at - 1);
}

void
sim_timers_disarm (SimTimers *timers, SimTimer *timer)
{
  guint     i = timer->at;
  SimTimer *last;

  if (i == 0)
    return;
  last = at (timers, timers->heap->len - 1);
  g_ptr_array_set_size (timers->heap, (int) timers->heap->len - 1);
  timer->at = 0;
  if (last == timer)
    return;
  place (timers, i - 1, last);
  sift (timers, i - 1);
}

guint
sim_timers_run (SimTimers *timers)
{
  gint64 now = tilld_clock_boot_us (timers->clock);
  guint  fired = 0;

  while (timers->heap->len > 0 && at (timers, 0)->due_us <= now)
    {
      SimTimer *timer = at (timers, 0);

      sim_timers_disarm (timers, timer);
      fired++;
      timer->fire (timer, timer->data);
    }
  return fired;
}
