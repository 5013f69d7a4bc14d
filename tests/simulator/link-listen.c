/* SPDX-License-Identifier: GPL-2.0-or-later
 * link-listen.c: sockets of the listening gateways: bytes to requests, answers to bytes. Judges nothing: bus.c does. */
#include "tests/simulator/link-listen.h"
#include <errno.h>
#include <gio/gio.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "shared/base/till-error.h"

#define IN_BYTES   512
#define OUT_BYTES  65536
#define CONN_MAX   8
#define SILENCE_MS 30 /* segments of one frame may arrive apart */

typedef struct {
  SimLink      *link;
  TilldReactor *reactor;
  TilldWatch    watch;
  int           fd; /* -1: cut */
  guint16       port;
  GQueue        conns;
} Listener;

typedef struct {
  TilldWatch  watch;
  GList       place;
  Listener   *listener;
  int         fd; /* -1: closed, freed when no callback is inside */
  guint       inside;
  gboolean    deaf;
  guint8      in[IN_BYTES];
  gsize       n_in;
  GByteArray *out;
  SimTimer    quiet;
} Conn;

static SimTimers *
timers_of (const Conn *conn)
{
  return conn->listener->link->campus->timers;
}

static void
conn_release (Conn *conn)
{
  if (conn->fd >= 0 || conn->inside > 0)
    return;
  g_byte_array_unref (conn->out);
  g_free (conn);
}

static void
conn_close (Conn *conn, gboolean hard)
{
  struct linger at_once = { 1, 0 };

  if (conn->fd < 0)
    return;
  sim_bus_forget (&conn->listener->link->bus, conn);
  sim_timers_disarm (timers_of (conn), &conn->quiet);
  tilld_reactor_remove (conn->listener->reactor, &conn->watch);
  g_queue_unlink (&conn->listener->conns, &conn->place);
  if (hard)
    setsockopt (conn->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close (conn->fd);
  conn->fd = -1;
}

static void
flush (Conn *conn)
{
  while (conn->out->len > 0)
    {
      gssize n = send (conn->fd, conn->out->data, conn->out->len, MSG_NOSIGNAL | MSG_DONTWAIT);

      if (n > 0)
        g_byte_array_remove_range (conn->out, 0, (guint) n);
      else if (n < 0 && (errno == EAGAIN))
        break;
      else if (n < 0 && errno != EINTR)
        {
          conn_close (conn, FALSE);
          return;
        }
    }
  tilld_reactor_modify (conn->listener->reactor, &conn->watch, conn->out->len > 0 ? TILLD_READ | TILLD_WRITE : TILLD_READ);
}

static void
wire_send (gpointer data, const guint8 *bytes, gsize n)
{
  Conn *conn = data;

  conn->inside++;
  if (conn->deaf || conn->out->len + n > OUT_BYTES)
    conn_close (conn, !conn->deaf);
  else
    {
      g_byte_array_append (conn->out, bytes, (guint) n);
      flush (conn);
    }
  conn->inside--;
  conn_release (conn);
}

static void
wire_reset (gpointer data)
{
  conn_close (data, TRUE);
  conn_release (data);
}

static void
wire_deafen (gpointer data)
{
  Conn *conn = data;

  conn->deaf = TRUE;
  sim_bus_forget (&conn->listener->link->bus, conn);
}

static const SimWire wire = { wire_send, wire_reset, wire_deafen };

/* Requests out of what has arrived. silent: nothing more will come for these. */
static void
parse (Conn *conn, gboolean silent)
{
  SimBus *bus = &conn->listener->link->bus;

  while (conn->fd >= 0 && !conn->deaf && conn->n_in > 0)
    {
      SimRequest request;
      gsize      used = 0;
      SimFrame   frame = conn->listener->link->mbap ? sim_frame_mbap (conn->in, conn->n_in, &request, &used)
                                                    : sim_frame_rtu (conn->in, conn->n_in, silent, &request, &used);

      if (frame == SIM_FRAME_NEED_MORE)
        break;
      if (frame == SIM_FRAME_CLOSE)
        {
          sim_bus_noise (bus);
          conn_close (conn, FALSE);
          return;
        }
      conn->n_in -= used;
      memmove (conn->in, conn->in + used, conn->n_in);
      if (frame == SIM_FRAME_NOISE)
        sim_bus_noise (bus);
      else
        sim_bus_request (bus, &wire, conn, &request);
    }
}

static void
conn_silent (SimTimer *timer, gpointer data)
{
  Conn *conn = data;

  conn->inside++;
  parse (conn, TRUE);
  conn->inside--;
  conn_release (conn);
}

static void
receive (Conn *conn)
{
  for (;;)
    {
      gssize n;

      if (conn->deaf || conn->n_in == IN_BYTES) /* deaf, or nothing a device could understand */
        conn->n_in = 0;
      n = recv (conn->fd, conn->in + conn->n_in, IN_BYTES - conn->n_in, MSG_DONTWAIT);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0 && (errno == EAGAIN))
        break;
      if (n <= 0)
        {
          conn_close (conn, FALSE);
          return;
        }
      conn->n_in += (gsize) n;
      parse (conn, FALSE);
      if (conn->fd < 0)
        return;
    }
  if (conn->n_in > 0 && !conn->listener->link->mbap)
    sim_timers_arm (timers_of (conn), &conn->quiet, sim_timers_now (timers_of (conn)) + 1000 * SILENCE_MS);
  else
    sim_timers_disarm (timers_of (conn), &conn->quiet);
}

static void
conn_ready (TilldReactor *reactor, TilldWatch *watch, TilldIo ready, gpointer data)
{
  Conn *conn = data;

  conn->inside++;
  if (ready & TILLD_WRITE)
    flush (conn);
  if (conn->fd >= 0 && (ready & (TILLD_READ | TILLD_HANGUP)))
    receive (conn);
  conn->inside--;
  conn_release (conn);
}

static void
accept_one (Listener *listener, int fd)
{
  Conn *conn = g_new0 (Conn, 1);
  int   one = 1;

  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  conn->listener = listener;
  conn->fd = fd;
  conn->out = g_byte_array_new ();
  conn->place.data = conn;
  conn->quiet = (SimTimer){ .fire = conn_silent, .data = conn };
  tilld_watch_init (&conn->watch, conn_ready, conn);
  g_queue_push_tail_link (&listener->conns, &conn->place);
  if (!tilld_reactor_add (listener->reactor, &conn->watch, fd, TILLD_READ, NULL))
    {
      g_queue_unlink (&listener->conns, &conn->place);
      close (fd);
      conn->fd = -1;
      conn_release (conn);
      return;
    }
  listener->link->campus->stats.connections++;
  if (listener->conns.length > CONN_MAX) /* a small gateway gives up its oldest */
    {
      Conn *oldest = listener->conns.head->data;

      conn_close (oldest, TRUE);
      conn_release (oldest);
    }
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
  const char                 *at = listener->link->spec->at, *colon = strrchr (at, ':');
  g_autofree char            *host = g_strndup (at + (*at == '['), (gsize) (colon - at) - 2 * (*at == '['));
  g_autoptr (GSocketAddress)  address = g_inet_socket_address_new_from_string (host, listener->port);
  gssize                      size = address ? g_socket_address_get_native_size (address) : 0;
  struct sockaddr_storage     native;
  int                         one = 1;

  if (!address || !g_socket_address_to_native (address, &native, sizeof native, error))
    return till_fail (error, TILL_ERROR_INVALID, "%s: no address", at);
  listener->fd = socket (native.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (listener->fd >= 0)
    setsockopt (listener->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (listener->fd >= 0 && bind (listener->fd, (struct sockaddr *) &native, (socklen_t) size) == 0 && listen (listener->fd, 64) == 0 &&
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

gboolean
sim_link_listen (SimLink *link, TilldReactor *reactor, guint16 port, GError **error)
{
  Listener *listener = g_new0 (Listener, 1);

  listener->link = link;
  listener->reactor = reactor;
  listener->port = port > 0 ? port : (guint16) g_ascii_strtoull (strrchr (link->spec->at, ':') + 1, NULL, 10);
  tilld_watch_init (&listener->watch, listener_ready, listener);
  link->listener = listener;
  if (open_socket (listener, error))
    return TRUE;
  g_clear_pointer (&link->listener, g_free);
  return FALSE;
}

void
sim_link_cut (SimLink *link)
{
  Listener *listener = link->listener;

  if (!listener || listener->fd < 0)
    return;
  tilld_reactor_remove (listener->reactor, &listener->watch);
  close (listener->fd);
  listener->fd = -1;
  while (listener->conns.head)
    {
      Conn *conn = listener->conns.head->data;

      conn_close (conn, TRUE);
      conn_release (conn);
    }
}

gboolean
sim_link_restore (SimLink *link, GError **error)
{
  Listener *listener = link->listener;

  link->frozen = FALSE;
  return !listener || listener->fd >= 0 || open_socket (listener, error);
}

void
sim_link_close (SimLink *link)
{
  sim_link_cut (link);
  sim_bus_clear (&link->bus);
  g_clear_pointer (&link->listener, g_free);
}

guint16
sim_link_port (const SimLink *link)
{
  const Listener *listener = link->listener;

  return listener && listener->fd >= 0 ? listener->port : 0;
}

gboolean
sim_campus_listen (SimCampus *campus, TilldReactor *reactor, guint port_base, GError **error)
{
  if (port_base > 0 && port_base + campus->n_links > G_MAXUINT16)
    return till_fail (error, TILL_ERROR_INVALID, "%u links do not fit above port %u", campus->n_links, port_base);
  for (guint i = 0; i < campus->n_links; i++)
    if (!sim_link_listen (&campus->links[i], reactor, (guint16) (port_base > 0 ? port_base + i : 0), error))
      return FALSE;
  return TRUE;
}

void
sim_campus_close (SimCampus *campus)
{
  for (guint i = 0; i < campus->n_links; i++)
    sim_link_close (&campus->links[i]);
}
