/* SPDX-License-Identifier: GPL-2.0-or-later
 * tail.h: follows the change feed: keeps the board right and publishes events. Looks every 200 ms and when the doorbell rings. */
#pragma once
#include "server/db/db-lanes.h"
#include "server/live/board.h"
#include "server/live/subscription.h"

G_BEGIN_DECLS

typedef struct _TilldTail TilldTail;

/* What people see of the sales, commands and alarms of an event, as a list verb; floor 5 asks the verbs of floor 4 through this table. */
typedef gboolean (*TilldTailVerb) (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error);

/* sales: lists sales by id; the money floor has no verb of this shape. In the thread-default context. */
TilldTail *tilld_tail_new (TilldLanes *lanes, TilldLive *live, TilldBoard *board, gint64 site, TilldTailVerb sales);
void       tilld_tail_free (TilldTail *self); /* after the lanes have stopped, or with the loop still running */
void       tilld_tail_ring (TilldTail *self);
gboolean   tilld_tail_is_current (TilldTail *self); /* the last look was good and not long ago */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TilldTail, tilld_tail_free)

G_END_DECLS
