/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-table-selection.h: a selection over rows that need not exist: a bit set of positions plus a flag "all matching".
 * It never calls get_item for a row. Property "n-selected" (uint). A new generation of the list clears it. */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define TILL_TYPE_TABLE_SELECTION (till_table_selection_get_type ())
G_DECLARE_FINAL_TYPE (TillTableSelection, till_table_selection, TILL, TABLE_SELECTION, GObject)

TillTableSelection *till_table_selection_new (GListModel *model, gboolean multi);
void                till_table_selection_set_model (TillTableSelection *self, GListModel *model);
guint               till_table_selection_get_n_selected (TillTableSelection *self);
gboolean            till_table_selection_is_all_matching (TillTableSelection *self);
/* The first selected position; GTK_INVALID_LIST_POSITION when nothing is selected. */
guint               till_table_selection_get_first (TillTableSelection *self);
/* Positions selected, or with all-matching those taken out again; caller unrefs. */
GtkBitset          *till_table_selection_dup_positions (TillTableSelection *self);
GtkBitset          *till_table_selection_dup_except (TillTableSelection *self);

G_END_DECLS
