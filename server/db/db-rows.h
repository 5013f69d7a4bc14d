/* SPDX-License-Identifier: GPL-2.0-or-later
 * db-rows.h: the answer of a statement. Column types and forbidden NULLs were checked when it arrived, so the getters cannot fail:
 * asking for a column that the statement does not declare, or by another type, is a programmer error (asserted). */
#pragma once
#include "server/db/db-statement.h"

G_BEGIN_DECLS

typedef struct _TilldRows TilldRows;

void     tilld_rows_free (TilldRows *rows);
guint    tilld_rows_count (const TilldRows *rows);

gboolean    tilld_row_is_null (TilldRows *rows, guint row, const char *column);
gint64      tilld_row_i64 (TilldRows *rows, guint row, const char *column); /* i64, i32, i16, bool, day, xid; 0 for NULL */
gint64      tilld_row_i64_or (TilldRows *rows, guint row, const char *column, gint64 if_null);
gboolean    tilld_row_bool (TilldRows *rows, guint row, const char *column);
TillTime    tilld_row_ts (TilldRows *rows, guint row, const char *column);      /* 0 for NULL; infinities are the ends of int64 */
const char *tilld_row_text (TilldRows *rows, guint row, const char *column);    /* text, json; borrowed; NULL for NULL */
char       *tilld_row_dup_text (TilldRows *rows, guint row, const char *column);
void        tilld_row_uuid (TilldRows *rows, guint row, const char *column, TillId *ret_id); /* nil for NULL */
const guint8 *tilld_row_bytes (TilldRows *rows, guint row, const char *column, gsize *ret_len); /* NULL for NULL */
gint64     *tilld_row_i64_array (TilldRows *rows, guint row, const char *column, guint *ret_n); /* caller frees */
TillId     *tilld_row_uuid_array (TilldRows *rows, guint row, const char *column, guint *ret_n); /* caller frees */
char      **tilld_row_strv (TilldRows *rows, guint row, const char *column);    /* caller frees; empty for NULL */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TilldRows, tilld_rows_free)

G_END_DECLS
