/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-import-row.h: a row of a file with what the server says of it. Fields: id (int, row of the file) verdict (enum import-verdict) reason cell-0 to
 * cell-17 (text, by the order of the import's columns). */
#pragma once
#include "client/model/till-record.h"
#include "client/model/till-words.h"

G_BEGIN_DECLS

#define TILL_IMPORT_ROW_CELLS 18

typedef enum { TILL_VERDICT_NEW, TILL_VERDICT_CHANGE, TILL_VERDICT_SAME, TILL_VERDICT_WRONG, TILL_VERDICT_N } TillVerdict;

#define TILL_TYPE_IMPORT_ROW (till_import_row_get_type ())
TILL_DECLARE_RECORD (TillImportRow, till_import_row, IMPORT_ROW)

G_END_DECLS
