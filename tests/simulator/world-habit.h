/* SPDX-License-Identifier: GPL-2.0-or-later
 * world-habit.h: the parts of a world file that say how a circuit behaves: loads, prices, quirks. */
#pragma once
#include "shared/base/till-json-read.h"
#include "tests/simulator/world.h"

G_BEGIN_DECLS

void sim_read_loads (TillJsonRead *r, GPtrArray *loads);
void sim_read_prices (TillJsonRead *r, GPtrArray *prices);
/* load, price, balance, opened, quirks; *habit holds the defaults. */
void sim_read_habit (TillJsonRead *r, const SimWorld *world, SimHabit *habit);
void sim_write_habits (const SimWorld *world, gpointer json); /* TillJsonWrite: members loads and prices */
void sim_write_habit (const SimHabit *habit, gpointer json);
gboolean sim_read_share (JsonNode *node, guint64 *ret); /* 0..1 as a share of 2^64 */

G_END_DECLS
