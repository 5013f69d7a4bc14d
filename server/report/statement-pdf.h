/* SPDX-License-Identifier: GPL-2.0-or-later
 * statement-pdf.h: a statement on A4 pages, English or Chinese. Draws what it is given; asks no database. */
#pragma once
#include "server/domain/money/statement.h"
#include "shared/base/till-error.h"

G_BEGIN_DECLS

typedef struct {
  const TilldMeterStatement *statement;
  const char *site, *service_phone; /* NULL = none */
  GTimeZone  *zone;
  TillTime    printed_at;
  const char *printed_by;           /* NULL = nobody */
} TilldStatementPaper;

GBytes *tilld_statement_pdf (const TilldStatementPaper *paper, gboolean chinese, GError **error);

G_END_DECLS
