/* SPDX-License-Identifier: GPL-2.0-or-later
 * single.h: GET of one record by the number in its path. */
#pragma once
#include "server/api/api.h"

G_BEGIN_DECLS

/* A domain getter: writes the members into the open object; NOT_FOUND also when out of scope. */
typedef gboolean (*TilldGetVerb) (TilldDb *db, const TilldActor *who, gint64 id, TillJsonWrite *w, GError **error);

/* decode (): the id of the path as request->input (gint64 *), no query. */
gboolean tilld_single_decode (TilldRequest *request, GError **error);
gint64   tilld_single_id (TilldRequest *request);
gboolean tilld_single_run (TilldRequest *request, TilldDb *db, TilldGetVerb verb, GError **error);

G_END_DECLS
