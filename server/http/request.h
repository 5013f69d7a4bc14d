/* SPDX-License-Identifier: GPL-2.0-or-later
 * request.h: one request from its headers to its answer. The loop owns it; while a lane works on it, the loop leaves it alone. */
#pragma once
#include <libsoup/soup.h>
#include "server/core/types.h"
#include "server/http/login.h"
#include "server/http/query.h"
#include "server/http/reply.h"
#include "server/http/route.h"

G_BEGIN_DECLS

typedef struct _TilldHttp TilldHttp;
typedef void (*TilldRequestFunc) (TilldRequest *request);

struct _TilldRequest {
  TilldHttp         *http;
  SoupServerMessage *msg;       /* loop only */
  gpointer           api;       /* what the handlers share: server/api/api.h */
  const TilldRoute  *route;     /* NULL while refused before a route was found */
  char               id[TILL_ID_TEXT]; /* request id */
  char              *address;   /* of the caller, without port */
  TilldIdentity     *who;       /* NULL on public routes */
  TilldActor         actor;     /* of who, with request id and address; on public routes only those and the site */
  char              *param;     /* the {segment} of the path; two with a slash between */
  TilldQuery         query;
  gboolean           has_query;
  JsonNode          *body;
  guint8             body_hash[32]; /* SHA-256 of the canonical meaning: method, path and body bytes; of REPLAY routes */
  gpointer           input;     /* made by decode */
  GDestroyNotify     input_free;
  TilldReply         reply;
  GCancellable      *cancellable;
  GError            *failure;   /* of the lane; turned into a reply by the loop */
  guint8             token_hash[TILLD_TOKEN_HASH];
  TilldRunOn         run_on;    /* the route's, unless decode () chose another lane */
  TilldRun           step;      /* what the lane runs now, and the loop after it */
  TilldRequestFunc   after;
  TilldRunOn         next_on;   /* a handler of several steps names the next one instead of replying */
  TilldRun           next;
  guint              next_delay_ms;
  gboolean           forget_logins; /* set by run (): sessions changed */
  gint64             started_us;
  gsize              received;  /* bytes of the body so far */
  gboolean           answered, gone, running;
  gboolean           waits, resumed; /* run () left the answer to somebody else; which of the two ends first does not matter */
  TilldRun           finish;
};

TilldRequest *tilld_request_new (TilldHttp *http, SoupServerMessage *msg);
void          tilld_request_free (TilldRequest *request);
/* For decode (). */
void          tilld_request_take_input (TilldRequest *request, gpointer input, GDestroyNotify input_free);
/* The same of size zero bytes, made here. */
gpointer      tilld_request_new_input (TilldRequest *request, gsize size, GDestroyNotify input_free);
gboolean      tilld_request_param_int (TilldRequest *request, gint64 *ret, GError **error); /* NOT_FOUND when it is no number */
gboolean      tilld_request_param_ints (TilldRequest *request, gint64 *ret_first, gint64 *ret_second, GError **error); /* of two segments */
gboolean      tilld_request_param_id (TilldRequest *request, TillId *ret, GError **error);
/* The version a change was made from; INVALID when the header is missing or no number. Plain, or quoted as an entity tag. */
gboolean      tilld_request_if_match (TilldRequest *request, gint64 *ret_version, GError **error);
/* For run () of several steps. */
void          tilld_request_then (TilldRequest *request, TilldRunOn on, TilldRun next);
/* The same after a while; FALSE when the route's deadline would be over by then. */
gboolean      tilld_request_then_after (TilldRequest *request, TilldRunOn on, TilldRun next, guint delay_ms);
/* For run () of a NO_TX route, in a lane or in the loop: it is free again, the answer comes when another thread calls resume, exactly once. finish is
 * called in the loop, without database: it replies, or names a next step. error: takes a copy; then finish is not called. */
void          tilld_request_wait (TilldRequest *request, TilldRun finish);
void          tilld_request_resume (TilldRequest *request, const GError *error);
/* Doubled Host, two lengths, length with transfer coding, a compressed body, too many headers. */
gboolean      tilld_request_check_headers (TilldRequest *request, GError **error);
/* Pre-check, parse. Asserts that the route takes a body. */
gboolean      tilld_request_parse_body (TilldRequest *request, GBytes *bytes, GError **error);

G_END_DECLS
