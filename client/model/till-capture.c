/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-capture.c: one recording of raw exchanges. Fields only; no calls, no GTK. */
#include "config.h"
#include "client/model/till-capture.h"

static const TillField fields[] = {
  { "id", TILL_FIELD_INT, NULL, "n" },
  { "state", TILL_FIELD_ENUM, &till_words_capture_state },
  { "minutes", TILL_FIELD_INT },
  { "operator-name", TILL_FIELD_TEXT },
  { "ordered-at", TILL_FIELD_TIME },
  { "started-at", TILL_FIELD_TIME },
  { "ended-at", TILL_FIELD_TIME },
  { "lines", TILL_FIELD_INT },
  { "bytes", TILL_FIELD_INT },
  { "message", TILL_FIELD_TEXT },
};

TILL_DEFINE_RECORD (TillCapture, till_capture)
