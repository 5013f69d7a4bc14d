/* SPDX-License-Identifier: GPL-2.0-or-later
 * site-edit.h: what is set for a site: name, telephone, limits, intervals that hold where nothing nearer says otherwise. */
#pragma once
#include "server/db/db-conn.h"
#include "server/domain/office/actor.h"
#include "shared/base/till-json-read.h"
#include "shared/base/till-json-write.h"

G_BEGIN_DECLS

typedef struct {
  gint64   id, version;
  char    *name, *service_phone;            /* owned; NULL: stays. service_phone "": none */
  gboolean has_sell_offline, sell_offline, has_hoard, has_status, has_full;
  gint64   hoard_limit, status_interval_s, full_interval_s; /* full 0: as configured */
  char    *limits;                          /* owned JSON: column -> number or null, those that change; NULL: none of them */
} TilldSiteChange;

void     tilld_site_change_read (TillJsonRead *r, TilldSiteChange *change);
void     tilld_site_change_clear (TilldSiteChange *change);
/* id, code, name, zone, currency, service_phone, sell_offline, hoard_limit, status_interval_s, full_interval_s, version, and when a second operator
 * must agree: approve_sale, approve_refund, approve_reversal (amounts, null: never), approve_tariff_pct (null: never), approval_hours; restore_above. */
gboolean tilld_site_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error);
gboolean tilld_site_get (TilldDb *db, const TilldActor *who, gint64 id, TillJsonWrite *w, GError **error);
/* STALE: somebody was faster. */
gboolean tilld_site_update (TilldDb *db, const TilldActor *who, const TilldSiteChange *change, GError **error);

G_END_DECLS
