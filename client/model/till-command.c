/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-command.c: one order to a meter. Fields only; no calls, no GTK. */
#include "config.h"
#include "client/model/till-command.h"

static const TillField fields[] = {
  { "id", TILL_FIELD_UUID },
  { "meter", TILL_FIELD_INT },
  { "meter-code", TILL_FIELD_TEXT },
  { "kind", TILL_FIELD_ENUM, &till_words_command_kind },
  { "state", TILL_FIELD_ENUM, &till_words_command_state },
  { "attempts", TILL_FIELD_INT },
  { "error", TILL_FIELD_TEXT },
  { "outcome", TILL_FIELD_TEXT },
  { "room", TILL_FIELD_TEXT },
  { "amount", TILL_FIELD_MONEY },
  { "reason", TILL_FIELD_TEXT },
  { "operator", TILL_FIELD_INT },
  { "operator-name", TILL_FIELD_TEXT },
  { "created-at", TILL_FIELD_TIME },
  { "sent-at", TILL_FIELD_TIME },
  { "done-at", TILL_FIELD_TIME },
};

TILL_DEFINE_RECORD (TillCommand, till_command)
