/* SPDX-License-Identifier: GPL-2.0-or-later
 * gateway-facts.h: what a gateway said about itself, beside its session. */
#pragma once
#include "server/core/types.h"
#include "server/db/db-conn.h"

G_BEGIN_DECLS

/* "" and 0 = not told: the row keeps what it has. */
typedef struct {
  gint64 gateway;
  char   serial[33], vendor[33], model[33], firmware[33], iccid[33], imei[33];
  gint   rssi_dbm;
} TilldGatewayFacts;

gboolean tilld_gateway_facts_store (TilldDb *db, const TilldGatewayFacts *facts, GError **error);

G_END_DECLS
