/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-operator.c: one person who may sign in. Fields only; no calls, no GTK. */
#include "config.h"
#include "client/model/till-operator.h"

static const TillField fields[] = {
  { "id", TILL_FIELD_INT },
  { "user", TILL_FIELD_TEXT, NULL, "account" },
  { "name", TILL_FIELD_TEXT },
  { "roles", TILL_FIELD_STRV, NULL, NULL, "" },
  { "active", TILL_FIELD_BOOL },
  { "last-sign-in", TILL_FIELD_TIME, NULL, "last_login" },
};

TILL_DEFINE_RECORD (TillOperator, till_operator)
