/* SPDX-License-Identifier: GPL-2.0-or-later
 * run.h: runs one report of the catalog into a sink. On a batch lane (or an interactive one for the screen), outside any
 * transaction: it opens a read-only one of its own, so that all rows are of one moment. */
#pragma once
#include "server/db/db-conn.h"
#include "server/domain/office/actor.h"
#include "server/report/catalog.h"

G_BEGIN_DECLS

typedef struct {
  TillDay     from, to;  /* both included */
  gint64      area;      /* with its children; 0 = all that the reader may see */
  const char *area_path; /* for the head of a sheet; NULL = none */
  const char *zone_name; /* of the site */
  GTimeZone  *zone;      /* the same, borrowed */
  gboolean    chinese;
  TillTime    made_at;
} TilldReportRequest;

/* FORBIDDEN without the report's permission, INVALID for a period that is empty or too long; then begin, rows, totals and end of sink. */
gboolean tilld_report_run (TilldDb *db, const TilldActor *who, const TilldReport *report, const TilldReportRequest *in, TilldSink *sink,
                           GError **error);

G_END_DECLS
