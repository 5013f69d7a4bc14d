/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-import-match.h: which column of the file is which: one row for each, with what stands in it and a list to choose from. Signal "changed". */
#pragma once
#include <adwaita.h>
#include "client/files/till-import-columns.h"

G_BEGIN_DECLS

#define TILL_TYPE_IMPORT_MATCH (till_import_match_view_get_type ())
G_DECLARE_FINAL_TYPE (TillImportMatch, till_import_match_view, TILL, IMPORT_MATCH, GtkWidget)

GtkWidget *till_import_match_view_new (void);
/* sheet is borrowed as long as it is shown. */
void       till_import_match_view_set (TillImportMatch *self, TillImportKind kind, const TillSheet *sheet, guint heading, const char *remembered);
const int *till_import_match_view_get (TillImportMatch *self);
/* NULL, or what is still missing as a sentence. Caller frees. */
char      *till_import_match_view_dup_problem (TillImportMatch *self);

G_END_DECLS
