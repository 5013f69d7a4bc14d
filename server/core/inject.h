/* SPDX-License-Identifier: GPL-2.0-or-later
 * inject.h: named places where a test build (-Dinject=true) kills or stops the process; nothing otherwise.
 * GRIDTILL_INJECT="sale.after-commit=kill;write-on-wire=stop@2": at the first passage, at the second. GRIDTILL_INJECT_LOG=FILE: each
 * that acted, a line.
 *
 *   TILLD_KILL_POINT (WRITE_ON_WIRE);
 */
#pragma once
#include "server/core/inject-points.h"
#include "server/core/types.h"

G_BEGIN_DECLS

#define TILLD_EDGE_NAME(name, word, where)   TILLD_POINT_##name,
#define TILLD_COMMIT_NAME(name, word, where) TILLD_COMMIT_##name,
typedef enum { TILLD_INJECT_COMMITS (TILLD_COMMIT_NAME) TILLD_COMMITS } TilldInjectCommit;
typedef enum { TILLD_INJECT_EDGES (TILLD_EDGE_NAME) TILLD_POINTS } TilldInjectPoint;
#undef TILLD_EDGE_NAME
#undef TILLD_COMMIT_NAME
G_STATIC_ASSERT (TILLD_COMMITS <= 64); /* a transaction remembers its names as bits */

#if GRIDTILL_INJECT
#define TILLD_KILL_POINT(name) tilld_inject_pass (TILLD_POINT_##name)
#define TILLD_COMMIT_BIT(name) (G_GUINT64_CONSTANT (1) << TILLD_COMMIT_##name)
#else
#define TILLD_KILL_POINT(name) G_STMT_START { } G_STMT_END
#endif

void tilld_inject_pass (TilldInjectPoint point);
void tilld_inject_commit (guint64 names, gboolean after); /* the bits of what is committed by this transaction */
void tilld_inject_print (void);                           /* word and place of each point, a line */

G_END_DECLS
