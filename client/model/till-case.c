/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-case.c: one delivery or counter in doubt: what the ledger believed beside what the meter said. Fields only; no calls, no GTK. */
#include "config.h"
#include "client/model/till-case.h"

static const TillField fields[] = {
  { "id", TILL_FIELD_INT },
  { "meter", TILL_FIELD_INT },
  { "meter-code", TILL_FIELD_TEXT },
  { "room", TILL_FIELD_TEXT },
  { "command", TILL_FIELD_UUID },
  { "number", TILL_FIELD_TEXT },
  { "amount", TILL_FIELD_MONEY },
  { "reason", TILL_FIELD_ENUM, &till_words_case_reason },
  { "believed-count", TILL_FIELD_INT, NULL, "believed.count", "" },
  { "believed-total", TILL_FIELD_MONEY, NULL, "believed.total", "" },
  { "believed-balance", TILL_FIELD_MONEY, NULL, "believed.balance", "" },
  { "reading-count", TILL_FIELD_INT, NULL, "reading.count", "" },
  { "reading-total", TILL_FIELD_MONEY, NULL, "reading.total", "" },
  { "reading-balance", TILL_FIELD_MONEY, NULL, "reading.balance", "" },
  { "read-at", TILL_FIELD_TIME },
  { "opened-at", TILL_FIELD_TIME },
  { "closed-at", TILL_FIELD_TIME },
  { "decision", TILL_FIELD_TEXT },
  { "note", TILL_FIELD_TEXT },
};

TILL_DEFINE_RECORD (TillCase, till_case)
