/* SPDX-License-Identifier: GPL-2.0-or-later
 * past.h: all that ever happened with a meter, or with a customer and what the customer's accounts held at the time, in one list. */
#pragma once
#include "server/db/db-conn.h"
#include "server/domain/office/actor.h"
#include "shared/base/till-json-write.h"

G_BEGIN_DECLS

/* at, kind (account_opened, account_closed, meter_added, meter_removed, sale, command, case, replacement, change), ref, meter, meter_code, account,
 * account_code, what, state, amount, operator, operator_name, note, before, after; newest first. query has "subject", the id. Filters: kind, meter,
 * from, to, q. Sales and cases only for those who may see sales. NOT_FOUND: no such meter or customer in the areas of the actor. */
gboolean tilld_meter_past (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error);
gboolean tilld_customer_past (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error);

G_END_DECLS
