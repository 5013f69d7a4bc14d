/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-meter.h: one circuit with its latest state.
 * Fields: id code serial gateway gateway-code port unit model ct-ratio area room use-class settlement purse tariff tariff-name price version
 * alarm1 alarm2 overload-kw overdraft hoard-limit life-support account customer customer-name customer-code state mode
 * relay flags balance energy-total energy-tip energy-peak energy-flat energy-valley energy-deep purchase-count
 * purchased-total power-kw u i read-at age-s days-left.
 * age-s is the age when the server answered; till_meter_age_s counts on from read-at. */
#pragma once
#include "client/model/till-record.h"
#include "client/model/till-words.h"

G_BEGIN_DECLS

#define TILL_TYPE_METER (till_meter_get_type ())
TILL_DECLARE_RECORD (TillMeter, till_meter, METER)

/* Seconds since read-at on the given clock (µs); -1 when it was never read. */
gint64 till_meter_age_s (TillMeter *self, gint64 now);

G_END_DECLS
