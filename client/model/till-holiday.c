/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-holiday.c: one day of the calendar. Fields only; no calls, no GTK. */
#include "config.h"
#include "client/model/till-holiday.h"

static const TillField fields[] = {
  { "id", TILL_FIELD_TEXT, NULL, "day" },
  { "day", TILL_FIELD_DAY },
  { "kind", TILL_FIELD_ENUM, &till_words_day_kind },
  { "name", TILL_FIELD_TEXT },
};

TILL_DEFINE_RECORD (TillHoliday, till_holiday)
