/* SPDX-License-Identifier: GPL-2.0-or-later
 * transport-tls.c: records over a non-blocking socket, for both ends. Who the peer is: tls-peer.c. */
#include "server/field/transport-tls.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include "server/core/clock.h"
#include "server/field/tls-private.h"

#define RECORDS_PER_TURN  16
#define HANDSHAKE_MS      5000 /* of a connection that we dial */

static void
state_free (TilldTlsState *s)
{
  g_clear_pointer (&s->session, gnutls_deinit);
  g_clear_pointer (&s->own_credentials, gnutls_certificate_free_credentials);
  g_clear_pointer (&s->first, g_byte_array_unref);
  g_free (s);
}

/* --- below the records --- */

static ssize_t
pull (gnutls_transport_ptr_t ptr, void *bytes, size_t len)
{
  TilldLink     *link = ptr;
  TilldTlsState *s = link->transport_state;
  ssize_t        n;

  if (s->first != NULL && s->first->len > 0)
    {
      n = (ssize_t) MIN (len, s->first->len);
      memcpy (bytes, s->first->data, (size_t) n);
      g_byte_array_remove_range (s->first, 0, (guint) n);
      return n;
    }
  n = recv (link->fd, bytes, len, 0);
  if (n < 0)
    gnutls_transport_set_errno (s->session, errno);
  return n;
}

static ssize_t
push (gnutls_transport_ptr_t ptr, const void *bytes, size_t len)
{
  TilldLink     *link = ptr;
  TilldTlsState *s = link->transport_state;
  ssize_t        n = send (link->fd, bytes, len, MSG_NOSIGNAL);

  if (n < 0)
    gnutls_transport_set_errno (s->session, errno);
  else
    link->bytes_out += (guint64) n;
  return n;
}

gboolean
tilld_tls_begin_session (TilldLink *link, TilldTlsState *s, unsigned int flags)
{
  s->link = link;
  if (gnutls_init (&s->session, flags | GNUTLS_NONBLOCK | GNUTLS_NO_TICKETS | GNUTLS_NO_SIGNAL) != 0)
    return FALSE;
  gnutls_session_set_ptr (s->session, s);
  gnutls_transport_set_ptr (s->session, link);
  gnutls_transport_set_pull_function (s->session, pull);
  gnutls_transport_set_push_function (s->session, push);
  gnutls_handshake_set_timeout (s->session, 0); /* deadlines are the greeting's, or the link's */
  return gnutls_priority_set_direct (s->session, TILLD_TLS_PRIORITY, NULL) == 0;
}

/* --- records --- */

static TilldIo
wanted_io (const TilldLink *link)
{
  const TilldTlsState *s = link->transport_state;

  if (link->deaf)
    return 0;
  if (!s->ready)
    return gnutls_record_get_direction (s->session) == 1 ? TILLD_WRITE : TILLD_READ;
  return link->out_len > 0 ? TILLD_READ | TILLD_WRITE : TILLD_READ;
}

/* FALSE: closed. */
static gboolean
flush (TilldLink *link)
{
  TilldTlsState *s = link->transport_state;

  while (link->out_len > 0)
    {
      guint   len = s->sending > 0 ? s->sending : link->out_len; /* a record that did not go out whole is sent with the same bytes */
      ssize_t n = gnutls_record_send (s->session, link->out, len);

      s->sending = n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED ? len : 0;
      if (s->sending > 0)
        break;
      if (n < 0)
        {
          tilld_link_close (link, gnutls_strerror ((int) n));
          return FALSE;
        }
      tilld_out_taken (link, (guint) n);
    }
  tilld_reactor_modify (link->reactor, &link->watch, wanted_io (link));
  return TRUE;
}

static void
receive (TilldLink *link)
{
  gint64 instance = link->instance;
  guint8 bytes[4096];

  for (guint i = 0; i < RECORDS_PER_TURN && tilld_link_holds (link, instance); i++)
    {
      TilldTlsState *s = link->transport_state;
      ssize_t        n = gnutls_record_recv (s->session, bytes, sizeof bytes);

      if (n == GNUTLS_E_INTERRUPTED)
        continue;
      if (n == GNUTLS_E_AGAIN)
        return;
      if (n <= 0)
        {
          tilld_link_close (link, n == 0 ? "closed by the other side" : gnutls_strerror ((int) n));
          return;
        }
      tilld_link_receive (link, bytes, (guint) n);
    }
}

/* What GnuTLS holds already makes no descriptor readable: taken before waiting again. */
static void
receive_all (TilldLink *link)
{
  gint64 instance = link->instance;

  do
    receive (link);
  while (tilld_link_holds (link, instance) && !link->deaf && gnutls_record_check_pending (((TilldTlsState *) link->transport_state)->session) > 0);
}

static void
shake (TilldLink *link)
{
  TilldTlsState *s = link->transport_state;
  gint64         instance = link->instance;
  int            status;

  do
    status = gnutls_handshake (s->session);
  while (status == GNUTLS_E_INTERRUPTED || (status < 0 && status != GNUTLS_E_AGAIN && gnutls_error_is_fatal (status) == 0));
  if (status == GNUTLS_E_AGAIN || link->deaf)
    {
      tilld_reactor_modify (link->reactor, &link->watch, wanted_io (link));
      return;
    }
  if (status != 0)
    {
      tilld_tls_failed (link, gnutls_strerror (status));
      return;
    }
  s->ready = TRUE;
  tilld_reactor_modify (link->reactor, &link->watch, TILLD_READ);
  if (tilld_tls_peer (link) && tilld_link_holds (link, instance))
    receive_all (link);
  else if (link->deaf)
    tilld_reactor_modify (link->reactor, &link->watch, 0);
}

static void
ready (TilldReactor *reactor, TilldWatch *watch, TilldIo io, gpointer data)
{
  TilldLink     *link = data;
  TilldTlsState *s = link->transport_state;
  gint64         instance = link->instance;

  if (link->deaf)
    {
      if (io & TILLD_HANGUP)
        tilld_link_close (link, "closed by the other side");
      return;
    }
  if (!s->ready)
    shake (link);
  else if ((io & TILLD_WRITE) == 0 || link->out_len == 0 || (flush (link) && tilld_link_holds (link, instance)))
    receive_all (link);
}

static void
client_ready (TilldReactor *reactor, TilldWatch *watch, TilldIo io, gpointer data)
{
  TilldLink *link = data;

  if (!tilld_tcp_connected (link))
    return;
  tilld_timer_arm (link->reactor, &link->timer, HANDSHAKE_MS);
  link->watch.func = ready;
  if (tilld_tls_begin_client (link))
    shake (link);
}

/* --- the transport --- */

static gboolean
send_bytes (TilldLink *link, const guint8 *bytes, guint len)
{
  gint64 instance = link->instance;

  if (!tilld_out_append (link, bytes, len))
    return FALSE;
  return ((TilldTlsState *) link->transport_state)->sending > 0 || (flush (link) && tilld_link_holds (link, instance));
}

static void
drop (TilldLink *link)
{
  if (link->transport_state != NULL)
    state_free (g_steal_pointer (&link->transport_state));
  tilld_tcp_drop (link);
}

static void
dial (TilldLink *link)
{
  tilld_tcp_dial (link, client_ready);
}

const TilldTransport tilld_transport_tls = { "tls", dial, send_bytes, drop };
static const TilldTransport tilld_transport_tls_accepted = { "tls accepted", NULL, send_bytes, drop };

void
tilld_tls_accept (TilldTls *tls, TilldLink *link, const guint8 *bytes, guint len)
{
  TilldTlsState *s = g_new0 (TilldTlsState, 1);

  s->tls = tls;
  s->first = g_byte_array_new ();
  g_byte_array_append (s->first, bytes, len);
  link->transport = &tilld_transport_tls_accepted;
  link->transport_state = s;
  link->watch.func = ready;
  if (!tilld_tls_begin_session (link, s, GNUTLS_SERVER) || !tilld_tls_show (s))
    tilld_greeting_refuse (link, NULL, "no TLS session");
  else
    shake (link);
}
