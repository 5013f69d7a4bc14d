/* SPDX-License-Identifier: GPL-2.0-or-later
 * import-orders.h: what an import leaves for its job: the meters whose accounts it opened are told their prices and limits, some at a time. */
#pragma once
#include "server/domain/control/import-private.h"
#include "server/domain/office/job.h"

G_BEGIN_DECLS

#define TILLD_IMPORT_JOB "import"

/* {"kind","meters"} for the job of an import. */
char    *tilld_import_orders_input (const TilldImportWork *work);
/* The next meters, or the end. *ret_last: nothing is left. Moves the cursor of the task. last_of_round: the claim ends here. */
typedef struct { const TilldProfiles *profiles; gint64 now_ms; gboolean last_of_round; } TilldImportOrders;
gboolean tilld_import_orders_step (TilldDb *db, const TilldImportOrders *tools, const TilldJobTask *task, char **ret_cursor, gboolean *ret_last,
                                   GError **error);

G_END_DECLS
