/* SPDX-License-Identifier: GPL-2.0-or-later
 * profile-load-writes.h: parts of the loader, called by profile-load.c in the order of the file. */
#pragma once
#include "server/profile/profile-reader.h"

G_BEGIN_DECLS

gboolean tilld_load_points (TilldReader *r, TilldProfile *p, JsonObject *top); /* points, then atomic */
gboolean tilld_load_flags (TilldReader *r, TilldProfile *p, JsonObject *top);
gboolean tilld_load_writes (TilldReader *r, TilldProfile *p, JsonObject *top); /* recharge, debit, control, settings */
gboolean tilld_load_extras (TilldReader *r, TilldProfile *p, JsonObject *top); /* records, discover, upload */
gboolean tilld_load_facts (TilldReader *r, TilldProfile *p, JsonObject *top);  /* and what `verified` promises */

G_END_DECLS
