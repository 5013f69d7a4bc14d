/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-restored-meter.h: one meter that is compared with the restored books.
 * Fields: id code room verdict (waiting, equal, verified, held) reason (why it is held) verified decided-at. */
#pragma once
#include "client/model/till-record.h"

G_BEGIN_DECLS

#define TILL_TYPE_RESTORED_METER (till_restored_meter_get_type ())
TILL_DECLARE_RECORD (TillRestoredMeter, till_restored_meter, RESTORED_METER)

G_END_DECLS
