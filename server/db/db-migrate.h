/* SPDX-License-Identifier: GPL-2.0-or-later
 * db-migrate.h: brings a database to this program's schema. Each migration is one transaction; its name and SHA-256 are kept; a
 * changed or missing file, or a newer schema, is refused. Functions are replaced when their text changed. */
#pragma once
#include "server/db/db-conn.h"

G_BEGIN_DECLS

/* Under an advisory lock. ret_applied: number of migrations newly applied (may be NULL). */
gboolean tilld_db_migrate (TilldDb *db, guint *ret_applied, GError **error);
/* CONFLICT when the database is older or newer than the program, or altered. Changes nothing. */
gboolean tilld_db_check_schema (TilldDb *db, GError **error);
/* One embedded file below server/sql, "queries/x.sql". NULL when there is none. */
const char *tilld_db_resource (const char *path);

G_END_DECLS
