/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-unknown-gateway.c: a caller that no record fits. Fields only; no calls, no GTK. */
#include "config.h"
#include "client/model/till-unknown-gateway.h"

static const TillField fields[] = {
  { "id", TILL_FIELD_INT },
  { "text", TILL_FIELD_TEXT },
  { "front", TILL_FIELD_TEXT },
  { "address", TILL_FIELD_TEXT },
  { "first-seen", TILL_FIELD_TIME },
  { "last-seen", TILL_FIELD_TIME },
  { "tries", TILL_FIELD_INT },
};

TILL_DEFINE_RECORD (TillUnknownGateway, till_unknown_gateway)
