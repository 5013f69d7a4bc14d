/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-report.h: one report as the server computed it: parameters, columns, rows, totals, series. Cells keep their exact
 * decimal text and are numbers for charts only. */
#pragma once
#include "client/model/till-record.h"

G_BEGIN_DECLS

typedef struct {
  const char   *name;
  const char   *title; /* in the language of the request */
  TillFieldKind kind;
  const char   *unit;  /* "" when none */
} TillReportColumn;

#define TILL_TYPE_REPORT_ROW (till_report_row_get_type ())
G_DECLARE_FINAL_TYPE (TillReportRow, till_report_row, TILL, REPORT_ROW, GObject)

#define TILL_TYPE_REPORT (till_report_get_type ())
G_DECLARE_FINAL_TYPE (TillReport, till_report, TILL, REPORT, GObject)

TillReport    *till_report_new_from_json (JsonNode *node, GError **error);
guint          till_report_get_n_columns (TillReport *self);
const TillReportColumn *till_report_get_column (TillReport *self, guint column);
int            till_report_find_column (TillReport *self, const char *name); /* -1 when there is none */
GListModel    *till_report_get_rows (TillReport *self);                      /* of TillReportRow; borrowed */
TillReportRow *till_report_get_totals (TillReport *self);                    /* or NULL; borrowed */
gboolean       till_report_is_empty (TillReport *self);
const char    *till_report_get_title (TillReport *self);                     /* or NULL */
/* Where the ledger stood at the end of the period: its last entry, and the hash of its chain; NULL: not said. */
const char    *till_report_get_ledger (TillReport *self, gint64 *ret_n);

/* NULL and TILL_UNKNOWN for an empty cell. Numbers are scaled as the record field of the same kind. */
const char    *till_report_row_get_text (TillReportRow *self, guint column);
gint64         till_report_row_get_int (TillReportRow *self, guint column);

G_END_DECLS
