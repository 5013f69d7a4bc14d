/* SPDX-License-Identifier: GPL-2.0-or-later
 * accept-private.h: what accept.c and handshake.c share about one connection. */
#pragma once
#include "server/core/types.h"
#include "server/http/accept.h"

G_BEGIN_DECLS

typedef struct {
  char  *text;
  GQueue peers;      /* of TilldPeer, by arrival */
  GQueue waiting;    /* for a handshake; newest at the tail */
  guint  handshakes; /* running */
} TilldAddress;

struct _TilldAccept {
  TilldAcceptLimits limits;
  GTlsCertificate  *certificate;
  TilldAcceptReady  ready;
  gpointer          data;
  TilldDeadlines   *deadlines;
  GHashTable       *peers;     /* "address:port" -> TilldPeer */
  GHashTable       *addresses; /* text -> TilldAddress */
  GPtrArray        *listeners; /* GSocket */
  GPtrArray        *sources;   /* GSource */
  GSource          *pause;     /* out of descriptors */
  GSource          *give_way;  /* rings when the oldest handshake must yield */
  GQueue            shaking;   /* TilldPeer, oldest first */
  guint             n_waiting;
  int               spare;     /* descriptor kept for the day there are none left */
  TilldMetric      *metric_accepted, *metric_open, *metric_shut;
};

typedef struct {
  TilldDeadline   deadline; /* first: deadlines.h hands this back */
  TilldAccept    *accept;
  GSocket        *socket;
  GSocketAddress *remote;
  char           *key;
  TilldAddress   *address;
  GList           link;         /* in address->peers */
  GList           waiting_link; /* in address->waiting */
  gboolean        waiting;
  GSource        *readable;     /* while the hello is incomplete */
  gboolean        shaking;
  GList           shaking_link;
  gint64          shaking_since_us;
  GCancellable   *cancellable;
  GIOStream      *stream;       /* handed over; not owned, watched */
} TilldPeer;

void tilld_accept_watch (TilldAccept *self, guint n);
void tilld_peer_gate (TilldPeer *peer);   /* waits for the hello, then for its turn */
void tilld_peer_unwait (TilldPeer *peer); /* leaves the gate or the queue */
void tilld_peer_ready (TilldPeer *peer, GIOStream *base);
void tilld_peer_shut (TilldPeer *peer);
void tilld_peer_free (TilldPeer *peer);

G_END_DECLS
