/* SPDX-License-Identifier: GPL-2.0-or-later
 * reconcile.h: RECONCILE after a restore (restore-rules): the books are compared with the state file, the journal and every meter before
 * anything is sold again. What must hold for all processes stands in the table cluster; meters are closed by meter_purse.closed. */
#pragma once
#include "server/domain/money/journal.h"
#include "server/domain/office/approval.h"
#include "server/rules/restore-rules.h"

G_BEGIN_DECLS

/* --- start --- */

/* Compares, begins RECONCILE when it must, or goes on with one; raises the mark and writes the state file when all is well. journal: NULL
 * = none. Outside any transaction. */
typedef struct {
  const char         *state_path;
  const TilldJournal *journal;
} TilldReconcileStart;
gboolean tilld_reconcile_start (TilldDb *db, const TilldReconcileStart *in, gboolean *ret_on, GError **error);

/* Is it still on; when it is not, the state file is written anew. Outside any transaction. */
gboolean tilld_reconcile_follow (TilldDb *db, const char *state_path, gboolean *ret_on, GError **error);

/* --- (1) the journal --- */

/* Works off the lines, each in a transaction of its own, and goes on where an interruption stopped; *ret_done: meters may be judged. */
gboolean tilld_reconcile_replay (TilldDb *db, gboolean *ret_done, GError **error);

/* Refunds that were paid out and that this meter has just confirmed. In the transaction of its verdict. */
gboolean tilld_reconcile_payouts (TilldDb *db, gint64 meter, GError **error);

/* --- (2), (3) a meter, read twice --- */

/* In a transaction. ret_purse: what the books believe then; still closed when it is too early: ask again with the next reading. */
gboolean tilld_reconcile_meter (TilldDb *db, gint64 meter, const TilldMoneyTerms *terms, const TilldMoneyReading *reading, TilldPurse *ret_purse,
                                GError **error);

/* --- (4) people --- */

gboolean tilld_reconcile_propose (TilldDb *db, const TilldActor *who, const char *note, gint64 *ret_approval, GError **error);
gboolean tilld_reconcile_write_json (TilldDb *db, const TilldActor *who, TillJsonWrite *w, GError **error);

G_END_DECLS
