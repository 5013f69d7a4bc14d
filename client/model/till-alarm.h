/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-alarm.h: one alarm, open or over.
 * Fields: id severity kind (enum alarm-kind) meter meter-code gateway gateway-code room customer-name balance detail (JSON text) raised-at
 * cleared-at acknowledged-by acknowledged-at note. */
#pragma once
#include "client/model/till-record.h"
#include "client/model/till-words.h"

G_BEGIN_DECLS

#define TILL_TYPE_ALARM (till_alarm_get_type ())
TILL_DECLARE_RECORD (TillAlarm, till_alarm, ALARM)

G_END_DECLS
