/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-hover-card.h: one meter in a few lines, beside the pointer. */
#pragma once
#include <gtk/gtk.h>
#include "client/model/till-board-state.h"
#include "client/model/till-meter.h"

G_BEGIN_DECLS

/* meter NULL: only what the board itself knows. now: the server's clock. */
GtkWidget *till_hover_card_new (const TillBoardCell *cell, const TillBoardArea *area, TillMeter *meter, gint64 now);

G_END_DECLS
