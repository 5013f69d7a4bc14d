/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-status-board-private.h: what the two files of the board share. For them only. */
#pragma once
#include "client/widgets/till-board-paint.h"
#include "client/widgets/till-status-board.h"

G_BEGIN_DECLS

struct _TillStatusBoard
{
  GtkWidget parent_instance;
  TillBoardState *state;
  TillBoardLayout *layout;
  TillBoardPainter *painter;
  TillBoardFilter filter;
  TillBoardGrouping grouping;
  guint zoom;
  gboolean stale, dirty; /* dirty: items changed since the last fill */
  GtkBitset *selected;   /* positions */
  guint cursor, anchor;  /* positions; G_MAXUINT = none */
  GHashTable *details;   /* id -> TillMeter */
  GHashTable *asked;     /* ids already wanted */
  GHashTable *flashes;   /* position -> until (µs) */
  guint repaint_source, flash_source, want_source;
  gboolean refill;       /* a change may move rows (hide_others) */
  GtkAdjustment *adjustments[2];
  guint scroll_policies[2];
  double drag_x, drag_y, band_x, band_y;
  gboolean band;
};

double till_status_board_scroll_y (TillStatusBoard *self);
void   till_status_board_selection_changed (TillStatusBoard *self);
void   till_status_board_activate (TillStatusBoard *self, guint position);

void   till_status_board_add_bindings (GtkWidgetClass *widget_class);
void   till_status_board_add_controllers (TillStatusBoard *self);

G_END_DECLS
