/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-core.c: ring, back-off, metrics, clocks, signals: the small ones. */
#include <signal.h>
#include <string.h>
#include <unistd.h>
#include "server/core/backoff.h"
#include "server/core/clock.h"
#include "server/core/metrics.h"
#include "server/core/ring.h"
#include "server/core/service.h"
#include "tests/lib/test-main.h"

static void
ring_keeps_the_newest (void)
{
  g_autoptr (TilldRing) ring = tilld_ring_new (sizeof (int), 4);
  int out[8];

  g_assert_cmpuint (tilld_ring_pop (ring, out, 8), ==, 0);
  for (int i = 0; i < 10; i++)
    g_assert_true (tilld_ring_push (ring, &i) == (i < 4));
  g_assert_cmpuint (tilld_ring_dropped (ring), ==, 6);
  g_assert_cmpuint (tilld_ring_length (ring), ==, 4);
  g_assert_cmpuint (tilld_ring_pop (ring, out, 3), ==, 3);
  g_assert_cmpint (out[0] * 100 + out[1] * 10 + out[2], ==, 678);
  g_assert_cmpuint (tilld_ring_pop (ring, out, 3), ==, 1);
  g_assert_cmpint (out[0], ==, 9);
}

static gpointer
produce (gpointer data)
{
  for (guint64 i = 1; i <= 50000; i++)
    tilld_ring_push (data, &i);
  return NULL;
}

static void
ring_between_threads (void)
{
  g_autoptr (TilldRing) ring = tilld_ring_new (sizeof (guint64), 128);
  GThread *thread = g_thread_new ("produce", produce, ring);
  guint64 last = 0, seen = 0, batch[64];

  while (last < 50000)
    {
      guint n = tilld_ring_pop (ring, batch, G_N_ELEMENTS (batch));
      for (guint i = 0; i < n; i++)
        {
          g_assert_cmpuint (batch[i], >, last); /* gaps, but never backwards, never twice */
          last = batch[i];
        }
      seen += n;
      if (n == 0)
        g_thread_yield ();
    }
  g_thread_join (thread);
  g_assert_cmpuint (seen + tilld_ring_dropped (ring), ==, 50000);
}

static void
backoff (void)
{
  static const TilldBackoffPolicy *const policies[] = { &tilld_backoff_database, &tilld_backoff_link, &tilld_backoff_modem, &tilld_backoff_retry };
  for (guint p = 0; p < G_N_ELEMENTS (policies); p++)
    for (guint64 seed = 0; seed < 200; seed++)
      {
        TilldBackoff a, b;
        guint last = 0;
        tilld_backoff_init (&a, policies[p], seed);
        tilld_backoff_init (&b, policies[p], seed);
        for (guint i = 0; i < 40; i++)
          {
            guint wait = tilld_backoff_next_ms (&a);
            g_assert_cmpuint (wait, ==, tilld_backoff_next_ms (&b)); /* the same seed waits the same */
            g_assert_cmpuint (wait, >=, policies[p]->base_ms);
            g_assert_cmpuint (wait, <=, MIN (policies[p]->cap_ms, MAX (policies[p]->base_ms, last * 3)));
            last = wait;
          }
        tilld_backoff_reset (&a);
        g_assert_cmpuint (tilld_backoff_next_ms (&a), ==, policies[p]->base_ms);
      }
}

/* A thousand that fail together are spread when they come back. */
static void
backoff_spreads (void)
{
  guint in_bucket[10] = { 0 };
  for (guint64 seed = 0; seed < 1000; seed++)
    {
      TilldBackoff backoff;
      tilld_backoff_init (&backoff, &tilld_backoff_link, seed);
      tilld_backoff_next_ms (&backoff);
      in_bucket[(tilld_backoff_next_ms (&backoff) - 1000) * 10 / 2001]++; /* 1000 .. 3000 ms */
    }
  for (guint i = 0; i < 10; i++)
    g_assert_cmpuint (in_bucket[i], >, 50);
}

static void
metrics (void)
{
  TilldMetric *counter = tilld_metric_counter ("test_b_total", "kind=\"x\"", "Counted things");
  TilldMetric *gauge = tilld_metric_gauge ("test_a", NULL, "Depth"), *time = tilld_metric_histogram ("test_c_seconds", NULL, "Times");
  g_autofree char *page = NULL;

  g_assert_true (counter == tilld_metric_counter ("test_b_total", "kind=\"x\"", "Counted things"));
  tilld_metric_add (tilld_metric_counter ("test_b_total", "kind=\"y\"", "Counted things"), 1);
  tilld_metric_add (counter, 2);
  tilld_metric_add (counter, 3);
  tilld_metric_set (gauge, -7);
  tilld_metric_observe_us (time, 900);
  tilld_metric_observe_us (time, 60 * G_USEC_PER_SEC);
  page = tilld_metrics_print ();
  g_assert_nonnull (strstr (page, "# HELP test_a Depth\n# TYPE test_a gauge\ntest_a -7\n"
                                  "# HELP test_b_total Counted things\n# TYPE test_b_total counter\n"
                                  "test_b_total{kind=\"x\"} 5\ntest_b_total{kind=\"y\"} 1\n"));
  g_assert_nonnull (strstr (page, "test_c_seconds_bucket{le=\"0.001\"} 1\n"));
  g_assert_nonnull (strstr (page, "test_c_seconds_bucket{le=\"30\"} 1\ntest_c_seconds_bucket{le=\"+Inf\"} 2\n"));
  g_assert_nonnull (strstr (page, "test_c_seconds_sum{} 60.000900\ntest_c_seconds_count{} 2\n"));
}

static void
clocks (void)
{
  TilldClock *system_clock = tilld_clock_system ();
  g_autoptr (TilldClock) fake = tilld_clock_fake_new (50, 70);
  gint64 before = tilld_clock_boot_us (system_clock);

  g_assert_cmpint (tilld_clock_boot_us (system_clock), >=, before);
  g_assert_cmpint (tilld_clock_wall (system_clock), >, G_GINT64_CONSTANT (1600000000) * TILL_SECOND);
  tilld_clock_free (system_clock); /* harmless */
  tilld_clock_fake_advance (fake, 5);
  g_assert_cmpint (tilld_clock_wall (fake), ==, 55);
  g_assert_cmpint (tilld_clock_boot_us (fake), ==, 75);
  tilld_clock_fake_set_wall (fake, 3); /* somebody corrected the clock: intervals do not notice */
  g_assert_cmpint (tilld_clock_boot_us (fake), ==, 75);
}

typedef struct {
  GString *seen;
  gboolean done;
} Signals;

static void
on_signal (TilldSignal signal, gpointer data)
{
  Signals *signals = data;
  g_string_append_c (signals->seen, "dsr"[signal]);
  signals->done = TRUE;
}

static void
signals (void)
{
  Signals seen = { g_string_new (NULL), FALSE };
  g_autoptr (TilldService) service = tilld_service_new (on_signal, &seen);
  static const int sent[] = { SIGHUP, SIGTERM, SIGINT };

  for (guint i = 0; i < G_N_ELEMENTS (sent); i++)
    {
      seen.done = FALSE;
      kill (getpid (), sent[i]);
      till_test_wait (&seen.done, 10);
    }
  g_assert_cmpstr (seen.seen->str, ==, "rds"); /* reload, drain, and the second one means now */
  g_string_free (seen.seen, TRUE);
}

static void
descriptors (void)
{
  g_autoptr (GError) error = NULL;
  g_assert_true (tilld_service_raise_descriptors (16, &error));
  g_assert_no_error (error);
  g_assert_false (tilld_service_raise_descriptors (G_MAXINT, &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_LIMIT);
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/core/ring", ring_keeps_the_newest);
  g_test_add_func ("/core/ring/threads", ring_between_threads);
  g_test_add_func ("/core/backoff", backoff);
  g_test_add_func ("/core/backoff/spread", backoff_spreads);
  g_test_add_func ("/core/metrics", metrics);
  g_test_add_func ("/core/clock", clocks);
  g_test_add_func ("/core/signals", signals);
  g_test_add_func ("/core/descriptors", descriptors);
  return till_test_run ();
}
