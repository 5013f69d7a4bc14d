/* SPDX-License-Identifier: GPL-2.0-or-later
 * link-dial.h: gateways that call the server: connecting, trying again, heartbeats; what they say is a protocol's matter. */
#pragma once
#include "tests/simulator/link.h"
#include "tests/simulator/stream.h"

G_BEGIN_DECLS

extern const SimLinkFuncs sim_link_dial;

typedef struct _SimDial SimDial;

/* One connection speaks one of these. A session may close its stream at any time; `end` comes then. */
typedef struct {
  gboolean shared;                            /* all buses over one connection; else each has its own */
  gsize    in_size;
  gpointer (*begin) (SimDial *dial);          /* connected: the first words leave */
  void     (*received) (gpointer session);
  void     (*heartbeat) (gpointer session);   /* every heartbeat_s; NULL: none */
  void     (*upload) (gpointer session);      /* every upload_s; NULL: none */
  void     (*rekey) (gpointer session);       /* NULL: has no keys */
  void     (*end) (gpointer session);         /* the stream is gone; frees */
} SimDialProto;

struct _SimDial {
  GList               place;
  SimLink            *link;
  SimBus             *bus;     /* the first, or only, bus of this connection */
  guint               index;   /* of it in the link */
  TilldReactor       *reactor;
  const SimDialProto *proto;
  SimStream          *stream;  /* NULL: not connected */
  gpointer            session; /* NULL: not begun */
  SimTimer            again, beat, push;
  guint               failures, tries;
  gboolean            beginning; /* inside the first words */
};

void     sim_dial_good (SimDial *dial);  /* the server has taken it: the next try after a break comes soon */
void     sim_dial_twin (gpointer dial);
void     sim_dial_break (gpointer dial); /* as a connection breaks */
void     sim_dial_deafen (gpointer dial);
/* "code", or "code#2" for the bus on port 2. */
char    *sim_dial_identity (const SimDial *dial);
gboolean sim_dial_is_silent (const SimDial *dial); /* frozen */

extern const SimDialProto sim_dial_dtu, sim_dial_tls, sim_dial_gt3, sim_dial_7b7b, sim_dial_1f1f;

G_END_DECLS
