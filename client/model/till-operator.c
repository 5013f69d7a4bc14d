/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-operator.c: one person who may sign in. Fields only; no calls, no GTK. */
#include "config.h"
#include "client/model/till-operator.h"

static const TillField fields[] = {
  { "id", TILL_FIELD_INT },
  { "user", TILL_FIELD_TEXT, NULL, "account" },
  { "name", TILL_FIELD_TEXT },
  { "phone", TILL_FIELD_TEXT, NULL, NULL, "" },
  { "kind", TILL_FIELD_ENUM, &till_words_operator_kind, NULL, "" },
  { "roles", TILL_FIELD_STRV, &till_words_role, NULL, "" },
  { "area-paths", TILL_FIELD_STRV, &till_words_area_scope, NULL, "" },
  { "totp", TILL_FIELD_BOOL, NULL, NULL, "" },
  { "must-change", TILL_FIELD_BOOL, NULL, NULL, "" },
  { "sale-limit", TILL_FIELD_MONEY, NULL, NULL, "" },
  { "active", TILL_FIELD_BOOL },
  { "last-sign-in", TILL_FIELD_TIME, NULL, "last_login" },
  { "version", TILL_FIELD_INT, NULL, NULL, "" },
};

TILL_DEFINE_RECORD (TillOperator, till_operator)
