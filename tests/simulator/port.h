/* SPDX-License-Identifier: GPL-2.0-or-later
 * port.h: one RS-485 port of a gateway that takes whole requests and gives back whole replies: a queue of at most one under
 * way and four waiting, time-outs, late replies dropped. Each request is answered exactly once. */
#pragma once
#include "tests/simulator/bus.h"

G_BEGIN_DECLS

#define SIM_PORT_WAITING 4

typedef enum {
  SIM_PORT_REPLY = 0, SIM_PORT_SILENT = 1, SIM_PORT_GARBAGE = 2, SIM_PORT_EXPIRED = 3, SIM_PORT_FULL = 4, SIM_PORT_NONE = 5,
} SimPortStatus;

typedef struct { guint16 tag; guint timeout_ms, ttl_ms; gsize n; guint8 adu[SIM_ADU_MAX]; } SimPortJob;
typedef struct { guint16 tag; SimPortStatus status; const guint8 *adu; gsize n; guint32 faults; } SimPortAnswer;

typedef struct _SimPort SimPort;
typedef struct {
  void (*answered) (SimPort *port, const SimPortAnswer *answer, gpointer data);
  void (*reset) (gpointer data);
  void (*deafen) (gpointer data);
  void (*twin) (gpointer data);
} SimPortFuncs;

struct _SimPort {
  SimBus             *bus;
  const SimPortFuncs *funcs;
  gpointer            data;
  SimTimer            timer;
  gboolean           *gone;    /* set when the port is cleared inside a callback */
  guint               n_jobs;  /* jobs[0] is under way */
  SimPortJob          jobs[1 + SIM_PORT_WAITING];
  gint64              since_us[1 + SIM_PORT_WAITING], limit_us;
  gsize               n_in;
  guint8              in[SIM_WIRE_BYTES];
};

void sim_port_init (SimPort *port, SimBus *bus, const SimPortFuncs *funcs, gpointer data);
void sim_port_ask (SimPort *port, const SimPortJob *job);
void sim_port_clear (SimPort *port); /* the connection is gone: waiting requests and late replies are dropped */

G_END_DECLS
