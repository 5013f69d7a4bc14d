/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-gateway.c: one gateway. Fields only; no calls, no GTK. */
#include "config.h"
#include "client/model/till-gateway.h"

static const TillField fields[] = {
  { "id", TILL_FIELD_INT },
  { "code", TILL_FIELD_TEXT },
  { "name", TILL_FIELD_TEXT },
  { "site", TILL_FIELD_INT },
  { "area", TILL_FIELD_INT },
  { "room", TILL_FIELD_TEXT },
  { "link", TILL_FIELD_ENUM, &till_words_link_kind },
  { "address", TILL_FIELD_TEXT },
  { "online", TILL_FIELD_BOOL },
  { "link-class", TILL_FIELD_ENUM, &till_words_link_class },
  { "last-seen", TILL_FIELD_TIME },
  { "version", TILL_FIELD_INT },
  { "simulated", TILL_FIELD_BOOL },
  { "status-interval-s", TILL_FIELD_INT },
  { "full-interval-s", TILL_FIELD_INT },
  { "meters", TILL_FIELD_INT },
  { "rtt-ms", TILL_FIELD_DECIMAL },
  { "requests", TILL_FIELD_INT },
  { "failures", TILL_FIELD_INT },
  { "error-rate", TILL_FIELD_DECIMAL },
  { "lost", TILL_FIELD_INT },
  { "age-s", TILL_FIELD_AGE },
  { "since", TILL_FIELD_TIME },
  { "allow-clear", TILL_FIELD_BOOL },
  { "fixed-tid", TILL_FIELD_BOOL },
  { "quarantine-s", TILL_FIELD_INT },
};

TILL_DEFINE_RECORD (TillGateway, till_gateway)
