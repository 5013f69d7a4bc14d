/* SPDX-License-Identifier: GPL-2.0-or-later
 * customer.h: households, shops and their accounts. */
#pragma once
#include "server/db/db-conn.h"
#include "server/domain/office/actor.h"
#include "shared/base/till-json-write.h"

G_BEGIN_DECLS

/* id, code, name, kind, class, phones (masked without customer.private), area, room, language, accounts, version. Filters: id, area, kind,
 * q. Sorts: code, name, room, kind, id. */
gboolean tilld_customer_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error);
gboolean tilld_customer_get (TilldDb *db, const TilldActor *who, gint64 id, TillJsonWrite *w, GError **error);

/* id, code, customer, customer_name, customer_code, meters, settled, state, heads, opened_at, closed_at, version. Filters: id, customer, meter,
 * state, area, q. Sorts: code, customer_name, state, opened_at, closed_at, id. */
gboolean tilld_account_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error);
gboolean tilld_account_get (TilldDb *db, const TilldActor *who, gint64 id, TillJsonWrite *w, GError **error);
/* Of the household, for the free allowance of its tariff, from now on. STALE: somebody was faster. */
gboolean tilld_account_set_heads (TilldDb *db, const TilldActor *who, gint64 id, gint64 heads, gint64 version, GError **error);

G_END_DECLS
