/* SPDX-License-Identifier: GPL-2.0-or-later
 * tariff.h: tariffs and the price that holds now. */
#pragma once
#include "server/db/db-conn.h"
#include "server/domain/office/actor.h"
#include "shared/base/till-json-write.h"

G_BEGIN_DECLS

/* id, name, effective, price_tip .. price_deep of the version that holds today, version. */
gboolean tilld_tariff_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error);

G_END_DECLS
