/* SPDX-License-Identifier: GPL-2.0-or-later
 * housekeeping.h: what must happen now and then so that nothing grows without end: months of readings made ahead, old feed rows and ended
 * sessions gone. Every piece may run in several processes at once and twice in a row. */
#pragma once
#include "server/db/db-lanes.h"

G_BEGIN_DECLS

#define TILLD_HOUSEKEEPING_S 300

typedef struct _TilldHousekeeping TilldHousekeeping;

/* On the batch lane every period_s, first after one period (a start makes its partitions itself). context NULL = the default one. */
TilldHousekeeping *tilld_housekeeping_new (TilldLanes *lanes, GMainContext *context, guint period_s, guint keep_months);
void               tilld_housekeeping_free (TilldHousekeeping *self);
/* One round, on a lane's connection. */
gboolean           tilld_housekeeping_run (TilldDb *db, guint keep_months, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TilldHousekeeping, tilld_housekeeping_free)

G_END_DECLS
