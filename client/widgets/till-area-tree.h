/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-area-tree.h: the tree of areas beside a list. Rows of TillArea records from a plain list, made into a tree by "parent".
 * Properties: "areas" (GListModel), "selected-id" (int64, 0 = all), "all-title" (string). Notify of "selected-id" is the event. */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define TILL_TYPE_AREA_TREE (till_area_tree_get_type ())
G_DECLARE_FINAL_TYPE (TillAreaTree, till_area_tree, TILL, AREA_TREE, GtkWidget)

GtkWidget *till_area_tree_new (void);
void       till_area_tree_set_areas (TillAreaTree *self, GListModel *areas);
gint64     till_area_tree_get_selected_id (TillAreaTree *self);
void       till_area_tree_select (TillAreaTree *self, gint64 area);

G_END_DECLS
