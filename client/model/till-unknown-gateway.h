/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-unknown-gateway.h: a caller that no record fits.
 * Fields: id text front address first-seen last-seen tries. */
#pragma once
#include "client/model/till-record.h"

G_BEGIN_DECLS

#define TILL_TYPE_UNKNOWN_GATEWAY (till_unknown_gateway_get_type ())
TILL_DECLARE_RECORD (TillUnknownGateway, till_unknown_gateway, UNKNOWN_GATEWAY)

G_END_DECLS
