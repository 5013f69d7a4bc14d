/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-meter-model.c: one profile of a meter. Fields only; no calls, no GTK. */
#include "config.h"
#include "client/model/till-meter-model.h"

static const TillField fields[] = {
  { "id", TILL_FIELD_TEXT, NULL, "name", "" },
  { "name", TILL_FIELD_TEXT, NULL, NULL, "" },
  { "vendor", TILL_FIELD_TEXT, NULL, NULL, "" },
  { "version", TILL_FIELD_INT, NULL, NULL, "" },
  { "phases", TILL_FIELD_INT, NULL, NULL, "" },
  { "title", TILL_FIELD_TEXT, NULL, NULL, "" },
  { "class", TILL_FIELD_ENUM, &till_words_meter_class, NULL, "" },
  { "purse", TILL_FIELD_ENUM, &till_words_purse, NULL, "" },
  { "rates", TILL_FIELD_INT, NULL, NULL, "" },
  { "verified", TILL_FIELD_BOOL, NULL, NULL, "" },
};

TILL_DEFINE_RECORD (TillMeterModel, till_meter_model)
