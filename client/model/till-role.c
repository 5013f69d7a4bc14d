/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-role.c: one role. Fields only; no calls, no GTK. */
#include "config.h"
#include "client/model/till-role.h"

static const TillField fields[] = {
  { "id", TILL_FIELD_INT },
  { "name", TILL_FIELD_TEXT },
  { "permissions", TILL_FIELD_STRV, NULL, NULL, "" },
};

TILL_DEFINE_RECORD (TillRole, till_role)
