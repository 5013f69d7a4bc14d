/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-drawer.c: the cash of one shift. Fields only; no calls, no GTK. */
#include "config.h"
#include "client/model/till-drawer.h"

static const TillField fields[] = {
  { "id", TILL_FIELD_TEXT },
  { "operator", TILL_FIELD_INT },
  { "operator-name", TILL_FIELD_TEXT },
  { "float", TILL_FIELD_MONEY, NULL, "opened_with" },
  { "counted", TILL_FIELD_MONEY },
  { "taken", TILL_FIELD_MONEY },
  { "expected", TILL_FIELD_MONEY },
  { "over-short", TILL_FIELD_MONEY },
  { "auto", TILL_FIELD_BOOL },
  { "opened-at", TILL_FIELD_TIME },
  { "closed-at", TILL_FIELD_TIME },
};

TILL_DEFINE_RECORD (TillDrawer, till_drawer)
