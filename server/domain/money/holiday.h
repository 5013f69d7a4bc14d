/* SPDX-License-Identifier: GPL-2.0-or-later
 * holiday.h: days of the site's calendar that are not what their weekday says: holidays, and weekends that are worked. */
#pragma once
#include "server/db/db-conn.h"
#include "server/domain/office/actor.h"
#include "shared/base/till-json-write.h"

G_BEGIN_DECLS

typedef struct {
  TillDay     day;
  int         kind; /* TilldDayType */
  const char *name; /* NULL = none */
} TilldHoliday;

const char *tilld_day_kind_word (int kind); /* workday, restday, holiday */
gboolean    tilld_day_kind_from_word (const char *word, int *ret_kind);

/* day, kind, name. Filters: from, to, kind. By day. */
gboolean tilld_holiday_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error);
/* Sets all of them or none. INVALID days[i].day: only days to come. */
gboolean tilld_holiday_set (TilldDb *db, const TilldActor *who, const TilldHoliday *days, guint n, GError **error);
gboolean tilld_holiday_drop (TilldDb *db, const TilldActor *who, TillDay day, GError **error);

G_END_DECLS
