/* SPDX-License-Identifier: GPL-2.0-or-later
 * sale-desk.h: where requests to sell wait for each other: one thread with a connection of its own reads what all that are there need in one
 * query, decides each and hands them to the ledger lane. Never waits for more to come, nor for the ledger. */
#pragma once
#include "server/core/lane.h"
#include "server/domain/money/sale.h"

G_BEGIN_DECLS

#define TILLD_SALE_DESK_BATCH 64

typedef struct _TilldSaleDesk TilldSaleDesk;

/* Takes over db. The ledger and the profiles outlive it. */
TilldSaleDesk *tilld_sale_desk_new (TilldDb *db, TilldLedger *ledger, const TilldProfiles *profiles, TilldClock *clock);
/* FALSE: BUSY, and nothing is called. TRUE: the task's done is called once. deadline_ms: to have begun by. Any thread. */
gboolean       tilld_sale_desk_submit (TilldSaleDesk *desk, TilldSaleTask *task, guint deadline_ms, GError **error);
void           tilld_sale_desk_stats (TilldSaleDesk *desk, TilldLaneStats *ret_stats);
void           tilld_sale_desk_free (TilldSaleDesk *desk); /* works off what waits */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TilldSaleDesk, tilld_sale_desk_free)

G_END_DECLS
