/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-live-feed.c: one WebSocket with cursor, back-off and keep-alive. Tells what changed; changes nothing itself. */
#define G_LOG_DOMAIN "till-live-feed"
#include "config.h"
#include "client/core/till-live-feed.h"

#include <libsoup/soup.h>
#include "shared/api/till-paths.h"
#include "shared/base/till-json-check.h"
#include "shared/base/till-text.h"

#define KEEPALIVE_S   10
#define SILENCE_S     30          /* neither message nor pong: the line is dead */
#define BACKOFF_MAX_S 30
#define TURN_US       (4 * 1000)  /* messages handled per turn of the main loop, so that frames are drawn in between */
#define MESSAGE_MAX   (1024 * 1024)
#define STABLE_S      20          /* a connection that lived so long was a good one */

struct _TillLiveFeed {
  GObject                  parent_instance;
  TillApi                 *api;
  SoupWebsocketConnection *connection;
  GCancellable            *opening;
  GQueue                   waiting;     /* GBytes not handled yet */
  char                    *cursor;
  guint                    drain_id;
  guint                    retry_id;
  guint                    watch_id;
  guint                    failures;
  gint64                   heard_at;    /* monotonic */
  gint64                   opened_at;
  gint64                   lost_at;     /* real time, for people */
  gint64                   retry_at;
  gboolean                 wanted;
};

G_DEFINE_FINAL_TYPE (TillLiveFeed, till_live_feed, G_TYPE_OBJECT)

enum { PROP_CONNECTED = 1, PROP_LOST_AT, PROP_RETRY_AT, N_PROPS };
enum { CHANGED, RESET, N_SIGNALS };
static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

static const char *const kind_words[] = { "meter", "sale", "command", "alarm", "job", "approval", "drawer", "case", "proof" };

static void open_socket (TillLiveFeed *self);

static void
notify (TillLiveFeed *self, guint prop)
{
  g_object_notify_by_pspec (G_OBJECT (self), props[prop]);
}

static void
drop_connection (TillLiveFeed *self)
{
  g_clear_handle_id (&self->watch_id, g_source_remove);
  if (self->connection == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->connection, self);
  if (soup_websocket_connection_get_state (self->connection) == SOUP_WEBSOCKET_STATE_OPEN)
    soup_websocket_connection_close (self->connection, SOUP_WEBSOCKET_CLOSE_GOING_AWAY, NULL);
  g_clear_object (&self->connection);
}

static gboolean
retry_cb (gpointer user_data)
{
  TillLiveFeed *self = user_data;

  self->retry_id = 0;
  self->retry_at = 0;
  notify (self, PROP_RETRY_AT);
  open_socket (self);
  return G_SOURCE_REMOVE;
}

/* 1, 2, 4 … 30 s with a fifth of jitter, so that a hundred tills do not come back in the same second. */
static void
wait_and_retry (TillLiveFeed *self)
{
  guint seconds = MIN (1u << MIN (self->failures, 5), BACKOFF_MAX_S), ms = seconds * 1000 + g_random_int_range (0, (int) seconds * 200);

  self->failures++;
  if (self->lost_at == 0)
    {
      self->lost_at = g_get_real_time ();
      notify (self, PROP_LOST_AT);
    }
  self->retry_at = g_get_real_time () + ms * 1000;
  notify (self, PROP_RETRY_AT);
  g_clear_handle_id (&self->retry_id, g_source_remove);
  self->retry_id = g_timeout_add (ms, retry_cb, self);
}

static void
lose (TillLiveFeed *self)
{
  if (g_get_monotonic_time () - self->opened_at > STABLE_S * G_USEC_PER_SEC)
    self->failures = 0;
  drop_connection (self);
  notify (self, PROP_CONNECTED);
  if (self->wanted)
    wait_and_retry (self);
}

static TillFeedKind
kind_of (const char *word)
{
  for (TillFeedKind kind = 0; kind < G_N_ELEMENTS (kind_words); kind++)
    if (g_strcmp0 (word, kind_words[kind]) == 0)
      return kind;
  return TILL_FEED_OTHER;
}

static const char *
text_of (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING ? json_node_get_string (node) : NULL;
}

/* Cursors and ids come as text or as a number. */
static char *
dup_text_or_number (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node))
    return NULL;
  if (json_node_get_value_type (node) == G_TYPE_INT64)
    return g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (node));
  return g_strdup (text_of (object, name));
}

static void
handle (TillLiveFeed *self, GBytes *bytes)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(JsonNode) node = till_json_parse (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), MESSAGE_MAX, &error);
  JsonObject *message = node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  JsonNode *object = message != NULL ? json_object_get_member (message, "object") : NULL;
  const char *kind = message != NULL ? text_of (message, "kind") : NULL;
  g_autofree char *cursor = NULL, *id = NULL;

  if (kind == NULL)
    {
      g_warning ("message of the live feed is not understood: %s", error != NULL ? error->message : "no kind");
      return;
    }
  if ((cursor = dup_text_or_number (message, "cursor")) != NULL)
    till_set_str (&self->cursor, cursor);
  if (g_str_equal (kind, "reset"))
    {
      g_signal_emit (self, signals[RESET], 0);
      return;
    }
  id = dup_text_or_number (message, "id");
  if (id != NULL)
    g_signal_emit (self, signals[CHANGED], 0, (int) kind_of (kind), id,
                   object != NULL && JSON_NODE_HOLDS_OBJECT (object) ? json_node_get_object (object) : NULL);
}

static gboolean
drain_cb (gpointer user_data)
{
  g_autoptr(TillLiveFeed) self = g_object_ref (TILL_LIVE_FEED (user_data));
  gint64 until = g_get_monotonic_time () + TURN_US;

  while (!g_queue_is_empty (&self->waiting) && g_get_monotonic_time () < until)
    {
      g_autoptr(GBytes) bytes = g_queue_pop_head (&self->waiting);

      handle (self, bytes);
    }
  if (!g_queue_is_empty (&self->waiting))
    return G_SOURCE_CONTINUE;
  self->drain_id = 0;
  return G_SOURCE_REMOVE;
}

static void
message_cb (SoupWebsocketConnection *connection, int type, GBytes *bytes, TillLiveFeed *self)
{
  self->heard_at = g_get_monotonic_time ();
  g_queue_push_tail (&self->waiting, g_bytes_ref (bytes));
  if (self->drain_id == 0)
    self->drain_id = g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, drain_cb, self, NULL);
}

static void
pong_cb (SoupWebsocketConnection *connection, GBytes *bytes, TillLiveFeed *self)
{
  self->heard_at = g_get_monotonic_time ();
}

static void
closed_cb (SoupWebsocketConnection *connection, TillLiveFeed *self)
{
  lose (self);
}

static gboolean
watch_cb (gpointer user_data)
{
  TillLiveFeed *self = user_data;

  if (g_get_monotonic_time () - self->heard_at < SILENCE_S * G_USEC_PER_SEC)
    return G_SOURCE_CONTINUE;
  self->watch_id = 0;
  lose (self);
  return G_SOURCE_REMOVE;
}

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(TillLiveFeed) self = user_data;
  g_autoptr(GError) error = NULL;
  g_autoptr(SoupWebsocketConnection) connection = till_api_open_socket_finish (TILL_API (source), result, &error);

  if (till_api_error_is_cancelled (error))
    return;
  g_clear_object (&self->opening);
  if (!self->wanted)
    return;
  if (connection == NULL)
    {
      if (!till_error_is (error, TILL_ERROR_UNAUTHENTICATED)) /* the next sign-in starts the feed again */
        wait_and_retry (self);
      return;
    }
  self->connection = g_steal_pointer (&connection);
  self->opened_at = self->heard_at = g_get_monotonic_time ();
  soup_websocket_connection_set_max_incoming_payload_size (self->connection, MESSAGE_MAX);
  soup_websocket_connection_set_keepalive_interval (self->connection, KEEPALIVE_S);
  g_signal_connect (self->connection, "message", G_CALLBACK (message_cb), self);
  g_signal_connect (self->connection, "pong", G_CALLBACK (pong_cb), self);
  g_signal_connect (self->connection, "closed", G_CALLBACK (closed_cb), self);
  self->watch_id = g_timeout_add_seconds (KEEPALIVE_S, watch_cb, self);
  self->lost_at = 0;
  notify (self, PROP_LOST_AT);
  notify (self, PROP_CONNECTED);
}

static void
open_socket (TillLiveFeed *self)
{
  g_autofree char *escaped = self->cursor != NULL ? g_uri_escape_string (self->cursor, NULL, FALSE) : NULL;
  g_autofree char *path = escaped != NULL ? g_strconcat (TILL_PATH_EVENTS "?cursor=", escaped, NULL) : g_strdup (TILL_PATH_EVENTS);

  if (self->opening != NULL || self->connection != NULL)
    return;
  self->opening = g_cancellable_new ();
  till_api_open_socket_async (self->api, path, self->opening, opened_cb, g_object_ref (self));
}

static void
till_live_feed_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TillLiveFeed *self = TILL_LIVE_FEED (object);

  switch (id)
    {
    case PROP_CONNECTED: g_value_set_boolean (value, self->connection != NULL); break;
    case PROP_LOST_AT: g_value_set_int64 (value, self->lost_at); break;
    case PROP_RETRY_AT: g_value_set_int64 (value, self->retry_at); break;
    default: G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
till_live_feed_dispose (GObject *object)
{
  TillLiveFeed *self = TILL_LIVE_FEED (object);

  till_live_feed_stop (self);
  g_clear_object (&self->api);
  G_OBJECT_CLASS (till_live_feed_parent_class)->dispose (object);
}

static void
till_live_feed_finalize (GObject *object)
{
  g_free (TILL_LIVE_FEED (object)->cursor);
  G_OBJECT_CLASS (till_live_feed_parent_class)->finalize (object);
}

static void
till_live_feed_class_init (TillLiveFeedClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = till_live_feed_get_property;
  object_class->dispose = till_live_feed_dispose;
  object_class->finalize = till_live_feed_finalize;
  props[PROP_CONNECTED] = g_param_spec_boolean ("connected", NULL, NULL, FALSE, flags);
  props[PROP_LOST_AT] = g_param_spec_int64 ("lost-at", NULL, NULL, 0, G_MAXINT64, 0, flags);
  props[PROP_RETRY_AT] = g_param_spec_int64 ("retry-at", NULL, NULL, 0, G_MAXINT64, 0, flags);
  g_object_class_install_properties (object_class, N_PROPS, props);
  signals[CHANGED] = g_signal_new ("changed", TILL_TYPE_LIVE_FEED, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3, G_TYPE_INT,
                                   G_TYPE_STRING | G_SIGNAL_TYPE_STATIC_SCOPE, JSON_TYPE_OBJECT | G_SIGNAL_TYPE_STATIC_SCOPE);
  signals[RESET] = g_signal_new ("reset", TILL_TYPE_LIVE_FEED, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
till_live_feed_init (TillLiveFeed *self)
{
  g_queue_init (&self->waiting);
}

TillLiveFeed *
till_live_feed_new (TillApi *api)
{
  TillLiveFeed *self = g_object_new (TILL_TYPE_LIVE_FEED, NULL);

  self->api = g_object_ref (api);
  return self;
}

void
till_live_feed_start (TillLiveFeed *self)
{
  self->wanted = TRUE;
  if (self->retry_id == 0)
    open_socket (self);
}

void
till_live_feed_stop (TillLiveFeed *self)
{
  gboolean was_connected = self->connection != NULL;

  self->wanted = FALSE;
  self->failures = 0;
  self->lost_at = self->retry_at = 0;
  g_cancellable_cancel (self->opening);
  g_clear_object (&self->opening);
  g_clear_handle_id (&self->retry_id, g_source_remove);
  g_clear_handle_id (&self->drain_id, g_source_remove);
  g_queue_clear_full (&self->waiting, (GDestroyNotify) g_bytes_unref);
  g_clear_pointer (&self->cursor, g_free);
  drop_connection (self);
  if (was_connected)
    notify (self, PROP_CONNECTED);
}

void
till_live_feed_try_now (TillLiveFeed *self)
{
  if (!self->wanted)
    return;
  g_clear_handle_id (&self->retry_id, g_source_remove);
  open_socket (self);
}

void
till_live_feed_set_cursor (TillLiveFeed *self, const char *cursor)
{
  if (self->cursor == NULL)
    till_set_str (&self->cursor, cursor);
}

gboolean
till_live_feed_is_connected (TillLiveFeed *self)
{
  return self->connection != NULL;
}
