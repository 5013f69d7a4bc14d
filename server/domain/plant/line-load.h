/* SPDX-License-Identifier: GPL-2.0-or-later
 * line-load.h: what the records of a line ask of its time, told by the process that holds the gateway. */
#pragma once
#include "server/db/db-conn.h"

G_BEGIN_DECLS

#define TILLD_LINE_TOO_SLOW 85 /* percent */

typedef struct { gint64 gateway, port, pct; } TilldLineLoad;

/* By gateway: all lines of each gateway that occurs are these. */
gboolean tilld_line_load_store (TilldDb *db, const TilldLineLoad *loads, guint n, GError **error);

G_END_DECLS
