/* SPDX-License-Identifier: GPL-2.0-or-later
 * campus.h: the running world: meters, buses, links, their time, journal and faults. Belongs to one thread. */
#pragma once
#include "server/core/types.h"
#include "tests/simulator/faults.h"
#include "tests/simulator/journal.h"
#include "tests/simulator/slave.h"
#include "tests/simulator/timers.h"
#include "tests/simulator/world.h"

G_BEGIN_DECLS

typedef struct _SimCampus SimCampus;
typedef struct _SimLink   SimLink;
typedef struct _SimBus    SimBus;

typedef struct {
  guint64 requests, answers, silent, exceptions, noise, faults, connections, registered, effects;
} SimStats;

struct _SimBus {
  SimCampus  *campus;
  SimLink    *link;
  guint       port, baud, n_meters, n_cabinets;
  gboolean    timing;
  SimMeter   *meters;
  SimCabinet *cabinets;
  guint8      by_unit[248]; /* 1 + index into meters, 0 = nobody */
  guint64     path, frames; /* fnv1a64 of code and port; frames so far */
  gint64      busy_until_us, frozen_until_us, clogged_until_us;
  GQueue      exchanges;    /* SimExchange, see bus.c */
  gpointer    late;         /* SimExchange whose answer waits for the next request */
  guint8      last[SIM_PDU_MAX + 3]; /* answer before: unit, length, PDU */
  guint16     last_tid;
};

typedef struct _SimLinkFuncs SimLinkFuncs; /* link.h */

struct _SimLink {
  SimCampus          *campus;
  const SimLinkSpec  *spec;
  gboolean            mbap;    /* framing between gateway and server is Modbus TCP */
  gboolean            queues;  /* a gateway that lets one request after the other onto its line */
  gboolean            paced;   /* bytes reach the server as they leave the line */
  gboolean            frozen;  /* hears and says nothing */
  SimBus             *buses;
  guint               n_buses;
  const SimLinkFuncs *funcs;
  gpointer            line;    /* what funcs work on; NULL: not open */
};

struct _SimCampus {
  SimWorld   *world;
  SimPlace    place;
  TilldClock *clock;
  SimTimers  *timers;
  SimFaults  *faults;   /* NULL: none */
  SimJournal *journal;  /* NULL: none */
  SimLink    *links;
  guint       n_links;
  GHashTable *by_code; /* code -> SimLink */
  gint64      boot_us;  /* when it began to run */
  TillTime    epoch;    /* the meters' time at boot_us */
  gint64      advanced_s;
  SimStats    stats;
  GSList     *spare;    /* exchanges to be used again, see bus.c */
  GError     *broken;   /* the journal could not be written: nothing may be answered any more */
  void      (*on_broken) (gpointer data);
  gpointer    on_broken_data;
};

typedef struct { const char *journal; TilldClock *clock; GMainContext *context; } SimCampusOptions; /* context NULL: stepped */

/* Takes the world. */
SimCampus *sim_campus_new (SimWorld *world, const SimCampusOptions *options, GError **error);
void       sim_campus_free (SimCampus *campus);
TillTime   sim_campus_now (const SimCampus *campus);
void       sim_campus_advance (SimCampus *campus, gint64 seconds);
SimLink   *sim_campus_link (SimCampus *campus, const char *code);
SimBus    *sim_link_bus (SimLink *link, guint port);
SimMeter  *sim_campus_meter (SimCampus *campus, const char *code, guint port, guint unit); /* advanced to now */
/* Journals one effect; the answer may leave only after sim_campus_commit. request NULL: not over a wire. */
void       sim_campus_record (SimCampus *campus, SimMeter *meter, const SimEffect *effect, const SimRequest *request);
gboolean   sim_campus_commit (SimCampus *campus);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimCampus, sim_campus_free)

G_END_DECLS
