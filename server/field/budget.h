/* SPDX-License-Identifier: GPL-2.0-or-later
 * budget.h: whether lines hold what their records promise: the share of its time that each one's polls take. Belongs to the field thread. */
#pragma once
#include "server/field/field-private.h"

G_BEGIN_DECLS

/* In percent, rounded up. */
guint tilld_line_load_pct (const TilldLine *line);
/* After the plant was loaded: what changed goes into the database, for people to see. */
void  tilld_budget_tell (TilldFieldRole *field, TilldStation *const *stations, guint n);

G_END_DECLS
