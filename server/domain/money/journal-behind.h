/* SPDX-License-Identifier: GPL-2.0-or-later
 * journal-behind.h: brings the journal of money up to the books after a death or a lost connection between the two flushes. */
#pragma once
#include "server/db/db-conn.h"
#include "server/domain/money/journal.h"

G_BEGIN_DECLS

/* Appends what was committed since the journal's last line and is not in it; an empty journal begins with the last day. A transaction
 * that is older than the last line by more than TILLD_JOURNAL_MARGIN_S cannot be missing: the ledger lane posts one batch after the other. */
#define TILLD_JOURNAL_MARGIN_S 30

gboolean tilld_journal_catch_up (TilldJournal *journal, TilldDb *db, guint *ret_n, GError **error);

G_END_DECLS
