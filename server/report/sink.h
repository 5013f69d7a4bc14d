/* SPDX-License-Identifier: GPL-2.0-or-later
 * sink.h: where rows of a list or report go: csv, xlsx or JSON. A producer describes its columns once and then hands over row by row,
 * in order; a sink keeps no more than a block in memory. Knows no SQL and no HTTP.
 * Numbers arrive as the product's integers: money 1/10000, energy Wh, time us UTC, day civil. Sheets show local time of the site's zone. */
#pragma once
#include "shared/base/till-error.h"
#include "shared/base/till-money.h"
#include "shared/base/till-time.h"

G_BEGIN_DECLS

typedef enum {
  TILLD_CELL_TEXT,
  TILLD_CELL_INT,
  TILLD_CELL_MONEY,  /* 1/10000, two decimals on paper */
  TILLD_CELL_PRICE,  /* 1/10000, four decimals */
  TILLD_CELL_ENERGY, /* Wh, shown in kWh */
  TILLD_CELL_POWER,  /* W, shown in kW with three decimals */
  TILLD_CELL_TIME,
  TILLD_CELL_DAY,
  TILLD_CELL_BOOL
} TilldCellType;

typedef struct {
  const char   *name;  /* member name in JSON */
  const char   *title; /* English, a msgid */
  const char   *title_zh;
  TilldCellType type;
  const char   *unit; /* NULL or "kWh" */
} TilldColumn;

typedef struct {
  gboolean    is_null;
  gint64      number;
  const char *text; /* borrowed for the call */
} TilldCell;

typedef struct {
  const char *title;  /* of sheet and document, already in the reader's language */
  const char *detail; /* period, filters, operator, time of making; NULL for none */
  gboolean    chinese;
  GTimeZone  *zone; /* borrowed */
  const char *const *series; /* names of the columns a chart shows against the first one; NULL for none; outlives the sink */
  gint64      ledger_n; /* the last entry of the ledger in the period, and its hash (hex); 0, NULL: not said */
  const char *ledger_hash;
} TilldSheet;

typedef struct _TilldSink TilldSink;

typedef struct {
  gboolean (*begin) (TilldSink *sink, GError **error);
  gboolean (*row) (TilldSink *sink, const TilldCell *cells, gboolean is_total, GError **error);
  gboolean (*end) (TilldSink *sink, GError **error);
  void     (*free) (TilldSink *sink);
} TilldSinkClass;

/* Each concrete sink begins with this. */
struct _TilldSink {
  const TilldSinkClass *class;
  TilldSheet            sheet; /* texts copied by tilld_sink_begin */
  const TilldColumn    *columns;
  guint                 n_columns;
  guint64               n_rows;
};

/* path is made anew (0600); the caller streams and unlinks it. */
TilldSink  *tilld_sink_csv_new (const char *path, GError **error);
TilldSink  *tilld_sink_xlsx_new (const char *path, GError **error);
/* {"columns":[..],"rows":[[..]],"totals":[..],"series":[..],"ledger"?:{"n","hash"}} into a string; for reports, whose rows are few. */
TilldSink  *tilld_sink_json_new (void);
char       *tilld_sink_json_steal (TilldSink *sink, gsize *ret_len); /* after end */

/* columns must outlive the sink. Exactly begin, rows, totals (0 or 1), end. */
gboolean    tilld_sink_begin (TilldSink *sink, const TilldSheet *sheet, const TilldColumn *columns, guint n_columns, GError **error);
gboolean    tilld_sink_row (TilldSink *sink, const TilldCell *cells, GError **error);
gboolean    tilld_sink_totals (TilldSink *sink, const TilldCell *cells, GError **error);
gboolean    tilld_sink_end (TilldSink *sink, GError **error);
void        tilld_sink_free (TilldSink *sink);

/* A cell as text for a sheet ("" for null); buf holds short ones, else the cell's own text is returned. */
const char *tilld_cell_text (const TilldSheet *sheet, TilldCellType type, const TilldCell *cell, char buf[64]);
/* True for text that a spreadsheet would take as a formula: begins with = + - @ TAB or CR. */
gboolean    tilld_cell_is_formula (const char *text);

#define TILLD_CELL_NULL        ((TilldCell){ .is_null = TRUE })
#define TILLD_CELL_NUMBER(n)   ((TilldCell){ .number = (n) })
#define TILLD_CELL_STRING(s)   ((TilldCell){ .is_null = (s) == NULL, .text = (s) })

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TilldSink, tilld_sink_free)

G_END_DECLS
