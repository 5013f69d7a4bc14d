/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-approval.c: one operation that waits for a second operator. Fields only; no calls, no GTK. */
#include "config.h"
#include "client/model/till-approval.h"

static const TillField fields[] = {
  { "id", TILL_FIELD_INT },
  { "kind", TILL_FIELD_ENUM, &till_words_approval_kind },
  { "permission", TILL_FIELD_TEXT },
  { "state", TILL_FIELD_ENUM, &till_words_approval_state },
  { "request", TILL_FIELD_UUID },
  { "meter", TILL_FIELD_INT },
  { "meter-code", TILL_FIELD_TEXT },
  { "room", TILL_FIELD_TEXT },
  { "amount", TILL_FIELD_MONEY },
  { "reason", TILL_FIELD_TEXT },
  { "proposed-by", TILL_FIELD_INT },
  { "proposed-by-name", TILL_FIELD_TEXT },
  { "proposed-at", TILL_FIELD_TIME },
  { "expires-at", TILL_FIELD_TIME },
  { "decided-by", TILL_FIELD_INT },
  { "decided-by-name", TILL_FIELD_TEXT },
  { "decided-at", TILL_FIELD_TIME },
  { "note", TILL_FIELD_TEXT },
};

TILL_DEFINE_RECORD (TillApproval, till_approval)
