/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-area-tree.h: the tree of areas beside a list. Rows of TillArea records from a plain list, made into a tree by "parent".
 * Properties: "areas" (GListModel), "selected-id" (int64, 0 = all), "all-title" (string), "editable" (boolean,
 * construct only). Notify of "selected-id" is the event. Signals of an editable tree: "renamed" (int64 id, string name), "moved" (int64 id,
 * int64 parent; 0 = to the top): what a person wants; the tree itself changes when the list does. */
#pragma once
#include <gtk/gtk.h>
#include "client/model/till-area.h"

G_BEGIN_DECLS

#define TILL_TYPE_AREA_TREE (till_area_tree_get_type ())
G_DECLARE_FINAL_TYPE (TillAreaTree, till_area_tree, TILL, AREA_TREE, GtkWidget)

GtkWidget *till_area_tree_new (void);
void       till_area_tree_set_areas (TillAreaTree *self, GListModel *areas);
gint64     till_area_tree_get_selected_id (TillAreaTree *self);
void       till_area_tree_select (TillAreaTree *self, gint64 area);
/* With several sites each is a row of its own above its areas; its id is the negative of the site's. */
void       till_area_tree_set_sites (TillAreaTree *self, GListModel *sites);
TillArea  *till_area_tree_get_selected (TillAreaTree *self); /* borrowed; NULL: none, or a site */
void       till_area_tree_start_rename (TillAreaTree *self); /* F2: the name of the selected row becomes an entry */

G_END_DECLS
