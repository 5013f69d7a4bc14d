/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-table-layout.h: order, widths and visibility of a table's columns as text, and the chooser. Private to till-table. */
#pragma once
#include <gtk/gtk.h>
#include "client/widgets/till-column.h"

G_BEGIN_DECLS

/* The TillColumn that a real column was made from; NULL for the ticks. */
TillColumn *till_table_layout_origin (GtkColumnViewColumn *real);
void        till_table_layout_set_origin (GtkColumnViewColumn *real, TillColumn *column);

/* "code:96;state:104;!serial:90": shown columns in order, hidden ones with "!". */
char       *till_table_layout_to_text (GtkColumnView *view);
/* Fields nobody knows are passed over; columns that are not named keep their place behind. */
void        till_table_layout_from_text (GtkColumnView *view, const char *text);
/* A popover with one tick a column. */
GtkWidget  *till_table_layout_chooser_new (GtkColumnView *view);

G_END_DECLS
