/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-tariff.h: a tariff as lists and drop-downs need it.
 * Fields: id name effective (day) price-tip price-peak price-flat price-valley price-deep
 * next-effective (day) meters version. */
#pragma once
#include "client/model/till-record.h"
#include "client/model/till-words.h"

G_BEGIN_DECLS

#define TILL_TYPE_TARIFF (till_tariff_get_type ())
TILL_DECLARE_RECORD (TillTariff, till_tariff, TARIFF)

G_END_DECLS
