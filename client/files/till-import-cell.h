/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-import-cell.h: what a person typed into a cell as the contract has it. What it means, the server judges. No GTK. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  TILL_CELL_TEXT,   /* names and notes: as they are, on one line */
  TILL_CELL_CODE,   /* wide letters and digits narrow, marks that nobody sees gone */
  TILL_CELL_WHOLE,  /* 12.0 is 12 */
  TILL_CELL_AMOUNT, /* ¥1,234.50 is 1234.50 */
  TILL_CELL_PATH,   /* names with / between them */
  TILL_CELL_PHONES, /* a line each is as good as a comma */
} TillCellForm;

/* Caller frees; "" when nothing is left. */
char *till_import_cell_tidy (TillCellForm form, const char *text);

G_END_DECLS
