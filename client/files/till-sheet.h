/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-sheet.h: a spreadsheet or csv file of a person as rows of texts. xlsx as Excel, LibreOffice, WPS and programs write it; csv in UTF-8,
 * UTF-16 or GB18030 with comma, semicolon or tab. Blank rows are left out; dates read YYYY-MM-DD; a merged cell's text stands in all its cells;
 * a long number is written out, whether the program wrote 13900005566 or 1.3900005566E10; the mark that made a number a text is gone.
 * At most TILL_SHEET_ROWS rows and TILL_SHEET_COLUMNS columns. No GTK. */
#pragma once
#include <gio/gio.h>

G_BEGIN_DECLS

#define TILL_SHEET_ROWS    10050 /* the most of an import, and room for what stands above it */
#define TILL_SHEET_COLUMNS 64
#define TILL_SHEET_BYTES   (64 << 20)
#define TILL_SHEET_ANY_PAGE G_MAXUINT /* the one that was open when it was saved, or the first with rows */

typedef struct {
  guint  number; /* as the program that wrote it counts, from 1 */
  char **cells;  /* n_columns texts without blanks around them, "" for an empty one; ends with NULL */
} TillSheetRow;

typedef struct {
  GArray *rows; /* TillSheetRow */
  guint   n_columns;
  char  **pages; /* names of the sheets of the workbook; csv: empty */
  guint   page;  /* the one that was read */
  char   *encoding; /* of a csv: "UTF-8", "GB18030"; NULL */
} TillSheet;

void       till_sheet_free (TillSheet *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TillSheet, till_sheet_free)
const TillSheetRow *till_sheet_get_row (const TillSheet *self, guint i);


/* In a thread. Errors are TILL_ERROR: INVALID with a sentence for people, TOO_LARGE. */
void       till_sheet_read_async (GFile *file, guint page, GCancellable *cancellable, GAsyncReadyCallback callback,
                                  gpointer user_data);
TillSheet *till_sheet_read_finish (GAsyncResult *result, GError **error);
/* The same here and now: the thread, and tests. */
TillSheet *till_sheet_read_bytes (GBytes *bytes, guint page, GError **error);

G_END_DECLS
