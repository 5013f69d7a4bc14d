/* SPDX-License-Identifier: GPL-2.0-or-later
 * role.h: roles are sets of permissions; the default ones are made once and may then be changed. */
#pragma once
#include "server/db/db-conn.h"
#include "server/domain/office/actor.h"
#include "shared/base/till-json-write.h"

G_BEGIN_DECLS

/* Makes those of the default roles that are missing; at start and before create-admin. */
gboolean          tilld_role_ensure_defaults (TilldDb *db, GError **error);
/* id, name, permissions, version. */
gboolean          tilld_role_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error);
/* Words this program does not know are left out. */
TillPermissionSet tilld_role_set_of_words (char **words);

G_END_DECLS
