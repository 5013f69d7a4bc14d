/* SPDX-License-Identifier: GPL-2.0-or-later
 * state-rules.h: the one state of a meter people see, the fields beside it, and the flags a profile does not have. */
#pragma once
#include "shared/api/till-enums.h"

G_BEGIN_DECLS

typedef enum { TILLD_TRI_UNKNOWN = -1, TILLD_TRI_NO = 0, TILLD_TRI_YES = 1 } TilldTri;

/* What the last status reply carried and what the record says. Amounts in server units of the purse. */
typedef struct {
  gboolean         has_reading; /* ever */
  TillPurse        purse;
  gint64           balance;
  gint32           count;
  gboolean         has_count;
  gint64           alarm1, alarm2, overdraft; /* limits of the record */
  gint64           power_w;
  gboolean         has_power;
  TilldTri         opened, arrears, low1, low2, relay_closed, forced_on, forced_off, overload; /* flags of the meter itself */
  gboolean         has_account;      /* server-settled: opened = has an account */
  TillSettlement   settlement;
  gint             verified_control; /* last verified relay command: TillCommandKind, or -1 */
  gboolean         count_mismatch, dispute, life_support, clear_link, unverified_model;
} TilldStateInput;

typedef struct {
  TillMeterState state; /* without `lost` and `stale`, which are a matter of time */
  TillMeterMode  mode;
  TillRelay      relay;
  guint32        flags; /* TillMeterFlag */
} TilldMeterShown;

void           tilld_state_derive (const TilldStateInput *in, TilldMeterShown *ret_shown);

/* lost: no answer for 3 sweeps, or older than 3 minutes + one interval. Never read = lost as well. */
TillMeterState tilld_state_with_age (TillMeterState money_state, gint64 age_s, guint missed_sweeps, guint interval_s);
/* A7: the state promised is at most TILL_FRESH_S old. */
gboolean       tilld_state_is_stale (gint64 age_s, guint interval_s);
/* Relay open and energy risen by more than 50 Wh since it opened. */
gboolean       tilld_state_energy_after_trip (TillRelay relay, gint64 energy_at_open_wh, gint64 energy_now_wh);
gboolean       tilld_state_clock_drifts (gint64 meter_us, gint64 server_us);
/* Whole days the balance lasts at the mean daily cost; -1 = unknown. */
gint           tilld_state_days_left (gint64 balance, gint64 cost_per_day);

G_END_DECLS
