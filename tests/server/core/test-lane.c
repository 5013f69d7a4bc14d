/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-lane.c: order, bounds, deadlines, cancellation and batches; each item ends exactly once. A gate holds the lane's thread
 * where a test wants it: nothing here waits for time. */
#include "server/core/clock.h"
#include "server/core/handover.h"
#include "server/core/lane.h"
#include "tests/lib/test-main.h"

typedef struct {
  GMutex   lock;
  GCond    changed;
  gboolean open;
  guint    entered;
  GString *log;     /* one letter an item: lower case ran, upper case refused */
  guint    batches;
  int      last_refusal; /* code */
} Gate;

typedef struct {
  Gate *gate;
  char  letter;
} Job;

static void
gate_init (Gate *gate)
{
  *gate = (Gate){ .log = g_string_new (NULL) };
  g_mutex_init (&gate->lock);
  g_cond_init (&gate->changed);
}

static void
gate_clear (Gate *gate)
{
  g_string_free (gate->log, TRUE);
  g_mutex_clear (&gate->lock);
  g_cond_clear (&gate->changed);
}

static void
gate_open (Gate *gate)
{
  g_mutex_lock (&gate->lock);
  gate->open = TRUE;
  g_cond_broadcast (&gate->changed);
  g_mutex_unlock (&gate->lock);
}

static void
gate_wait_entered (Gate *gate)
{
  g_mutex_lock (&gate->lock);
  while (gate->entered == 0)
    g_cond_wait (&gate->changed, &gate->lock);
  g_mutex_unlock (&gate->lock);
}

static void
job_run (gpointer state, gpointer data, GCancellable *cancellable)
{
  Job *job = data;
  g_mutex_lock (&job->gate->lock);
  job->gate->entered++;
  g_cond_broadcast (&job->gate->changed);
  while (!job->gate->open)
    g_cond_wait (&job->gate->changed, &job->gate->lock);
  g_string_append_c (job->gate->log, job->letter);
  g_mutex_unlock (&job->gate->lock);
}

static void
job_refuse (gpointer data, const GError *reason)
{
  Job *job = data;
  g_mutex_lock (&job->gate->lock);
  g_string_append_c (job->gate->log, g_ascii_toupper (job->letter));
  job->gate->last_refusal = reason->code;
  g_mutex_unlock (&job->gate->lock);
}

static void
push (TilldLane *lane, Job *job, int priority, gint64 deadline_us, GCancellable *cancellable)
{
  TilldLaneItem item = { priority, deadline_us, cancellable, job_run, job_refuse, job };
  g_autoptr (GError) error = NULL;
  tilld_lane_push (lane, &item, &error);
  g_assert_no_error (error);
}

static void
order_and_bound (void)
{
  Gate gate;
  Job jobs[] = { { &gate, 'a' }, { &gate, 'b' }, { &gate, 'c' }, { &gate, 'd' }, { &gate, 'e' } };
  TilldLaneItem item = { 0, 0, NULL, job_run, job_refuse, &jobs[4] };
  g_autoptr (TilldLane) lane = tilld_lane_new (&(TilldLaneOptions){ .name = "order", .n_threads = 1, .capacity = 3 });
  g_autoptr (GError) error = NULL;
  TilldLaneStats stats;

  gate_init (&gate);
  push (lane, &jobs[0], 5, 0, NULL);
  gate_wait_entered (&gate); /* "a" is being run: the three places are free */
  push (lane, &jobs[1], 5, 0, NULL);
  push (lane, &jobs[2], 5, 0, NULL);
  push (lane, &jobs[3], 1, 0, NULL);
  g_assert_false (tilld_lane_push (lane, &item, &error)); /* an answer at once */
  g_assert_error (error, TILL_ERROR, TILL_ERROR_BUSY);
  tilld_lane_stats (lane, &stats);
  g_assert_cmpuint (stats.queued, ==, 3);
  g_assert_cmpuint (stats.running, ==, 1);
  g_assert_cmpuint (stats.full, ==, 1);
  gate_open (&gate);
  tilld_lane_stop (lane);
  g_assert_cmpstr (gate.log->str, ==, "adbc"); /* urgent first, equals by arrival, nothing lost by the stop */
  g_clear_error (&error);
  g_assert_false (tilld_lane_push (lane, &item, &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_BUSY);
  gate_clear (&gate);
}

static void
deadline_and_cancellation (void)
{
  Gate gate;
  Job jobs[] = { { &gate, 'a' }, { &gate, 'b' }, { &gate, 'c' }, { &gate, 'd' } };
  g_autoptr (TilldClock) clock = tilld_clock_fake_new (0, 1000);
  g_autoptr (TilldLane) lane = tilld_lane_new (&(TilldLaneOptions){ .name = "late", .n_threads = 1, .capacity = 9, .clock = clock });
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  TilldLaneStats stats;

  gate_init (&gate);
  push (lane, &jobs[0], 0, 0, NULL);
  gate_wait_entered (&gate);
  push (lane, &jobs[1], 1, 2000, NULL);
  push (lane, &jobs[2], 2, 9000, cancellable);
  push (lane, &jobs[3], 3, 9000, NULL);
  tilld_clock_fake_advance (clock, 5000); /* b is late, d is not */
  g_cancellable_cancel (cancellable);
  gate_open (&gate);
  tilld_lane_stop (lane);
  g_assert_cmpstr (gate.log->str, ==, "aBCd");
  g_assert_cmpint (gate.last_refusal, ==, G_IO_ERROR_CANCELLED);
  tilld_lane_stats (lane, &stats);
  g_assert_cmpuint (stats.ran, ==, 2);
  g_assert_cmpuint (stats.refused, ==, 2);
  g_assert_cmpuint (G_OBJECT (cancellable)->ref_count, ==, 1);
  gate_clear (&gate);
}

static void
run_batch (gpointer state, gpointer *data, guint n, gpointer user_data)
{
  Gate *gate = user_data;
  g_assert_cmpuint (n, <=, 4);
  g_assert_cmpint (GPOINTER_TO_INT (state), ==, 41);
  for (guint i = 0; i < n; i++)
    job_run (state, data[i], NULL);
  gate->batches++;
  g_string_append_c (gate->log, '|');
}

static gpointer
begin_thread (guint index, gpointer user_data)
{
  return GINT_TO_POINTER (41);
}

static void
end_thread (gpointer state, gpointer user_data)
{
  g_string_append_c (((Gate *) user_data)->log, '.');
}

static void
batches (void)
{
  Gate gate;
  Job jobs[8];
  g_autoptr (TilldLane) lane = NULL;

  gate_init (&gate);
  lane = tilld_lane_new (&(TilldLaneOptions){ .name = "batch", .n_threads = 1, .capacity = 16, .thread_begin = begin_thread,
                                              .thread_end = end_thread, .batch = run_batch, .batch_max = 4, .user_data = &gate });
  for (int i = 0; i < 8; i++)
    {
      TilldLaneItem item = { .refuse = job_refuse, .data = &jobs[i] };
      jobs[i] = (Job){ &gate, (char) ('a' + i) };
      g_assert_true (tilld_lane_push (lane, &item, NULL));
      if (i == 0)
        gate_wait_entered (&gate); /* it took "a" alone: it never waits for more */
    }
  gate_open (&gate);
  tilld_lane_stop (lane);
  g_assert_cmpstr (gate.log->str, ==, "a|bcde|fgh|.");
  gate_clear (&gate);
}

static int counted;

static void
count_run (gpointer state, gpointer data, GCancellable *cancellable)
{
  g_atomic_int_inc (&counted);
}

static gpointer
push_many (gpointer data)
{
  int pushed = 0;
  for (int i = 0; i < 5000; i++)
    {
      TilldLaneItem item = { i % 3, 0, NULL, count_run, NULL, NULL };
      pushed += tilld_lane_push (data, &item, NULL);
    }
  return GINT_TO_POINTER (pushed);
}

/* Four producers, three threads: what was taken is run, once. */
static void
many_threads (void)
{
  g_autoptr (TilldLane) lane = tilld_lane_new (&(TilldLaneOptions){ .name = "many", .n_threads = 3, .capacity = 64 });
  GThread *threads[4];
  int pushed = 0;

  counted = 0;
  for (int i = 0; i < 4; i++)
    threads[i] = g_thread_new ("push", push_many, lane);
  for (int i = 0; i < 4; i++)
    pushed += GPOINTER_TO_INT (g_thread_join (threads[i]));
  tilld_lane_stop (lane);
  g_assert_cmpint (g_atomic_int_get (&counted), ==, pushed);
}

static gboolean
note_thread (gpointer data)
{
  *(GThread **) data = g_thread_self ();
  return G_SOURCE_REMOVE;
}

static gpointer
hand_over (gpointer data)
{
  tilld_hand_over (NULL, G_PRIORITY_DEFAULT, note_thread, data, NULL);
  return NULL;
}

/* While nobody runs the main loop, another thread leaves its call there; it does not make it itself. */
static void
main_thread_only (void)
{
  GThread *caller = NULL;

  g_thread_join (g_thread_new ("lane", hand_over, &caller));
  g_assert_null (caller);
  while (caller == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (caller == g_thread_self ());
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/lane/order", order_and_bound);
  g_test_add_func ("/lane/deadline", deadline_and_cancellation);
  g_test_add_func ("/lane/batch", batches);
  g_test_add_func ("/lane/main-thread", main_thread_only);
  g_test_add_func ("/lane/threads", many_threads);
  return till_test_run ();
}
