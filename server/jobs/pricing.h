/* SPDX-License-Identifier: GPL-2.0-or-later
 * pricing.h: prices on their way to the meters, a batch at a time. */
#pragma once
#include "server/db/db-conn.h"
#include "server/profile/profile-load.h"

G_BEGIN_DECLS

/* The job of a new day is made, and each job of prices that is due takes one batch. On a batch lane, outside any transaction. */
gboolean tilld_pricing_run (TilldDb *db, const TilldProfiles *profiles, gint64 site, TillTime now, GError **error);

G_END_DECLS
