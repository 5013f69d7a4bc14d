/* SPDX-License-Identifier: GPL-2.0-or-later
 * preset.h: what a new meter begins with: tariff and limits by site, place and class of use. The nearest place counts, the class before none. */
#pragma once
#include "server/db/db-conn.h"
#include "server/domain/office/actor.h"
#include "shared/base/till-json-write.h"

G_BEGIN_DECLS

/* Where neither a person nor a default says anything, in yuan or kWh. */
#define TILLD_PRESET_ALARM1_UNITS 50
#define TILLD_PRESET_ALARM2_UNITS 10

typedef enum {
  TILLD_PRESET_TARIFF = 1 << 0, TILLD_PRESET_ALARM1 = 1 << 1, TILLD_PRESET_ALARM2 = 1 << 2, TILLD_PRESET_OVERLOAD = 1 << 3,
  TILLD_PRESET_OVERDRAFT = 1 << 4, TILLD_PRESET_HOARD = 1 << 5, TILLD_PRESET_FULL_INTERVAL = 1 << 6,
  TILLD_PRESET_STATUS_INTERVAL = 1 << 7,
} TilldPresetMember;

typedef struct {
  gint64  id, version, area;   /* area 0 = the site */
  int     use_class;           /* -1 = every class */
  guint32 given;               /* TilldPresetMember; of these -1 = nothing is said */
  gint64  tariff, alarm1, alarm2, overload_w, overdraft, hoard_limit, full_interval_s, status_interval_s;
} TilldPreset;

/* id, area, room, class, tariff, tariff_name, alarm1, alarm2, overload_kw, overdraft, hoard_limit, full_interval_s, status_interval_s,
 * changed_at, changed_by (name of the operator; of each member: preset-fill.h), version. Filters: id, area, class. */
gboolean tilld_preset_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error);
gboolean tilld_preset_get (TilldDb *db, const TilldActor *who, gint64 id, TillJsonWrite *w, GError **error);
/* id 0: a new one. CONFLICT: there is one for this place and class; STALE: somebody was faster; INVALID: somewhere alarm 1 would not be above
 * alarm 2. */
gboolean tilld_preset_save (TilldDb *db, const TilldActor *who, const TilldPreset *in, gint64 *ret_id, GError **error);
gboolean tilld_preset_drop (TilldDb *db, const TilldActor *who, gint64 id, gint64 version, GError **error);

G_END_DECLS
