/* SPDX-License-Identifier: GPL-2.0-or-later
 * board.h: the state of every installed meter and the tree of areas in memory. Filled by tail.c from the database; any thread reads. */
#pragma once
#include "server/core/types.h"
#include "server/domain/plant/area-tree.h"
#include "server/domain/plant/meter.h"
#include "shared/base/till-json-write.h"

G_BEGIN_DECLS

typedef struct _TilldBoard TilldBoard;

TilldBoard *tilld_board_new (void);
void        tilld_board_free (TilldBoard *self);
/* Everything anew. areas (TilldAreaNode) by path, dots (TilldMeterDot); both are taken over. */
void        tilld_board_fill (TilldBoard *self, GArray *areas, GArray *dots, gint64 cursor);
/* News of some meters; FALSE when one of them is not on the board: load everything anew. */
gboolean    tilld_board_apply (TilldBoard *self, const TilldMeterDot *dots, guint n, gint64 cursor);
guint       tilld_board_count (TilldBoard *self);
gint64      tilld_board_area_of (TilldBoard *self, gint64 meter); /* 0 = unknown */

/* Areas at and below these roots, rising; NULL roots = NULL = all. New array of gint64. */
GArray     *tilld_board_scope (TilldBoard *self, const GArray *roots);
/* "cursor", "areas", "meters" into the open object; meters in the order of area path, then id. */
void        tilld_board_write (TilldBoard *self, const GArray *roots, TillJsonWrite *w);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TilldBoard, tilld_board_free)

G_END_DECLS
