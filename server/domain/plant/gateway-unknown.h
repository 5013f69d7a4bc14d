/* SPDX-License-Identifier: GPL-2.0-or-later
 * gateway-unknown.h: callers that no gateway record fits: kept for adoption, the oldest go. */
#pragma once
#include "server/db/db-conn.h"
#include "server/domain/office/actor.h"
#include "shared/base/till-json-write.h"

G_BEGIN_DECLS

#define TILLD_UNKNOWN_MAX 1000

typedef struct {
  char   text[65];    /* escaped */
  char   front[8];    /* gt3, tls, 7b7b, 1f1f, dtu */
  char   address[46];
  gint64 tries;
} TilldGatewayUnknown;

/* By the field: new rows, or tries and last_seen of old ones. */
gboolean tilld_gateway_unknown_note (TilldDb *db, const TilldGatewayUnknown *rows, guint n, GError **error);
/* id, text, front, address, first_seen, last_seen, tries. Filters: front, q. Newest first. */
gboolean tilld_gateway_unknown_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error);
/* NOT_FOUND: nobody called so. Taken off the list. */
gboolean tilld_gateway_unknown_take (TilldDb *db, gint64 id, TilldGatewayUnknown *ret, GError **error);

G_END_DECLS
