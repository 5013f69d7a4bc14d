/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-area-cell.h: one row of the area tree: the name, how many meters are there, and - where the tree may be changed - the name as an entry
 * and the row as something to drag and to drop on.
 * CSS node: tillareacell. Signals: "renamed" (const char *name), "dropped" (TillArea *moved) -> gboolean: taken. */
#pragma once
#include <gtk/gtk.h>
#include "client/model/till-area.h"

G_BEGIN_DECLS

#define TILL_TYPE_AREA_CELL (till_area_cell_get_type ())
G_DECLARE_FINAL_TYPE (TillAreaCell, till_area_cell, TILL, AREA_CELL, GtkWidget)

GtkWidget *till_area_cell_new (gboolean editable);
/* area NULL: an empty row; name NULL: the area's own. */
void       till_area_cell_set_area (TillAreaCell *self, TillArea *area, const char *name);
TillArea  *till_area_cell_get_area (TillAreaCell *self);
void       till_area_cell_start_rename (TillAreaCell *self);

G_END_DECLS
