/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-meter-model.h: one profile of a meter.
 * Fields: id (its name) name vendor version phases title class (enum meter-class) purse rates (int) verified (bool). */
#pragma once
#include "client/model/till-record.h"
#include "client/model/till-words.h"

G_BEGIN_DECLS

#define TILL_TYPE_METER_MODEL (till_meter_model_get_type ())
TILL_DECLARE_RECORD (TillMeterModel, till_meter_model, METER_MODEL)

G_END_DECLS
