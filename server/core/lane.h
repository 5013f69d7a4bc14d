/* SPDX-License-Identifier: GPL-2.0-or-later
 * lane.h: fixed threads over one bounded priority queue. A full queue is an answer (BUSY) at once, never a wait. Each
 * pushed item ends in exactly one call on a lane thread: run (or batch), or refuse with the reason. */
#pragma once
#include <gio/gio.h>
#include "server/core/types.h"

G_BEGIN_DECLS

typedef void (*TilldLaneRun) (gpointer thread_state, gpointer data, GCancellable *cancellable);
typedef void (*TilldLaneRefuse) (gpointer data, const GError *reason);
typedef void (*TilldLaneBatch) (gpointer thread_state, gpointer *data, guint n, gpointer user_data);

typedef struct {
  int             priority;    /* lower first; equal ones in order of arrival */
  gint64          deadline_us; /* boot time to have begun by; 0 = none */
  GCancellable   *cancellable; /* may be NULL; a reference is kept until the item ends */
  TilldLaneRun    run;         /* NULL in a batch lane */
  TilldLaneRefuse refuse;      /* deadline passed (BUSY) or cancelled (G_IO_ERROR_CANCELLED) before it began */
  gpointer        data;
} TilldLaneItem;

typedef struct {
  const char *name;      /* "ledger"; also the thread's name */
  guint       n_threads;
  guint       capacity;  /* waiting items */
  TilldClock *clock;     /* NULL = system */
  gpointer (*thread_begin) (guint index, gpointer user_data); /* NULL allowed; what it returns is thread_state */
  void (*thread_end) (gpointer thread_state, gpointer user_data);
  TilldLaneBatch batch;  /* set: items are taken up to batch_max at a time, never waiting for more */
  guint          batch_max;
  gpointer       user_data;
} TilldLaneOptions;

typedef struct {
  guint   queued, running;
  guint64 pushed, ran, refused, full; /* full: pushes answered BUSY */
  gint64  wait_us, run_us;            /* sums */
  gint64  longest_running_us;         /* age of the oldest item that runs now: the watchdog looks here */
} TilldLaneStats;

TilldLane *tilld_lane_new (const TilldLaneOptions *options);
/* BUSY when full or stopping: then no callback comes. The item is copied. Any thread. */
gboolean   tilld_lane_push (TilldLane *lane, const TilldLaneItem *item, GError **error);
void       tilld_lane_stats (TilldLane *lane, TilldLaneStats *ret_stats);
/* Takes nothing new, works off what is queued, joins the threads. */
void       tilld_lane_stop (TilldLane *lane);
void       tilld_lane_free (TilldLane *lane); /* stops first */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TilldLane, tilld_lane_free)

G_END_DECLS
