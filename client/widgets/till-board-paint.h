/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-board-paint.h: how one tile of the board looks. Backgrounds with glyphs are textures made once for a theme and zoom. */
#pragma once
#include <gtk/gtk.h>
#include "client/widgets/till-board-layout.h"
#include "client/widgets/till-palette.h"

G_BEGIN_DECLS

typedef struct {
  GdkRectangle  rect;
  TillBoardCell cell;
  gboolean      dim, selected, cursor, flash;
  const char   *title, *line2, *line3; /* zoom 3: title; zoom 4: all */
} TillBoardTile;

typedef enum { TILL_TEXT_PLAIN = 0, TILL_TEXT_BOLD = 1, TILL_TEXT_RIGHT = 2 } TillTextStyle; /* bits */

typedef struct _TillBoardPainter TillBoardPainter;

TillBoardPainter *till_board_painter_new (GtkWidget *widget); /* borrowed */
void till_board_painter_free (TillBoardPainter *self);
void till_board_painter_prepare (TillBoardPainter *self, guint zoom); /* before the tiles of a frame */
void till_board_painter_draw_tile (TillBoardPainter *self, GtkSnapshot *snapshot, const TillBoardTile *tile);
void till_board_painter_draw_text (TillBoardPainter *self, GtkSnapshot *snapshot, const char *text, const GdkRectangle *box,
                                   const GdkRGBA *colour, TillTextStyle style);

G_END_DECLS
