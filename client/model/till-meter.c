/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-meter.c: one circuit with its latest state. Fields only; no calls, no GTK. */
#include "config.h"
#include "client/model/till-meter.h"

static const TillField fields[] = {
  { "id", TILL_FIELD_INT },
  { "code", TILL_FIELD_TEXT },
  { "serial", TILL_FIELD_TEXT },
  { "gateway", TILL_FIELD_INT },
  { "gateway-code", TILL_FIELD_TEXT },
  { "port", TILL_FIELD_INT },
  { "unit", TILL_FIELD_INT },
  { "model", TILL_FIELD_TEXT },
  { "ct-ratio", TILL_FIELD_INT },
  { "area", TILL_FIELD_INT },
  { "room", TILL_FIELD_TEXT },
  { "use-class", TILL_FIELD_ENUM, &till_words_use_class },
  { "settlement", TILL_FIELD_ENUM, &till_words_settlement },
  { "purse", TILL_FIELD_ENUM, &till_words_purse },
  { "tariff", TILL_FIELD_INT },
  { "tariff-name", TILL_FIELD_TEXT },
  { "price", TILL_FIELD_PRICE },
  { "version", TILL_FIELD_INT },
  { "alarm1", TILL_FIELD_MONEY },
  { "alarm2", TILL_FIELD_MONEY },
  { "overload-kw", TILL_FIELD_POWER },
  { "overdraft", TILL_FIELD_MONEY },
  { "hoard-limit", TILL_FIELD_MONEY },
  { "life-support", TILL_FIELD_BOOL },
  { "account", TILL_FIELD_INT },
  { "account-code", TILL_FIELD_TEXT },
  { "customer", TILL_FIELD_INT },
  { "customer-name", TILL_FIELD_TEXT },
  { "customer-code", TILL_FIELD_TEXT },
  { "state", TILL_FIELD_ENUM, &till_words_meter_state },
  { "mode", TILL_FIELD_ENUM, &till_words_meter_mode },
  { "relay", TILL_FIELD_ENUM, &till_words_relay },
  { "flags", TILL_FIELD_FLAGS, &till_words_meter_flag, NULL, "" },
  { "balance", TILL_FIELD_MONEY },
  { "energy-total", TILL_FIELD_ENERGY },
  { "energy-tip", TILL_FIELD_ENERGY, NULL, "energy_rates.tip", "" },
  { "energy-peak", TILL_FIELD_ENERGY, NULL, "energy_rates.peak", "" },
  { "energy-flat", TILL_FIELD_ENERGY, NULL, "energy_rates.flat", "" },
  { "energy-valley", TILL_FIELD_ENERGY, NULL, "energy_rates.valley", "" },
  { "energy-deep", TILL_FIELD_ENERGY, NULL, "energy_rates.deep", "" },
  { "purchase-count", TILL_FIELD_INT },
  { "purchased-total", TILL_FIELD_MONEY },
  { "power-kw", TILL_FIELD_POWER },
  { "u", TILL_FIELD_DECIMAL },
  { "i", TILL_FIELD_DECIMAL },
  { "read-at", TILL_FIELD_TIME },
  { "age-s", TILL_FIELD_AGE },
  { "days-left", TILL_FIELD_INT },
};

TILL_DEFINE_RECORD (TillMeter, till_meter)

gint64
till_meter_age_s (TillMeter *self, gint64 now)
{
  gint64 read_at = till_record_int (self, "read-at");

  return read_at != TILL_UNKNOWN && read_at > 0 ? MAX (now - read_at, 0) / G_USEC_PER_SEC : -1;
}
