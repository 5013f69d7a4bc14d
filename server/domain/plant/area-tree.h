/* SPDX-License-Identifier: GPL-2.0-or-later
 * area-tree.h: the whole tree of places at once, for the board. */
#pragma once
#include "server/db/db-conn.h"

G_BEGIN_DECLS

typedef struct {
  gint64 id, parent; /* parent 0 = none */
  int    kind;       /* TillAreaKind */
  char  *name, *path;
} TilldAreaNode;

/* By path; GArray of TilldAreaNode with clear function. */
gboolean tilld_area_tree (TilldDb *db, gint64 site, GArray **ret_nodes, GError **error);

G_END_DECLS
