/* SPDX-License-Identifier: GPL-2.0-or-later
 * reading.h: history of one meter. */
#pragma once
#include "server/db/db-conn.h"
#include "server/domain/office/actor.h"
#include "shared/base/till-json-write.h"

G_BEGIN_DECLS

/* time, energy_total, energy_rates, balance, power_kw, relay, mode; by time. Filters: from, to. NOT_FOUND out of scope. */
gboolean tilld_reading_list (TilldDb *db, const TilldActor *who, gint64 meter, GHashTable *query, TillJsonWrite *w, GError **error);
/* Months of partitions made ahead; at start and daily. */
gboolean tilld_reading_partitions (TilldDb *db, GError **error);
/* Drops months older than so many full ones before this one; 0 keeps all. */
gboolean tilld_reading_retention (TilldDb *db, guint keep_months, guint *ret_dropped, GError **error);

G_END_DECLS
