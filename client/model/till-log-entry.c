/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-log-entry.c: one row of the system log. Fields only; no calls, no GTK. */
#include "config.h"
#include "client/model/till-log-entry.h"

static const TillField fields[] = {
  { "id", TILL_FIELD_INT, NULL, "n" },
  { "time", TILL_FIELD_TIME, NULL, "at" },
  { "operator", TILL_FIELD_INT },
  { "operator-name", TILL_FIELD_TEXT },
  { "address", TILL_FIELD_TEXT },
  { "action", TILL_FIELD_TEXT },
  { "object", TILL_FIELD_TEXT },
  { "before", TILL_FIELD_TEXT, NULL, NULL, "" },
  { "after", TILL_FIELD_TEXT, NULL, NULL, "" },
  { "result", TILL_FIELD_TEXT },
  { "request", TILL_FIELD_TEXT },
};

TILL_DEFINE_RECORD (TillLogEntry, till_log_entry)
