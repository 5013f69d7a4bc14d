/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-customer.c: one customer. Fields only; no calls, no GTK. */
#include "config.h"
#include "client/model/till-customer.h"

static const TillField fields[] = {
  { "id", TILL_FIELD_INT },
  { "code", TILL_FIELD_TEXT },
  { "name", TILL_FIELD_TEXT },
  { "kind", TILL_FIELD_TEXT },
  { "phones", TILL_FIELD_STRV, NULL, NULL, "" },
  { "area", TILL_FIELD_INT },
  { "room", TILL_FIELD_TEXT },
  { "class", TILL_FIELD_ENUM, &till_words_use_class },
  { "accounts", TILL_FIELD_INT },
  { "language", TILL_FIELD_TEXT },
  { "version", TILL_FIELD_INT },
};

TILL_DEFINE_RECORD (TillCustomer, till_customer)
