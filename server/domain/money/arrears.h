/* SPDX-License-Identifier: GPL-2.0-or-later
 * arrears.h: relays of server-settled meters follow the set of reasons to be off: arrears come and go with the account, the others are set
 * by people and plans. Orders are commands; the field sends them. */
#pragma once
#include "server/db/db-conn.h"
#include "server/domain/office/actor.h"
#include "server/profile/profile-load.h"

G_BEGIN_DECLS

/* Meters whose debt, reasons or last order may ask for something, by number. */
gboolean tilld_arrears_candidates (TilldDb *db, guint limit, GArray *ret_meters, GError **error);

typedef struct {
  const TilldProfiles *profiles;
  const TilldActor    *who; /* the server itself */
  GTimeZone           *zone;
  TillTime             now;
} TilldArrearsContext;

/* Judges one meter anew under its lock, inside one transaction: reasons, certificate, order. *ret_ordered: a command was stored. */
gboolean tilld_arrears_judge (TilldDb *db, const TilldArrearsContext *c, gint64 meter, gboolean *ret_ordered, GError **error);

G_END_DECLS
