/* SPDX-License-Identifier: GPL-2.0-or-later
 * link-listen.h: gateways that a server dials: Modbus TCP and transparent RTU over TCP, clear or inside TLS. */
#pragma once
#include "tests/simulator/link.h"

G_BEGIN_DECLS

extern const SimLinkFuncs sim_link_listen;

guint16 sim_link_port (const SimLink *link); /* 0: not listening */

G_END_DECLS
