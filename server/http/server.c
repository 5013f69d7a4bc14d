/* SPDX-License-Identifier: GPL-2.0-or-later
 * server.c: from headers to answer. After the headers: address, form, size, log-in, permission; after the body: parse, decode, lane;
 * back in the loop: reply. Only SoupServer's HTTP parser is used; sockets come from accept.c. */
#include "server/http/server.h"
#include <glib/gstdio.h>
#include <gio/gunixsocketaddress.h>
#include <string.h>
#include "server/core/clock.h"
#include "server/core/handover.h"
#include "server/core/metrics.h"
#include "server/http/request.h"
#include "shared/base/till-log.h"

#define REQUEST_KEY   "tilld-request"
#define OVERRUN_BYTES (64 * 1024 * 1024) /* of a refused body we read on, so that the answer arrives */
#define LOOKUP_MS     5000
#define PATIENCE_MS   2000

struct _TilldHttp {
  GMainContext    *context;
  SoupServer      *soup;
  TilldAccept     *accept;
  TilldRoutes     *routes;
  TilldLogin      *login;
  TilldThrottle   *throttle;
  TilldHttpBackend backend;
  TilldClock      *clock;
  gpointer         api;
  gint64           site;
  guint            running;
  gboolean         draining;
  TilldMetric     *metric_time;
};

static TilldRequest *
request_of (SoupServerMessage *msg)
{
  return g_object_get_data (G_OBJECT (msg), REQUEST_KEY);
}

static void
stage (TilldRequest *request, TilldStage next)
{
  tilld_accept_stage (request->http->accept, soup_server_message_get_remote_address (request->msg), next);
}

static void
answer (TilldRequest *request)
{
  tilld_metric_observe_us (request->http->metric_time, tilld_clock_boot_us (request->http->clock) - request->started_us);
  stage (request, TILLD_STAGE_WRITE);
  tilld_reply_send (request);
}

/* Before the body was read: it is thrown away as it comes. */
static void
refuse (TilldRequest *request, const GError *error)
{
  soup_message_body_set_accumulate (soup_server_message_get_request_body (request->msg), FALSE);
  if (till_error_is (error, TILL_ERROR_UNAUTHENTICATED) || till_error_is (error, TILL_ERROR_FORBIDDEN))
    request->http->backend.refused (request, error, request->http->backend.data);
  tilld_reply_error (request, error);
  tilld_reply_send (request);
}

/* --- lanes --- */

/* TRUE: under way, after () follows in the loop. FALSE: request->failure says why. */
static gboolean
push (TilldRequest *request, TilldRunOn on, TilldRun step, TilldRequestFunc after)
{
  TilldHttp *self = request->http;
  gboolean alone = on == TILLD_RUN_KDF || (step == request->route->run && (request->route->flags & TILLD_ROUTE_NO_TX) != 0);

  g_assert (on != TILLD_RUN_HERE && !request->running && request->failure == NULL);
  request->step = step;
  request->after = after;
  request->running = TRUE; /* before the push: the lane may be done first */
  self->running++;
  if (self->backend.push (on, !alone, MAX (request->route->deadline_ms, LOOKUP_MS), request, self->backend.data, &request->failure))
    return TRUE;
  request->running = FALSE;
  self->running--;
  return FALSE;
}

gboolean
tilld_http_step (TilldDb *db, gpointer data, GError **error)
{
  TilldRequest *request = data;
  tilld_reply_reset (request); /* of a transaction that is tried again */
  return request->step (request, db, error);
}

void
tilld_http_done (gpointer data, const GError *error)
{
  TilldRequest *request = data;

  if (error != NULL)
    request->failure = g_error_copy (error);
  if (request->waits && !request->resumed)
    {
      g_assert (error == NULL); /* who hands the answer on cannot fail any more */
      request->waits = FALSE;   /* resumed () goes on */
      return;
    }
  request->waits = FALSE;
  request->running = FALSE;
  request->http->running--;
  if (request->gone)
    tilld_request_free (request);
  else
    request->after (request);
}

/* In the loop, before or after the lane's own end. */
static gboolean
resumed (gpointer data)
{
  TilldRequest *request = data;
  TilldRun finish = request->finish;

  request->resumed = TRUE;
  request->finish = NULL;
  if (!request->gone && request->failure == NULL)
    finish (request, NULL, &request->failure);
  if (!request->waits)
    tilld_http_done (request, NULL);
  return G_SOURCE_REMOVE;
}

void
tilld_request_resume (TilldRequest *request, const GError *error)
{
  if (error != NULL)
    request->failure = g_error_copy (error);
  tilld_hand_over (request->http->context, G_PRIORITY_DEFAULT, resumed, request, NULL);
}

static void worked (TilldRequest *request);

static gboolean
delayed (gpointer data)
{
  TilldRequest *request = data;
  TilldRun next = request->next;

  request->next = NULL;
  request->running = FALSE;
  request->http->running--;
  if (request->gone)
    tilld_request_free (request);
  else if (!push (request, request->next_on, next, worked))
    worked (request);
  return G_SOURCE_REMOVE;
}

/* The next step after a while. The request counts as running: whoever hangs up does not free it under the timer. */
static void
delay (TilldRequest *request)
{
  g_autoptr (GSource) source = g_timeout_source_new (request->next_delay_ms);

  request->running = TRUE;
  request->http->running++;
  g_source_set_callback (source, delayed, request, NULL);
  g_source_attach (source, request->http->context);
}

/* A step of the work is done: the next one, or the answer. */
static void
worked (TilldRequest *request)
{
  TilldRun next = request->next;

  if (request->forget_logins)
    tilld_login_forget_all (request->http->login);
  if (request->failure == NULL && next != NULL && request->next_delay_ms > 0)
    {
      delay (request);
      return;
    }
  request->next = NULL;
  if (request->failure == NULL && next != NULL && push (request, request->next_on, next, worked))
    return;
  if (request->failure != NULL)
    {
      tilld_reply_clear (&request->reply);
      if (till_error_is (request->failure, TILL_ERROR_FORBIDDEN) || till_error_is (request->failure, TILL_ERROR_UNAUTHENTICATED))
        request->http->backend.refused (request, request->failure, request->http->backend.data);
      tilld_reply_error (request, request->failure);
    }
  answer (request);
  soup_server_message_unpause (request->msg);
}

/* --- after the body --- */

static gboolean
has_permission (TilldRequest *request, int permission, GError **error)
{
  if (permission == TILLD_ANYONE || till_permission_set_has (request->actor.permissions, (TillPermission) permission))
    return TRUE;
  return till_fail (error, TILL_ERROR_FORBIDDEN, "this needs the permission %s", till_permission_word ((TillPermission) permission));
}


static gboolean
decode (TilldRequest *request, GError **error)
{
  const TilldRoute *route = request->route;
  SoupMessageBody *body = soup_server_message_get_request_body (request->msg);

  if (request->received > route->body_max)
    return till_fail (error, TILL_ERROR_TOO_LARGE, "the body has more than %u bytes", route->body_max);
  if (route->body_max > 0)
    {
      g_autoptr (GBytes) bytes = soup_message_body_flatten (body);
      if (!tilld_request_parse_body (request, bytes, error))
        return FALSE;
    }
  request->run_on = route->run_on;
  request->has_query = TRUE;
  if (!tilld_query_init (&request->query, g_uri_get_query (soup_server_message_get_uri (request->msg)), error))
    return FALSE;
  return route->decode != NULL ? route->decode (request, error) : tilld_query_finish (&request->query, error);
}

/* What the body asks for may need a further permission; known only now. */
static gboolean
check_wish (TilldRequest *request, GError **error)
{
  return request->route->permission_of == NULL || has_permission (request, request->route->permission_of (request), error);
}

/* The handler left the answer to another thread: from here on as if a lane worked on it. */
static void
wait_here (TilldRequest *request)
{
  request->waits = FALSE; /* resumed () goes on; it comes by way of the loop, hence later */
  request->after = worked;
  request->running = TRUE;
  request->http->running++;
  soup_server_message_pause (request->msg);
}

static void
run_here (TilldRequest *request)
{
  g_autoptr (GError) error = NULL;

  if (!request->route->run (request, NULL, &error))
    tilld_reply_error (request, error);
  else if (request->waits)
    {
      wait_here (request);
      return;
    }
  if (request->reply.status != 0)
    answer (request);
  else
    g_assert ((request->route->flags & TILLD_ROUTE_STREAM) != 0); /* the handler answered with an upgrade */
}

static void
handle (SoupServer *soup, SoupServerMessage *msg, const char *path, GHashTable *form, gpointer data)
{
  TilldRequest *request = request_of (msg);
  g_autoptr (GError) error = NULL;

  g_assert (request != NULL && request->route != NULL); /* refused ones have a status and do not come here */
  stage (request, TILLD_STAGE_BUSY);
  if (!decode (request, &error) || !check_wish (request, &error))
    {
      if (till_error_is (error, TILL_ERROR_FORBIDDEN))
        request->http->backend.refused (request, error, request->http->backend.data);
      tilld_reply_error (request, error);
      answer (request);
      return;
    }
  if (request->route->run_on == TILLD_RUN_HERE)
    {
      run_here (request);
      return;
    }
  soup_server_message_pause (msg);
  if (push (request, request->run_on, request->route->run, worked))
    return;
  tilld_reply_error (request, request->failure);
  answer (request);
  soup_server_message_unpause (msg);
}

/* --- after the headers --- */

/* Who calls is known: the actor every verb takes, and whether this route is for them. */
static gboolean
admit (TilldRequest *request, GError **error)
{
  tilld_actor_clear (&request->actor);
  tilld_actor_copy (&request->who->actor, &request->actor);
  g_strlcpy (request->actor.request, request->id, sizeof request->actor.request);
  g_strlcpy (request->actor.address, request->address, sizeof request->actor.address);
  if (request->actor.must_change && (request->route->flags & TILLD_ROUTE_FIRST) == 0)
    return till_fail (error, TILL_ERROR_FORBIDDEN, "change the one-time password first: POST /session/password");
  return has_permission (request, request->route->permission, error);
}

static gboolean
identify (TilldRequest *request, TilldDb *db, GError **error)
{
  TilldHttpBackend *backend = &request->http->backend;

  g_clear_pointer (&request->who, tilld_identity_unref); /* of a transaction that is tried again */
  return backend->identify (db, request->token_hash, &request->who, backend->data, error);
}

static void
identified (TilldRequest *request)
{
  g_autoptr (GError) error = g_steal_pointer (&request->failure);

  if (error == NULL)
    {
      tilld_login_remember (request->http->login, request->who);
      admit (request, &error);
    }
  if (error != NULL)
    refuse (request, error);
  soup_server_message_unpause (request->msg);
}

/* FALSE: refused now. TRUE: known, or paused until identified (). */
static gboolean
log_in (TilldRequest *request, GError **error)
{
  const char *header = soup_message_headers_get_one (soup_server_message_get_request_headers (request->msg), "Authorization");

  if ((request->route->flags & TILLD_ROUTE_PUBLIC) != 0)
    return TRUE;
  if (!tilld_token_hash_of_header (header, request->token_hash))
    return till_fail (error, TILL_ERROR_UNAUTHENTICATED, "log in first");
  request->who = tilld_login_cached (request->http->login, request->token_hash);
  if (request->who != NULL)
    return admit (request, error);
  soup_server_message_pause (request->msg);
  if (push (request, TILLD_RUN_INTERACTIVE, identify, identified))
    return TRUE;
  soup_server_message_unpause (request->msg);
  if (error != NULL)
    *error = g_steal_pointer (&request->failure);
  return FALSE;
}

static gboolean
check_head (TilldRequest *request, GError **error)
{
  SoupServerMessage *msg = request->msg;
  goffset length = soup_message_headers_get_content_length (soup_server_message_get_request_headers (msg));

  if (request->http->draining)
    return till_fail (error, TILL_ERROR_BUSY, "the server is stopping");
  if (soup_server_message_get_status (msg) != 0)
    return till_fail (error, TILL_ERROR_INVALID, "this is no HTTP request");
  if (!tilld_request_check_headers (request, error))
    return FALSE;
  request->route = tilld_routes_match (request->http->routes, soup_server_message_get_method (msg),
                                       g_uri_get_path (soup_server_message_get_uri (msg)), &request->param, &request->reply.allow, error);
  if (request->route == NULL)
    return FALSE;
  if (length > (goffset) request->route->body_max)
    return till_fail (error, request->route->body_max > 0 ? TILL_ERROR_TOO_LARGE : TILL_ERROR_INVALID,
                      "the body has more than %u bytes", request->route->body_max);
  return log_in (request, error);
}

static void
got_headers (SoupServerMessage *msg, TilldHttp *self)
{
  TilldRequest *request = tilld_request_new (self, msg);
  g_autoptr (GError) error = NULL;

  request->api = self->api;
  request->actor.site = self->site;
  request->address = tilld_address_text (soup_server_message_get_remote_address (msg), FALSE);
  g_strlcpy (request->actor.request, request->id, sizeof request->actor.request);
  g_strlcpy (request->actor.address, request->address, sizeof request->actor.address);
  g_object_set_data (G_OBJECT (msg), REQUEST_KEY, request);
  stage (request, TILLD_STAGE_BODY);
  if (!check_head (request, &error))
    refuse (request, error);
}

static void
got_chunk (SoupServerMessage *msg, GBytes *chunk, TilldHttp *self)
{
  TilldRequest *request = request_of (msg);

  if (request == NULL)
    return;
  request->received += g_bytes_get_size (chunk);
  if (request->route != NULL && request->received > request->route->body_max)
    soup_message_body_set_accumulate (soup_server_message_get_request_body (msg), FALSE);
  if (request->received > OVERRUN_BYTES)
    tilld_accept_shut (self->accept, soup_server_message_get_remote_address (msg));
}

static void
wrote_some (SoupServerMessage *msg, guint size, TilldHttp *self)
{
  tilld_accept_stage (self->accept, soup_server_message_get_remote_address (msg), TILLD_STAGE_WRITE);
}

static void
request_started (SoupServer *soup, SoupServerMessage *msg, TilldHttp *self)
{
  tilld_accept_stage (self->accept, soup_server_message_get_remote_address (msg), TILLD_STAGE_HEADER);
  g_signal_connect (msg, "got-headers", G_CALLBACK (got_headers), self);
  g_signal_connect (msg, "got-chunk", G_CALLBACK (got_chunk), self);
  g_signal_connect (msg, "wrote-body-data", G_CALLBACK (wrote_some), self);
}

static void
request_ended (TilldHttp *self, SoupServerMessage *msg)
{
  TilldRequest *request = g_object_steal_data (G_OBJECT (msg), REQUEST_KEY);

  if (request == NULL)
    return;
  g_signal_handlers_disconnect_by_data (msg, &request->reply);
  request->gone = TRUE;
  g_cancellable_cancel (request->cancellable);
  if (!request->running) /* else back_in_loop () frees it */
    tilld_request_free (request);
}

static void
request_finished (SoupServer *soup, SoupServerMessage *msg, TilldHttp *self)
{
  request_ended (self, msg);
  tilld_accept_stage (self->accept, soup_server_message_get_remote_address (msg), TILLD_STAGE_IDLE);
}

static void
request_aborted (SoupServer *soup, SoupServerMessage *msg, TilldHttp *self)
{
  request_ended (self, msg);
}

static void
stream_ready (GIOStream *stream, GSocketAddress *local, GSocketAddress *remote, gpointer data)
{
  TilldHttp *self = data;
  g_autoptr (GError) error = NULL;

  if (!soup_server_accept_iostream (self->soup, stream, local, remote, &error))
    till_warn (TILL_LOG_NONE, error, "a connection was not taken over");
}

/* --- life --- */

/* SoupServer keeps connections alive only while it has a listener of its own: one that nobody can find. */
static gboolean
hidden_listener (TilldHttp *self, const char *runtime_dir, GError **error)
{
  g_autofree char *path = g_build_filename (runtime_dir, "http.sock", NULL);
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GSocket) socket = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, error);
  gboolean done;

  if (socket == NULL)
    return FALSE;
  g_unlink (path);
  address = g_unix_socket_address_new (path);
  done = g_socket_bind (socket, address, FALSE, error) && g_socket_listen (socket, error)
         && soup_server_listen_socket (self->soup, socket, 0, error);
  g_unlink (path);
  return done;
}

TilldHttp *
tilld_http_new (const TilldHttpSetup *setup, GError **error)
{
  g_autoptr (TilldHttp) self = g_new0 (TilldHttp, 1);

  self->context = g_main_context_ref_thread_default ();
  self->soup = g_object_new (SOUP_TYPE_SERVER, "raw-paths", TRUE, "server-header", "gridtill", NULL);
  self->accept = tilld_accept_new (setup->limits, setup->certificate, stream_ready, self);
  self->routes = tilld_routes_new (setup->base, setup->tables);
  self->login = tilld_login_new (setup->clock);
  self->throttle = tilld_throttle_new (&tilld_throttle_default_limits, setup->clock);
  self->backend = setup->backend;
  self->clock = setup->clock;
  self->api = setup->api;
  self->site = setup->site;
  self->metric_time = tilld_metric_histogram ("gridtill_http_request_seconds", NULL, "From the headers to the answer");
  g_signal_connect (self->soup, "request-started", G_CALLBACK (request_started), self);
  g_signal_connect (self->soup, "request-finished", G_CALLBACK (request_finished), self);
  g_signal_connect (self->soup, "request-aborted", G_CALLBACK (request_aborted), self);
  soup_server_add_handler (self->soup, NULL, handle, self, NULL);
  if (!hidden_listener (self, setup->runtime_dir, error))
    return NULL;
  return g_steal_pointer (&self);
}

static void
turn (TilldHttp *self)
{
  g_autoptr (GSource) wake = g_timeout_source_new (50);

  g_source_set_dummy_callback (wake);
  g_source_attach (wake, self->context);
  g_main_context_iteration (self->context, TRUE); /* lint: banned, the last turns of this loop */
  g_source_destroy (wake);
}

void
tilld_http_free (TilldHttp *self)
{
  gint64 patience_us;

  tilld_accept_close (self->accept);
  tilld_accept_shut_all (self->accept);
  patience_us = tilld_clock_boot_us (self->clock) + PATIENCE_MS * 1000;
  /* The ends of connections and of running work come back through the loop. */
  while (self->running > 0 || (tilld_accept_count (self->accept, TILLD_STAGE_N) > 0 && tilld_clock_boot_us (self->clock) < patience_us))
    turn (self);
  soup_server_disconnect (self->soup); /* whoever is still there */
  while (tilld_accept_count (self->accept, TILLD_STAGE_N) > 0)
    turn (self);
  g_assert (G_OBJECT (self->soup)->ref_count == 1);
  g_clear_object (&self->soup);
  g_clear_pointer (&self->accept, tilld_accept_free);
  g_clear_pointer (&self->routes, tilld_routes_free);
  g_clear_pointer (&self->login, tilld_login_free);
  g_clear_pointer (&self->throttle, tilld_throttle_free);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_free (self);
}

gboolean
tilld_http_listen (TilldHttp *self, const char *host_port, guint16 *ret_port, GError **error)
{
  return tilld_accept_listen (self->accept, host_port, ret_port, error);
}

void
tilld_http_drain (TilldHttp *self)
{
  self->draining = TRUE;
  tilld_accept_close (self->accept);
}

guint
tilld_http_running (TilldHttp *self)
{
  return self->running;
}

TilldLogin *
tilld_http_login (TilldHttp *self)
{
  return self->login;
}

TilldThrottle *
tilld_http_throttle (TilldHttp *self)
{
  return self->throttle;
}

TilldAccept *
tilld_http_accept (TilldHttp *self)
{
  return self->accept;
}

TilldRoutes *
tilld_http_routes (TilldHttp *self)
{
  return self->routes;
}

GMainContext *
tilld_http_context (TilldHttp *self)
{
  return self->context;
}
