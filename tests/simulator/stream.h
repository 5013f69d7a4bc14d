/* SPDX-License-Identifier: GPL-2.0-or-later
 * stream.h: one stream of bytes, a socket or a pty, clear or inside TLS, on the reactor. Knows no frame. */
#pragma once
#include "server/core/reactor.h"

G_BEGIN_DECLS

typedef struct _SimStream SimStream;
typedef struct _SimTls    SimTls; /* stream-tls.h */

typedef struct {
  void (*ready) (SimStream *stream, gpointer data);    /* connected and, with TLS, settled */
  void (*received) (SimStream *stream, gpointer data); /* there is something in `in` */
  void (*closed) (SimStream *stream, gpointer data);   /* the last word: the stream is gone after it */
} SimStreamFuncs;

struct _SimStream {
  TilldReactor         *reactor;
  TilldWatch            watch;
  int                   fd;       /* -1: closed, freed when no callback is inside */
  guint                 inside;
  gboolean              connecting, shaking, writing, deaf, tty;
  const SimStreamFuncs *funcs;
  gpointer              data;
  SimTls               *tls;      /* NULL: clear */
  GByteArray           *out;      /* what the peer has not taken yet; NULL: never anything */
  gsize                 n_in, in_size;
  guint8                in[];
};

typedef struct { const SimStreamFuncs *funcs; gpointer data; gsize in_size; } SimStreamOwner;

/* Takes the descriptor. tls: taken; NULL clear. The callback `ready` comes from the loop, never from here. */
SimStream *sim_stream_new (TilldReactor *reactor, int fd, const SimStreamOwner *owner, GError **error);
/* Begins to connect to "address:port". */
SimStream *sim_stream_dial (TilldReactor *reactor, const char *at, SimTls *tls, const SimStreamOwner *owner, GError **error);
void       sim_stream_start_tls (SimStream *stream, SimTls *tls); /* takes tls; for accepted sockets */
void       sim_stream_send (SimStream *stream, const guint8 *bytes, gsize n); /* may close */
void       sim_stream_use (SimStream *stream, gsize n);           /* so many bytes of `in` are done with */
void       sim_stream_close (SimStream *stream, gboolean hard);   /* hard: the peer sees a reset */
/* A callback that may close it goes on using it: between these it is not freed. */
void       sim_stream_hold (SimStream *stream);
void       sim_stream_release (SimStream *stream);

G_END_DECLS
