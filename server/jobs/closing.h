/* SPDX-License-Identifier: GPL-2.0-or-later
 * closing.h: closings of accounts that wait for a meter, a case or a second operator go on. */
#pragma once
#include "server/db/db-conn.h"
#include "server/domain/money/ledger.h"
#include "server/profile/profile-load.h"

G_BEGIN_DECLS

/* One step for each that is due, at most a few dozen; the ledger's journal learns what they gave back. On a batch lane, outside any transaction. */
gboolean tilld_closing_run (TilldDb *db, const TilldProfiles *profiles, TilldLedger *ledger, GError **error);

G_END_DECLS
