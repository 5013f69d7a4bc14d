/* SPDX-License-Identifier: GPL-2.0-or-later
 * transport-tcp.c: non-blocking sockets in the reactor, dialled or accepted. Decides nothing about bytes. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "server/core/clock.h"
#include "server/field/transport.h"
#include "shared/base/till-log.h"

#define CONNECT_LIMIT_MS 5000
#define OUT_SMALL        64 /* a request or two */

static void
set_option (int fd, int level, int name, int value)
{
  /* Refused by some kinds of socket; the link works without, only slower to notice. */
  if (setsockopt (fd, level, name, &value, sizeof value) < 0)
    till_debug (TILL_LOG_NONE, "socket option %d/%d: %s", level, name, g_strerror (errno));
}

void
tilld_tcp_set_options (int fd)
{
  set_option (fd, IPPROTO_TCP, TCP_NODELAY, 1);
  set_option (fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option (fd, IPPROTO_TCP, TCP_KEEPIDLE, 30);
  set_option (fd, IPPROTO_TCP, TCP_KEEPINTVL, 10);
  set_option (fd, IPPROTO_TCP, TCP_KEEPCNT, 3);
  set_option (fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 30000);
}

static void
receive (TilldLink *link)
{
  guint8 bytes[4096];
  gssize n = recv (link->fd, bytes, sizeof bytes, 0);

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  if (n <= 0)
    {
      tilld_link_close (link, n == 0 ? "closed by the other side" : g_strerror (errno));
      return;
    }
  tilld_link_receive (link, bytes, (guint) n);
}

gboolean
tilld_tcp_connected (TilldLink *link)
{
  int       status = 0;
  socklen_t len = sizeof status;

  if (getsockopt (link->fd, SOL_SOCKET, SO_ERROR, &status, &len) < 0)
    status = errno;
  if (status != 0)
    {
      tilld_link_close (link, g_strerror (status));
      return FALSE;
    }
  tilld_reactor_modify (link->reactor, &link->watch, TILLD_READ);
  return TRUE;
}

/* Bytes taken; -1: closed. */
static gssize
push (TilldLink *link, const guint8 *bytes, guint len)
{
  gssize n = send (link->fd, bytes, len, MSG_NOSIGNAL);

  if (n < 0 && errno != EAGAIN && errno != EINTR)
    {
      tilld_link_close (link, g_strerror (errno));
      return -1;
    }
  link->bytes_out += (guint64) MAX (n, 0);
  return MAX (n, 0);
}

gboolean
tilld_out_append (TilldLink *link, const guint8 *bytes, guint len)
{
  if (link->out_len + len > TILLD_LINK_OUT)
    {
      tilld_link_close (link, "the other side does not take requests");
      return FALSE;
    }
  if (link->out_len + len > link->out_room)
    {
      link->out_room = (guint16) (link->out_len + len <= OUT_SMALL ? OUT_SMALL : TILLD_LINK_OUT);
      link->out = g_realloc (link->out, link->out_room);
    }
  memcpy (link->out + link->out_len, bytes, len);
  link->out_len = (guint16) (link->out_len + len);
  return TRUE;
}

void
tilld_out_taken (TilldLink *link, guint len)
{
  link->out_len = (guint16) (link->out_len - len);
  if (link->out_len > 0)
    {
      memmove (link->out, link->out + len, link->out_len);
      return;
    }
  link->out_room = 0;
  g_clear_pointer (&link->out, g_free);
}

static void
flush (TilldLink *link)
{
  gssize n = push (link, link->out, link->out_len);

  if (n < 0)
    return;
  tilld_out_taken (link, (guint) n);
  tilld_reactor_modify (link->reactor, &link->watch, link->out_len > 0 ? TILLD_READ | TILLD_WRITE : TILLD_READ);
}

static void
leave (gpointer data)
{
  flush (data);
}

static void
ready (TilldReactor *reactor, TilldWatch *watch, TilldIo io, gpointer data)
{
  TilldLink *link = data;
  gint64     instance = link->instance;

  if (link->state == TILLD_LINK_CONNECTING)
    {
      if (tilld_tcp_connected (link))
        {
          tilld_timer_disarm (link->reactor, &link->timer);
          tilld_link_set_state (link, TILLD_LINK_UP);
        }
      return;
    }
  if ((io & TILLD_WRITE) && link->out_len > 0)
    flush (link);
  if (tilld_link_holds (link, instance) && (io & (TILLD_READ | TILLD_HANGUP)))
    receive (link);
}

static void
connect_to (TilldLink *link, GInetAddress *address)
{
  g_autoptr(GSocketAddress) target = g_inet_socket_address_new (address, link->port);
  struct sockaddr_storage   storage;
  gssize                    len = g_socket_address_get_native_size (target);
  g_autoptr(GError)         error = NULL;
  int                       status;

  if (!g_socket_address_to_native (target, &storage, sizeof storage, &error))
    {
      tilld_link_close (link, error->message);
      return;
    }
  link->fd = socket (storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
  if (link->fd < 0)
    {
      tilld_link_close (link, g_strerror (errno));
      return;
    }
  tilld_tcp_set_options (link->fd);
  status = connect (link->fd, (struct sockaddr *) &storage, (socklen_t) len);
  if ((status < 0 && errno != EINPROGRESS) || !tilld_reactor_add (link->reactor, &link->watch, link->fd, TILLD_WRITE, &error))
    tilld_link_close (link, error != NULL ? error->message : g_strerror (errno));
}

static void
resolved (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr(GError) error = NULL;
  GList            *found = g_resolver_lookup_by_name_finish (G_RESOLVER (source), result, &error);
  TilldLink        *link = data;

  /* Cancelled: the link has gone on, perhaps it is freed. */
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_clear_object (&link->resolving);
      if (found == NULL)
        tilld_link_close (link, error->message);
      else
        {
          tilld_link_set_state (link, TILLD_LINK_CONNECTING);
          connect_to (link, found->data);
        }
    }
  g_resolver_free_addresses (found);
}

void
tilld_tcp_dial (TilldLink *link, TilldWatchFunc ready_func)
{
  g_autoptr(GInetAddress) address = g_inet_address_new_from_string (link->host);

  tilld_watch_init (&link->watch, ready_func, link);
  tilld_timer_arm (link->reactor, &link->timer, CONNECT_LIMIT_MS);
  if (address != NULL)
    {
      tilld_link_set_state (link, TILLD_LINK_CONNECTING);
      connect_to (link, address);
    }
  else
    {
      g_autoptr(GResolver) resolver = g_resolver_get_default ();

      tilld_link_set_state (link, TILLD_LINK_RESOLVING);
      link->resolving = g_cancellable_new ();
      g_resolver_lookup_by_name_async (resolver, link->host, link->resolving, resolved, link);
    }
}

void
tilld_tcp_drop (TilldLink *link)
{
  if (link->resolving != NULL)
    {
      g_cancellable_cancel (link->resolving);
      g_clear_object (&link->resolving);
    }
  if (link->leave.next != NULL && send (link->fd, link->out, link->out_len, MSG_NOSIGNAL) > 0) /* a last word: nobody waits for its fate */
    link->bytes_out += link->out_len;
  tilld_reactor_undefer (&link->leave);
  if (link->watch.fd >= 0)
    tilld_reactor_remove (link->reactor, &link->watch);
  if (link->fd >= 0)
    close (link->fd);
  link->fd = -1;
  tilld_out_taken (link, link->out_len);
}

gboolean
tilld_tcp_accepted (TilldLink *link, int fd, GError **error)
{
  g_assert (link->state == TILLD_LINK_DOWN);
  link->fd = fd;
  tilld_tcp_set_options (fd);
  tilld_watch_init (&link->watch, ready, link);
  if (!tilld_reactor_add (link->reactor, &link->watch, fd, TILLD_READ, error))
    {
      tilld_tcp_drop (link);
      return FALSE;
    }
  tilld_link_set_state (link, TILLD_LINK_GREETING);
  return TRUE;
}

static void
dial (TilldLink *link)
{
  tilld_tcp_dial (link, ready);
}

/* At the end of the turn, with those of all other links: the cost of sending is mostly that of waking the other side. */
static gboolean
send_bytes (TilldLink *link, const guint8 *bytes, guint len)
{
  if (!tilld_out_append (link, bytes, len))
    return FALSE;
  link->leave.func = leave;
  link->leave.data = link;
  if ((link->watch.wanted & TILLD_WRITE) == 0)
    tilld_reactor_defer (link->reactor, &link->leave);
  return TRUE;
}

const TilldTransport tilld_transport_tcp = { "tcp", dial, send_bytes, tilld_tcp_drop };
const TilldTransport tilld_transport_accepted = { "accepted", NULL, send_bytes, tilld_tcp_drop };
