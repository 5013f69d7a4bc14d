/* SPDX-License-Identifier: GPL-2.0-or-later
 * handshake.c: the gate before TLS. GIO runs every handshake on GTask's few shared threads, so a peer gets one only when its whole
 * ClientHello is here; at most a handful run at once; next is the address with the fewest in progress, within it the newest
 * (first come, first served starved newcomers behind stalled ones); an old one gives way when somebody waits. */
#include <string.h>
#include <sys/socket.h>
#include "server/core/clock.h"
#include "server/http/accept-private.h"
#include "shared/base/till-error.h"

#define RECORD_HEAD  5
#define RECORD_MAX   16384
#define RECORD_HELLO 22

static void next_handshake (TilldAccept *self);

void
tilld_peer_unwait (TilldPeer *peer)
{
  if (peer->readable != NULL)
    {
      g_source_destroy (peer->readable);
      g_clear_pointer (&peer->readable, g_source_unref);
    }
  if (peer->waiting)
    {
      g_queue_unlink (&peer->address->waiting, &peer->waiting_link);
      peer->waiting = FALSE;
      peer->accept->n_waiting--;
    }
}

static void
enqueue (TilldPeer *peer)
{
  tilld_peer_unwait (peer);
  g_socket_set_option (peer->socket, SOL_SOCKET, SO_RCVLOWAT, 1, NULL);
  peer->waiting_link.data = peer;
  g_queue_push_tail_link (&peer->address->waiting, &peer->waiting_link);
  peer->waiting = TRUE;
  peer->accept->n_waiting++;
  tilld_deadlines_enter (peer->accept->deadlines, &peer->deadline, TILLD_STAGE_WAITING);
  next_handshake (peer->accept);
}

/* With SO_RCVLOWAT the kernel wakes us once for the record head and once for the whole record, however slowly it drips. */
static gboolean
hello_readable (GSocket *socket, GIOCondition condition, gpointer data)
{
  TilldPeer *peer = data;
  guint8 head[RECORD_HEAD];
  gssize got = recv (g_socket_get_fd (socket), head, sizeof head, MSG_PEEK | MSG_DONTWAIT);
  guint length;
  int available;

  if (got < (gssize) sizeof head)
    {
      tilld_peer_shut (peer); /* closed, or an error */
      return G_SOURCE_REMOVE;
    }
  length = (guint) head[3] << 8 | head[4];
  if (head[0] != RECORD_HELLO || head[1] != 3 || length == 0 || length > RECORD_MAX)
    {
      tilld_peer_shut (peer);
      return G_SOURCE_REMOVE;
    }
  available = (int) g_socket_get_available_bytes (socket);
  if (available >= (int) (RECORD_HEAD + length))
    {
      enqueue (peer);
      return G_SOURCE_REMOVE;
    }
  if ((condition & (G_IO_HUP | G_IO_ERR)) != 0 || !g_socket_set_option (socket, SOL_SOCKET, SO_RCVLOWAT, (int) (RECORD_HEAD + length), NULL))
    {
      tilld_peer_shut (peer);
      return G_SOURCE_REMOVE;
    }
  return G_SOURCE_CONTINUE;
}

void
tilld_peer_gate (TilldPeer *peer)
{
  if (peer->accept->certificate == NULL)
    {
      g_autoptr (GSocketConnection) stream = g_socket_connection_factory_create_connection (peer->socket);
      tilld_peer_ready (peer, G_IO_STREAM (stream));
      return;
    }
  tilld_deadlines_enter (peer->accept->deadlines, &peer->deadline, TILLD_STAGE_HELLO);
  g_socket_set_option (peer->socket, SOL_SOCKET, SO_RCVLOWAT, RECORD_HEAD, NULL);
  peer->readable = g_socket_create_source (peer->socket, G_IO_IN, NULL);
  g_source_set_callback (peer->readable, G_SOURCE_FUNC (hello_readable), peer, NULL);
  g_source_attach (peer->readable, g_main_context_get_thread_default ());
}

static void
shaken (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (GIOStream) stream = G_IO_STREAM (object);
  TilldPeer *peer = data;
  TilldAccept *self = peer->accept;
  gboolean done = g_tls_connection_handshake_finish (G_TLS_CONNECTION (object), result, NULL);

  g_queue_unlink (&self->shaking, &peer->shaking_link);
  peer->shaking = FALSE;
  peer->address->handshakes--;
  if (done && peer->deadline.listed) /* not listed: shut meanwhile */
    tilld_peer_ready (peer, stream);
  else
    tilld_peer_free (peer);
  next_handshake (self);
}

static void
begin_handshake (TilldPeer *peer)
{
  TilldAccept *self = peer->accept;
  g_autoptr (GSocketConnection) base = g_socket_connection_factory_create_connection (peer->socket);
  /* g_tls_server_connection_new () would load the system's trust list into every connection. */
  GObject *tls = g_initable_new (g_tls_backend_get_server_connection_type (g_tls_backend_get_default ()), NULL, NULL,
                                 "base-io-stream", base, "certificate", self->certificate, "database", NULL, NULL);

  tilld_peer_unwait (peer);
  if (tls == NULL)
    {
      tilld_peer_shut (peer);
      return;
    }
  peer->shaking = TRUE;
  peer->shaking_link.data = peer;
  peer->shaking_since_us = tilld_clock_boot_us (tilld_clock_system ());
  peer->cancellable = g_cancellable_new ();
  g_queue_push_tail_link (&self->shaking, &peer->shaking_link);
  peer->address->handshakes++;
  tilld_deadlines_enter (self->deadlines, &peer->deadline, TILLD_STAGE_HANDSHAKE);
  g_tls_connection_handshake_async (G_TLS_CONNECTION (tls), G_PRIORITY_DEFAULT, peer->cancellable, shaken, peer);
}

static TilldPeer *
pick (TilldAccept *self)
{
  TilldAddress *address, *best = NULL;
  GHashTableIter iter;

  g_hash_table_iter_init (&iter, self->addresses);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &address))
    if (address->waiting.length > 0 && address->handshakes < self->limits.handshakes_per_address
        && (best == NULL || address->handshakes < best->handshakes))
      best = address;
  return best != NULL ? g_queue_peek_tail (&best->waiting) : NULL;
}

/* The oldest running handshake, of the address that holds its share up when only that one waits. */
static TilldPeer *
oldest_in_the_way (TilldAccept *self)
{
  if (self->shaking.length >= self->limits.handshakes_max)
    return g_queue_peek_head (&self->shaking);
  for (GList *l = self->shaking.head; l != NULL; l = l->next)
    {
      TilldPeer *peer = l->data;
      if (peer->address->waiting.length > 0)
        return peer;
    }
  return NULL;
}

static gboolean
give_way (gpointer data)
{
  TilldAccept *self = data;
  self->give_way = NULL;
  next_handshake (self);
  return G_SOURCE_REMOVE;
}

static void
next_handshake (TilldAccept *self)
{
  TilldPeer *peer, *oldest;
  gint64 age_us;

  while (self->shaking.length < self->limits.handshakes_max && (peer = pick (self)) != NULL)
    begin_handshake (peer);
  if (self->n_waiting == 0 || self->listeners->len == 0 || (oldest = oldest_in_the_way (self)) == NULL)
    return;
  age_us = tilld_clock_boot_us (tilld_clock_system ()) - oldest->shaking_since_us;
  if (age_us >= (gint64) self->limits.give_way_ms * 1000)
    {
      if (oldest->deadline.listed)
        tilld_peer_shut (oldest); /* its end comes back through shaken () */
      return;
    }
  if (self->give_way != NULL)
    return;
  self->give_way = g_timeout_source_new ((guint) (self->limits.give_way_ms - age_us / 1000 + 1));
  g_source_set_callback (self->give_way, give_way, self, NULL);
  g_source_attach (self->give_way, g_main_context_get_thread_default ());
  g_source_unref (self->give_way);
}
