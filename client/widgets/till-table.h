/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-table.h: the one table: TillColumn children, rows of TillRecord from a paged list or a plain list.
 *
 * CSS node: tilltable. Properties: "model" (GListModel of TillRecord), "record-type" (GType, taken from the model when not
 * set), "selection-mode" (TillTableMode), "layout" (string to keep: columns, order, widths), "empty-icon", "empty-title",
 * "empty-text" (strings), "sort-enabled" (boolean), "status" (string, read-only: "2,000 meters"-like count part).
 * Signals: "activate" (TillRecord *record): Enter or double click; "clear-filters": the button of "nothing matches";
 * "reload": Retry. A child of type GtkWidget (<child type="empty">) is put below the empty text.
 * Actions: table.columns (chooser), table.copy (Ctrl+C), table.select-all (Ctrl+A), table.select-none. */
#pragma once
#include <gtk/gtk.h>
#include "client/model/till-record.h"
#include "client/widgets/till-column.h"
#include "client/widgets/till-table-selection.h"

G_BEGIN_DECLS

#define TILL_TYPE_TABLE (till_table_get_type ())
G_DECLARE_FINAL_TYPE (TillTable, till_table, TILL, TABLE, GtkWidget)

typedef enum { TILL_TABLE_SINGLE, TILL_TABLE_MULTI, TILL_TABLE_NONE } TillTableMode;

TillTable          *till_table_new (void);
void                till_table_add_column (TillTable *self, TillColumn *column);
/* Sorting goes to the query of a TillPagedList; plain lists are sorted here. */
void                till_table_set_model (TillTable *self, GListModel *model);
GListModel         *till_table_get_model (TillTable *self);
TillTableSelection *till_table_get_selection (TillTable *self);
/* The loaded record of the selected row (the first one), borrowed, or NULL. */
gpointer            till_table_get_selected (TillTable *self);
char               *till_table_dup_layout (TillTable *self);
void                till_table_set_layout (TillTable *self, const char *layout);
void                till_table_scroll_to (TillTable *self, guint position);
/* The selected loaded rows with the titles of the shown columns, tab-separated; caller frees. */
char               *till_table_copy_text (TillTable *self);
GtkColumnView      *till_table_get_view (TillTable *self);

G_END_DECLS
