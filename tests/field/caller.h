/* SPDX-License-Identifier: GPL-2.0-or-later
 * caller.h: a listener with stations of its own under a fake clock, and gateways of the test that call it over real sockets. */
#pragma once
#include "server/field/field-private.h"

G_BEGIN_DECLS

typedef struct {
  TilldClock     *clock;
  TilldReactor   *reactor;
  TilldFieldRole  role;       /* only what stations look at */
  TilldGreeter   *greeter;
  TilldListener  *listener;
  guint16         port;
  TilldStation   *stations[4];
  guint           n_stations;
  GPtrArray      *unknown;    /* "front text" */
  guint           attacks;
  TilldBusJob     job;
  gboolean        done;
  TilldBusOutcome outcome;
  TilldMbReply    reply;
} Caller;

void          caller_start (Caller *c, const TilldGreetingLimits *limits);
void          caller_stop (Caller *c);
/* A gateway that dials in, allow_clear, one line, registrations: its code, and code-2 for port 2 when there are two. */
TilldStation *caller_station (Caller *c, const char *code, guint ports);
int           caller_dial (Caller *c);
void          caller_say (Caller *c, int fd, gconstpointer bytes, gsize len);
void          caller_step_ms (Caller *c, guint ms);
gboolean      caller_is_closed (int fd);                       /* and nothing to read before */
guint         caller_hear (Caller *c, int fd, guint8 *bytes, guint size); /* what came within 100 ms */
/* Sends text and steps until the line is up or the socket closed. */
gboolean      caller_register (Caller *c, int fd, const char *text, TilldLine *line);
/* A read of two registers of unit 1 is queued; the test answers it. */
void          caller_ask (Caller *c, TilldLine *line);
/* RTU answer of unit to a read of two registers. Returns its length. */
guint         caller_answer (guint8 unit, guint32 value, guint8 *out);

G_END_DECLS
