/* SPDX-License-Identifier: GPL-2.0-or-later
 * protected-hours.h: hours of the day in which nobody is cut off for arrears, for all meters or for a class of use. */
#pragma once
#include "server/db/db-conn.h"
#include "server/domain/office/actor.h"
#include "shared/base/till-json-read.h"
#include "shared/base/till-json-write.h"

G_BEGIN_DECLS

typedef struct {
  int use_class; /* -1 = all */
  int from_min, to_min; /* of the day; from > to goes over midnight */
} TilldProtectedHours;

/* {"hours":[{"use_class"?, "from":"22:00", "to":"06:00"}]} into an array of TilldProtectedHours. */
gboolean tilld_protected_hours_read (JsonNode *body, GArray *ret_hours, GError **error);
/* total, items: use_class (null: all), from, to. Filters: none. */
gboolean tilld_protected_hours_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error);
/* These and no others from now on. */
gboolean tilld_protected_hours_set (TilldDb *db, const TilldActor *who, const GArray *hours, GError **error);

G_END_DECLS
