/* SPDX-License-Identifier: GPL-2.0-or-later
 * meter-values.h: quantities of a meter in server units (Wh, W, mV, mA, 1/10000), without any register. */
#pragma once
#include "tests/simulator/meter.h"

G_BEGIN_DECLS

gint64 sim_meter_value (const SimMeter *meter, SimQuantity quantity);
/* FALSE: this quantity cannot be set, or not to this. */
gboolean sim_meter_set_value (SimMeter *meter, SimQuantity quantity, gint64 value);
SimTariff *sim_meter_own_tariff (SimMeter *meter, gboolean of_cabinet);

G_END_DECLS
