/* SPDX-License-Identifier: GPL-2.0-or-later
 * case.h: deliveries and counters in doubt. Read here; opened by delivery and purse, decided by two persons. */
#pragma once
#include "server/domain/office/actor.h"
#include "shared/base/till-json-write.h"

G_BEGIN_DECLS

/* Writes {"total","items":[...]} members into the open object w: id, meter, meter_code, room, command, number, amount, reason, believed {count, total,
 * balance}, reading, read_at,
 * opened_at, closed_at, decision, note. Filters: state (open, closed, all), meter, area, reason, q; sort, offset, limit. */
gboolean tilld_case_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error);
/* The members of one into the open object; NOT_FOUND. */
gboolean tilld_case_get (TilldDb *db, const TilldActor *who, gint64 id, TillJsonWrite *w, GError **error);

G_END_DECLS
