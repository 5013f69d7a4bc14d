/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-holiday.h: a day of the calendar that is not what its weekday says. Fields: id (the day as text) day (day) kind (enum day-kind) name. */
#pragma once
#include "client/model/till-record.h"
#include "client/model/till-words.h"

G_BEGIN_DECLS

#define TILL_TYPE_HOLIDAY (till_holiday_get_type ())
TILL_DECLARE_RECORD (TillHoliday, till_holiday, HOLIDAY)

G_END_DECLS
