/* SPDX-License-Identifier: GPL-2.0-or-later
 * gateway.h: gateways as people see them. Their sessions: field-plant.h. */
#pragma once
#include "server/db/db-conn.h"
#include "server/domain/office/actor.h"
#include "shared/base/till-json-write.h"

G_BEGIN_DECLS

/* Members of api.md, and room, meters, rtt_ms. Filters: id, area, link, online, simulated, q. Sorts: every member that is one value. */
gboolean tilld_gateway_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error);
gboolean tilld_gateway_get (TilldDb *db, const TilldActor *who, gint64 id, TillJsonWrite *w, GError **error);

G_END_DECLS
