/* SPDX-License-Identifier: GPL-2.0-or-later
 * db-copy.h: binary COPY into a table, a row at a time, into one buffer of at most 64 KiB before it is sent. */
#pragma once
#include "server/db/db-conn.h"

G_BEGIN_DECLS

typedef struct _TilldCopy TilldCopy;

/* head: constant text "COPY t (a, b) FROM STDIN (FORMAT binary)". */
TilldCopy *tilld_copy_begin (TilldDb *db, const char *head, GError **error);
gboolean   tilld_copy_row (TilldCopy *copy, const TilldDbParam *values, guint n, GError **error);
/* Frees copy in any case. */
gboolean   tilld_copy_end (TilldCopy *copy, GError **error);
void       tilld_copy_abort (TilldCopy *copy);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TilldCopy, tilld_copy_abort)

G_END_DECLS
