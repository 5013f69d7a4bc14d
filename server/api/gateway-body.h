/* SPDX-License-Identifier: GPL-2.0-or-later
 * gateway-body.h: the members of a gateway record in a request. */
#pragma once
#include "server/domain/plant/gateway-record.h"
#include "shared/base/till-json-read.h"

G_BEGIN_DECLS

/* Members that are present; null gives back the default. creating: name and link must be there. code is the caller's. */
void tilld_gateway_body_read (TillJsonRead *r, TilldGatewayEdit *edit, gboolean creating, gboolean with_link);

G_END_DECLS
