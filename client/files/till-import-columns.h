/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-import-columns.h: what can be imported: the columns of each kind with the headings people write over them in either language, and which
 * column of a file is which. Also the words of both languages that stand for a word of the contract (宿舍: dormitory). No GTK. */
#pragma once
#include <json-glib/json-glib.h>
#include "client/files/till-import-cell.h"
#include "client/files/till-sheet-writer.h"
#include "client/files/till-sheet.h"

G_BEGIN_DECLS

typedef enum { TILL_IMPORT_PLANT, TILL_IMPORT_CUSTOMERS, TILL_IMPORT_ACCOUNTS, TILL_IMPORT_N } TillImportKind;

typedef struct {
  const char *name;     /* member of a row of the contract */
  const char *title;    /* msgid of the context "column": a word alone may mean another thing elsewhere */
  const char *headings; /* what else is written over it, lower case, without blanks: "meterno|表号|电表编号" */
  const char *words;    /* NULL, or "dormitory:宿舍,学生宿舍|shop:商铺,商户" */
  const char *example;  /* of the template */
  gboolean    required;
  TillCellForm form;
} TillImportColumn;

const char             *till_import_kind_word (TillImportKind kind); /* "plant" */
const TillImportColumn *till_import_columns (TillImportKind kind, guint *ret_n);
const char             *till_import_title (const TillImportColumn *column); /* in the language of the person */
/* Number of the column with that name, -1: none. */
int                     till_import_find_column (TillImportKind kind, const char *name);

/* The row that holds the headings: among the first ten the one with most of them known; the first where none is. Headings on two rows (cells
 * merged over both, others below a common one) are joined in the lower one. */
guint    till_import_find_heading (TillImportKind kind, TillSheet *sheet);
/* For each column of the sheet the number of its import column, -1: none. remembered: what a person chose before, from dup_choice, or NULL. No
 * import column twice. Caller frees. */
int     *till_import_match (TillImportKind kind, const TillSheet *sheet, guint heading, const char *remembered);
/* A choice as text to remember. */
char    *till_import_dup_choice (TillImportKind kind, const TillSheet *sheet, guint heading, const int *match);
/* NULL, or the name of the first required column that no column of the sheet is. */
const TillImportColumn *till_import_find_missing (TillImportKind kind, const TillSheet *sheet, const int *match);
/* The rows below the heading as the contract has them: [{"code": "A1", ...}], empty cells left out. Row i of the array is row heading + 1 + i of
 * the sheet. */
JsonArray *till_import_make_rows (TillImportKind kind, const TillSheet *sheet, guint heading, const int *match);
/* A word of the contract as the language of the person has it; what is none, as it is. Caller frees. */
char    *till_import_show_word (const TillImportColumn *column, const char *word);
/* The headings in the language of the person, and one row as an example. */
TillSheetWriter *till_import_make_template (TillImportKind kind);

G_END_DECLS
