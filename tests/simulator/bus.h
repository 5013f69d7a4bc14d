/* SPDX-License-Identifier: GPL-2.0-or-later
 * bus.h: one RS-485 line: a request is served at a time, bytes may take their time, and faults of the line and of the
 * gateway happen here. Knows no socket: answers leave through a SimWire. */
#pragma once
#include "tests/simulator/campus.h"

G_BEGIN_DECLS

#define SIM_WIRE_BYTES (2 * SIM_ADU_MAX + 32)

typedef struct {
  void (*send) (gpointer conn, const guint8 *bytes, gsize n, guint32 faults); /* faults: of its envelope */
  void (*reset) (gpointer conn);  /* the connection breaks */
  void (*deafen) (gpointer conn); /* it stays open, nothing is heard any more */
  void (*twin) (gpointer conn);   /* a second connection of the same gateway; NULL: cannot */
} SimWire;

void sim_bus_request (SimBus *bus, const SimWire *wire, gpointer conn, const SimRequest *request);
void sim_bus_noise (SimBus *bus); /* bytes that are no request */
/* The connection is gone; what it asked for still happens on the line. */
void sim_bus_forget (SimBus *bus, gpointer conn);
void sim_bus_clear (SimBus *bus);

/* Microseconds that n bytes and a silence of 3.5 characters take at a baud rate. */
gint64 sim_bus_time_us (guint baud, gsize n);

G_END_DECLS
