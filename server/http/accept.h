/* SPDX-License-Identifier: GPL-2.0-or-later
 * accept.h: the door. Listening sockets, limits in all and per address, the wait for a whole ClientHello, a few handshakes at a time,
 * and deadlines of every connection. Ready streams go to ready (). Lives in one main context. */
#pragma once
#include <gio/gio.h>
#include "server/http/deadline.h"

G_BEGIN_DECLS

typedef struct _TilldAccept TilldAccept;

typedef struct {
  guint connections_max;
  guint per_address_max;        /* 0 = no limit (behind a proxy) */
  guint idle_max;               /* kept connections in the loop's poll set cost every request a little */
  guint handshakes_max;         /* GIO has about ten threads for all handshakes of the process */
  guint handshakes_per_address;
  guint give_way_ms;            /* age at which a running handshake yields to a waiting one */
  guint stage_ms[TILLD_STAGE_N];
} TilldAcceptLimits;

extern const TilldAcceptLimits tilld_accept_default_limits;

typedef void (*TilldAcceptReady) (GIOStream *stream, GSocketAddress *local, GSocketAddress *remote, gpointer data);

/* certificate NULL: plain streams, for a listener behind a proxy on loopback. */
TilldAccept *tilld_accept_new (const TilldAcceptLimits *limits, GTlsCertificate *certificate, TilldAcceptReady ready, gpointer data);
void         tilld_accept_free (TilldAccept *self);
gboolean     tilld_accept_listen (TilldAccept *self, const char *host_port, guint16 *ret_port, GError **error);
void         tilld_accept_set_certificate (TilldAccept *self, GTlsCertificate *certificate); /* for connections from now on */
void         tilld_accept_close (TilldAccept *self);       /* the listeners only */
void         tilld_accept_shut_all (TilldAccept *self);    /* every connection */

/* Reports of the HTTP side; a connection is named by its remote address. */
void         tilld_accept_stage (TilldAccept *self, GSocketAddress *remote, TilldStage stage);
void         tilld_accept_shut (TilldAccept *self, GSocketAddress *remote);
/* The stream leaves this loop (WebSocket): no deadline, no count here any more. Caller owns the socket. */
GSocket     *tilld_accept_detach (TilldAccept *self, GSocketAddress *remote);
guint        tilld_accept_count (TilldAccept *self, TilldStage stage); /* TILLD_STAGE_N: all */

/* "192.0.2.1:4711" or "[2001:db8::1]:4711"; the address alone when with_port is FALSE. */
char        *tilld_address_text (GSocketAddress *address, gboolean with_port);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TilldAccept, tilld_accept_free)

G_END_DECLS
