/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-reading.c: one stored reading of a meter. Fields only; no calls, no GTK. */
#include "config.h"
#include "client/model/till-reading.h"

static const TillField fields[] = {
  { "time", TILL_FIELD_TIME },
  { "energy-total", TILL_FIELD_ENERGY },
  { "energy-tip", TILL_FIELD_ENERGY, NULL, "energy_rates.tip" },
  { "energy-peak", TILL_FIELD_ENERGY, NULL, "energy_rates.peak" },
  { "energy-flat", TILL_FIELD_ENERGY, NULL, "energy_rates.flat" },
  { "energy-valley", TILL_FIELD_ENERGY, NULL, "energy_rates.valley" },
  { "energy-deep", TILL_FIELD_ENERGY, NULL, "energy_rates.deep" },
  { "balance", TILL_FIELD_MONEY },
  { "power-kw", TILL_FIELD_POWER },
  { "relay", TILL_FIELD_ENUM, &till_words_relay },
  { "mode", TILL_FIELD_ENUM, &till_words_meter_mode },
};

TILL_DEFINE_RECORD (TillReading, till_reading)
