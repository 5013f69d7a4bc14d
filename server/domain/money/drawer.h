/* SPDX-License-Identifier: GPL-2.0-or-later
 * drawer.h: cash boxes. One open drawer an operator; the first cash sale opens one with float 0 (ledger_post). */
#pragma once
#include "server/domain/office/actor.h"
#include "shared/base/till-json-write.h"

G_BEGIN_DECLS

/* Writes {"total","items":[...]} members into the open object w: id, operator, operator_name, opened_at, opened_with, closed_at, counted,
 * taken (cash booked so far). Own ones only without drawer.all. Filters: state (open, closed, all), operator; sort, offset, limit. */
gboolean tilld_drawer_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error);

G_END_DECLS
