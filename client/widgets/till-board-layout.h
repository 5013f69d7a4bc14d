/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-board-layout.h: where each tile of the board stands: groups, rows, hit test. Numbers only, no drawing. */
#pragma once
#include <gtk/gtk.h>
#include "client/model/till-board-state.h"

G_BEGIN_DECLS

typedef enum { TILL_GROUP_BUILDING, TILL_GROUP_FLOOR, TILL_GROUP_NONE } TillBoardGrouping;

/* Which meters are meant. Masks hold a bit for each value; 0 = all. */
typedef struct {
  int      area;        /* index, -1 = all */
  guint    states, modes, relays;
  guint    flags;       /* any of these */
  gboolean hide_others; /* FALSE: the others are shown dim */
} TillBoardFilter;

typedef struct {
  guint first, n;               /* items */
  int   area;                   /* index, -1 = none */
  int   y, height;              /* with the header */
  guint counts[TILL_N_STATES];
} TillBoardGroup;

typedef struct { int width, height, gap; } TillTileSize;

#define TILL_BOARD_HEADER 24
#define TILL_BOARD_MARGIN 12
#define TILL_BOARD_ZOOMS  4

typedef struct _TillBoardLayout TillBoardLayout;

TillBoardLayout *till_board_layout_new (void);
void             till_board_layout_free (TillBoardLayout *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TillBoardLayout, till_board_layout_free)

const TillTileSize *till_board_tile_size (guint zoom); /* 1..4 */
gboolean till_board_filter_matches (const TillBoardFilter *filter, TillBoardState *state, const TillBoardCell *cell);

void  till_board_layout_fill (TillBoardLayout *self, TillBoardState *state, const TillBoardFilter *filter, TillBoardGrouping grouping);
void  till_board_layout_flow (TillBoardLayout *self, int width, guint zoom); /* after fill or a new size */
int   till_board_layout_get_height (TillBoardLayout *self);
int   till_board_layout_get_columns (TillBoardLayout *self);
guint till_board_layout_get_n_items (TillBoardLayout *self);
guint till_board_layout_get_position (TillBoardLayout *self, guint item); /* of the board state */
gboolean till_board_layout_find (TillBoardLayout *self, guint position, guint *ret_item);
guint till_board_layout_get_n_groups (TillBoardLayout *self);
const TillBoardGroup *till_board_layout_get_group (TillBoardLayout *self, guint group);
guint till_board_layout_group_of (TillBoardLayout *self, guint item);
void  till_board_layout_get_tile (TillBoardLayout *self, guint item, GdkRectangle *ret);
/* The tile at a point; FALSE between tiles. */
gboolean till_board_layout_hit (TillBoardLayout *self, int x, int y, guint *ret_item);
/* The header at a height; FALSE elsewhere. */
gboolean till_board_layout_hit_header (TillBoardLayout *self, int y, guint *ret_group);
/* The item one step away: dx along the row, dy to the nearest row above or below, also across groups. */
guint till_board_layout_step (TillBoardLayout *self, guint item, int dx, int dy);

G_END_DECLS
