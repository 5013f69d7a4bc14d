/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-sheet-private.h: between till-sheet.c and till-sheet-xlsx.c. */
#pragma once
#include "client/files/till-sheet.h"

G_BEGIN_DECLS

/* cells: texts or NULL; they are copied without the blanks around them. A row of nothing is left out. FALSE: too many rows or columns. */
gboolean till_sheet_add (TillSheet *self, guint number, GPtrArray *cells, GError **error);
/* NULL, nothing, or only blanks and marks that nobody sees. */
gboolean till_sheet_is_blank (const char *text);
gboolean till_sheet_read_xlsx (TillSheet *self, GBytes *bytes, guint page, GError **error);

G_END_DECLS
