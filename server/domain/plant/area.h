/* SPDX-License-Identifier: GPL-2.0-or-later
 * area.h: the tree of places: campus, building, floor, room. Path and lineage are kept by the database. */
#pragma once
#include "server/db/db-conn.h"
#include "server/domain/office/actor.h"
#include "shared/api/till-enums.h"
#include "shared/base/till-json-write.h"

G_BEGIN_DECLS

/* id, parent, site, kind, name, path, meters (installed, with children), version; by path. Filters: id, parent, kind, area, q. */
gboolean tilld_area_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error);
gboolean tilld_area_get (TilldDb *db, const TilldActor *who, gint64 id, TillJsonWrite *w, GError **error);
/* Every area below (and at) these roots, rising; NULL roots = NULL (all). For subscriptions. */
gboolean tilld_area_expand (TilldDb *db, const GArray *roots, GArray **ret_areas, GError **error);
/* NOT_FOUND when out of scope: strangers do not learn what exists. */
gboolean tilld_area_check (TilldDb *db, const TilldActor *who, gint64 area, GError **error);

typedef struct { gint64 parent; TillAreaKind kind; const char *name; } TilldAreaNew; /* parent 0 = none */
gboolean tilld_area_create (TilldDb *db, const TilldActor *who, const TilldAreaNew *in, gint64 *ret_id, GError **error);

G_END_DECLS
