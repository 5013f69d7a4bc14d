/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-restored-meter.c: one meter that is compared with the restored books. Fields only; no calls, no GTK. */
#include "config.h"
#include "client/model/till-restored-meter.h"
#include "client/model/till-words.h"

static const TillField fields[] = {
  { "id", TILL_FIELD_INT, NULL, "meter", "" },
  { "code", TILL_FIELD_TEXT, NULL, NULL, "" },
  { "room", TILL_FIELD_TEXT, NULL, NULL, "" },
  { "verdict", TILL_FIELD_ENUM, &till_words_restore_verdict, NULL, "" },
  { "reason", TILL_FIELD_ENUM, &till_words_case_reason, NULL, "" },
  { "verified", TILL_FIELD_INT, NULL, NULL, "" },
  { "decided-at", TILL_FIELD_TIME, NULL, NULL, "" },
};

TILL_DEFINE_RECORD (TillRestoredMeter, till_restored_meter)
