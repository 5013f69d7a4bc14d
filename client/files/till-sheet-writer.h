/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-sheet-writer.h: what exists only on the screen into a file: templates, the rows of an import that were refused, simulated bills. Cells
 * are text, so that nothing becomes a formula and no number loses its zeros, but for columns of numbers. A target that ends in .csv is text
 * with commas, any other a workbook. The file is whole or untouched. No GTK. */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _TillSheetWriter TillSheetWriter;

TillSheetWriter *till_sheet_writer_new (const char *const *headings); /* ends with NULL */
void             till_sheet_writer_free (TillSheetWriter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TillSheetWriter, till_sheet_writer_free)

/* marked: a column that is shown as wrong, -1: none. Missing cells stay empty. */
void             till_sheet_writer_add (TillSheetWriter *self, const char *const *cells, int marked);
/* From this column on cells are numbers where they read as plain ones ("-12.0000"). */
void             till_sheet_writer_set_numbers (TillSheetWriter *self, guint first_column);
/* In a thread. */
void             till_sheet_writer_save_async (TillSheetWriter *self, GFile *target, GCancellable *cancellable, GAsyncReadyCallback callback,
                                               gpointer user_data); /* takes self */
gboolean         till_sheet_writer_save_finish (GAsyncResult *result, GError **error);

G_END_DECLS
