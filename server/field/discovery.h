/* SPDX-License-Identifier: GPL-2.0-or-later
 * discovery.h: cabinets on a line: reads the circuit counts at each table number, then one register of each circuit that follows. */
#pragma once
#include "server/field/field-private.h"

G_BEGIN_DECLS

TilldDiscoverer *tilld_discoverer_new (TilldFieldRole *field);
void             tilld_discoverer_free (TilldDiscoverer *self); /* nothing may be under way on a bus */
/* Takes a job if there is one and none is under way. */
void             tilld_discoverer_scan (TilldDiscoverer *self);

G_END_DECLS
