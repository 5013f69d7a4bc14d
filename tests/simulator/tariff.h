/* SPDX-License-Identifier: GPL-2.0-or-later
 * tariff.h: day plans, tiers, switching times and protected hours as a meter holds them: bytes as they came over the
 * wire, with rate numbers translated to 1 + TillRate. Pure. */
#pragma once
#include "shared/api/till-enums.h"

G_BEGIN_DECLS

#define SIM_SLOTS   14
#define SIM_EVENTS  8
#define SIM_WINDOWS 4
#define SIM_TIERS   7
#define SIM_DAY_S   86400

typedef struct {
  guint8  plan[2][SIM_SLOTS * 3];    /* rate (1 + TillRate), hour, minute; strictly rising, the rest unused */
  guint8  events[2][SIM_EVENTS * 3]; /* switch, hour, minute */
  guint8  windows[SIM_WINDOWS * 4];  /* from hour, minute, to hour, minute */
  guint16 week_mask;                 /* bit n: weekday n (0 = Sunday) uses plan 2 */
  guint16 schedule_enable;
  guint16 tier_count, tier_period, tier_day; /* period 0 month, 1 year */
  gint64  tier_to_wh[SIM_TIERS - 1];
  gint64  tier_add[SIM_TIERS];       /* 1/10000 currency per kWh */
} SimTariff;

/* What holds at a second of a day and until which second (exclusive, at most SIM_DAY_S) it holds. */
TillRate sim_tariff_rate (const SimTariff *tariff, guint weekday, int second, int *ret_until);
gboolean sim_tariff_schedule_off (const SimTariff *tariff, guint weekday, int second, int *ret_until);
gboolean sim_tariff_protected (const SimTariff *tariff, int second, int *ret_until);
/* Surcharge at an energy used in the period; ret_left_wh: energy until it changes, G_MAXINT64 if never. */
gint64   sim_tariff_tier_add (const SimTariff *tariff, gint64 used_wh, gint64 *ret_left_wh);

G_END_DECLS
