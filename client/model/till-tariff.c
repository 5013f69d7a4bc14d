/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-tariff.c: a tariff as lists and drop-downs need it. Fields only; no calls, no GTK. */
#include "config.h"
#include "client/model/till-tariff.h"

static const TillField fields[] = {
  { "id", TILL_FIELD_INT },
  { "name", TILL_FIELD_TEXT },
  { "effective", TILL_FIELD_DAY },
  { "price-tip", TILL_FIELD_PRICE, NULL, NULL, "" },
  { "price-peak", TILL_FIELD_PRICE, NULL, NULL, "" },
  { "price-flat", TILL_FIELD_PRICE },
  { "price-valley", TILL_FIELD_PRICE, NULL, NULL, "" },
  { "price-deep", TILL_FIELD_PRICE, NULL, NULL, "" },
  { "next-effective", TILL_FIELD_DAY, NULL, NULL, "" },
  { "meters", TILL_FIELD_INT, NULL, NULL, "" },
  { "version", TILL_FIELD_INT },
};

TILL_DEFINE_RECORD (TillTariff, till_tariff)
