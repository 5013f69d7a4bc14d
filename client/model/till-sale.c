/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-sale.c: one sale as the office sees it. Fields only; no calls, no GTK. */
#include "config.h"
#include "client/model/till-sale.h"

static const TillField fields[] = {
  { "id", TILL_FIELD_UUID },
  { "number", TILL_FIELD_TEXT },
  { "kind", TILL_FIELD_ENUM, &till_words_sale_kind },
  { "meter", TILL_FIELD_INT },
  { "meter-code", TILL_FIELD_TEXT },
  { "room", TILL_FIELD_TEXT },
  { "account", TILL_FIELD_INT },
  { "account-code", TILL_FIELD_TEXT },
  { "customer", TILL_FIELD_INT },
  { "customer-name", TILL_FIELD_TEXT },
  { "customer-code", TILL_FIELD_TEXT },
  { "amount", TILL_FIELD_MONEY }, /* 1/10000 of the currency unit */
  { "energy", TILL_FIELD_ENERGY },
  { "price", TILL_FIELD_PRICE },
  { "channel", TILL_FIELD_ENUM, &till_words_channel },
  { "operator", TILL_FIELD_INT },
  { "operator-name", TILL_FIELD_TEXT },
  { "drawer", TILL_FIELD_TEXT },
  { "state", TILL_FIELD_ENUM, &till_words_sale_state },
  { "count", TILL_FIELD_INT },
  { "balance-before", TILL_FIELD_MONEY },
  { "balance-after", TILL_FIELD_MONEY },
  { "reverses", TILL_FIELD_UUID },
  { "note", TILL_FIELD_TEXT },
  { "error", TILL_FIELD_TEXT },
  { "created-at", TILL_FIELD_TIME },
  { "sent-at", TILL_FIELD_TIME },
  { "verified-at", TILL_FIELD_TIME },
  { "paid-at", TILL_FIELD_TIME },
  { "paid-channel", TILL_FIELD_ENUM, &till_words_channel },
};

TILL_DEFINE_RECORD (TillSale, till_sale)
