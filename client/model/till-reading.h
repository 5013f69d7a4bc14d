/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-reading.h: one stored reading of a meter.
 * Fields: time energy-total energy-tip energy-peak energy-flat energy-valley energy-deep balance power-kw relay mode. */
#pragma once
#include "client/model/till-record.h"
#include "client/model/till-words.h"

G_BEGIN_DECLS

#define TILL_TYPE_READING (till_reading_get_type ())
TILL_DECLARE_RECORD (TillReading, till_reading, READING)

G_END_DECLS
