/* SPDX-License-Identifier: GPL-2.0-or-later
 * preset-fill.h: which default counts for a place and a class of use, member by member, for many places in one question; and what it makes of
 * alarms of which only one is given. A given value always wins. Changes nothing. */
#pragma once
#include "server/domain/plant/preset.h"
#include "shared/api/till-enums.h"

G_BEGIN_DECLS

typedef struct {
  gint64 area;      /* 0 = the site */
  int    use_class; /* -1 = not known yet, or none: only what is said for every class */
} TilldPresetPlace;

/* One row for each place, in their order: `given` tells of which members something is said. Amounts as typed. */
gboolean tilld_preset_find (TilldDb *db, gint64 site, const TilldPresetPlace *places, guint n, TilldPreset *ret, GError **error);
/* What a meter of this class would begin with there: the members (null: nothing is said), origins (member -> the default it comes from and who
 * changed it when), here (id and version of the one of exactly this place and class, or null) and otherwise (what holds where nothing is said). */
gboolean tilld_preset_effective (TilldDb *db, const TilldActor *who, const TilldPresetPlace *place, TillJsonWrite *w, GError **error);
/* Status interval of a new gateway there: the nearest default, else the site's. */
gboolean tilld_preset_status_interval (TilldDb *db, gint64 site, gint64 area, gint64 *ret_s, GError **error);
/* After a change: is there a place whose alarms would contradict each other? INVALID names the place. */
gboolean tilld_preset_check_alarms (TilldDb *db, gint64 site, GError **error);

/* As typed (1/10000) -> as the purse counts. */
static inline gint64
tilld_preset_of_purse (gint64 typed, TillPurse purse)
{
  return purse == TILL_PURSE_ENERGY ? typed / 10 : typed;
}

/* An alarm and how much it weighs: one that nobody said yields to a default, a default to a given one. */
typedef enum { TILLD_WEIGHT_NONE, TILLD_WEIGHT_DEFAULT, TILLD_WEIGHT_GIVEN } TilldPresetWeight;
typedef struct { gint64 value; TilldPresetWeight weight; } TilldPresetAlarm;
/* Alarm 1 stays above alarm 2: the lighter one moves, of equal ones the second. unit: one yuan or kWh as the purse counts. */
void     tilld_preset_part (TilldPresetAlarm *first, TilldPresetAlarm *second, gint64 unit);

G_END_DECLS
