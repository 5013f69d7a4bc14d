/* SPDX-License-Identifier: GPL-2.0-or-later
 * plant-fixture.h: a small plant for tests: a campus of two houses with rooms, two gateways, six meters, customers, operators. */
#pragma once
#include <json-glib/json-glib.h>
#include "server/domain/office/actor.h"
#include "server/domain/plant/field-plant.h"
#include "shared/base/till-json-write.h"
#include "tests/lib/pg-fixture.h"
#include "tests/lib/test-main.h"

G_BEGIN_DECLS

/* areas: 1 Campus, 2 Campus/B1, 3 Campus/B2, 4 Campus/B1/101, 5 Campus/B1/102, 6 Campus/B2/201. meters 1..6: 1-4 at gateway 1 (areas 4 4 5 6),
 * 5-6 at gateway 2 (area 6). Accounts hold meters 1-4; 1 and 2 belong to customer 1. */
TestPg    *plant_new (void);
TilldActor plant_actor (gint64 operator_id, gint64 root); /* root 0 = all areas; clear it */

/* "name=value&name=value"; NULL for none. */
GHashTable *plant_query (const char *text);
typedef gboolean (*PlantList) (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error);
/* {"total":..,"items":[..]}; asserts success. */
JsonObject *plant_list (TestPg *pg, PlantList list, const TilldActor *who, const char *query);
/* Values of a member over all items with commas between: "M-1,M-2"; caller frees. */
char       *plant_pluck (JsonObject *page, const char *member);
/* The list's members of one item, as text ("null" for null); caller frees. */
char       *plant_member (JsonObject *page, guint item, const char *member);

TilldFieldReading plant_reading (gint64 meter, TillTime at, gint64 balance, TillMeterState state);
/* One transaction; asserts success. */
void        plant_ingest (TestPg *pg, const TilldFieldReading *readings, guint n);

G_END_DECLS
