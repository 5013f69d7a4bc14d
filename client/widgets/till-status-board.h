/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-status-board.h: the estate as one drawn, scrollable widget: four zooms, six states, marks, groups, selection.
 *
 * CSS node: tillboard. Properties: "state" (TillBoardState), "zoom" (uint 1..4), "n-selected" (uint, read-only), and those of
 * GtkScrollable. Signals: "activate" (uint position): Enter or double click; "details-wanted" (GArray of guint32 ids): cards of
 * these are on screen and have no text yet. */
#pragma once
#include <gtk/gtk.h>
#include "client/model/till-meter.h"
#include "client/widgets/till-board-layout.h"

G_BEGIN_DECLS

#define TILL_TYPE_STATUS_BOARD (till_status_board_get_type ())
G_DECLARE_FINAL_TYPE (TillStatusBoard, till_status_board, TILL, STATUS_BOARD, GtkWidget)

GtkWidget  *till_status_board_new (void);
void        till_status_board_set_state (TillStatusBoard *self, TillBoardState *state);
void        till_status_board_set_filter (TillStatusBoard *self, const TillBoardFilter *filter);
void        till_status_board_set_grouping (TillStatusBoard *self, TillBoardGrouping grouping);
void        till_status_board_set_zoom (TillStatusBoard *self, guint zoom);
guint       till_status_board_get_zoom (TillStatusBoard *self);
/* Grey: what is shown is old. */
void        till_status_board_set_stale (TillStatusBoard *self, gboolean stale);
/* Texts of cards, kept by id until the next whole load. */
void        till_status_board_take_detail (TillStatusBoard *self, guint32 id, TillMeter *meter);
TillMeter  *till_status_board_get_detail (TillStatusBoard *self, guint32 id); /* borrowed or NULL */
/* Selected positions of the board state; borrowed. */
GtkBitset  *till_status_board_get_selected (TillStatusBoard *self);
void        till_status_board_select_all (TillStatusBoard *self);
void        till_status_board_unselect_all (TillStatusBoard *self);
guint       till_status_board_get_n_shown (TillStatusBoard *self);
gboolean    till_status_board_position_at (TillStatusBoard *self, double x, double y, guint *ret_position);
void        till_status_board_reveal (TillStatusBoard *self, guint position); /* cursor there, scrolled into view */

G_END_DECLS
