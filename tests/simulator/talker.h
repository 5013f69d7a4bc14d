/* SPDX-License-Identifier: GPL-2.0-or-later
 * talker.h: one stream that speaks Modbus with one bus, as RTU or with Modbus TCP heads: accepted connections, DTUs, TLS, ttys. */
#pragma once
#include "tests/simulator/bus.h"
#include "tests/simulator/stream.h"

G_BEGIN_DECLS

typedef struct {
  SimBus    *bus;
  SimStream *stream;
  SimTimer   quiet;
  GBytes    *prefix;            /* before every packet; NULL: none */
  void     (*twin) (gpointer data); /* a second connection of the same identity; NULL: cannot */
  gpointer   data;
} SimTalker;

void sim_talker_init (SimTalker *talker, SimBus *bus, SimStream *stream);
void sim_talker_received (SimTalker *talker); /* the stream is held by the caller; it may be closed afterwards */
void sim_talker_clear (SimTalker *talker);    /* what was asked for still happens on the line */

G_END_DECLS
