/* SPDX-License-Identifier: GPL-2.0-or-later
 * metrics.c: a process-wide list under a mutex; values are atomics. */
#include "server/core/metrics.h"
#include <string.h>

typedef enum { COUNTER, GAUGE, HISTOGRAM } Kind;

#define N_BUCKETS 12

static const struct {
  gint64      us;
  const char *seconds;
} buckets[N_BUCKETS] = {
  { 1000, "0.001" },   { 2500, "0.0025" },  { 5000, "0.005" },   { 10000, "0.01" },   { 25000, "0.025" },     { 50000, "0.05" },
  { 100000, "0.1" },   { 250000, "0.25" },  { 1000000, "1" },    { 5000000, "5" },    { 10000000, "10" },     { 30000000, "30" },
};

struct _TilldMetric {
  Kind   kind;
  char  *name, *labels, *help;
  gint64 value;                  /* counter, gauge; number of observations */
  gint64 sum_us;
  gint64 in_bucket[N_BUCKETS];
};

static GMutex metrics_lock;
static GPtrArray *metrics; /* sorted by name, labels */

static int
compare (const TilldMetric *metric, const char *name, const char *labels)
{
  int order = strcmp (metric->name, name);
  return order != 0 ? order : strcmp (metric->labels, labels);
}

static TilldMetric *
find_or_make (Kind kind, const char *name, const char *labels, const char *help)
{
  TilldMetric *metric = NULL;
  guint at = 0;

  labels = labels != NULL ? labels : "";
  g_mutex_lock (&metrics_lock);
  if (metrics == NULL)
    metrics = g_ptr_array_new ();
  while (at < metrics->len && compare (g_ptr_array_index (metrics, at), name, labels) < 0)
    at++;
  if (at < metrics->len && compare (g_ptr_array_index (metrics, at), name, labels) == 0)
    metric = g_ptr_array_index (metrics, at);
  else
    {
      metric = g_new0 (TilldMetric, 1);
      metric->kind = kind;
      metric->name = g_strdup (name);
      metric->labels = g_strdup (labels);
      metric->help = g_strdup (help);
      g_ptr_array_insert (metrics, (int) at, metric);
    }
  g_mutex_unlock (&metrics_lock);
  g_assert (metric->kind == kind);
  return metric;
}

TilldMetric *
tilld_metric_counter (const char *name, const char *labels, const char *help)
{
  return find_or_make (COUNTER, name, labels, help);
}

TilldMetric *
tilld_metric_gauge (const char *name, const char *labels, const char *help)
{
  return find_or_make (GAUGE, name, labels, help);
}

TilldMetric *
tilld_metric_histogram (const char *name, const char *labels, const char *help)
{
  return find_or_make (HISTOGRAM, name, labels, help);
}

static void
atomic_add (gint64 *to, gint64 value)
{
  __atomic_add_fetch (to, value, __ATOMIC_RELAXED);
}

static gint64
atomic_get (gint64 *from)
{
  return __atomic_load_n (from, __ATOMIC_RELAXED);
}

void
tilld_metric_add (TilldMetric *metric, gint64 value)
{
  g_assert (metric->kind == GAUGE || (metric->kind == COUNTER && value >= 0));
  atomic_add (&metric->value, value);
}

void
tilld_metric_set (TilldMetric *metric, gint64 value)
{
  g_assert (metric->kind == GAUGE);
  __atomic_store_n (&metric->value, value, __ATOMIC_RELAXED);
}

void
tilld_metric_observe_us (TilldMetric *metric, gint64 us)
{
  g_assert (metric->kind == HISTOGRAM);
  for (guint i = 0; i < N_BUCKETS; i++)
    if (us <= buckets[i].us)
      {
        atomic_add (&metric->in_bucket[i], 1);
        break;
      }
  atomic_add (&metric->sum_us, us);
  atomic_add (&metric->value, 1);
}

gint64
tilld_metric_get (TilldMetric *metric)
{
  return atomic_get (&metric->value);
}

static void
print_histogram (GString *page, TilldMetric *metric)
{
  const char *comma = *metric->labels != '\0' ? "," : "";
  gint64 total = 0, sum_us = atomic_get (&metric->sum_us), n = atomic_get (&metric->value);

  for (guint i = 0; i < N_BUCKETS; i++)
    {
      total += atomic_get (&metric->in_bucket[i]);
      g_string_append_printf (page, "%s_bucket{%s%sle=\"%s\"} %" G_GINT64_FORMAT "\n", metric->name, metric->labels, comma,
                              buckets[i].seconds, total);
    }
  g_string_append_printf (page, "%s_bucket{%s%sle=\"+Inf\"} %" G_GINT64_FORMAT "\n", metric->name, metric->labels, comma, MAX (n, total));
  g_string_append_printf (page, "%s_sum{%s} %" G_GINT64_FORMAT ".%06d\n", metric->name, metric->labels, sum_us / G_USEC_PER_SEC,
                          (int) (sum_us % G_USEC_PER_SEC));
  g_string_append_printf (page, "%s_count{%s} %" G_GINT64_FORMAT "\n", metric->name, metric->labels, MAX (n, total));
}

char *
tilld_metrics_print (void)
{
  static const char *const kinds[] = { "counter", "gauge", "histogram" };
  GString *page = g_string_new (NULL);
  const char *previous = "";

  g_mutex_lock (&metrics_lock);
  for (guint i = 0; metrics != NULL && i < metrics->len; i++)
    {
      TilldMetric *metric = g_ptr_array_index (metrics, i);
      if (strcmp (previous, metric->name) != 0)
        g_string_append_printf (page, "# HELP %s %s\n# TYPE %s %s\n", metric->name, metric->help, metric->name, kinds[metric->kind]);
      previous = metric->name;
      if (metric->kind == HISTOGRAM)
        print_histogram (page, metric);
      else if (*metric->labels != '\0')
        g_string_append_printf (page, "%s{%s} %" G_GINT64_FORMAT "\n", metric->name, metric->labels, atomic_get (&metric->value));
      else
        g_string_append_printf (page, "%s %" G_GINT64_FORMAT "\n", metric->name, atomic_get (&metric->value));
    }
  g_mutex_unlock (&metrics_lock);
  return g_string_free (page, FALSE);
}
