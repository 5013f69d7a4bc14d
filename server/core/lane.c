/* SPDX-License-Identifier: GPL-2.0-or-later
 * lane.c: a binary heap under one mutex; threads that take from it. Knows nothing of databases. */
#include "server/core/lane.h"
#include "server/core/clock.h"
#include "server/core/metrics.h"

typedef struct {
  TilldLaneItem item;
  guint64       order; /* of arrival */
  gint64        pushed_us;
} Entry;

typedef struct {
  TilldLane *lane;
  guint      index;
  GThread   *thread;
  gint64     since_us; /* 0 = idle */
} Worker;

struct _TilldLane {
  TilldLaneOptions options;
  char            *name;
  GMutex           lock;
  GCond            wake;
  Entry           *heap;
  guint            n_entries;
  guint64          next_order;
  Worker          *workers;
  gboolean         stopping, joined;
  TilldLaneStats   stats;
  TilldMetric     *waited, *ran, *full;
};

static gboolean
before (const Entry *a, const Entry *b)
{
  return a->item.priority != b->item.priority ? a->item.priority < b->item.priority : a->order < b->order;
}

static void
swap (Entry *a, Entry *b)
{
  Entry kept = *a;
  *a = *b;
  *b = kept;
}

static void
heap_push (TilldLane *lane, const Entry *entry)
{
  guint at = lane->n_entries++;
  lane->heap[at] = *entry;
  for (; at > 0 && before (&lane->heap[at], &lane->heap[(at - 1) / 2]); at = (at - 1) / 2)
    swap (&lane->heap[at], &lane->heap[(at - 1) / 2]);
}

static void
heap_pop (TilldLane *lane, Entry *ret_entry)
{
  guint at = 0;
  *ret_entry = lane->heap[0];
  lane->heap[0] = lane->heap[--lane->n_entries];
  for (;;)
    {
      guint first = at, left = 2 * at + 1;
      if (left < lane->n_entries && before (&lane->heap[left], &lane->heap[first]))
        first = left;
      if (left + 1 < lane->n_entries && before (&lane->heap[left + 1], &lane->heap[first]))
        first = left + 1;
      if (first == at)
        return;
      swap (&lane->heap[at], &lane->heap[first]);
      at = first;
    }
}

/* NULL when the item may begin. */
static GError *
reason_to_refuse (TilldLane *lane, const TilldLaneItem *item, gint64 now_us)
{
  GError *error = NULL;
  if (item->cancellable != NULL && g_cancellable_set_error_if_cancelled (item->cancellable, &error))
    return error;
  if (item->deadline_us != 0 && now_us > item->deadline_us)
    till_fail (&error, TILL_ERROR_BUSY, "waited too long for the lane %s", lane->name);
  return error;
}

/* Refuses what is too late and closes the gap; returns how many are left. */
static guint
refuse_late (TilldLane *lane, Entry *entries, guint n, gint64 now_us)
{
  guint kept = 0;
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GError) reason = reason_to_refuse (lane, &entries[i].item, now_us);
      tilld_metric_observe_us (lane->waited, now_us - entries[i].pushed_us);
      if (reason == NULL)
        {
          entries[kept++] = entries[i];
          continue;
        }
      if (entries[i].item.refuse != NULL)
        entries[i].item.refuse (entries[i].item.data, reason);
      g_clear_object (&entries[i].item.cancellable);
    }
  return kept;
}

static void
run_entries (TilldLane *lane, gpointer state, Entry *entries, guint n)
{
  if (lane->options.batch == NULL)
    {
      g_assert (n == 1);
      entries[0].item.run (state, entries[0].item.data, entries[0].item.cancellable);
    }
  else
    {
      g_autofree gpointer *data = g_new (gpointer, n);
      for (guint i = 0; i < n; i++)
        data[i] = entries[i].item.data;
      lane->options.batch (state, data, n, lane->options.user_data);
    }
  for (guint i = 0; i < n; i++)
    g_clear_object (&entries[i].item.cancellable);
}

static guint
take (TilldLane *lane, Entry *entries, guint max)
{
  guint n = 0;
  while (lane->n_entries == 0 && !lane->stopping)
    g_cond_wait (&lane->wake, &lane->lock);
  while (n < max && lane->n_entries > 0)
    heap_pop (lane, &entries[n++]);
  return n;
}

static gpointer
work (gpointer data)
{
  Worker *worker = data;
  TilldLane *lane = worker->lane;
  guint max = lane->options.batch != NULL ? lane->options.batch_max : 1, n;
  g_autofree Entry *entries = g_new (Entry, max);
  gpointer state = lane->options.thread_begin != NULL ? lane->options.thread_begin (worker->index, lane->options.user_data) : NULL;

  g_mutex_lock (&lane->lock);
  while ((n = take (lane, entries, max)) > 0)
    {
      gint64 begun_us = tilld_clock_boot_us (lane->options.clock), waited_us = 0, spent_us;
      guint kept;
      for (guint i = 0; i < n; i++)
        waited_us += begun_us - entries[i].pushed_us;
      lane->stats.wait_us += waited_us;
      lane->stats.running += n;
      worker->since_us = begun_us;
      g_mutex_unlock (&lane->lock);

      kept = refuse_late (lane, entries, n, begun_us);
      if (kept > 0)
        run_entries (lane, state, entries, kept);
      spent_us = tilld_clock_boot_us (lane->options.clock) - begun_us;
      tilld_metric_observe_us (lane->ran, spent_us);

      g_mutex_lock (&lane->lock);
      worker->since_us = 0;
      lane->stats.running -= n;
      lane->stats.ran += kept;
      lane->stats.refused += n - kept;
      lane->stats.run_us += spent_us;
    }
  g_mutex_unlock (&lane->lock);
  if (lane->options.thread_end != NULL)
    lane->options.thread_end (state, lane->options.user_data);
  return NULL;
}

TilldLane *
tilld_lane_new (const TilldLaneOptions *options)
{
  TilldLane *lane = g_new0 (TilldLane, 1);
  g_autofree char *labels = g_strdup_printf ("lane=\"%s\"", options->name);

  g_assert (options->n_threads > 0 && options->capacity > 0 && (options->batch == NULL || options->batch_max > 0));
  lane->options = *options;
  lane->name = g_strdup (options->name);
  if (options->clock == NULL)
    lane->options.clock = tilld_clock_system ();
  g_mutex_init (&lane->lock);
  g_cond_init (&lane->wake);
  lane->heap = g_new (Entry, options->capacity);
  lane->waited = tilld_metric_histogram ("gridtill_lane_wait_seconds", labels, "Time items waited for a thread of the lane");
  lane->ran = tilld_metric_histogram ("gridtill_lane_run_seconds", labels, "Time a thread of the lane was busy with what it took");
  lane->full = tilld_metric_counter ("gridtill_lane_full_total", labels, "Items refused because the lane was full");
  lane->workers = g_new0 (Worker, options->n_threads);
  for (guint i = 0; i < options->n_threads; i++)
    {
      lane->workers[i] = (Worker){ lane, i, NULL, 0 };
      lane->workers[i].thread = g_thread_new (lane->name, work, &lane->workers[i]);
    }
  return lane;
}

gboolean
tilld_lane_push (TilldLane *lane, const TilldLaneItem *item, GError **error)
{
  Entry entry = { *item, 0, tilld_clock_boot_us (lane->options.clock) };
  gboolean taken;

  g_assert ((item->run == NULL) == (lane->options.batch != NULL));
  g_mutex_lock (&lane->lock);
  taken = !lane->stopping && lane->n_entries < lane->options.capacity;
  if (taken)
    {
      entry.order = lane->next_order++;
      if (entry.item.cancellable != NULL)
        g_object_ref (entry.item.cancellable);
      heap_push (lane, &entry);
      lane->stats.pushed++;
      g_cond_signal (&lane->wake);
    }
  else
    lane->stats.full++;
  g_mutex_unlock (&lane->lock);
  if (taken)
    return TRUE;
  tilld_metric_add (lane->full, 1);
  return till_fail (error, TILL_ERROR_BUSY, "the lane %s is full", lane->name);
}

void
tilld_lane_stats (TilldLane *lane, TilldLaneStats *ret_stats)
{
  gint64 now_us = tilld_clock_boot_us (lane->options.clock);
  g_mutex_lock (&lane->lock);
  *ret_stats = lane->stats;
  ret_stats->queued = lane->n_entries;
  for (guint i = 0; i < lane->options.n_threads; i++)
    if (lane->workers[i].since_us != 0)
      ret_stats->longest_running_us = MAX (ret_stats->longest_running_us, now_us - lane->workers[i].since_us);
  g_mutex_unlock (&lane->lock);
}

void
tilld_lane_stop (TilldLane *lane)
{
  g_mutex_lock (&lane->lock);
  lane->stopping = TRUE;
  g_cond_broadcast (&lane->wake);
  g_mutex_unlock (&lane->lock);
  if (lane->joined)
    return;
  lane->joined = TRUE;
  for (guint i = 0; i < lane->options.n_threads; i++)
    g_thread_join (lane->workers[i].thread);
}

void
tilld_lane_free (TilldLane *lane)
{
  tilld_lane_stop (lane);
  g_assert (lane->n_entries == 0 && lane->stats.running == 0);
  g_mutex_clear (&lane->lock);
  g_cond_clear (&lane->wake);
  g_free (lane->heap);
  g_free (lane->workers);
  g_free (lane->name);
  g_free (lane);
}
