/* SPDX-License-Identifier: GPL-2.0-or-later
 * db-lanes.h: the threads that own connections. Work is a function that gets the thread's connection; its verdict goes back to the
 * caller's main context. A full lane is BUSY at once. */
#pragma once
#include <gio/gio.h>
#include "server/core/lane.h"
#include "server/db/db-conn.h"

G_BEGIN_DECLS

typedef enum {
  TILLD_LANE_LEDGER,      /* 1: posts, and nothing else */
  TILLD_LANE_DELIVERY,    /* 2: steps of money commands */
  TILLD_LANE_INGEST,      /* 1: readings */
  TILLD_LANE_INTERACTIVE, /* 5: requests of people */
  TILLD_LANE_BATCH,       /* 2: reports, exports, nightly work */
  TILLD_LANE_N
} TilldLaneKind;

typedef struct _TilldLanes TilldLanes;

/* The ledger lane may be left out here (n_threads 0) when its owner (domain/money) makes it with tilld_lanes_make_db. */
TilldLanes *tilld_lanes_new (const TilldConfig *config, GError **error);
void        tilld_lanes_stop (TilldLanes *lanes);
void        tilld_lanes_free (TilldLanes *lanes);
TilldLane  *tilld_lanes_get (TilldLanes *lanes, TilldLaneKind kind);
const char *tilld_lane_kind_name (TilldLaneKind kind);
/* A further connection with the time-outs of a kind, for an owner of its own thread (ledger lane, LISTEN, tests). */
TilldDb    *tilld_lanes_make_db (TilldLanes *lanes, TilldLaneKind kind, const char *application);
/* One as whoever the configuration names, without time-outs: for the schema. Lanes are TILLD_DB_ROLE. */
TilldDb    *tilld_lanes_make_schema_db (TilldLanes *lanes);

typedef gboolean (*TilldLaneWork) (TilldDb *db, gpointer data, GError **error);  /* on the lane's thread */
typedef void (*TilldLaneDone) (gpointer data, const GError *error);              /* error NULL = done */

typedef struct {
  TilldLaneWork work;
  TilldLaneDone done;    /* exactly once after a successful push; NULL allowed */
  gpointer      data;
  GMainContext *context; /* where done is called; NULL = on the lane's thread */
  int           priority;
  guint         deadline_ms; /* to have begun by; 0 = none */
  gboolean      transaction; /* wrap work in tilld_tx_run (read committed) */
  GCancellable *cancellable;
} TilldLaneJob;

/* FALSE: BUSY, and done is not called. */
gboolean    tilld_lanes_push (TilldLanes *lanes, TilldLaneKind kind, const TilldLaneJob *job, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TilldLanes, tilld_lanes_free)

G_END_DECLS
