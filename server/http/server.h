/* SPDX-License-Identifier: GPL-2.0-or-later
 * server.h: HTTP as the rest of the house sees it: routes in, requests to lanes, answers out. One main context. */
#pragma once
#include <gio/gio.h>
#include "server/http/accept.h"
#include "server/http/login.h"
#include "server/http/route.h"
#include "server/http/throttle.h"

G_BEGIN_DECLS

typedef struct _TilldHttp TilldHttp;

/* What HTTP needs of the floors below; the application wires it, tests replace it. */
typedef struct {
  /* Runs tilld_http_step (db, request) on a lane, inside a transaction if asked, then tilld_http_done (request) in this context. KDF: db
   * is NULL. FALSE: BUSY, and neither is called. */
  gboolean (*push) (TilldRunOn on, gboolean transaction, guint deadline_ms, TilldRequest *request, gpointer data, GError **error);
  /* Who owns this token; UNAUTHENTICATED when nobody does. On a lane, in a transaction. */
  gboolean (*identify) (TilldDb *db, const guint8 hash[TILLD_TOKEN_HASH], TilldIdentity **ret_identity, gpointer data, GError **error);
  /* The audit row of a refusal; in the loop, must not wait. */
  void (*refused) (TilldRequest *request, const GError *reason, gpointer data);
  gpointer data;
} TilldHttpBackend;

typedef struct {
  const TilldAcceptLimits *limits;
  GTlsCertificate         *certificate; /* NULL: plain, tests and proxies */
  const char              *runtime_dir; /* for SoupServer's own listener, unlinked at once */
  const char              *base;        /* "/api/v1" */
  const TilldRoute *const *tables;
  TilldHttpBackend         backend;
  TilldClock              *clock;
  gpointer                 api;         /* TilldRequest.api */
  gint64                   site;
} TilldHttpSetup;

TilldHttp     *tilld_http_new (const TilldHttpSetup *setup, GError **error);
void           tilld_http_free (TilldHttp *self); /* after drain; iterates the context until the last connection is gone */
gboolean       tilld_http_listen (TilldHttp *self, const char *host_port, guint16 *ret_port, GError **error);
/* Listeners close, new requests are answered busy; running ones go on. */
void           tilld_http_drain (TilldHttp *self);
guint          tilld_http_running (TilldHttp *self);
TilldLogin    *tilld_http_login (TilldHttp *self);
TilldThrottle *tilld_http_throttle (TilldHttp *self);
TilldAccept   *tilld_http_accept (TilldHttp *self);
TilldRoutes   *tilld_http_routes (TilldHttp *self);
GMainContext  *tilld_http_context (TilldHttp *self);

/* TilldLaneWork and TilldLaneDone of a request. */
gboolean       tilld_http_step (TilldDb *db, gpointer request, GError **error);
void           tilld_http_done (gpointer request, const GError *error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TilldHttp, tilld_http_free)

G_END_DECLS
