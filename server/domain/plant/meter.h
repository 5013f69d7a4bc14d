/* SPDX-License-Identifier: GPL-2.0-or-later
 * meter.h: meters as people see them: record, last state, customer, days left. `lost` and `stale` are decided at the moment of
 * the question. */
#pragma once
#include "server/db/db-conn.h"
#include "server/domain/office/actor.h"
#include "shared/api/till-enums.h"
#include "shared/base/till-json-write.h"

G_BEGIN_DECLS

/* Members of api.md, and room, gateway_code, customer_name, customer_code, tariff_name, price, epoch, version. Filters: id, state, mode,
 * relay, flags, area (with children), gateway, account, customer, model, use_class, settlement, tariff, q, min_age_s, max_balance,
 * min_balance (1/10000). Sorts: every member that is one value. */
gboolean tilld_meter_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error);
/* NOT_FOUND also when out of scope. */
gboolean tilld_meter_get (TilldDb *db, const TilldActor *who, gint64 id, TillJsonWrite *w, GError **error);

/* State of every installed meter, by id; area roots of who applied. Appends TilldMeterDot. */
typedef struct {
  gint64  id, area;
  guint8  state, mode, relay;
  guint32 flags;
} TilldMeterDot;
gboolean tilld_meter_dots (TilldDb *db, const TilldActor *who, GArray *ret_dots, GError **error);
gboolean tilld_meter_dots_of (TilldDb *db, const gint64 *ids, guint n, GArray *ret_dots, GError **error);

/* What read-now needs: NOT_FOUND out of scope; read_at 0 = never. */
gboolean tilld_meter_read_at (TilldDb *db, const TilldActor *who, gint64 id, TillTime *ret_read_at, GError **error);

G_END_DECLS
