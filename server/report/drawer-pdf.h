/* SPDX-License-Identifier: GPL-2.0-or-later
 * drawer-pdf.h: the report of a cash drawer on an 80 mm roll: float, what went through it, what was counted, the difference, and the head
 * of the ledger at that moment. Draws what it is given. */
#pragma once
#include "server/domain/money/drawer.h"

G_BEGIN_DECLS

typedef struct {
  const char *site;
  GTimeZone  *zone;
  gboolean    chinese;
} TilldDrawerPaper;

GBytes *tilld_drawer_pdf (const TilldDrawerReport *report, const TilldDrawerPaper *paper, GError **error);

G_END_DECLS
