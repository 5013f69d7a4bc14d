/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-meter-model.c: one profile of a meter. Fields only; no calls, no GTK. */
#include "config.h"
#include "client/model/till-meter-model.h"

static const TillField fields[] = {
  { "id", TILL_FIELD_TEXT, NULL, "name", "" },
  { "name", TILL_FIELD_TEXT },
  { "vendor", TILL_FIELD_TEXT },
  { "version", TILL_FIELD_INT },
  { "phases", TILL_FIELD_INT },
  { "title", TILL_FIELD_TEXT },
  { "class", TILL_FIELD_ENUM, &till_words_meter_class },
  { "purse", TILL_FIELD_ENUM, &till_words_purse },
  { "rates", TILL_FIELD_INT },
  { "verified", TILL_FIELD_BOOL },
};

TILL_DEFINE_RECORD (TillMeterModel, till_meter_model)
