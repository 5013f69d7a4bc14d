/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-area.c: one place of the tree. Fields only; no calls, no GTK. */
#include "config.h"
#include "client/model/till-area.h"

static const TillField fields[] = {
  { "id", TILL_FIELD_INT },
  { "parent", TILL_FIELD_INT },
  { "name", TILL_FIELD_TEXT },
  { "kind", TILL_FIELD_ENUM, &till_words_area_kind },
  { "path", TILL_FIELD_TEXT },
  { "site", TILL_FIELD_INT },
  { "meters", TILL_FIELD_INT, .sort = "" },
  { "version", TILL_FIELD_INT, .sort = "" },
};

TILL_DEFINE_RECORD (TillArea, till_area)
