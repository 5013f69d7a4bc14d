/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-statement-line.c: one line of a statement, see till-statement.h. Fields only; no calls, no GTK. */
#include "config.h"
#include "client/model/till-statement.h"

static const TillField fields[] = {
  { "time", TILL_FIELD_TIME, NULL, NULL, "" },
  { "kind", TILL_FIELD_ENUM, &till_words_statement_kind, NULL, "" },
  { "day", TILL_FIELD_DAY, NULL, NULL, "" },
  { "from", TILL_FIELD_TIME, NULL, NULL, "" },
  { "to", TILL_FIELD_TIME, NULL, NULL, "" },
  { "meter-code", TILL_FIELD_TEXT, NULL, NULL, "" },
  { "tariff", TILL_FIELD_TEXT, NULL, NULL, "" },
  { "effective", TILL_FIELD_DAY, NULL, NULL, "" },
  { "rate", TILL_FIELD_ENUM, &till_words_rate, NULL, "" },
  { "tier", TILL_FIELD_INT, NULL, NULL, "" },
  { "price", TILL_FIELD_PRICE, NULL, NULL, "" },
  { "energy", TILL_FIELD_ENERGY, NULL, NULL, "" },
  { "days", TILL_FIELD_INT, NULL, NULL, "" },
  { "estimated", TILL_FIELD_BOOL, NULL, NULL, "" },
  { "sale", TILL_FIELD_UUID, NULL, NULL, "" },
  { "number", TILL_FIELD_INT, NULL, NULL, "" },
  { "channel", TILL_FIELD_ENUM, &till_words_channel, NULL, "" },
  { "note", TILL_FIELD_TEXT, NULL, NULL, "" },
  { "amount", TILL_FIELD_PRICE, NULL, NULL, "" },
  { "balance", TILL_FIELD_PRICE, NULL, NULL, "" },
  { "entry", TILL_FIELD_TEXT, NULL, NULL, "" },
  { "use", TILL_FIELD_ENERGY, NULL, NULL, "" },
};

TILL_DEFINE_RECORD (TillStatementLine, till_statement_line)
