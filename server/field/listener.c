/* SPDX-License-Identifier: GPL-2.0-or-later
 * listener.c: accepts within a budget a turn, so that a flood of callers never keeps the links waiting. Reads nothing. */
#include "server/field/listener.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "shared/base/till-error.h"
#include "shared/base/till-log.h"

#define BACKLOG          4096
#define ACCEPTS_PER_TURN 64
#define PAUSE_MS         1000 /* out of descriptors: asking again at once would only burn the processor */
#define SOCKETS_MAX      16
#define ADDRESS_TEXT     46

typedef struct {
  TilldListener *listener;
  TilldWatch     watch;
} Socket;

struct _TilldListener {
  TilldReactor *reactor;
  TilldGreeter *greeter;
  Socket        sockets[SOCKETS_MAX];
  guint         n;
  TilldTimer    pause;
};

static void
address_text (const struct sockaddr_storage *from, char ret[ADDRESS_TEXT])
{
  const struct sockaddr_in6 *six = (const struct sockaddr_in6 *) from;

  g_strlcpy (ret, "?", ADDRESS_TEXT);
  if (from->ss_family == AF_INET)
    inet_ntop (AF_INET, &((const struct sockaddr_in *) from)->sin_addr, ret, ADDRESS_TEXT);
  else if (from->ss_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED (&six->sin6_addr))
    inet_ntop (AF_INET, six->sin6_addr.s6_addr + 12, ret, ADDRESS_TEXT);
  else if (from->ss_family == AF_INET6)
    inet_ntop (AF_INET6, &six->sin6_addr, ret, ADDRESS_TEXT);
}

static void
watch_all (TilldListener *listener, TilldIo wanted)
{
  for (guint i = 0; i < listener->n; i++)
    tilld_reactor_modify (listener->reactor, &listener->sockets[i].watch, wanted);
}

static void
pause_over (TilldReactor *reactor, TilldTimer *timer, gpointer data)
{
  watch_all (data, TILLD_READ);
}

static void
ready (TilldReactor *reactor, TilldWatch *watch, TilldIo io, gpointer data)
{
  TilldListener *listener = ((Socket *) data)->listener;

  for (guint i = 0; i < ACCEPTS_PER_TURN; i++)
    {
      struct sockaddr_storage from = { 0 };
      socklen_t               len = sizeof from;
      char                    address[ADDRESS_TEXT];
      int                     fd = accept4 (watch->fd, (struct sockaddr *) &from, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);

      if (fd < 0 && (errno == EINTR || errno == ECONNABORTED))
        continue;
      if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM))
        {
          till_warn (TILL_LOG_NONE, NULL, "gateways are not accepted for a second: %s", g_strerror (errno));
          watch_all (listener, 0);
          tilld_timer_arm (reactor, &listener->pause, PAUSE_MS);
          return;
        }
      if (fd < 0)
        return;
      address_text (&from, address);
      if (tilld_greeter_welcomes (listener->greeter, address))
        tilld_greeter_take (listener->greeter, fd, address);
      else
        close (fd);
    }
}

static int
listen_on (const struct sockaddr *address, socklen_t len)
{
  int fd = socket (address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP), on = 1, status;

  if (fd < 0)
    return -1;
  if (setsockopt (fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 && bind (fd, address, len) == 0 && listen (fd, BACKLOG) == 0)
    return fd;
  status = errno;
  close (fd);
  errno = status;
  return -1;
}

static guint16
bound_port (int fd)
{
  struct sockaddr_storage own = { 0 };
  socklen_t               len = sizeof own;

  if (getsockname (fd, (struct sockaddr *) &own, &len) < 0)
    return 0;
  return ntohs (own.ss_family == AF_INET6 ? ((struct sockaddr_in6 *) &own)->sin6_port : ((struct sockaddr_in *) &own)->sin_port);
}

/* Numbers only: a server listens on addresses of its own, not on names that somebody else decides. */
static GSocketAddress *
parse (const char *text)
{
  const char      *colon = strrchr (text, ':');
  g_autofree char *host = NULL;
  guint64          port;

  if (colon == NULL || colon == text || !g_ascii_string_to_unsigned (colon + 1, 10, 0, 65535, &port, NULL))
    return NULL;
  host = g_strndup (text, (gsize) (colon - text));
  if (host[0] == '[' && host[strlen (host) - 1] == ']')
    {
      host[strlen (host) - 1] = '\0';
      return g_inet_socket_address_new_from_string (host + 1, (guint) port);
    }
  return g_inet_socket_address_new_from_string (host, (guint) port);
}

gboolean
tilld_listener_open (TilldListener *listener, const char *address, guint16 *ret_port, GError **error)
{
  g_autoptr(GSocketAddress) target = parse (address);
  struct sockaddr_storage   native;
  Socket                   *it = &listener->sockets[listener->n];
  int                       fd;

  if (target == NULL)
    return till_fail (error, TILL_ERROR_INVALID, "field.listen: \"%s\" is not ADDRESS:PORT", address);
  if (listener->n == SOCKETS_MAX)
    return till_fail (error, TILL_ERROR_INVALID, "field.listen: at most %d addresses", SOCKETS_MAX);
  if (!g_socket_address_to_native (target, &native, sizeof native, error))
    return FALSE;
  fd = listen_on ((struct sockaddr *) &native, (socklen_t) g_socket_address_get_native_size (target));
  if (fd < 0)
    return till_fail (error, TILL_ERROR_INVALID, "field.listen: %s: %s", address, g_strerror (errno));
  it->listener = listener;
  tilld_watch_init (&it->watch, ready, it);
  if (!tilld_reactor_add (listener->reactor, &it->watch, fd, TILLD_READ, error))
    {
      close (fd);
      return FALSE;
    }
  listener->n++;
  *ret_port = bound_port (fd);
  return TRUE;
}

TilldListener *
tilld_listener_new (TilldReactor *reactor, TilldGreeter *greeter)
{
  TilldListener *listener = g_new0 (TilldListener, 1);

  listener->reactor = reactor;
  listener->greeter = greeter;
  tilld_timer_init (&listener->pause, pause_over, listener);
  return listener;
}

void
tilld_listener_free (TilldListener *listener)
{
  tilld_timer_disarm (listener->reactor, &listener->pause);
  for (guint i = 0; i < listener->n; i++)
    {
      int fd = listener->sockets[i].watch.fd;

      tilld_reactor_remove (listener->reactor, &listener->sockets[i].watch);
      close (fd);
    }
  g_free (listener);
}
