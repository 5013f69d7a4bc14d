/* SPDX-License-Identifier: GPL-2.0-or-later
 * route.h: what may be called. Routes are static const rows; nothing else is served. The permission stands in the row and is checked
 * before the handler is known to exist; a handler holds no permission code. */
#pragma once
#include "server/core/types.h"
#include "server/db/db-conn.h"
#include "shared/api/till-permission.h"

G_BEGIN_DECLS

typedef struct _TilldRequest TilldRequest;

typedef enum {
  TILLD_ROUTE_PUBLIC = 1 << 0,   /* without log-in; permission must be TILLD_ANYONE */
  TILLD_ROUTE_REPLAY = 1 << 1,   /* the caller's id makes it safe to repeat */
  TILLD_ROUTE_NO_TX = 1 << 2,    /* the handler waits for the ledger lane: no transaction may be open around it */
  TILLD_ROUTE_STREAM = 1 << 3,   /* the connection is stolen (WebSocket) */
  TILLD_ROUTE_WRITES = 1 << 4,   /* runs to commit even if the caller hangs up */
  TILLD_ROUTE_FIRST = 1 << 5,    /* also open to who has not changed the one-time password yet */
} TilldRouteFlags;

/* Permission of a route for everybody who is logged in (the own session), or, with PUBLIC, for everybody. */
#define TILLD_ANYONE (-1)

typedef enum {
  TILLD_RUN_HERE,        /* in the loop: must not wait for anything */
  TILLD_RUN_INTERACTIVE,
  TILLD_RUN_BATCH,
  TILLD_RUN_KDF,         /* the thread of Argon2id, no database */
} TilldRunOn;

/* In the loop: checks the form of path, query and body into request->input. */
typedef gboolean (*TilldDecode) (TilldRequest *request, GError **error);
/* On the lane: one domain verb, then exactly one tilld_reply_* (). May run again after a serialization failure. */
typedef gboolean (*TilldRun) (TilldRequest *request, TilldDb *db, GError **error);

typedef struct _TilldRoute {
  const char     *method, *path; /* template below /api/v1 */
  int             permission;    /* TillPermission or TILLD_ANYONE */
  TilldRouteFlags flags;
  guint           body_max;      /* 0 = no body */
  TilldRunOn      run_on;
  guint           deadline_ms;
  TilldDecode     decode;        /* NULL: no parameter, no body */
  TilldRun        run;
  int           (*permission_of) (const TilldRequest *request); /* a further one that the decoded body decides; NULL = none */
} TilldRoute;

typedef struct _TilldRoutes TilldRoutes;

/* tables: NULL-terminated list of tables, each ended by a row without method. Asserts that the rows are sound. */
TilldRoutes      *tilld_routes_new (const char *base, const TilldRoute *const *tables);
void              tilld_routes_free (TilldRoutes *self);
/* path as it came, still escaped. ret_param: the {segment}, decoded, two with a slash between, or NULL. NOT_FOUND, or METHOD with *ret_allow. */
const TilldRoute *tilld_routes_match (TilldRoutes *self, const char *method, const char *path, char **ret_param, char **ret_allow,
                                      GError **error);
const TilldRoute *tilld_routes_nth (TilldRoutes *self, guint n); /* NULL after the last: tests walk it */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TilldRoutes, tilld_routes_free)

G_END_DECLS
