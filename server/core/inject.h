/* SPDX-License-Identifier: GPL-2.0-or-later
 * inject.h: named places where a test build (-Dinject=true) kills, stops or fails the process; nothing otherwise.
 * GRIDTILL_INJECT="sale-committed=kill;db-call=fail@3;sent-committed=stop@2": at the third passage, at the second ...
 *
 *   TILLD_KILL_POINT ("sent-committed");
 *   if (TILLD_FAIL_POINT ("db-call", error))
 *     return FALSE;
 */
#pragma once
#include "server/core/types.h"

G_BEGIN_DECLS

#if GRIDTILL_INJECT
#define TILLD_KILL_POINT(name)        tilld_inject_pass (name)
#define TILLD_FAIL_POINT(name, error) tilld_inject_fail (name, error)
#else
#define TILLD_KILL_POINT(name)        G_STMT_START { } G_STMT_END
#define TILLD_FAIL_POINT(name, error) FALSE
#endif

void     tilld_inject_pass (const char *name);                 /* kill: SIGKILL to itself; stop: SIGSTOP */
gboolean tilld_inject_fail (const char *name, GError **error); /* TRUE with a BUSY error when it is this passage's turn */
void     tilld_inject_set_up (const char *plan);               /* replaces the plan of the environment; NULL clears */

G_END_DECLS
