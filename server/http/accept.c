/* SPDX-License-Identifier: GPL-2.0-or-later
 * accept.c: listening sockets, connections and their limits. SoupServer alone stops accepting for ever once it runs out of
 * descriptors and has no time-outs. Reads no HTTP. */
#include "server/http/accept-private.h"
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "server/core/clock.h"
#include "server/core/metrics.h"
#include "server/http/keep-stream.h"
#include "shared/base/till-error.h"
#include "shared/base/till-log.h"

#define ACCEPTS_PER_TURN 64
#define PAUSE_MS         100

const TilldAcceptLimits tilld_accept_default_limits = {
  .connections_max = 4000, .per_address_max = 256, .idle_max = 64,
  .handshakes_max = 8, .handshakes_per_address = 4, .give_way_ms = 300,
  .stage_ms = { [TILLD_STAGE_HELLO] = 5000, [TILLD_STAGE_WAITING] = 5000, [TILLD_STAGE_HANDSHAKE] = 3000, [TILLD_STAGE_HEADER] = 10000,
                [TILLD_STAGE_BODY] = 30000, [TILLD_STAGE_BUSY] = 0, [TILLD_STAGE_WRITE] = 60000, [TILLD_STAGE_IDLE] = 60000 },
};

char *
tilld_address_text (GSocketAddress *address, gboolean with_port)
{
  g_autofree char *host = NULL;
  GInetSocketAddress *inet;

  if (!G_IS_INET_SOCKET_ADDRESS (address))
    return g_strdup ("local");
  inet = G_INET_SOCKET_ADDRESS (address);
  host = g_inet_address_to_string (g_inet_socket_address_get_address (inet));
  if (!with_port)
    return g_steal_pointer (&host);
  return g_strdup_printf (strchr (host, ':') != NULL ? "[%s]:%u" : "%s:%u", host, g_inet_socket_address_get_port (inet));
}

static TilldAddress *
address_get (TilldAccept *self, const char *text)
{
  TilldAddress *address = g_hash_table_lookup (self->addresses, text);
  if (address == NULL)
    {
      address = g_new0 (TilldAddress, 1);
      address->text = g_strdup (text);
      g_queue_init (&address->peers);
      g_queue_init (&address->waiting);
      g_hash_table_insert (self->addresses, address->text, address);
    }
  return address;
}

static void
address_free (gpointer data)
{
  TilldAddress *address = data;
  g_assert (address->peers.length == 0 && address->waiting.length == 0);
  g_free (address->text);
  g_free (address);
}

/* Ends the record, not necessarily the descriptor: whoever holds the stream sees an end of file. */
void
tilld_peer_free (TilldPeer *peer)
{
  TilldAccept *self = peer->accept;

  g_assert (!peer->shaking);
  tilld_deadlines_leave (self->deadlines, &peer->deadline);
  tilld_peer_unwait (peer);
  g_hash_table_remove (self->peers, peer->key);
  tilld_metric_set (self->metric_open, g_hash_table_size (self->peers));
  g_queue_unlink (&peer->address->peers, &peer->link);
  if (peer->address->peers.length == 0)
    g_hash_table_remove (self->addresses, peer->address->text);
  g_clear_object (&peer->socket);
  g_clear_object (&peer->remote);
  g_clear_object (&peer->cancellable);
  g_free (peer->key);
  g_free (peer);
}

static void
stream_gone (gpointer data, GObject *where_it_was)
{
  TilldPeer *peer = data;
  peer->stream = NULL;
  tilld_peer_free (peer);
}

/* The end of a connection at our wish. A stream in SoupServer's hands is shut down and freed when it lets go of it. */
void
tilld_peer_shut (TilldPeer *peer)
{
  tilld_metric_add (peer->accept->metric_shut, 1);
  g_socket_shutdown (peer->socket, TRUE, TRUE, NULL);
  tilld_deadlines_leave (peer->accept->deadlines, &peer->deadline);
  if (peer->shaking)
    g_cancellable_cancel (peer->cancellable);
  else if (peer->stream == NULL)
    tilld_peer_free (peer);
}

void
tilld_peer_ready (TilldPeer *peer, GIOStream *base)
{
  TilldAccept *self = peer->accept;
  g_autoptr (GIOStream) stream = tilld_keep_stream_new (base);
  g_autoptr (GSocketAddress) local = g_socket_get_local_address (peer->socket, NULL);
  g_autoptr (GSocketAddress) remote = g_object_ref (peer->remote);

  peer->stream = stream;
  g_object_weak_ref (G_OBJECT (stream), stream_gone, peer);
  tilld_deadlines_enter (self->deadlines, &peer->deadline, TILLD_STAGE_HEADER);
  self->ready (stream, local, remote, self->data);
}

static void
expired (TilldDeadline *item, gpointer data)
{
  tilld_peer_shut ((TilldPeer *) item);
}

/* Whoever waits longest and is in no request makes room; a newcomer is never refused for the sloth of others. */
static gboolean
make_room (TilldAccept *self, TilldAddress *address)
{
  static const TilldStage order[] = { TILLD_STAGE_HELLO, TILLD_STAGE_WAITING, TILLD_STAGE_IDLE, TILLD_STAGE_HEADER };
  TilldPeer *oldest = NULL;

  if (address == NULL)
    {
      for (guint i = 0; i < G_N_ELEMENTS (order) && oldest == NULL; i++)
        oldest = (TilldPeer *) tilld_deadlines_oldest (self->deadlines, order[i]);
    }
  else
    for (guint i = 0; i < G_N_ELEMENTS (order) && oldest == NULL; i++)
      for (GList *l = address->peers.head; l != NULL; l = l->next)
        {
          TilldPeer *peer = l->data;
          if (peer->deadline.listed && peer->deadline.stage == order[i]
              && (oldest == NULL || peer->deadline.since_us < oldest->deadline.since_us))
            oldest = peer;
        }
  if (oldest == NULL)
    return FALSE;
  tilld_peer_shut (oldest);
  return TRUE;
}

static void
greet (TilldAccept *self, GSocket *socket)
{
  g_autoptr (GSocketAddress) remote = g_socket_get_remote_address (socket, NULL);
  g_autofree char *text = NULL;
  TilldAddress *address;
  TilldPeer *peer;

  if (remote == NULL)
    return;
  text = tilld_address_text (remote, FALSE);
  address = g_hash_table_lookup (self->addresses, text);
  if (self->limits.per_address_max != 0 && address != NULL && address->peers.length >= self->limits.per_address_max
      && !make_room (self, address))
    return;
  if (g_hash_table_size (self->peers) >= self->limits.connections_max && !make_room (self, NULL))
    return;

  g_socket_set_blocking (socket, FALSE);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, 1, NULL);
  g_socket_set_keepalive (socket, TRUE);
  peer = g_new0 (TilldPeer, 1);
  peer->accept = self;
  peer->socket = g_object_ref (socket);
  peer->remote = g_steal_pointer (&remote);
  peer->key = tilld_address_text (peer->remote, TRUE);
  peer->address = address_get (self, text);
  peer->link.data = peer;
  g_queue_push_tail_link (&peer->address->peers, &peer->link);
  g_hash_table_insert (self->peers, peer->key, peer);
  tilld_metric_add (self->metric_accepted, 1);
  tilld_metric_set (self->metric_open, g_hash_table_size (self->peers));
  tilld_peer_gate (peer);
}

static gboolean
resume (gpointer data)
{
  TilldAccept *self = data;
  self->pause = NULL;
  for (guint i = 0; i < self->listeners->len; i++)
    tilld_accept_watch (self, i);
  return G_SOURCE_REMOVE;
}

/* Out of descriptors: the spare one lets us take and close the newcomer politely, then we rest a moment. */
static void
out_of_descriptors (TilldAccept *self, GSocket *listener)
{
  int fd;

  till_warn (TILL_LOG_NONE, NULL, "out of descriptors: accepting rests for %d ms", PAUSE_MS);
  if (self->spare >= 0)
    close (self->spare);
  fd = accept4 (g_socket_get_fd (listener), NULL, NULL, SOCK_CLOEXEC);
  if (fd >= 0)
    close (fd);
  self->spare = open ("/dev/null", O_RDONLY | O_CLOEXEC);
  for (guint i = 0; i < self->sources->len; i++)
    g_source_destroy (g_ptr_array_index (self->sources, i));
  g_ptr_array_set_size (self->sources, 0);
  if (self->pause == NULL)
    {
      self->pause = g_timeout_source_new (PAUSE_MS);
      g_source_set_callback (self->pause, resume, self, NULL);
      g_source_attach (self->pause, g_main_context_get_thread_default ());
      g_source_unref (self->pause);
    }
}

static gboolean
acceptable (GSocket *listener, GIOCondition condition, gpointer data)
{
  TilldAccept *self = data;

  for (guint i = 0; i < ACCEPTS_PER_TURN; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GSocket) socket = g_socket_accept (listener, NULL, &error);

      if (socket != NULL)
        greet (self, socket);
      else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        break;
      else if (errno == EMFILE || errno == ENFILE || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TOO_MANY_OPEN_FILES))
        {
          out_of_descriptors (self, listener);
          break;
        }
    }
  return G_SOURCE_CONTINUE;
}

void
tilld_accept_watch (TilldAccept *self, guint n)
{
  GSocket *listener = g_ptr_array_index (self->listeners, n);
  GSource *source = g_socket_create_source (listener, G_IO_IN, NULL);

  g_source_set_callback (source, G_SOURCE_FUNC (acceptable), self, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
  g_ptr_array_add (self->sources, source);
}

TilldAccept *
tilld_accept_new (const TilldAcceptLimits *limits, GTlsCertificate *certificate, TilldAcceptReady ready, gpointer data)
{
  TilldAccept *self = g_new0 (TilldAccept, 1);

  g_assert (limits->handshakes_max > 0 && limits->connections_max > 0);
  self->limits = *limits;
  self->certificate = certificate != NULL ? g_object_ref (certificate) : NULL;
  self->ready = ready;
  self->data = data;
  self->deadlines = tilld_deadlines_new (limits->stage_ms, expired, self);
  self->peers = g_hash_table_new (g_str_hash, g_str_equal);
  self->addresses = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, address_free);
  self->listeners = g_ptr_array_new_with_free_func (g_object_unref);
  self->sources = g_ptr_array_new_with_free_func ((GDestroyNotify) g_source_unref);
  self->spare = open ("/dev/null", O_RDONLY | O_CLOEXEC);
  self->metric_accepted = tilld_metric_counter ("gridtill_http_accepted_total", NULL, "Connections accepted");
  self->metric_open = tilld_metric_gauge ("gridtill_http_connections", NULL, "Connections open, WebSockets not counted");
  self->metric_shut = tilld_metric_counter ("gridtill_http_shut_total", NULL, "Connections ended by the server");
  g_queue_init (&self->shaking);
  return self;
}

void
tilld_accept_free (TilldAccept *self)
{
  if (self == NULL)
    return;
  tilld_accept_close (self);
  g_assert (g_hash_table_size (self->peers) == 0 && self->shaking.length == 0);
  g_clear_pointer (&self->deadlines, tilld_deadlines_free);
  g_clear_pointer (&self->peers, g_hash_table_unref);
  g_clear_pointer (&self->addresses, g_hash_table_unref);
  g_clear_pointer (&self->listeners, g_ptr_array_unref);
  g_clear_pointer (&self->sources, g_ptr_array_unref);
  g_clear_object (&self->certificate);
  if (self->spare >= 0)
    close (self->spare);
  g_free (self);
}

gboolean
tilld_accept_listen (TilldAccept *self, const char *host_port, guint16 *ret_port, GError **error)
{
  g_autoptr (GSocketConnectable) connectable = g_network_address_parse (host_port, 8443, error);
  g_autoptr (GInetAddress) inet = NULL;
  g_autoptr (GSocketAddress) address = NULL, bound = NULL;
  g_autoptr (GSocket) socket = NULL;
  const char *host;

  if (connectable == NULL)
    return FALSE;
  host = g_network_address_get_hostname (G_NETWORK_ADDRESS (connectable));
  inet = g_inet_address_new_from_string (strcmp (host, "localhost") == 0 ? "127.0.0.1" : host);
  if (inet == NULL)
    return till_fail (error, TILL_ERROR_INVALID, "listen address %s: an IP address with port is needed", host_port);
  address = g_inet_socket_address_new (inet, g_network_address_get_port (G_NETWORK_ADDRESS (connectable)));
  socket = g_socket_new (g_inet_address_get_family (inet), G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, error);
  if (socket == NULL)
    return FALSE;
  g_socket_set_blocking (socket, FALSE);
  g_socket_set_listen_backlog (socket, 1024);
  if (!g_socket_bind (socket, address, TRUE, error) || !g_socket_listen (socket, error)
      || (bound = g_socket_get_local_address (socket, error)) == NULL)
    {
      g_prefix_error (error, "listen address %s: ", host_port);
      return FALSE;
    }
  if (ret_port != NULL)
    *ret_port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));
  g_ptr_array_add (self->listeners, g_steal_pointer (&socket));
  tilld_accept_watch (self, self->listeners->len - 1);
  return TRUE;
}

void
tilld_accept_set_certificate (TilldAccept *self, GTlsCertificate *certificate)
{
  g_set_object (&self->certificate, certificate);
}

void
tilld_accept_close (TilldAccept *self)
{
  if (self->pause != NULL)
    g_source_destroy (self->pause);
  self->pause = NULL;
  if (self->give_way != NULL)
    g_source_destroy (self->give_way);
  self->give_way = NULL;
  for (guint i = 0; i < self->sources->len; i++)
    g_source_destroy (g_ptr_array_index (self->sources, i));
  g_ptr_array_set_size (self->sources, 0);
  for (guint i = 0; i < self->listeners->len; i++)
    g_socket_close (g_ptr_array_index (self->listeners, i), NULL);
  g_ptr_array_set_size (self->listeners, 0);
}

void
tilld_accept_shut_all (TilldAccept *self)
{
  g_autoptr (GList) all = g_hash_table_get_values (self->peers);
  for (GList *l = all; l != NULL; l = l->next)
    tilld_peer_shut (l->data);
}

static TilldPeer *
find (TilldAccept *self, GSocketAddress *remote)
{
  g_autofree char *key = tilld_address_text (remote, TRUE);
  return g_hash_table_lookup (self->peers, key);
}

void
tilld_accept_stage (TilldAccept *self, GSocketAddress *remote, TilldStage stage)
{
  TilldPeer *peer = find (self, remote);

  if (peer == NULL)
    return;
  if (peer->stream != NULL) /* also of one that was shut in the middle of its answer: its end is still to be told */
    tilld_keep_stream_set_idle (TILLD_KEEP_STREAM (peer->stream), stage == TILLD_STAGE_IDLE);
  if (!peer->deadline.listed) /* shut already: stays so */
    return;
  tilld_deadlines_enter (self->deadlines, &peer->deadline, stage);
  if (stage == TILLD_STAGE_IDLE && tilld_deadlines_count (self->deadlines, stage) > self->limits.idle_max)
    tilld_peer_shut ((TilldPeer *) tilld_deadlines_oldest (self->deadlines, stage));
}

void
tilld_accept_shut (TilldAccept *self, GSocketAddress *remote)
{
  TilldPeer *peer = find (self, remote);
  if (peer != NULL)
    tilld_peer_shut (peer);
}

GSocket *
tilld_accept_detach (TilldAccept *self, GSocketAddress *remote)
{
  TilldPeer *peer = find (self, remote);
  GSocket *socket;

  if (peer == NULL || peer->stream == NULL)
    return NULL;
  g_object_weak_unref (G_OBJECT (peer->stream), stream_gone, peer);
  peer->stream = NULL;
  socket = g_object_ref (peer->socket);
  tilld_peer_free (peer);
  return socket;
}

guint
tilld_accept_count (TilldAccept *self, TilldStage stage)
{
  return stage == TILLD_STAGE_N ? g_hash_table_size (self->peers) : tilld_deadlines_count (self->deadlines, stage);
}
