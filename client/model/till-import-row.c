/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-import-row.c: one row of an import. Fields only; no calls, no GTK. */
#include "config.h"
#include "client/model/till-import-row.h"

static const TillField fields[] = {
  { "id", TILL_FIELD_INT },
  { "verdict", TILL_FIELD_ENUM, &till_words_import_verdict },
  { "reason", TILL_FIELD_TEXT },
  { "cell-0", TILL_FIELD_TEXT },
  { "cell-1", TILL_FIELD_TEXT },
  { "cell-2", TILL_FIELD_TEXT },
  { "cell-3", TILL_FIELD_TEXT },
  { "cell-4", TILL_FIELD_TEXT },
  { "cell-5", TILL_FIELD_TEXT },
  { "cell-6", TILL_FIELD_TEXT },
  { "cell-7", TILL_FIELD_TEXT },
  { "cell-8", TILL_FIELD_TEXT },
  { "cell-9", TILL_FIELD_TEXT },
  { "cell-10", TILL_FIELD_TEXT },
  { "cell-11", TILL_FIELD_TEXT },
  { "cell-12", TILL_FIELD_TEXT },
  { "cell-13", TILL_FIELD_TEXT },
  { "cell-14", TILL_FIELD_TEXT },
  { "cell-15", TILL_FIELD_TEXT },
  { "cell-16", TILL_FIELD_TEXT },
  { "cell-17", TILL_FIELD_TEXT },
};

TILL_DEFINE_RECORD (TillImportRow, till_import_row)
