/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-api.c: the one HTTP client. Decides nothing about what an answer means beyond good, problem or rubbish; never logs
 * a body, never repeats anything but a GET. */
#define G_LOG_DOMAIN "till-api"
#include "config.h"
#include "client/core/till-api.h"

#include <libsoup/soup.h>
#include "shared/api/till-limits.h"
#include "shared/api/till-paths.h"
#include "shared/base/till-json-check.h"
#include "shared/base/till-text.h"

#define TIMEOUT_S     30
#define JSON_MAX      (64 * 1024 * 1024) /* the board of 100,000 meters is 4 MB */
#define FETCH_MAX     (16 * 1024 * 1024)

/* Before libsoup's own queue. When a kept connection breaks, libsoup asks again on a new one, from that queue; if the callback of the
 * broken try comes after that, it takes the second try for its own and follows a pointer that is NULL (seen with 3.2). */
#define PRIORITY      (G_PRIORITY_DEFAULT - 1)

struct _TillApi {
  GObject      parent_instance;
  TillTrust   *trust;
  SoupSession *session; /* NULL until there is a server that may be spoken to */
  char        *server;
  char        *base;    /* "https://host:port" */
  char        *bearer;  /* "Bearer …" or NULL */
};

G_DEFINE_FINAL_TYPE (TillApi, till_api, G_TYPE_OBJECT)

enum { PROP_SERVER = 1, N_PROPS };
enum { UNAUTHENTICATED, N_SIGNALS };
static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

typedef enum { WANT_JSON, WANT_BYTES, WANT_STREAM } Want;

/* One call under way; data of its task. */
typedef struct {
  Want          want;
  char         *method;
  char         *uri;
  GBytes       *body;
  char         *if_match;
  guint         timeout_s;
  SoupMessage  *message;
  GCancellable *stop;        /* the caller's, or the timer's */
  gulong        stop_link;
  GSource      *timer;
  gboolean      timed_out;
  gboolean      sent;        /* the request left: for a change the outcome is unknown from here on */
  gboolean      repeated;
  gboolean      with_token;
  GInputStream *answer;
} Flight;

static void send_flight (GTask *task);

static void
flight_free (gpointer data)
{
  Flight *flight = data;

  g_free (flight->method);
  g_free (flight->uri);
  g_free (flight->if_match);
  g_clear_pointer (&flight->body, g_bytes_unref);
  g_clear_object (&flight->message);
  g_clear_object (&flight->stop);
  g_clear_object (&flight->answer);
  g_free (flight);
}

static void
stop_cb (GCancellable *cancellable, gpointer stop)
{
  g_cancellable_cancel (stop);
}

/* Before every g_task_return: nothing of the call may fire afterwards. */
static Flight *
land (GTask *task)
{
  Flight *flight = g_task_get_task_data (task);

  if (flight->stop_link != 0)
    g_cancellable_disconnect (g_task_get_cancellable (task), flight->stop_link);
  flight->stop_link = 0;
  if (flight->timer != NULL)
    g_source_destroy (flight->timer);
  g_clear_pointer (&flight->timer, g_source_unref);
  return flight;
}

static gboolean
timeout_cb (gpointer data)
{
  Flight *flight = g_task_get_task_data (data);

  flight->timed_out = TRUE;
  g_cancellable_cancel (flight->stop);
  return G_SOURCE_REMOVE;
}

static void
fail (GTask *task, GError *cause)
{
  Flight *flight = land (task);
  GError *error = NULL;

  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CANCELLED) && !flight->timed_out)
    error = g_error_copy (cause);
  else if (g_error_matches (cause, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE))
    error = g_error_new_literal (TILL_API_ERROR, TILL_API_ERROR_UNTRUSTED, cause->message);
  else
    error = g_error_new_literal (TILL_API_ERROR, flight->sent ? TILL_API_ERROR_NO_ANSWER : TILL_API_ERROR_UNREACHABLE,
                                 flight->timed_out ? "time-out" : cause->message);
  g_task_return_error (task, error);
}

/* A kept connection that the server closed meanwhile shows up as one of these. */
static gboolean
may_repeat (Flight *flight, const GError *error)
{
  return g_str_equal (flight->method, "GET") && !flight->repeated && !flight->timed_out && !g_cancellable_is_cancelled (flight->stop) &&
         error->domain != G_TLS_ERROR && error->domain != G_RESOLVER_ERROR &&
         !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED);
}

static void
return_problem (GTask *task, GBytes *bytes)
{
  TillApi *self = g_task_get_source_object (task);
  Flight *flight = land (task);
  guint status = soup_message_get_status (flight->message);
  SoupMessageHeaders *headers = soup_message_get_response_headers (flight->message);
  g_autoptr(JsonNode) node = NULL;

  if (bytes != NULL)
    node = till_json_parse (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), JSON_MAX, NULL);
  if (status == SOUP_STATUS_UNAUTHORIZED && flight->with_token)
    g_signal_emit (self, signals[UNAUTHENTICATED], 0);
  g_task_return_error (task, till_api_error_from_problem (status, node, soup_message_headers_get_one (headers, "Retry-After")));
}

static void
return_body (GTask *task, GBytes *bytes)
{
  Flight *flight = g_task_get_task_data (task);
  guint status = soup_message_get_status (flight->message);
  g_autoptr(GError) error = NULL;
  JsonNode *node;

  if (!SOUP_STATUS_IS_SUCCESSFUL (status))
    {
      return_problem (task, bytes);
      return;
    }
  land (task);
  if (flight->want == WANT_BYTES)
    {
      g_task_return_pointer (task, g_bytes_ref (bytes), (GDestroyNotify) g_bytes_unref);
      return;
    }
  if (status == SOUP_STATUS_NO_CONTENT || g_bytes_get_size (bytes) == 0)
    node = json_node_new (JSON_NODE_NULL);
  else
    node = till_json_parse (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), JSON_MAX, &error);
  if (node == NULL)
    g_task_return_new_error (task, TILL_API_ERROR, TILL_API_ERROR_VERSION, "%s", error->message);
  else
    g_task_return_pointer (task, node, (GDestroyNotify) json_node_unref);
}

static void
spliced_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  Flight *flight = g_task_get_task_data (task);
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) bytes = NULL;
  gssize n = g_output_stream_splice_finish (G_OUTPUT_STREAM (source), result, &error);

  if (n < 0)
    {
      fail (task, error);
      return;
    }
  if (flight->want == WANT_BYTES && n > FETCH_MAX)
    {
      land (task);
      g_task_return_new_error (task, TILL_API_ERROR, TILL_API_ERROR_VERSION, "answer too large");
      return;
    }
  bytes = g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (source));
  return_body (task, bytes);
}

static void
sent_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  Flight *flight = g_task_get_task_data (task);
  g_autoptr(GError) error = NULL;
  g_autoptr(GInputStream) stream = soup_session_send_finish (SOUP_SESSION (source), result, &error);
  g_autoptr(GOutputStream) memory = NULL;

  if (stream == NULL && may_repeat (flight, error))
    {
      flight->repeated = TRUE;
      send_flight (task);
      return;
    }
  if (stream == NULL)
    {
      fail (task, error);
      return;
    }
  if (flight->want == WANT_STREAM && SOUP_STATUS_IS_SUCCESSFUL (soup_message_get_status (flight->message)))
    {
      land (task);
      g_task_return_pointer (task, g_steal_pointer (&stream), g_object_unref);
      return;
    }
  memory = g_memory_output_stream_new_resizable ();
  g_output_stream_splice_async (memory, stream, G_OUTPUT_STREAM_SPLICE_CLOSE_SOURCE | G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET,
                                G_PRIORITY_DEFAULT, flight->stop, spliced_cb, g_object_ref (task));
}

static void
wrote_headers_cb (SoupMessage *message, gpointer user_data)
{
  Flight *flight = user_data;

  flight->sent = TRUE;
}

static SoupMessage *
make_message (TillApi *self, const char *method, const char *uri)
{
  SoupMessage *message = soup_message_new (method, uri);

  g_return_val_if_fail (message != NULL, NULL);
  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT); /* the token goes nowhere else */
  if (self->bearer != NULL)
    soup_message_headers_replace (soup_message_get_request_headers (message), "Authorization", self->bearer);
  return message;
}

static void
send_flight (GTask *task)
{
  TillApi *self = g_task_get_source_object (task);
  Flight *flight = g_task_get_task_data (task);
  SoupMessageHeaders *headers;

  g_clear_object (&flight->message);
  flight->message = make_message (self, flight->method, flight->uri);
  flight->with_token = self->bearer != NULL;
  headers = soup_message_get_request_headers (flight->message);
  if (flight->if_match != NULL)
    soup_message_headers_replace (headers, "If-Match", flight->if_match);
  if (flight->body != NULL)
    soup_message_set_request_body_from_bytes (flight->message, "application/json", flight->body);
  g_signal_connect (flight->message, "wrote-headers", G_CALLBACK (wrote_headers_cb), flight);
  soup_session_send_async (self->session, flight->message, PRIORITY, flight->stop, sent_cb, g_object_ref (task));
}

static char *
make_uri (TillApi *self, const TillCall *call)
{
  GString *uri = g_string_new (self->base);
  const char *open = strchr (call->path, '{'), *close = open != NULL ? strchr (open, '}') : NULL;

  g_string_append (uri, TILL_API_BASE);
  if (close != NULL)
    {
      g_string_append_len (uri, call->path, open - call->path);
      g_string_append_uri_escaped (uri, call->id != NULL ? call->id : "", NULL, FALSE);
      g_string_append (uri, close + 1);
    }
  else
    g_string_append (uri, call->path);
  if (call->query != NULL && *call->query != '\0')
    g_string_append_printf (uri, "?%s", call->query);
  return g_string_free (uri, FALSE);
}

static GTask *
start (TillApi *self, const TillCall *call, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  Flight *flight = g_new0 (Flight, 1);

  g_task_set_task_data (task, flight, flight_free);
  flight->method = g_strdup (call->method != NULL ? call->method : "GET");
  flight->timeout_s = call->timeout_s != 0 ? call->timeout_s : TIMEOUT_S;
  flight->stop = g_cancellable_new ();
  if (call->version > 0)
    flight->if_match = g_strdup_printf ("%" G_GINT64_FORMAT, call->version);
  if (call->body != NULL)
    {
      char *text = json_to_string (call->body, FALSE);

      flight->body = g_bytes_new_take (text, strlen (text));
    }
  return task;
}

static void
depart (GTask *task, const TillCall *call, Want want)
{
  TillApi *self = g_task_get_source_object (task);
  Flight *flight = g_task_get_task_data (task);
  GCancellable *cancellable = g_task_get_cancellable (task);

  flight->want = want;
  if (self->session == NULL)
    {
      if (self->server != NULL)
        g_task_return_new_error (task, TILL_API_ERROR, TILL_API_ERROR_UNTRUSTED, "no trusted certificate for %s", self->server);
      else
        g_task_return_new_error (task, TILL_API_ERROR, TILL_API_ERROR_UNREACHABLE, "no server chosen");
      return;
    }
  flight->uri = make_uri (self, call);
  if (cancellable != NULL) /* cancelled already: stop_cb runs at once and the send fails as it should */
    flight->stop_link = g_cancellable_connect (cancellable, G_CALLBACK (stop_cb), g_object_ref (flight->stop), g_object_unref);
  flight->timer = g_timeout_source_new_seconds (flight->timeout_s);
  g_source_set_callback (flight->timer, timeout_cb, task, NULL); /* destroyed by land () */
  g_source_attach (flight->timer, g_task_get_context (task));
  send_flight (task);
}

static void
drop_connections (TillApi *self)
{
  if (self->session != NULL)
    soup_session_abort (self->session);
  g_clear_object (&self->session);
  g_clear_pointer (&self->base, g_free);
  g_clear_pointer (&self->bearer, g_free);
}

static void
open_session (TillApi *self, GTlsDatabase *anchor)
{
  self->session = soup_session_new_with_options ("user-agent", "gridtill/" GRIDTILL_VERSION, "max-conns-per-host", 6,
                                                 "timeout", 0, "idle-timeout", 50, "accept-language-auto", TRUE, NULL);
  soup_session_remove_feature_by_type (self->session, SOUP_TYPE_AUTH_MANAGER); /* a 401 is ours to handle */
  soup_session_set_proxy_resolver (self->session, NULL);
  if (anchor != NULL)
    soup_session_set_tls_database (self->session, anchor);
}

static void
till_api_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_set_string (value, TILL_API (object)->server);
}

static void
till_api_finalize (GObject *object)
{
  TillApi *self = TILL_API (object);

  drop_connections (self);
  g_clear_object (&self->trust);
  g_free (self->server);
  G_OBJECT_CLASS (till_api_parent_class)->finalize (object);
}

static void
till_api_class_init (TillApiClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = till_api_get_property;
  object_class->finalize = till_api_finalize;
  props[PROP_SERVER] = g_param_spec_string ("server", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
  signals[UNAUTHENTICATED] = g_signal_new ("unauthenticated", TILL_TYPE_API, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
till_api_init (TillApi *self)
{
}

TillApi *
till_api_new (TillTrust *trust)
{
  TillApi *self = g_object_new (TILL_TYPE_API, NULL);

  g_set_object (&self->trust, trust);
  return self;
}

TillTrust *
till_api_get_trust (TillApi *self)
{
  return self->trust;
}

char *
till_api_parse_server (const char *text, GError **error)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (text != NULL ? text : ""));
  const char *rest = trimmed;
  g_autofree char *uri_text = NULL;
  g_autoptr(GUri) uri = NULL;
  int port;

  if (g_ascii_strncasecmp (rest, "https://", 8) == 0)
    rest += 8;
  if (*rest != '\0' && g_str_has_suffix (rest, "/"))
    trimmed[strlen (trimmed) - 1] = '\0';
  if (*rest == '\0' || strpbrk (rest, "/@?# ") != NULL)
    {
      till_fail (error, TILL_ERROR_INVALID, "A server is written as host or host:port.");
      return NULL;
    }
  uri_text = g_strconcat ("https://", rest, NULL);
  if ((uri = g_uri_parse (uri_text, G_URI_FLAGS_NONE, NULL)) == NULL || g_uri_get_host (uri) == NULL || *g_uri_get_host (uri) == '\0')
    {
      till_fail (error, TILL_ERROR_INVALID, "A server is written as host or host:port.");
      return NULL;
    }
  port = g_uri_get_port (uri) > 0 ? g_uri_get_port (uri) : TILL_DEFAULT_PORT;
  return g_strdup_printf (strchr (g_uri_get_host (uri), ':') != NULL ? "[%s]:%d" : "%s:%d", g_uri_get_host (uri), port);
}

gboolean
till_api_set_server (TillApi *self, const char *server, GError **error)
{
  g_autoptr(GTlsDatabase) anchor = NULL;

  g_return_val_if_fail (TILL_IS_API (self) && server != NULL && self->trust != NULL, FALSE);
  drop_connections (self);
  if (till_set_str (&self->server, server))
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_SERVER]);
  if ((anchor = till_trust_load (self->trust, server, error)) == NULL)
    return FALSE;
  self->base = g_strconcat ("https://", server, NULL);
  open_session (self, anchor);
  return TRUE;
}

const char *
till_api_get_server (TillApi *self)
{
  return self->server;
}

void
till_api_set_plain_base (TillApi *self, const char *uri)
{
  g_return_if_fail (g_str_has_prefix (uri, "http://127.0.0.1:"));
  drop_connections (self);
  self->base = g_strdup (uri);
  open_session (self, NULL);
  if (till_set_str (&self->server, uri + strlen ("http://")))
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_SERVER]);
}

void
till_api_set_token (TillApi *self, const char *token)
{
  g_free (self->bearer);
  self->bearer = token != NULL ? g_strconcat ("Bearer ", token, NULL) : NULL;
}

void
till_api_call_async (TillApi *self, const TillCall *call, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = start (self, call, cancellable, callback, user_data);

  g_task_set_source_tag (task, till_api_call_async);
  depart (task, call, WANT_JSON);
}

JsonNode *
till_api_call_finish (TillApi *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
till_api_fetch_async (TillApi *self, const TillCall *call, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = start (self, call, cancellable, callback, user_data);

  g_task_set_source_tag (task, till_api_fetch_async);
  depart (task, call, WANT_BYTES);
}

GBytes *
till_api_fetch_finish (TillApi *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
till_api_stream_async (TillApi *self, const TillCall *call, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr(GTask) task = start (self, call, cancellable, callback, user_data);

  g_task_set_source_tag (task, till_api_stream_async);
  depart (task, call, WANT_STREAM);
}

GInputStream *
till_api_stream_finish (TillApi *self, GAsyncResult *result, gint64 *ret_length, GError **error)
{
  Flight *flight = g_task_get_task_data (G_TASK (result));
  GInputStream *stream = g_task_propagate_pointer (G_TASK (result), error);

  if (stream != NULL && ret_length != NULL)
    *ret_length = soup_message_headers_get_content_length (soup_message_get_response_headers (flight->message));
  return stream;
}

static void
socket_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GTask) task = user_data;
  TillApi *self = g_task_get_source_object (task);
  SoupMessage *message = g_task_get_task_data (task);
  GError *error = NULL;
  SoupWebsocketConnection *connection = soup_session_websocket_connect_finish (SOUP_SESSION (source), result, &error);

  if (connection != NULL)
    g_task_return_pointer (task, connection, g_object_unref);
  else if (soup_message_get_status (message) >= 400)
    {
      g_task_return_error (task, till_api_error_from_problem (soup_message_get_status (message), NULL, NULL));
      if (soup_message_get_status (message) == SOUP_STATUS_UNAUTHORIZED && self->bearer != NULL)
        g_signal_emit (self, signals[UNAUTHENTICATED], 0);
      g_clear_error (&error);
    }
  else
    g_task_return_error (task, error);
}

void
till_api_open_socket_async (TillApi *self, const char *path_and_query, GCancellable *cancellable, GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autofree char *uri = NULL;
  SoupMessage *message;

  g_task_set_source_tag (task, till_api_open_socket_async);
  if (self->session == NULL)
    {
      g_task_return_new_error (task, TILL_API_ERROR, TILL_API_ERROR_UNREACHABLE, "no server chosen");
      return;
    }
  uri = g_strconcat (self->base, TILL_API_BASE, path_and_query, NULL);
  message = make_message (self, "GET", uri);
  g_task_set_task_data (task, message, g_object_unref);
  soup_session_websocket_connect_async (self->session, message, NULL, NULL, G_PRIORITY_DEFAULT, cancellable, socket_cb, g_object_ref (task));
}

gpointer
till_api_open_socket_finish (TillApi *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
