/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-alarm.c: one alarm, open or over. Fields only; no calls, no GTK. */
#include "config.h"
#include "client/model/till-alarm.h"

static const TillField fields[] = {
  { "id", TILL_FIELD_INT },
  { "severity", TILL_FIELD_ENUM, &till_words_severity },
  { "kind", TILL_FIELD_ENUM, &till_words_alarm_kind },
  { "meter", TILL_FIELD_INT },
  { "meter-code", TILL_FIELD_TEXT },
  { "gateway", TILL_FIELD_INT },
  { "gateway-code", TILL_FIELD_TEXT },
  { "room", TILL_FIELD_TEXT },
  { "customer-name", TILL_FIELD_TEXT },
  { "balance", TILL_FIELD_MONEY },
  { "detail", TILL_FIELD_TEXT, NULL, NULL, "" },
  { "raised-at", TILL_FIELD_TIME },
  { "cleared-at", TILL_FIELD_TIME },
  { "acknowledged-by", TILL_FIELD_TEXT, NULL, "acked_name" },
  { "acknowledged-at", TILL_FIELD_TIME, NULL, "acked_at" },
  { "note", TILL_FIELD_TEXT },
};

TILL_DEFINE_RECORD (TillAlarm, till_alarm)
