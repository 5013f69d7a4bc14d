/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-column.h: one column of a TillTable as an XML element. Properties: "field" (record property), "title", "width" (px),
 * "shown" (boolean, default TRUE), "expand", "sortable" (default TRUE), "cell" (resource below ui/, "cells/state-chip.ui"). */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define TILL_TYPE_COLUMN (till_column_get_type ())
G_DECLARE_FINAL_TYPE (TillColumn, till_column, TILL, COLUMN, GObject)

TillColumn *till_column_new (const char *field, const char *title, int width);
const char *till_column_get_field (TillColumn *self);
const char *till_column_get_title (TillColumn *self);
const char *till_column_get_cell (TillColumn *self);
int         till_column_get_width (TillColumn *self);
gboolean    till_column_get_shown (TillColumn *self);
gboolean    till_column_get_sortable (TillColumn *self);
gboolean    till_column_get_expand (TillColumn *self);

G_END_DECLS
