/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-table-cells.h: the cells of a TillTable column: one signal factory that follows a record's property. Private to till-table. */
#pragma once
#include <gtk/gtk.h>
#include "client/model/till-record.h"
#include "client/widgets/till-column.h"

G_BEGIN_DECLS

/* Text cells of a field, or the template of the column's `cell`. */
GtkListItemFactory *till_table_cells_new (TillColumn *column, const TillField *field);
/* The tick in front of each row; clicks on it change the selection and nothing else. */
GtkListItemFactory *till_table_ticks_new (GtkSelectionModel *selection);
/* Order of two records by a field, for lists that are whole here; TILL_UNKNOWN comes last. */
int till_table_compare (gconstpointer a, gconstpointer b, gpointer field);

G_END_DECLS
