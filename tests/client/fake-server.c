/* SPDX-License-Identifier: GPL-2.0-or-later
 * fake-server.c: scripted replies on loopback. The thread owns the SoupServer; scripts and what came stand under one lock. */
#define G_LOG_DOMAIN "fake-server"
#include "config.h"
#include "tests/client/fake-server.h"

#include <libsoup/soup.h>
#include <string.h>
#include "shared/api/till-paths.h"
#include "tests/lib/test-main.h"

typedef enum { STEP_REPLY, STEP_DROP, STEP_HOLD } StepKind;
typedef struct { StepKind kind; guint status; char *json; } Step;

/* One method and path. */
typedef struct {
  GQueue       once; /* Step */
  Step        *standing;
  GBytes      *bytes;
  char        *type;
  TillFakeItem make;
  gpointer     make_data;
  guint        total;
  guint        count;
  char        *query;
  char        *body;
  GHashTable  *headers;
} Route;

struct _TillFakeServer {
  GMutex           lock;
  GCond            ready;
  GThread         *thread;
  GMainContext    *context;
  GMainLoop       *loop;
  GTlsCertificate *certificate;
  SoupServer      *server;
  GHashTable      *routes;  /* "GET /meters" -> Route */
  GPtrArray       *sockets; /* of the thread */
  GPtrArray       *held;    /* SoupServerMessage, of the thread */
  guint            n_sockets;
  char            *base;
};

static void
step_free (gpointer data)
{
  Step *step = data;

  g_free (step->json);
  g_free (step);
}

static void
route_free (gpointer data)
{
  Route *route = data;

  g_queue_clear_full (&route->once, step_free);
  g_clear_pointer (&route->standing, step_free);
  g_clear_pointer (&route->bytes, g_bytes_unref);
  g_clear_pointer (&route->headers, g_hash_table_unref);
  g_free (route->type);
  g_free (route->query);
  g_free (route->body);
  g_free (route);
}

/* Locked. */
static Route *
find_route (TillFakeServer *self, const char *method, const char *path)
{
  g_autofree char *key = g_strconcat (method, " ", path, NULL);
  Route *route = g_hash_table_lookup (self->routes, key);

  if (route == NULL)
    {
      route = g_new0 (Route, 1);
      g_queue_init (&route->once);
      g_hash_table_insert (self->routes, g_steal_pointer (&key), route);
    }
  return route;
}

static void
note_request (Route *route, SoupServerMessage *message)
{
  SoupMessageBody *body = soup_server_message_get_request_body (message);
  g_autoptr(GBytes) bytes = soup_message_body_flatten (body);
  SoupMessageHeadersIter iter;
  const char *name, *value;

  route->count++;
  g_free (route->query);
  route->query = g_strdup (g_uri_get_query (soup_server_message_get_uri (message)));
  g_free (route->body);
  route->body = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  g_clear_pointer (&route->headers, g_hash_table_unref);
  route->headers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  soup_message_headers_iter_init (&iter, soup_server_message_get_request_headers (message));
  while (soup_message_headers_iter_next (&iter, &name, &value))
    g_hash_table_insert (route->headers, g_ascii_strdown (name, -1), g_strdup (value));
}

static char *
make_list (Route *route, const char *query)
{
  g_autoptr(GHashTable) params = g_uri_parse_params (query != NULL ? query : "", -1, "&", G_URI_PARAMS_NONE, NULL);
  const char *offset_text = g_hash_table_lookup (params, "offset"), *limit_text = g_hash_table_lookup (params, "limit");
  guint total = g_hash_table_contains (params, "q") ? MIN (route->total, 1) : route->total;
  guint offset = offset_text != NULL ? (guint) g_ascii_strtoull (offset_text, NULL, 10) : 0;
  guint limit = limit_text != NULL ? (guint) g_ascii_strtoull (limit_text, NULL, 10) : 200;
  GString *json = g_string_new (NULL);

  g_string_append_printf (json, "{\"total\":%u,\"items\":[", total);
  for (guint i = offset; i < total && i - offset < limit; i++)
    {
      g_autofree char *item = route->make (i, route->make_data);

      g_string_append_printf (json, "%s%s", i > offset ? "," : "", item);
    }
  g_string_append (json, "]}");
  return g_string_free (json, FALSE);
}

static void
set_json (SoupServerMessage *message, guint status, const char *json)
{
  const char *type = status >= 400 ? "application/problem+json" : "application/json";

  soup_server_message_set_status (message, status, NULL);
  if (status != 204)
    soup_server_message_set_response (message, type, SOUP_MEMORY_COPY, json, strlen (json));
}

/* Locked. */
static void
answer (TillFakeServer *self, Route *route, SoupServerMessage *message)
{
  g_autofree char *list = NULL;
  Step *step = g_queue_pop_head (&route->once);

  if (step != NULL && step->kind == STEP_DROP)
    g_socket_shutdown (soup_server_message_get_socket (message), TRUE, TRUE, NULL);
  else if (step != NULL && step->kind == STEP_HOLD)
    {
      soup_server_message_pause (message);
      g_ptr_array_add (self->held, g_object_ref (message));
    }
  else if (step != NULL)
    set_json (message, step->status, step->json);
  else if (route->make != NULL)
    set_json (message, 200, list = make_list (route, route->query));
  else if (route->bytes != NULL)
    {
      soup_server_message_set_status (message, 200, NULL);
      soup_server_message_set_response (message, route->type, SOUP_MEMORY_COPY, g_bytes_get_data (route->bytes, NULL), g_bytes_get_size (route->bytes));
    }
  else if (route->standing != NULL)
    set_json (message, route->standing->status, route->standing->json);
  else
    set_json (message, 404, "{\"title\":\"Not found\",\"status\":404,\"code\":\"not_found\",\"detail\":\"not scripted\"}");
  g_clear_pointer (&step, step_free);
}

static void
request_cb (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query, gpointer user_data)
{
  TillFakeServer *self = user_data;
  g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  Route *route = find_route (self, soup_server_message_get_method (message), path + strlen (TILL_API_BASE));

  note_request (route, message);
  answer (self, route, message);
}

static void
closed_cb (SoupWebsocketConnection *connection, gpointer user_data)
{
  TillFakeServer *self = user_data;

  g_mutex_lock (&self->lock);
  g_ptr_array_remove (self->sockets, connection);
  self->n_sockets = self->sockets->len;
  g_mutex_unlock (&self->lock);
}

static void
socket_cb (SoupServer *server, SoupServerMessage *message, const char *path, SoupWebsocketConnection *connection, gpointer user_data)
{
  TillFakeServer *self = user_data;

  g_mutex_lock (&self->lock);
  note_request (find_route (self, "GET", TILL_PATH_EVENTS), message);
  g_ptr_array_add (self->sockets, g_object_ref (connection));
  self->n_sockets = self->sockets->len;
  g_mutex_unlock (&self->lock);
  g_signal_connect (connection, "closed", G_CALLBACK (closed_cb), self);
}

static gpointer
serve (gpointer data)
{
  TillFakeServer *self = data;
  g_autoptr(GError) error = NULL;
  g_autoslist(GUri) uris = NULL;

  g_main_context_push_thread_default (self->context);
  self->server = soup_server_new ("tls-certificate", self->certificate, NULL);
  soup_server_add_handler (self->server, TILL_API_BASE, request_cb, self, NULL);
  soup_server_add_websocket_handler (self->server, TILL_API_BASE TILL_PATH_EVENTS, NULL, NULL, socket_cb, self, NULL);
  if (!soup_server_listen_local (self->server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY | (self->certificate != NULL ? SOUP_SERVER_LISTEN_HTTPS : 0), &error))
    g_error ("fake server: %s", error->message);
  uris = soup_server_get_uris (self->server);
  g_mutex_lock (&self->lock);
  self->base = g_strdup_printf ("%s://127.0.0.1:%d", self->certificate != NULL ? "https" : "http", g_uri_get_port (uris->data));
  g_cond_signal (&self->ready);
  g_mutex_unlock (&self->lock);
  g_main_loop_run (self->loop);
  soup_server_disconnect (self->server);
  g_ptr_array_set_size (self->sockets, 0);
  g_ptr_array_set_size (self->held, 0);
  g_clear_object (&self->server);
  g_main_context_pop_thread_default (self->context);
  return NULL;
}

TillFakeServer *
till_fake_server_new (GTlsCertificate *certificate)
{
  TillFakeServer *self = g_new0 (TillFakeServer, 1);

  g_mutex_init (&self->lock);
  g_cond_init (&self->ready);
  self->context = g_main_context_new ();
  self->loop = g_main_loop_new (self->context, FALSE);
  self->routes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, route_free);
  self->sockets = g_ptr_array_new_with_free_func (g_object_unref);
  self->held = g_ptr_array_new_with_free_func (g_object_unref);
  g_set_object (&self->certificate, certificate);
  self->thread = g_thread_new ("fake-server", serve, self);
  g_mutex_lock (&self->lock);
  while (self->base == NULL)
    g_cond_wait (&self->ready, &self->lock);
  g_mutex_unlock (&self->lock);
  return self;
}

void
till_fake_server_free (TillFakeServer *self)
{
  g_main_loop_quit (self->loop);
  g_thread_join (self->thread);
  g_main_loop_unref (self->loop);
  g_main_context_unref (self->context);
  g_hash_table_unref (self->routes);
  g_ptr_array_unref (self->sockets);
  g_ptr_array_unref (self->held);
  g_clear_object (&self->certificate);
  g_free (self->base);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->ready);
  g_free (self);
}

const char *
till_fake_server_get_base (TillFakeServer *self)
{
  return self->base;
}

const char *
till_fake_server_get_host (TillFakeServer *self)
{
  return strstr (self->base, "://") + 3;
}

static Step *
make_step (StepKind kind, guint status, const char *json)
{
  Step *step = g_new0 (Step, 1);

  step->kind = kind;
  step->status = status;
  step->json = g_strdup (json);
  return step;
}

static void
push (TillFakeServer *self, const char *method, const char *path, Step *step)
{
  g_mutex_lock (&self->lock);
  g_queue_push_tail (&find_route (self, method, path)->once, step);
  g_mutex_unlock (&self->lock);
}

void
till_fake_server_reply (TillFakeServer *self, const char *method, const char *path, guint status, const char *json)
{
  g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  Route *route = find_route (self, method, path);

  g_clear_pointer (&route->standing, step_free);
  route->standing = make_step (STEP_REPLY, status, json);
  route->make = NULL;
}

void
till_fake_server_reply_once (TillFakeServer *self, const char *method, const char *path, guint status, const char *json)
{
  push (self, method, path, make_step (STEP_REPLY, status, json));
}

void
till_fake_server_problem_once (TillFakeServer *self, const char *method, const char *path, guint status, const char *code, const char *detail)
{
  g_autofree char *json = g_strdup_printf ("{\"type\":\"about:blank\",\"title\":\"T\",\"status\":%u,\"code\":\"%s\",\"detail\":\"%s\",\"request_id\":\"r-1\"}",
                                           status, code, detail);

  till_fake_server_reply_once (self, method, path, status, json);
}

void
till_fake_server_bytes (TillFakeServer *self, const char *path, const char *type, GBytes *bytes)
{
  g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  Route *route = find_route (self, "GET", path);

  g_clear_pointer (&route->bytes, g_bytes_unref);
  route->bytes = g_bytes_ref (bytes);
  g_free (route->type);
  route->type = g_strdup (type);
}

void
till_fake_server_list (TillFakeServer *self, const char *path, guint total, TillFakeItem make, gpointer user_data)
{
  g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  Route *route = find_route (self, "GET", path);

  route->make = make;
  route->make_data = user_data;
  route->total = total;
}

void
till_fake_server_drop_next (TillFakeServer *self, const char *method, const char *path)
{
  push (self, method, path, make_step (STEP_DROP, 0, NULL));
}

void
till_fake_server_hold_next (TillFakeServer *self, const char *method, const char *path)
{
  push (self, method, path, make_step (STEP_HOLD, 0, NULL));
}

/* In the thread. */
static gboolean
release_cb (gpointer data)
{
  TillFakeServer *self = data;
  g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  for (guint i = 0; i < self->held->len; i++)
    {
      SoupServerMessage *message = g_ptr_array_index (self->held, i);
      const char *path = g_uri_get_path (soup_server_message_get_uri (message)) + strlen (TILL_API_BASE);

      answer (self, find_route (self, soup_server_message_get_method (message), path), message);
      soup_server_message_unpause (message);
    }
  g_ptr_array_set_size (self->held, 0);
  return G_SOURCE_REMOVE;
}

void
till_fake_server_release (TillFakeServer *self)
{
  g_main_context_invoke (self->context, release_cb, self);
}

guint
till_fake_server_count (TillFakeServer *self, const char *method, const char *path)
{
  g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return find_route (self, method, path)->count;
}

char *
till_fake_server_dup_query (TillFakeServer *self, const char *method, const char *path)
{
  g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return g_strdup (find_route (self, method, path)->query);
}

char *
till_fake_server_dup_body (TillFakeServer *self, const char *method, const char *path)
{
  g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return g_strdup (find_route (self, method, path)->body);
}

char *
till_fake_server_dup_header (TillFakeServer *self, const char *method, const char *path, const char *name)
{
  g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  g_autofree char *lower = g_ascii_strdown (name, -1);
  Route *route = find_route (self, method, path);

  return route->headers != NULL ? g_strdup (g_hash_table_lookup (route->headers, lower)) : NULL;
}

typedef struct { TillFakeServer *server; char *json; } Event; /* json NULL: cut */

static gboolean
event_cb (gpointer data)
{
  Event *event = data;
  g_autoptr(GPtrArray) sockets = g_ptr_array_new_with_free_func (g_object_unref);

  g_mutex_lock (&event->server->lock);
  for (guint i = 0; i < event->server->sockets->len; i++)
    g_ptr_array_add (sockets, g_object_ref (g_ptr_array_index (event->server->sockets, i)));
  g_mutex_unlock (&event->server->lock);
  for (guint i = 0; i < sockets->len; i++)
    if (event->json != NULL)
      soup_websocket_connection_send_text (g_ptr_array_index (sockets, i), event->json);
    else
      soup_websocket_connection_close (g_ptr_array_index (sockets, i), SOUP_WEBSOCKET_CLOSE_GOING_AWAY, NULL);
  g_free (event->json);
  g_free (event);
  return G_SOURCE_REMOVE;
}

void
till_fake_server_send_event (TillFakeServer *self, const char *json)
{
  Event *event = g_new0 (Event, 1);

  event->server = self;
  event->json = g_strdup (json);
  g_main_context_invoke (self->context, event_cb, event);
}

void
till_fake_server_cut_sockets (TillFakeServer *self)
{
  till_fake_server_send_event (self, NULL);
}

guint
till_fake_server_n_sockets (TillFakeServer *self)
{
  g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->n_sockets;
}

typedef struct { TillFakeCheck check; gpointer user_data; gboolean done; } Await;

static gboolean
tick_cb (gpointer user_data)
{
  Await *await = user_data;

  if (!await->check (await->user_data))
    return G_SOURCE_CONTINUE;
  await->done = TRUE;
  return G_SOURCE_REMOVE;
}

void
till_fake_await (TillFakeCheck check, gpointer user_data, const char *what)
{
  Await await = { check, user_data, FALSE };

  g_test_message ("waiting for %s", what);
  g_timeout_add (2, tick_cb, &await); /* what a server or a widget does is announced by no event of ours */
  till_test_wait (&await.done, 10);
}

void
till_fake_done_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **where = user_data;

  g_assert_null (*where);
  *where = g_object_ref (result);
}

static gboolean
is_set (gpointer user_data)
{
  return *(GAsyncResult **) user_data != NULL;
}

GAsyncResult *
till_fake_await_result (GAsyncResult **result)
{
  till_fake_await (is_set, result, "the answer");
  return *result;
}
