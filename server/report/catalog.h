/* SPDX-License-Identifier: GPL-2.0-or-later
 * catalog.h: which reports there are: name, columns, who may read them, and the query behind. Each query takes the same six
 * parameters: site, first day, last day, zone, area scope of the reader, area asked for. */
#pragma once
#include "server/db/db-statement.h"
#include "server/report/sink.h"
#include "shared/api/till-permission.h"

G_BEGIN_DECLS

typedef struct {
  const char           *name; /* "sales_daily" */
  const char           *title, *title_zh;
  TillPermission        permission;
  guint                 days_max;
  const TilldStatement *statement; /* its columns have the names of these: */
  const TilldColumn    *columns;   /* at most 64 */
  guint                 n_columns;
  guint64               totals;    /* bit n: column n is summed at the foot */
  const char *const    *series;    /* columns of the chart, against the first; ends with NULL */
  gboolean              sealed;    /* says where the ledger stood at the end of the period, with the hash of its chain */
} TilldReport;

const TilldReport *tilld_report_nth (guint n); /* NULL after the last */
const TilldReport *tilld_report_find (const char *name); /* NULL when there is none */

G_END_DECLS
