/* SPDX-License-Identifier: GPL-2.0-or-later
 * transport.h: how the bytes of a link travel. A link has one transport at a time; a greeting may put TLS over an accepted socket. */
#pragma once
#include "server/field/link.h"

G_BEGIN_DECLS

struct _TilldTransport {
  const char *name;
  /* Ends in tilld_link_set_state (UP) or tilld_link_close (). NULL: it cannot dial, the link is over when it is closed. */
  void     (*dial) (TilldLink *link);
  /* FALSE: closed. It takes all of it, or closes. NULL: the front speaks to the transport's own object (a tty). */
  gboolean (*send) (TilldLink *link, const guint8 *bytes, guint len);
  void     (*drop) (TilldLink *link); /* in any state; forgets transport_state */
};

extern const TilldTransport tilld_transport_tcp, tilld_transport_accepted, tilld_transport_serial;

/* For what stands on a socket. options: no delay, keep-alive 30/10/3, 30 s for unacknowledged bytes. */
void     tilld_tcp_set_options (int fd);
void     tilld_tcp_dial (TilldLink *link, TilldWatchFunc ready); /* name, socket, connect; ready: when it is writable or failed */
gboolean tilld_tcp_connected (TilldLink *link);                  /* in ready, while CONNECTING. FALSE: it failed and is closed */
void     tilld_tcp_drop (TilldLink *link);
/* link->out: what is on its way. FALSE: too much, the link is closed. */
gboolean tilld_out_append (TilldLink *link, const guint8 *bytes, guint len);
void     tilld_out_taken (TilldLink *link, guint len);
/* Gives an accepted socket to a link that is DOWN: it is GREETING then. The descriptor is the link's, also when it fails. */
gboolean tilld_tcp_accepted (TilldLink *link, int fd, GError **error);

G_END_DECLS
