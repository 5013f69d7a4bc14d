/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-import-check.h: what the server says of each row before anything is done: how many are new, changed, as they are, wrong, and each row with
 * its verdict. The wrong ones can be had as a sheet with the reason beside them. */
#pragma once
#include "client/files/till-import-columns.h"
#include "client/files/till-sheet-writer.h"
#include "client/model/till-import-row.h"
#include "client/widgets/till-table.h"

G_BEGIN_DECLS

#define TILL_TYPE_IMPORT_CHECK (till_import_check_get_type ())
G_DECLARE_FINAL_TYPE (TillImportCheck, till_import_check, TILL, IMPORT_CHECK, GtkWidget)

GtkWidget       *till_import_check_new (void);
typedef struct { TillImportKind kind; const TillSheet *sheet; guint heading; const int *match; JsonArray *rows; } TillImportFile;
/* INVALID: the answer is none of an import. file is read here and not kept. */
gboolean         till_import_check_set (TillImportCheck *self, const TillImportFile *file, JsonNode *answer, GError **error);
guint            till_import_check_count (TillImportCheck *self, TillVerdict verdict);
/* The headings of the file with "Reason" beside them, and its wrong rows. */
TillSheetWriter *till_import_check_make_wrong (TillImportCheck *self, const TillImportFile *file);

G_END_DECLS
