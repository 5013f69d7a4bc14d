/* SPDX-License-Identifier: GPL-2.0-or-later
 * db-rows-private.h: how connections make rows. For db-conn.c only. */
#pragma once
#include <libpq-fe.h>
#include "server/db/db-rows.h"

G_BEGIN_DECLS

/* Takes result. Checks types and forbidden NULLs against shape; INTERNAL names the column. */
TilldRows *tilld_rows_new (PGresult *result, const TilldStatement *shape, GError **error);

G_END_DECLS
