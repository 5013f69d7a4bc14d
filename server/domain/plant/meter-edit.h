/* SPDX-License-Identifier: GPL-2.0-or-later
 * meter-edit.h: meters are added, one or many at once, changed and taken out. What the meter itself must hold is ordered along. */
#pragma once
#include "server/db/db-conn.h"
#include "server/domain/office/actor.h"
#include "server/domain/plant/preset-fill.h"
#include "server/profile/profile-load.h"
#include "shared/base/till-json-read.h"
#include "shared/base/till-json-write.h"

G_BEGIN_DECLS

/* Plain members of a meter's record. A bit of `given` for each. */
typedef enum {
  TILLD_METER_CODE = 1 << 0, TILLD_METER_NAME = 1 << 1, TILLD_METER_SERIAL = 1 << 2, TILLD_METER_GATEWAY = 1 << 3, TILLD_METER_PORT = 1 << 4,
  TILLD_METER_UNIT = 1 << 5, TILLD_METER_MODEL = 1 << 6, TILLD_METER_CT_RATIO = 1 << 7, TILLD_METER_AREA = 1 << 8, TILLD_METER_USE_CLASS = 1 << 9,
  TILLD_METER_SETTLEMENT = 1 << 10, TILLD_METER_TARIFF = 1 << 11, TILLD_METER_ALARM1 = 1 << 12, TILLD_METER_ALARM2 = 1 << 13,
  TILLD_METER_OVERLOAD = 1 << 14, TILLD_METER_OVERDRAFT = 1 << 15, TILLD_METER_HOARD = 1 << 16, TILLD_METER_FULL_INTERVAL = 1 << 17,
  TILLD_METER_LIFE_SUPPORT = 1 << 18,
} TilldMeterMember;
#define TILLD_METER_LIMITS (TILLD_METER_ALARM1 | TILLD_METER_ALARM2 | TILLD_METER_OVERLOAD | TILLD_METER_OVERDRAFT | TILLD_METER_HOARD)
#define TILLD_METER_PLACE  (TILLD_METER_GATEWAY | TILLD_METER_PORT | TILLD_METER_UNIT)

typedef struct {
  guint32  given;
  char    *code, *name, *serial, *model;              /* owned */
  gint64   gateway, port, unit, ct_ratio, area, tariff, full_interval_s; /* tariff, full_interval_s 0 = none */
  int      use_class, settlement;
  gint64   alarm1, alarm2, overdraft, hoard_limit;    /* as typed, four decimals: what it means depends on the purse; hoard 0 = the site's */
  gint64   overload_w;
  gboolean life_support;
} TilldMeterRecord;

void     tilld_meter_record_clear (TilldMeterRecord *record);
/* From the body of a request: fresh: all that a new meter needs must be there. */
void     tilld_meter_record_read (TillJsonRead *r, gboolean fresh, TilldMeterRecord *record);

/* What the model makes of a new record: settlement, purse, amounts as the purse counts them, defaults (of its place and class) where nothing is
 * given. INVALID names members. */
gboolean tilld_meter_fit (const TilldProfile *profile, const TilldPreset *preset, TilldMeterRecord *record, TillPurse *ret_purse, GError **error);
/* All of them or none; ids appended (gint64). Errors name the item: "meters[3].unit". */
gboolean tilld_meter_create (TilldDb *db, const TilldProfiles *profiles, const TilldActor *who, const TilldMeterRecord *records, guint n, GArray *ret_ids,
                             GError **error);
/* STALE: somebody was faster. CONFLICT: what may not change now. Members "commands" and "not_sent" into the open object. */
typedef struct { gint64 id, version, now_ms; const char *price; } TilldMeterAt; /* price: what its tariff makes of it (money/price-issue), or NULL */
gboolean tilld_meter_update (TilldDb *db, const TilldProfiles *profiles, const TilldActor *who, const TilldMeterAt *at, const TilldMeterRecord *record,
                             TillJsonWrite *w, GError **error);
/* Gone when nothing ever happened with it, else retired. CONFLICT while it is in an account or money is on it. */
gboolean tilld_meter_retire (TilldDb *db, const TilldActor *who, gint64 id, gint64 version, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TilldMeterRecord, tilld_meter_record_clear)

G_END_DECLS
