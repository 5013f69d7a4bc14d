/* SPDX-License-Identifier: GPL-2.0-or-later
 * events.c: the events thread: sends what subscriptions hold, every 100 ms, to peers that read. Holds no permission rule; the
 * subscription knows what its reader may see. */
#include "server/http/events.h"
#include <libsoup/soup.h>
#include "server/core/clock.h"
#include "server/core/metrics.h"
#include "server/http/request.h"
#include "shared/base/till-json-write.h"
#include "shared/base/till-log.h"

#define FLUSH_MS       100
#define PER_FLUSH      500
#define KEEPALIVE_S    20
#define STUCK_US       (10 * TILL_SECOND) /* unwritable that long: cut */
#define MESSAGE_MAX    4096               /* readers have nothing to tell */
#define GOODBYE_TURNS  20                 /* of FLUSH_MS: a peer that does not answer the close is left */

struct _TilldEvents {
  TilldLive    *live;
  GThread      *thread;
  GMainContext *context;
  GMainLoop    *loop;
  GPtrArray    *readers;     /* events thread only */
  guint         sockets_max;
  gint          n_sockets;   /* atomic: from the hand-shake on */
  gboolean      closing;
  guint         goodbye_turns;
  TilldMetric  *metric_sockets;
};

typedef struct {
  TilldEvents             *events;
  GIOStream               *stream;
  GSocket                 *socket;
  GUri                    *uri;
  TilldSubscription       *subscription;
  SoupWebsocketConnection *connection;
  gint64                   stuck_since_us;
} Reader;

static void
reader_free (gpointer data)
{
  Reader *reader = data;

  if (reader->connection != NULL)
    g_signal_handlers_disconnect_by_data (reader->connection, reader);
  g_clear_object (&reader->connection);
  g_clear_object (&reader->stream);
  if (reader->socket != NULL)
    g_socket_close (reader->socket, NULL);
  g_clear_object (&reader->socket);
  g_clear_pointer (&reader->uri, g_uri_unref);
  g_clear_pointer (&reader->subscription, tilld_subscription_free);
  tilld_metric_set (reader->events->metric_sockets, g_atomic_int_add (&reader->events->n_sockets, -1) - 1);
  g_free (reader);
}

static void
closed (SoupWebsocketConnection *connection, gpointer data)
{
  Reader *reader = data;
  g_ptr_array_remove_fast (reader->events->readers, reader);
}

static void
send_event (Reader *reader, gint64 cursor, const char *kind, const TilldLiveEvent *event)
{
  TillJsonWrite *w = till_json_write_new ();
  g_autofree char *text = NULL;
  gsize len;

  till_json_write_begin_object (w, NULL);
  till_json_write_int (w, "cursor", cursor);
  till_json_write_text (w, "kind", kind);
  if (event != NULL)
    {
      till_json_write_text (w, "id", event->id);
      till_json_write_raw (w, "object", event->object != NULL ? event->object : "null");
    }
  till_json_write_end_object (w);
  text = till_json_write_free_to_text (w, &len);
  soup_websocket_connection_send_text (reader->connection, text);
}

/* TRUE: writable. The library queues without bound, so nothing is given to it while the peer does not read. */
static gboolean
reads (Reader *reader)
{
  gint64 now_us = tilld_clock_boot_us (tilld_clock_system ());

  if ((g_socket_condition_check (reader->socket, G_IO_OUT) & G_IO_OUT) != 0)
    {
      reader->stuck_since_us = 0;
      return TRUE;
    }
  if (reader->stuck_since_us == 0)
    reader->stuck_since_us = now_us;
  else if (now_us - reader->stuck_since_us > STUCK_US)
    g_socket_shutdown (reader->socket, TRUE, TRUE, NULL); /* closed () follows */
  return FALSE;
}

static void
flush_reader (Reader *reader)
{
  g_autoptr (GPtrArray) events = g_ptr_array_new_with_free_func ((GDestroyNotify) tilld_live_event_unref);
  gboolean reset = FALSE;

  if (soup_websocket_connection_get_state (reader->connection) != SOUP_WEBSOCKET_STATE_OPEN
      || !tilld_subscription_has_more (reader->subscription) || !reads (reader))
    return;
  tilld_subscription_take (reader->subscription, PER_FLUSH, events, &reset);
  if (reset)
    send_event (reader, tilld_live_cursor (reader->events->live), "reset", NULL);
  for (guint i = 0; i < events->len; i++)
    {
      const TilldLiveEvent *event = g_ptr_array_index (events, i);
      send_event (reader, event->cursor, tilld_live_kind_word (event->kind), event);
    }
}

static gboolean
flush (gpointer data)
{
  TilldEvents *self = data;
  /* Backwards: sending may close a reader, which takes the last one's place. */
  for (guint i = self->readers->len; i > 0; i--)
    if (i <= self->readers->len)
      flush_reader (g_ptr_array_index (self->readers, i - 1));
  return G_SOURCE_CONTINUE;
}

/* Events thread: the stream begins its second life. */
static gboolean
adopt (gpointer data)
{
  Reader *reader = data;
  TilldEvents *self = reader->events;

  reader->connection = soup_websocket_connection_new (reader->stream, reader->uri, SOUP_WEBSOCKET_CONNECTION_SERVER, NULL, NULL, NULL);
  soup_websocket_connection_set_max_incoming_payload_size (reader->connection, MESSAGE_MAX);
  soup_websocket_connection_set_keepalive_interval (reader->connection, KEEPALIVE_S);
  g_signal_connect (reader->connection, "closed", G_CALLBACK (closed), reader);
  g_ptr_array_add (self->readers, reader);
  if (self->closing)
    soup_websocket_connection_close (reader->connection, SOUP_WEBSOCKET_CLOSE_GOING_AWAY, NULL);
  return G_SOURCE_REMOVE;
}

static gpointer
run (gpointer data)
{
  TilldEvents *self = data;
  g_autoptr (GSource) timer = g_timeout_source_new (FLUSH_MS);

  g_main_context_push_thread_default (self->context);
  g_source_set_callback (timer, flush, self, NULL);
  g_source_attach (timer, self->context);
  g_main_loop_run (self->loop);
  g_source_destroy (timer);
  g_ptr_array_set_size (self->readers, 0);
  g_main_context_pop_thread_default (self->context);
  return NULL;
}

TilldEvents *
tilld_events_new (TilldLive *live, guint sockets_max)
{
  TilldEvents *self = g_new0 (TilldEvents, 1);

  self->live = live;
  self->sockets_max = sockets_max;
  self->readers = g_ptr_array_new_with_free_func (reader_free);
  self->metric_sockets = tilld_metric_gauge ("gridtill_events_sockets", NULL, "Open WebSockets");
  self->context = g_main_context_new ();
  self->loop = g_main_loop_new (self->context, FALSE);
  self->thread = g_thread_new ("events", run, self);
  return self;
}

static gboolean
say_goodbye (gpointer data)
{
  TilldEvents *self = data;
  g_autoptr (GPtrArray) connections = g_ptr_array_new_with_free_func (g_object_unref);

  self->closing = TRUE;
  for (guint i = 0; i < self->readers->len; i++)
    g_ptr_array_add (connections, g_object_ref (((Reader *) g_ptr_array_index (self->readers, i))->connection));
  for (guint i = 0; i < connections->len; i++)
    {
      SoupWebsocketConnection *connection = g_ptr_array_index (connections, i);
      if (soup_websocket_connection_get_state (connection) == SOUP_WEBSOCKET_STATE_OPEN)
        soup_websocket_connection_close (connection, SOUP_WEBSOCKET_CLOSE_GOING_AWAY, NULL);
    }
  return G_SOURCE_REMOVE;
}

static gboolean
stop_when_empty (gpointer data)
{
  TilldEvents *self = data;

  if (self->readers->len > 0 && self->goodbye_turns++ < GOODBYE_TURNS)
    return G_SOURCE_CONTINUE;
  g_main_loop_quit (self->loop);
  return G_SOURCE_REMOVE;
}

void
tilld_events_free (TilldEvents *self)
{
  g_autoptr (GSource) stop = g_timeout_source_new (FLUSH_MS);

  g_main_context_invoke (self->context, say_goodbye, self);
  g_source_set_callback (stop, stop_when_empty, self, NULL);
  g_source_attach (stop, self->context);
  g_thread_join (self->thread);
  g_ptr_array_unref (self->readers);
  g_main_loop_unref (self->loop);
  g_main_context_unref (self->context);
  g_assert (g_atomic_int_get (&self->n_sockets) == 0);
  g_free (self);
}

/* The 101 is written: the connection changes hands. */
static void
wrote_informational (SoupServerMessage *msg, gpointer data)
{
  Reader *reader = data;
  TilldRequest *request = g_object_steal_data (G_OBJECT (msg), "tilld-request");
  g_autoptr (SoupServerMessage) kept = g_object_ref (msg);

  reader->socket = tilld_accept_detach (tilld_http_accept (request->http), soup_server_message_get_remote_address (msg));
  reader->stream = soup_server_message_steal_connection (msg);
  g_signal_handlers_disconnect_by_data (msg, reader);
  tilld_request_free (request);
  if (reader->socket == NULL || reader->stream == NULL)
    {
      reader_free (reader);
      return;
    }
  g_main_context_invoke (reader->events->context, adopt, reader);
}

/* The peer left before the 101 was written. */
static void
gone_early (SoupServerMessage *msg, gpointer data)
{
  g_signal_handlers_disconnect_by_data (msg, data);
  reader_free (data);
}

gboolean
tilld_events_upgrade (TilldEvents *self, TilldRequest *request, const TilldReaderScope *scope, GError **error)
{
  Reader *reader;

  g_assert ((request->route->flags & TILLD_ROUTE_STREAM) != 0);
  if (g_atomic_int_get (&self->n_sockets) >= (gint) self->sockets_max)
    return till_fail (error, TILL_ERROR_BUSY, "too many live connections");
  if (!soup_websocket_server_check_handshake (request->msg, NULL, NULL, NULL, NULL)
      || !soup_websocket_server_process_handshake (request->msg, NULL, NULL, NULL, NULL))
    return till_fail (error, TILL_ERROR_INVALID, "a WebSocket hand-shake is needed here");
  reader = g_new0 (Reader, 1);
  reader->events = self;
  tilld_metric_set (self->metric_sockets, g_atomic_int_add (&self->n_sockets, 1) + 1);
  reader->uri = g_uri_ref (soup_server_message_get_uri (request->msg));
  reader->subscription = tilld_subscription_new (self->live, scope);
  g_signal_connect (request->msg, "wrote-informational", G_CALLBACK (wrote_informational), reader);
  g_signal_connect (request->msg, "finished", G_CALLBACK (gone_early), reader);
  return TRUE;
}
