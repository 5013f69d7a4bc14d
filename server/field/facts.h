/* SPDX-License-Identifier: GPL-2.0-or-later
 * facts.h: what gateways and vendors' meters tell by themselves: who they are, how strong their signal is, readings that nobody asked
 * for. For people; no decision about money or relays rests on any of it. */
#pragma once
#include "server/domain/plant/gateway-facts.h"
#include "server/field/station.h"

G_BEGIN_DECLS

/* Kept with the gateway's session; written by the next flush. "" and 0 = not told: what was there stays. */
void     tilld_facts_told (TilldStation *station, const TilldGatewayFacts *facts);
void     tilld_facts_signal (TilldStation *station, int rssi_dbm);
/* By the owner's tick: what was told since. */
void     tilld_facts_flush (TilldStation *station);

/* Registers from an upload: read as the model's `upload` says. FALSE: the model does not know so many bytes, or a value cannot be. */
gboolean tilld_facts_registers (TilldStation *station, guint port, guint8 unit, const guint8 *data, guint len);
/* Energies in Wh, -1 = not told; rates in the order of TillRate. */
gboolean tilld_facts_energies (TilldStation *station, guint port, guint8 unit, gint64 total, const gint64 rates[TILL_N_RATES]);

G_END_DECLS
