/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-gateway.h: one gateway.
 * Fields: id code name site area room link (enum link-kind) address online (bool) link-class last-seen version simulated (bool)
 * status-interval-s full-interval-s meters rtt-ms requests failures error-rate (percent) lost (meters) age-s (oldest state) since allow-clear
 * fixed-tid quarantine-s. */
#pragma once
#include "client/model/till-record.h"
#include "client/model/till-words.h"

G_BEGIN_DECLS

#define TILL_TYPE_GATEWAY (till_gateway_get_type ())
TILL_DECLARE_RECORD (TillGateway, till_gateway, GATEWAY)

G_END_DECLS
