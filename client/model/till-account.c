/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-account.c: one account. Fields only; no calls, no GTK. */
#include "config.h"
#include "client/model/till-account.h"

static const TillField fields[] = {
  { "id", TILL_FIELD_INT },
  { "code", TILL_FIELD_TEXT },
  { "customer", TILL_FIELD_INT },
  { "customer-name", TILL_FIELD_TEXT },
  { "customer-code", TILL_FIELD_TEXT },
  { "meters", TILL_FIELD_INT },
  { "settled", TILL_FIELD_TEXT },
  { "state", TILL_FIELD_ENUM, &till_words_account_state },
  { "opened-at", TILL_FIELD_TIME },
  { "closed-at", TILL_FIELD_TIME },
  { "closing", TILL_FIELD_UUID, NULL, NULL, "" },
};

TILL_DEFINE_RECORD (TillAccount, till_account)
