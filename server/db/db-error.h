/* SPDX-License-Identifier: GPL-2.0-or-later
 * db-error.h: SQLSTATE and constraint name -> our codes, one table. Never shows values of a statement. */
#pragma once
#include "server/core/types.h"

G_BEGIN_DECLS

/* From the fields of an error report; any may be NULL. */
void     tilld_db_error_set (GError **error, const char *sqlstate, const char *constraint, const char *message);
gboolean tilld_db_error_is_transient (const char *sqlstate); /* 40001, 40P01 */

G_END_DECLS
