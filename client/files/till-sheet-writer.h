/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-sheet-writer.h: rows of texts into a workbook: templates and the rows of an import that were refused. Every cell is text, so that nothing
 * becomes a formula and no number loses its zeros. The file is whole or untouched. No GTK. */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _TillSheetWriter TillSheetWriter;

TillSheetWriter *till_sheet_writer_new (const char *const *headings); /* ends with NULL */
void             till_sheet_writer_free (TillSheetWriter *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TillSheetWriter, till_sheet_writer_free)

/* marked: a column that is shown as wrong, -1: none. Missing cells stay empty. */
void             till_sheet_writer_add (TillSheetWriter *self, const char *const *cells, int marked);
/* In a thread. */
void             till_sheet_writer_save_async (TillSheetWriter *self, GFile *target, GCancellable *cancellable, GAsyncReadyCallback callback,
                                               gpointer user_data); /* takes self */
gboolean         till_sheet_writer_save_finish (GAsyncResult *result, GError **error);

G_END_DECLS
