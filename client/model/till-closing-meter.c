/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-closing-meter.c: one meter in a settlement. Fields only; no calls, no GTK. */
#include "config.h"
#include "client/model/till-closing-meter.h"

static const TillField fields[] = {
  { "meter", TILL_FIELD_INT, NULL, NULL, "" },
  { "meter-code", TILL_FIELD_TEXT, NULL, NULL, "" },
  { "balance", TILL_FIELD_MONEY, NULL, NULL, "" },
  { "waiting", TILL_FIELD_MONEY, NULL, NULL, "" },
  { "age-s", TILL_FIELD_AGE, NULL, NULL, "" },
  { "refund", TILL_FIELD_UUID, NULL, NULL, "" },
  { "blocker", TILL_FIELD_TEXT, NULL, NULL, "" },
};

TILL_DEFINE_RECORD (TillClosingMeter, till_closing_meter)
