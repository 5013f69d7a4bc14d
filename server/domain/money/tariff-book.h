/* SPDX-License-Identifier: GPL-2.0-or-later
 * tariff-book.h: all versions of all tariffs and the site's calendar in memory, for one run of settlement, simulation or a statement. */
#pragma once
#include "server/db/db-conn.h"
#include "server/domain/money/tariff-body.h"
#include "server/rules/settle-rules.h"

G_BEGIN_DECLS

typedef struct _TilldTariffBook TilldTariffBook;

/* One snapshot; read inside one transaction where it matters. */
TilldTariffBook    *tilld_tariff_book_load (TilldDb *db, gint64 site, GError **error);
void                tilld_tariff_book_free (TilldTariffBook *book);
const TilldCivil   *tilld_tariff_book_civil (const TilldTariffBook *book);
TillDay             tilld_tariff_book_today (const TilldTariffBook *book); /* of the database */
/* The version that holds on a day; before the first one: the first. NULL: the tariff has none. */
const TilldTariffVersion *tilld_tariff_book_version (const TilldTariffBook *book, gint64 tariff, TillDay day);
/* A version that is not stored (yet), from then on the one of its tariff and day. Takes it. */
void                tilld_tariff_book_add (TilldTariffBook *book, TilldTariffVersion *version);

typedef struct {
  TillDay since;
  gint64  tariff;
} TilldTariffSince;
/* What a meter had since when, rising -> spans of versions, appended. No span: it never had a tariff with a version. */
void                tilld_tariff_book_spans (const TilldTariffBook *book, const TilldTariffSince *had, guint n, GArray *ret_spans);
gboolean            tilld_tariff_book_spans_of (TilldDb *db, const TilldTariffBook *book, gint64 meter, GArray *ret_spans, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TilldTariffBook, tilld_tariff_book_free)

G_END_DECLS
