/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-tariff-orders.h: short orders about a tariff, each a question of its own: another name, a version withdrawn, given to meters. The page
 * is refreshed when one is done. tariff: as it was loaded. */
#pragma once
#include <json-glib/json-glib.h>
#include "client/pages/till-page.h"

G_BEGIN_DECLS

void till_tariff_orders_rename (TillPage *page, JsonObject *tariff);
void till_tariff_orders_withdraw (TillPage *page, JsonObject *tariff, gint64 effective);
/* All meters of an area, from a day on. */
void till_tariff_orders_assign (TillPage *page, JsonObject *tariff);

G_END_DECLS
