/* SPDX-License-Identifier: GPL-2.0-or-later
 * stream.c: sockets and ptys without blocking. What the peer does not take is kept up to a bound, then the stream breaks. */
#include "tests/simulator/stream.h"
#include <errno.h>
#include <gio/gio.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "shared/base/till-error.h"
#include "tests/simulator/stream-tls.h"

#define OUT_BYTES 65536

static void
stream_unref (SimStream *stream)
{
  if (stream->fd >= 0 || stream->inside > 0)
    return;
  g_clear_pointer (&stream->out, g_byte_array_unref);
  g_clear_pointer (&stream->tls, sim_tls_free);
  g_free (stream);
}

void
sim_stream_hold (SimStream *stream)
{
  stream->inside++;
}

void
sim_stream_release (SimStream *stream)
{
  stream->inside--;
  stream_unref (stream);
}

void
sim_stream_close (SimStream *stream, gboolean hard)
{
  struct linger at_once = { 1, 0 };

  if (stream->fd < 0)
    return;
  tilld_reactor_remove (stream->reactor, &stream->watch);
  if (stream->tls && !hard && !stream->connecting)
    sim_tls_bye (stream->tls);
  if (hard && !stream->tty)
    setsockopt (stream->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close (stream->fd);
  stream->fd = -1;
  stream->inside++;
  stream->funcs->closed (stream, stream->data);
  sim_stream_release (stream);
}

static void
want_write (SimStream *stream, gboolean wanted)
{
  if (stream->writing == wanted)
    return;
  stream->writing = wanted;
  tilld_reactor_modify (stream->reactor, &stream->watch, wanted ? TILLD_READ | TILLD_WRITE : TILLD_READ);
}

/* As write(2): the number taken, or -1 with errno; TLS turned into the same. */
static gssize
put (SimStream *stream, const guint8 *bytes, gsize n)
{
  if (stream->tls)
    return sim_tls_send (stream->tls, bytes, n);
  if (stream->tty)
    return write (stream->fd, bytes, n);
  return send (stream->fd, bytes, n, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static gssize
get (SimStream *stream, guint8 *bytes, gsize n)
{
  if (stream->tls)
    return sim_tls_receive (stream->tls, bytes, n);
  if (stream->tty)
    return read (stream->fd, bytes, n);
  return recv (stream->fd, bytes, n, MSG_DONTWAIT);
}

static void
flush (SimStream *stream)
{
  while (stream->out && stream->out->len > 0)
    {
      gssize n = put (stream, stream->out->data, stream->out->len);

      if (n > 0)
        g_byte_array_remove_range (stream->out, 0, (guint) n);
      else if (n < 0 && errno == EAGAIN)
        break;
      else if (n < 0 && errno != EINTR)
        {
          sim_stream_close (stream, FALSE);
          return;
        }
    }
  want_write (stream, stream->out && stream->out->len > 0);
}

void
sim_stream_send (SimStream *stream, const guint8 *bytes, gsize n)
{
  gssize taken = 0;

  if (stream->fd < 0)
    return;
  if (!stream->out || stream->out->len == 0)
    do
      taken = put (stream, bytes, n);
    while (taken < 0 && errno == EINTR);
  if (taken == (gssize) n)
    return;
  if (taken < 0 && errno != EAGAIN)
    {
      sim_stream_close (stream, FALSE);
      return;
    }
  taken = MAX (taken, 0);
  if (!stream->out)
    stream->out = g_byte_array_new ();
  if (stream->out->len + n - (gsize) taken > OUT_BYTES)
    {
      sim_stream_close (stream, TRUE);
      return;
    }
  g_byte_array_append (stream->out, bytes + taken, (guint) (n - (gsize) taken));
  want_write (stream, TRUE);
}

void
sim_stream_use (SimStream *stream, gsize n)
{
  stream->n_in -= n;
  if (stream->n_in > 0)
    memmove (stream->in, stream->in + n, stream->n_in);
}

static void
receive (SimStream *stream)
{
  gsize  room;
  gssize n;

  do
    {
      if (stream->deaf || stream->n_in == stream->in_size) /* deaf, or nothing that anyone could understand */
        stream->n_in = 0;
      room = stream->in_size - stream->n_in;
      n = get (stream, stream->in + stream->n_in, room);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0 && errno == EAGAIN)
        return;
      if (n <= 0)
        {
          sim_stream_close (stream, FALSE);
          return;
        }
      stream->n_in += (gsize) n;
      if (!stream->deaf)
        stream->funcs->received (stream, stream->data);
    }
  while (stream->fd >= 0 && (stream->tls || n < 0 || (gsize) n == room)); /* less than asked for was all there is */
}

/* One step of connecting or of the TLS handshake. TRUE: there is a stream now. */
static gboolean
settle (SimStream *stream)
{
  int       failed = 0;
  socklen_t size = sizeof failed;

  if (stream->connecting)
    {
      if (getsockopt (stream->fd, SOL_SOCKET, SO_ERROR, &failed, &size) != 0 || failed != 0)
        {
          sim_stream_close (stream, FALSE);
          return FALSE;
        }
      stream->connecting = FALSE;
    }
  if (stream->shaking)
    switch (sim_tls_shake (stream->tls))
      {
      case SIM_TLS_AGAIN:
        want_write (stream, sim_tls_wants_write (stream->tls));
        return FALSE;
      case SIM_TLS_FAILED:
        sim_stream_close (stream, FALSE);
        return FALSE;
      case SIM_TLS_DONE:
        stream->shaking = FALSE;
      }
  want_write (stream, FALSE);
  if (stream->funcs->ready)
    stream->funcs->ready (stream, stream->data);
  return stream->fd >= 0;
}

static void
stream_ready (TilldReactor *reactor, TilldWatch *watch, TilldIo ready, gpointer data)
{
  SimStream *stream = data;

  stream->inside++;
  if ((stream->connecting || stream->shaking) ? settle (stream) : stream->fd >= 0)
    {
      if (ready & TILLD_WRITE)
        flush (stream);
      if (stream->fd >= 0 && (ready & (TILLD_READ | TILLD_HANGUP)))
        receive (stream);
    }
  sim_stream_release (stream);
}

static SimStream *
begin (TilldReactor *reactor, int fd, const SimStreamOwner *owner, SimTls *tls, gboolean connecting, GError **error)
{
  SimStream *stream = g_malloc (sizeof *stream + owner->in_size);

  memset (stream, 0, sizeof *stream);
  stream->reactor = reactor;
  stream->fd = fd;
  stream->funcs = owner->funcs;
  stream->data = owner->data;
  stream->in_size = owner->in_size;
  stream->tls = tls;
  stream->connecting = stream->writing = connecting;
  stream->shaking = tls != NULL;
  if (tls)
    sim_tls_set_fd (tls, fd);
  tilld_watch_init (&stream->watch, stream_ready, stream);
  if (tilld_reactor_add (reactor, &stream->watch, fd, connecting ? TILLD_READ | TILLD_WRITE : TILLD_READ, error))
    return stream;
  close (fd);
  stream->fd = -1;
  stream_unref (stream);
  return NULL;
}

SimStream *
sim_stream_new (TilldReactor *reactor, int fd, const SimStreamOwner *owner, GError **error)
{
  SimStream *stream = begin (reactor, fd, owner, NULL, FALSE, error);

  if (stream)
    stream->tty = isatty (fd) == 1;
  return stream;
}

void
sim_stream_start_tls (SimStream *stream, SimTls *tls)
{
  stream->tls = tls;
  stream->shaking = TRUE;
  sim_tls_set_fd (tls, stream->fd);
}

SimStream *
sim_stream_dial (TilldReactor *reactor, const char *at, SimTls *tls, const SimStreamOwner *owner, GError **error)
{
  const char                *colon = strrchr (at, ':');
  g_autofree char           *host = g_strndup (at + (*at == '['), (gsize) (colon - at) - 2 * (*at == '['));
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new_from_string (host, (guint) g_ascii_strtoull (colon + 1, NULL, 10));
  gssize                     size = address ? g_socket_address_get_native_size (address) : 0;
  struct sockaddr_storage    native;
  int                        fd = -1, one = 1;

  if (address && g_socket_address_to_native (address, &native, sizeof native, NULL))
    fd = socket (native.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd >= 0)
    setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (fd >= 0 && (connect (fd, (struct sockaddr *) &native, (socklen_t) size) == 0 || errno == EINPROGRESS))
    return begin (reactor, fd, owner, tls, TRUE, error);
  till_fail (error, TILL_ERROR_OFFLINE, "%s: %s", at, g_strerror (errno));
  if (fd >= 0)
    close (fd);
  g_clear_pointer (&tls, sim_tls_free);
  return NULL;
}
