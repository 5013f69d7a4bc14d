/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-overview-tile.h: one figure of the day, a door to its page. Properties: "title", "figure", "note", "page", "target" (strings). */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define TILL_TYPE_OVERVIEW_TILE (till_overview_tile_get_type ())
G_DECLARE_FINAL_TYPE (TillOverviewTile, till_overview_tile, TILL, OVERVIEW_TILE, GtkButton)

void till_overview_tile_show (TillOverviewTile *self, const char *figure, const char *note);
void till_overview_tile_fail (TillOverviewTile *self); /* a dash and "Retry with F5"; the others stay */
/* A bar of shares below the figure, one part for each count. */
void till_overview_tile_set_shares (TillOverviewTile *self, const guint *counts);

G_END_DECLS
