/* SPDX-License-Identifier: GPL-2.0-or-later
 * link-listen.c: a listening socket and a talker for each accepted connection. */
#include "tests/simulator/link-listen.h"
#include <errno.h>
#include <gio/gio.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "shared/base/till-error.h"
#include "tests/simulator/stream-tls.h"
#include "tests/simulator/talker.h"

#define IN_BYTES 512
#define CONN_MAX 8
#define BACKLOG  64

typedef struct {
  SimLink      *link;
  TilldReactor *reactor;
  TilldWatch    watch;
  int           fd; /* -1: cut */
  char         *at;
  guint16       port;
  GQueue        conns;
} Listener;

typedef struct { GList place; Listener *listener; SimTalker talker; } Conn;

static void
conn_received (SimStream *stream, gpointer data)
{
  sim_talker_received (&((Conn *) data)->talker);
}

static void
conn_closed (SimStream *stream, gpointer data)
{
  Conn *conn = data;

  sim_talker_clear (&conn->talker);
  g_queue_unlink (&conn->listener->conns, &conn->place);
  g_free (conn);
}

static const SimStreamFuncs conn_funcs = { NULL, conn_received, conn_closed };

static void
accept_one (Listener *listener, int fd)
{
  Conn          *conn = g_new0 (Conn, 1);
  SimStreamOwner owner = { &conn_funcs, conn, IN_BYTES };
  SimStream     *stream;
  SimTls        *tls;
  int            one = 1;

  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  conn->listener = listener;
  conn->place.data = conn;
  if (!(stream = sim_stream_new (listener->reactor, fd, &owner, NULL)))
    {
      g_free (conn);
      return;
    }
  sim_talker_init (&conn->talker, &listener->link->buses[0], stream);
  g_queue_push_tail_link (&listener->conns, &conn->place);
  listener->link->campus->stats.connections++;
  if (listener->link->spec->proto == SIM_PROTO_TLS)
    {
      if ((tls = sim_tls_new_server (listener->link->spec, NULL)))
        sim_stream_start_tls (stream, tls);
      else
        sim_stream_close (stream, TRUE);
    }
  if (listener->conns.length > CONN_MAX) /* a small gateway gives up its oldest */
    sim_stream_close (((Conn *) listener->conns.head->data)->talker.stream, TRUE);
}

static void
listener_ready (TilldReactor *reactor, TilldWatch *watch, TilldIo ready, gpointer data)
{
  Listener *listener = data;
  int       fd;

  while (listener->fd >= 0 && (fd = accept4 (listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0)
    accept_one (listener, fd);
}

static gboolean
open_socket (Listener *listener, GError **error)
{
  const char                *at = listener->at, *colon = strrchr (at, ':');
  g_autofree char           *host = g_strndup (at + (*at == '['), (gsize) (colon - at) - 2 * (*at == '['));
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new_from_string (host, listener->port);
  gssize                     size = address ? g_socket_address_get_native_size (address) : 0;
  struct sockaddr_storage    native;
  int                        one = 1;

  if (!address || !g_socket_address_to_native (address, &native, sizeof native, error))
    return till_fail (error, TILL_ERROR_INVALID, "%s: no address", at);
  listener->fd = socket (native.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (listener->fd >= 0)
    setsockopt (listener->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (listener->fd >= 0 && bind (listener->fd, (struct sockaddr *) &native, (socklen_t) size) == 0 && listen (listener->fd, BACKLOG) == 0 &&
      tilld_reactor_add (listener->reactor, &listener->watch, listener->fd, TILLD_READ, error))
    return TRUE;
  if (listener->fd >= 0)
    close (listener->fd);
  listener->fd = -1;
  if (error && *error)
    return FALSE;
  return till_fail (error, TILL_ERROR_OFFLINE, "%s: cannot listen on %s port %u: %s", listener->link->spec->code, host, listener->port,
                    g_strerror (errno));
}

static void
listen_cut (SimLink *link)
{
  Listener *listener = link->line;

  if (listener->fd < 0)
    return;
  tilld_reactor_remove (listener->reactor, &listener->watch);
  close (listener->fd);
  listener->fd = -1;
  while (listener->conns.head)
    sim_stream_close (((Conn *) listener->conns.head->data)->talker.stream, TRUE);
}

static gboolean
listen_restore (SimLink *link, GError **error)
{
  Listener *listener = link->line;

  return listener->fd >= 0 || open_socket (listener, error);
}

static void
listen_close (SimLink *link)
{
  Listener *listener = link->line;

  listen_cut (link);
  g_free (listener->at);
  g_clear_pointer (&link->line, g_free);
}

static guint
listen_connections (const SimLink *link)
{
  return ((Listener *) link->line)->conns.length;
}

static gboolean
can_speak_tls (const SimLink *link, GError **error)
{
  SimTls *tls;

  if (link->spec->proto != SIM_PROTO_TLS)
    return TRUE;
  if (!(tls = sim_tls_new_server (link->spec, error)))
    return FALSE;
  sim_tls_free (tls);
  return TRUE;
}

static gboolean
listen_open (SimLink *link, TilldReactor *reactor, const char *at, GError **error)
{
  Listener *listener;

  if (!can_speak_tls (link, error))
    return FALSE;
  listener = g_new0 (Listener, 1);
  listener->link = link;
  listener->reactor = reactor;
  listener->fd = -1;
  listener->at = g_strdup (at);
  listener->port = (guint16) g_ascii_strtoull (strrchr (at, ':') + 1, NULL, 10);
  tilld_watch_init (&listener->watch, listener_ready, listener);
  link->line = listener;
  if (open_socket (listener, error))
    return TRUE;
  listen_close (link);
  return FALSE;
}

const SimLinkFuncs sim_link_listen = { listen_open, listen_cut, listen_restore, listen_close, listen_connections, NULL };

guint16
sim_link_port (const SimLink *link)
{
  const Listener *listener = link->funcs == &sim_link_listen ? link->line : NULL;

  return listener && listener->fd >= 0 ? listener->port : 0;
}
