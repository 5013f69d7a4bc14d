/* SPDX-License-Identifier: GPL-2.0-or-later
 * cabinet-rules.h: which units the circuits of a cabinet have: CT first, then three-phase, each taking three addresses, then single-phase,
 * each taking one. Pure. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

#define TILLD_CABINET_MAX 36
#define TILLD_UNIT_MAX    247

typedef struct { guint8 unit, number; gboolean three_phase, ct; } TilldCabinetPlace; /* number: from 1, as on the module */
typedef struct { guint table, span, ct, three_phase, single_phase; } TilldCabinetCounts;

/* *ret_n places, by unit; NULL. Or the sentence that says why there can be no such cabinet. */
const char *tilld_cabinet_layout (const TilldCabinetCounts *counts, TilldCabinetPlace places[TILLD_CABINET_MAX], guint *ret_n);

G_END_DECLS
