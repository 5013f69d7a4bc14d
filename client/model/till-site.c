/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-site.c: one site. Fields only; no calls, no GTK. */
#include "config.h"
#include "client/model/till-site.h"

static const TillField fields[] = {
  { "id", TILL_FIELD_INT },
  { "code", TILL_FIELD_TEXT },
  { "name", TILL_FIELD_TEXT },
  { "zone", TILL_FIELD_TEXT },
  { "currency", TILL_FIELD_TEXT },
  { "service-phone", TILL_FIELD_TEXT },
  { "sell-offline", TILL_FIELD_BOOL },
  { "hoard-limit", TILL_FIELD_MONEY },
  { "status-interval-s", TILL_FIELD_INT },
  { "full-interval-s", TILL_FIELD_INT },
  { "version", TILL_FIELD_INT },
};

TILL_DEFINE_RECORD (TillSite, till_site)
