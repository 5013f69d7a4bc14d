/* SPDX-License-Identifier: GPL-2.0-or-later
 * metrics.h: counters, gauges and histograms of the process in the text format of Prometheus. Found or made by name and
 * labels, never freed: keep the pointer. Values change without locks. Labels are constant text, never input. */
#pragma once
#include "server/core/types.h"

G_BEGIN_DECLS

/* labels: NULL or "lane=\"ledger\"" */
TilldMetric *tilld_metric_counter (const char *name, const char *labels, const char *help);
TilldMetric *tilld_metric_gauge (const char *name, const char *labels, const char *help);
/* Seconds in the output, microseconds here; buckets 1 ms .. 30 s. */
TilldMetric *tilld_metric_histogram (const char *name, const char *labels, const char *help);

void   tilld_metric_add (TilldMetric *metric, gint64 value); /* counters: >= 0 */
void   tilld_metric_set (TilldMetric *metric, gint64 value); /* gauges */
void   tilld_metric_observe_us (TilldMetric *metric, gint64 us);
gint64 tilld_metric_get (TilldMetric *metric); /* counter, gauge; number of observations of a histogram */

char *tilld_metrics_print (void); /* the whole page, sorted by name */

G_END_DECLS
