/* SPDX-License-Identifier: GPL-2.0-or-later
 * site.h: the site this server serves, and what is set for it. */
#pragma once
#include "server/db/db-conn.h"

G_BEGIN_DECLS

typedef struct {
  gint64   id, hoard_limit;
  char    *code, *name, *zone, *currency, *sign, *service_phone; /* owned */
  gboolean sell_offline;
} TilldSite;

void     tilld_site_clear (TilldSite *site);
/* The first site; NOT_FOUND when there is none yet. */
gboolean tilld_site_load (TilldDb *db, TilldSite *ret, GError **error);
/* Makes "SITE" when there is none; before create-admin on an empty database. */
gboolean tilld_site_ensure (TilldDb *db, gint64 *ret_id, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TilldSite, tilld_site_clear)

G_END_DECLS
