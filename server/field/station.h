/* SPDX-License-Identifier: GPL-2.0-or-later
 * station.h: a gateway as this process holds it: its record, its lines, the links that reach them, its session in the database.
 *
 * A session belongs to the gateway, not to a link: any link of it that comes up raises the epoch for all its lines, and no money leaves
 * on any of them until that is committed. So a gateway with several DTUs, or with TLS connections code#1 and code#2, has one owner:
 * they must reach the same process (a balancer in front keeps an address on one server), else the newest takes all of it. */
#pragma once
#include "server/domain/plant/gateway-facts.h"
#include "server/field/circuit.h"

G_BEGIN_DECLS

typedef struct _TilldFieldRole TilldFieldRole;

struct _TilldStation {
  TilldFieldRole   *field;
  TilldFieldGateway record;
  guint             index;    /* in the owner's list */
  GList             to_dial;  /* waits for its turn to be dialled; data NULL: not waiting */
  GTimeZone        *zone;
  TilldLine       **lines;    /* by port */
  guint             n_lines;
  TilldLink        *dial;     /* the link we dial; NULL: it dials in, or a tty of another process */
  TilldRecorder    *recorder; /* of all its links; NULL: nobody asked for a capture */
  GPtrArray        *links;    /* TilldLink, not owned: all that reach a line now */
  gint64            epoch;    /* of the session; 0 = none, or being committed: no money */
  gint64            last_epoch;
  gint64            heard_us; /* boot time of the last byte of links that are over */
  guint64           requests, failures, pulse_requests, pulse_failures; /* of links that are over; at the last pulse */
  gboolean          opening, stale; /* a session is being committed; a link came up since */
  gboolean          recovered; /* commands of an earlier life were looked at */
  gboolean          claims_lost; /* a claim may stand that no order here has: what took it or gave it back broke with a connection */
  gboolean          purses_known; /* loaded since the session began */
  gboolean          retiring;
  TilldGatewayFacts facts;     /* what it said about itself; stored at facts_us, new since */
  gint64            facts_us;
  gboolean          facts_new;
};

/* With the lines that the record names; the caller adds those of meters elsewhere, and all circuits. One that dials in is found by its
 * callers from now on. */
TilldStation *tilld_station_new (TilldFieldRole *field, const TilldFieldGateway *record);
/* Every link of it is over, nothing is under way. */
void          tilld_station_free (TilldStation *station);
/* A line without circuits, or the one that is there. */
TilldLine    *tilld_station_add_line (TilldStation *station, guint port, guint baud);
TilldLine    *tilld_station_line (TilldStation *station, guint port);                 /* NULL */
TilldCircuit *tilld_station_circuit (TilldStation *station, guint port, guint8 unit); /* NULL */
guint         tilld_station_orders (const TilldStation *station);
gboolean      tilld_station_is_up (const TilldStation *station);                      /* any link */
/* Weakest of its links that are up; that of the last session when there is none. */
TillLinkClass tilld_station_link_class (const TilldStation *station);
/* Lets the link, which is not UP yet, reach one line (its port) or all (0). A link that reaches one of them now is closed first: the
 * newest wins. NOT_FOUND: no such port. */
gboolean      tilld_station_attach (TilldStation *station, TilldLink *link, guint port, GError **error);
/* A link of it went up or down. */
void          tilld_station_link_changed (TilldStation *station, TilldLink *link);
/* Closes all links; the one we dial stays down. */
void          tilld_station_stop (TilldStation *station, const char *reason);
/* A reading that the gateway sent by itself: shown and stored, never a money decision. */
void          tilld_station_pushed (TilldStation *station, const TilldFieldReading *reading);

/* session.c. Opens a session where one is due; called after every change and each second until it worked: money waits, polls do not. */
void          tilld_session_open (TilldStation *station);
void          tilld_session_pulse_of (TilldStation *station, gint64 boot_us, TillTime wall, TilldGatewayPulse *ret_pulse);

G_END_DECLS
