/* SPDX-License-Identifier: GPL-2.0-or-later
 * db-tx.h: one transaction. fn runs again, from the beginning, when PostgreSQL reports a serialization failure or a deadlock (at
 * most five times, with jitter): it may keep nothing from an earlier run. Nesting is a programmer error. */
#pragma once
#include "server/db/db-conn.h"

G_BEGIN_DECLS

typedef enum { TILLD_READ_COMMITTED, TILLD_REPEATABLE_READ_ONLY } TilldIsolation;

typedef gboolean (*TilldTxFunc) (TilldDb *db, gpointer data, GError **error);

gboolean tilld_tx_run (TilldDb *db, TilldIsolation isolation, TilldTxFunc fn, gpointer data, GError **error);

G_END_DECLS
