/* SPDX-License-Identifier: GPL-2.0-or-later
 * db-conn-private.h: what copy and transactions need of a connection. Inside server/db only. */
#pragma once
#include <libpq-fe.h>
#include "server/db/db-conn.h"

G_BEGIN_DECLS

PGconn     *tilld_db_pg (TilldDb *db);
const char *tilld_db_last_sqlstate (TilldDb *db); /* of the last failure; "" */
/* Takes result. TRUE for command, rows or copy-in; else the error, and a broken connection is closed. */
gboolean    tilld_db_take (TilldDb *db, PGresult *result, PGresult **ret_result, GError **error);
void        tilld_db_clear_sqlstate (TilldDb *db);
void        tilld_db_pause_ms (int ms); /* on a lane's thread, which may wait */
void        tilld_db_set_in_transaction (TilldDb *db, gboolean in_transaction);

G_END_DECLS
