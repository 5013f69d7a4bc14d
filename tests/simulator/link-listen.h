/* SPDX-License-Identifier: GPL-2.0-or-later
 * link-listen.h: gateways that a server dials: Modbus TCP and transparent RTU over TCP. */
#pragma once
#include "server/core/reactor.h"
#include "tests/simulator/bus.h"

G_BEGIN_DECLS

/* port 0: the one of the world. OFFLINE when the address cannot be taken. */
gboolean sim_link_listen (SimLink *link, TilldReactor *reactor, guint16 port, GError **error);
/* All links; port_base > 0: the first link listens there, each next one a port higher. */
gboolean sim_campus_listen (SimCampus *campus, TilldReactor *reactor, guint port_base, GError **error);
void     sim_campus_close (SimCampus *campus);
void     sim_link_close (SimLink *link);  /* listener and connections */
void     sim_link_cut (SimLink *link);    /* connections break, nobody can connect */
gboolean sim_link_restore (SimLink *link, GError **error);
guint16  sim_link_port (const SimLink *link); /* 0: not listening */

G_END_DECLS
