/* SPDX-License-Identifier: GPL-2.0-or-later
 * meter.h: one circuit as a state machine. State is advanced on demand to the moment of a request: energy by rate, purse
 * at the meter's own rounded price with the fraction kept, relay. Money goes in and out through meter-purse.c only. */
#pragma once
#include "shared/base/till-time.h"
#include "tests/simulator/load.h"
#include "tests/simulator/model.h"
#include "tests/simulator/tariff.h"

G_BEGIN_DECLS

typedef enum { SIM_COUNT_PROFILE, SIM_COUNT_STRICT, SIM_COUNT_ACK_SAME, SIM_COUNT_ACCEPT_ANY, SIM_COUNT_IGNORE } SimCountRule;

typedef struct {
  SimCountRule count;
  guint8       wrong_exception;      /* instead of 03 for a refused count; 0 = 03 */
  guint64      negative_but_applied; /* share of 2^64 */
  gint8        word_order;           /* 0 as profiled, 1 big, 2 little */
  gboolean     no_serial, stuck_relay, wrap_energy, off;
  gint         clock_drift_s_day;
  guint        slow_ms, leak_w;
  char         control[4];           /* "" as profiled, H1, H2 */
} SimQuirks;

typedef struct { char *name; gint64 rates[TILL_N_RATES]; SimTariff tariff; } SimPrice; /* 1/10000 currency per kWh */
typedef struct { guint64 seed; GTimeZone *zone; gint64 start_s; } SimPlace;

typedef struct {
  char       serial[20];
  guint8     table, ct, three, single;
  gint64     clock_offset_s;
  SimTariff *tariff;  /* own copy after the first write of a day plan */
} SimCabinet;

#define SIM_RECORDS 20
typedef struct { gint64 at_s, amount_raw, balance_raw, energy_wh; guint16 count; } SimRecord;
typedef struct { guint n; SimRecord ring[SIM_RECORDS]; } SimRecords; /* newest at (n - 1) % SIM_RECORDS */

typedef struct _SimMeter {
  const SimModel  *model;
  const SimPlace  *place;
  const SimLoad   *load;      /* NULL: draws nothing */
  const SimPrice  *price;
  const SimQuirks *quirks;
  SimCabinet      *cabinet;   /* NULL for a single meter */
  SimTariff       *tariff;    /* own copy after the first setting */
  SimRecords      *records;   /* from the first recharge on */
  gpointer         bus;       /* SimBus, owner */
  guint64          path;      /* fnv1a64 of code/port/unit */
  gint64           at_s;      /* seconds since 1970: state holds for this moment */
  gint64           energy_ws[TILL_N_RATES], period_ws; /* period: total at the start of the tier period */
  gint64           fine;      /* purse: 1/(10000 * 3,600,000) currency unit, or W s */
  gint64           total_raw, refunded_raw, last_amount_raw, last_debit_raw;
  gint64           price_own[TILL_N_RATES]; /* 1/10000 currency per kWh as the register holds it */
  gint64           alarm1_raw, alarm2_raw, overdraft_raw, hoard_raw;
  gint64           over_since_s, overload_until_s, alarm2_until_s; /* 0 = none */
  gint64           power_w, clock_offset_s;
  gint64           back_us;   /* boot time: silent until then, starting anew; 0 = no */
  guint32          overload_w, writes; /* writes: counter for draws */
  gint32           period, trips_day;
  guint16          count, last_count, refund_count, epoch;
  guint16          restore_s, overload_restore_s, load_allowed, load_trips, prepaid_switch, overload_enable;
  guint16          forced_words[2];
  guint8           unit, forced; /* SimForced */
  gboolean         closed : 1, arrears_open : 1, overload_open : 1, alarm2_seen : 1, alarm2_open : 1, schedule_off : 1, off : 1;
  char             serial[20];
} SimMeter;

G_STATIC_ASSERT (sizeof (SimMeter) <= 640);

typedef struct { gboolean has_balance; gint64 balance_raw; gint opened; } SimOpening; /* not given, -1: drawn */

/* meter.c */
void             sim_meter_init (SimMeter *meter, const SimOpening *opening); /* pointers, path, unit and serial are set */
void             sim_meter_clear (SimMeter *meter);
void             sim_meter_advance (SimMeter *meter, gint64 now_s);
void             sim_meter_local (const SimMeter *meter, gint32 *ret_day, int *ret_second); /* by its own clock */
gint64           sim_meter_balance_raw (const SimMeter *meter); /* what the register shows */
gint64           sim_meter_energy_wh (const SimMeter *meter);
const SimTariff *sim_meter_tariff (const SimMeter *meter); /* tiers, switching times, protected hours */
const SimTariff *sim_meter_plan (const SimMeter *meter);   /* day plans: of the cabinet where it has one */
const char      *sim_meter_serial (const SimMeter *meter);
void             sim_meter_swap (SimMeter *meter, const char *serial); /* another device at this unit */

/* meter-relay.c */
void      sim_meter_settle_relay (SimMeter *meter, gint64 load_w); /* at meter->at_s */
gint64    sim_meter_next_relay (const SimMeter *meter);           /* second at which time alone may change it */
void      sim_meter_force (SimMeter *meter, SimForced forced);
gboolean  sim_meter_flag (const SimMeter *meter, SimFlag flag);

G_END_DECLS
