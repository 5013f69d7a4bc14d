/* SPDX-License-Identifier: GPL-2.0-or-later
 * tariff-store.h: rows of tariffs. Locks and reads; decides nothing. Used by tariff*.c only. */
#pragma once
#include "server/domain/money/tariff.h"

G_BEGIN_DECLS

/* What is known of a tariff and of one of its days, the tariff locked. */
typedef struct {
  TillDay  today, first;  /* first: of its versions */
  gint64   meters, versions;
  gboolean in_use;        /* some meter has or had it */
  gboolean has_version, has_draft, proposed, has_limit;
  gint64   limit_pct;
} TilldTariffFacts;

gboolean tilld_tariff_insert (TilldDb *db, const char *name, gint64 *ret_id, GError **error);
gboolean tilld_tariff_set_name (TilldDb *db, gint64 id, const char *name, gint64 version, GError **error); /* STALE, NOT_FOUND */
gboolean tilld_tariff_lock (TilldDb *db, gint64 site, gint64 id, TillDay effective, TilldTariffFacts *ret, GError **error);
/* Stores or replaces the version of its day and ends the draft of that day. approver: 0 = none. */
gboolean tilld_tariff_version_store (TilldDb *db, const TilldActor *who, const TilldTariffVersion *version, gint64 approver, GError **error);
gboolean tilld_tariff_draft_store (TilldDb *db, const TilldActor *who, const TilldTariffVersion *version, gint64 approval, GError **error);
gboolean tilld_tariff_version_remove (TilldDb *db, gint64 tariff, TillDay effective, gboolean draft, GError **error);
/* The version that would hold without the one of that day; NULL when there is none. */
gboolean tilld_tariff_before (TilldDb *db, gint64 site, gint64 tariff, TillDay effective, TilldTariffVersion **ret, GError **error);
gboolean tilld_tariff_assign_rows (TilldDb *db, const TilldActor *who, const TilldTariffAssign *in, gint64 *ret_meters, GError **error);
/* tariff-approval.c */
gboolean tilld_tariff_propose (TilldDb *db, const TilldActor *who, const TilldTariffPut *in, gint64 *ret_approval, GError **error);

G_END_DECLS
