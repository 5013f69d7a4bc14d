/* SPDX-License-Identifier: GPL-2.0-or-later
 * importing.h: imports whose meters are still to be told go on, after a restart too. */
#pragma once
#include "server/db/db-conn.h"
#include "server/profile/profile-load.h"
#include "shared/base/till-time.h"

G_BEGIN_DECLS

/* Some hundred meters of the oldest. On a batch lane, outside any transaction. */
gboolean tilld_importing_run (TilldDb *db, const TilldProfiles *profiles, TillTime now, GError **error);

G_END_DECLS
