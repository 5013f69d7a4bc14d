/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-closing-meter.h: one meter in the settlement of an account that is closed.
 * Fields: meter meter-code balance waiting age-s refund blocker (what stands in the way). */
#pragma once
#include "client/model/till-record.h"

G_BEGIN_DECLS

#define TILL_TYPE_CLOSING_METER (till_closing_meter_get_type ())
TILL_DECLARE_RECORD (TillClosingMeter, till_closing_meter, CLOSING_METER)

G_END_DECLS
