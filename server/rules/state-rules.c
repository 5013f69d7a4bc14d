/* SPDX-License-Identifier: GPL-2.0-or-later
 * state-rules.c: what people see of a meter. Pure. Where a profile lacks a flag it is derived and marked so. */
#include "server/rules/state-rules.h"

#include "shared/api/till-limits.h"

#define LOST_AFTER_S       180
#define LOST_AFTER_SWEEPS  3
#define ENERGY_AFTER_TRIP_WH 50
#define CLOCK_DRIFT_US     (120 * G_GINT64_CONSTANT (1000000))

/* The meter's own flag, or the derived value. */
static gboolean
flag_or (TilldTri own, gboolean derived_value, gboolean *derived)
{
  if (own != TILLD_TRI_UNKNOWN)
    return own == TILLD_TRI_YES;
  *derived = TRUE;
  return derived_value;
}

static TillMeterState
money_state (const TilldStateInput *in, gboolean *derived)
{
  gboolean opened;

  if (in->purse == TILL_PURSE_NONE && in->settlement == TILL_SETTLEMENT_NONE)
    return TILL_METER_STATE_NORMAL;
  if (in->settlement == TILL_SETTLEMENT_SERVER)
    opened = in->has_account;
  else if (in->opened == TILLD_TRI_UNKNOWN && !in->has_count)
    opened = in->has_account || in->balance != 0;
  else
    opened = flag_or (in->opened, in->count > 0, derived);
  if (!opened)
    return TILL_METER_STATE_UNOPENED;
  if (flag_or (in->arrears, in->balance <= 0, derived))
    return TILL_METER_STATE_ARREARS;
  if (flag_or (in->low2, in->balance <= in->alarm2, derived))
    return TILL_METER_STATE_ALARM2;
  if (flag_or (in->low1, in->balance <= in->alarm1, derived))
    return TILL_METER_STATE_ALARM1;
  return TILL_METER_STATE_NORMAL;
}

static TillMeterMode
control_mode (const TilldStateInput *in, gboolean *derived)
{
  if (in->forced_on == TILLD_TRI_YES)
    return TILL_METER_MODE_FORCED_ON;
  if (in->forced_off == TILLD_TRI_YES)
    return TILL_METER_MODE_FORCED_OFF;
  if (in->forced_on == TILLD_TRI_NO && in->forced_off == TILLD_TRI_NO)
    return TILL_METER_MODE_PREPAID;
  *derived = TRUE;
  if (in->verified_control == TILL_COMMAND_KIND_FORCE_ON)
    return TILL_METER_MODE_FORCED_ON;
  if (in->verified_control == TILL_COMMAND_KIND_FORCE_OFF)
    return TILL_METER_MODE_FORCED_OFF;
  return TILL_METER_MODE_PREPAID;
}

static TillRelay
relay_position (const TilldStateInput *in, TillMeterMode mode, gboolean *derived)
{
  if (in->relay_closed != TILLD_TRI_UNKNOWN)
    return in->relay_closed == TILLD_TRI_YES ? TILL_RELAY_CLOSED : TILL_RELAY_OPEN;
  *derived = TRUE;
  if (in->has_power && in->power_w > 0)
    return TILL_RELAY_CLOSED;
  if (mode == TILL_METER_MODE_FORCED_OFF)
    return TILL_RELAY_OPEN;
  if (mode == TILL_METER_MODE_PREPAID && in->purse != TILL_PURSE_NONE && in->balance <= -in->overdraft)
    return TILL_RELAY_OPEN;
  return TILL_RELAY_UNKNOWN;
}

void
tilld_state_derive (const TilldStateInput *in, TilldMeterShown *ret_shown)
{
  TilldMeterShown shown = { .state = TILL_METER_STATE_LOST };
  gboolean derived = FALSE;

  if (in->has_reading)
    {
      shown.state = money_state (in, &derived);
      shown.mode = control_mode (in, &derived);
      shown.relay = relay_position (in, shown.mode, &derived);
      shown.flags |= in->overload == TILLD_TRI_YES ? TILL_METER_FLAG_OVERLOAD : 0;
      shown.flags |= derived ? TILL_METER_FLAG_DERIVED : 0;
    }
  shown.flags |= in->count_mismatch ? TILL_METER_FLAG_COUNT_MISMATCH : 0;
  shown.flags |= in->dispute ? TILL_METER_FLAG_DISPUTE : 0;
  shown.flags |= in->life_support ? TILL_METER_FLAG_LIFE_SUPPORT : 0;
  shown.flags |= in->clear_link ? TILL_METER_FLAG_CLEAR_LINK : 0;
  shown.flags |= in->unverified_model ? TILL_METER_FLAG_UNVERIFIED_MODEL : 0;
  *ret_shown = shown;
}

TillMeterState
tilld_state_with_age (TillMeterState state, gint64 age_s, guint missed_sweeps, guint interval_s)
{
  if (age_s < 0 || missed_sweeps >= LOST_AFTER_SWEEPS || age_s > LOST_AFTER_S + (gint64) interval_s)
    return TILL_METER_STATE_LOST;
  return state;
}

gboolean
tilld_state_is_stale (gint64 age_s, guint interval_s)
{
  return age_s < 0 || age_s > MAX ((gint64) TILL_FRESH_S, (gint64) interval_s);
}

gboolean
tilld_state_energy_after_trip (TillRelay relay, gint64 energy_at_open_wh, gint64 energy_now_wh)
{
  return relay == TILL_RELAY_OPEN && energy_now_wh - energy_at_open_wh > ENERGY_AFTER_TRIP_WH;
}

gboolean
tilld_state_clock_drifts (gint64 meter_us, gint64 server_us)
{
  gint64 off = meter_us - server_us;

  return off > CLOCK_DRIFT_US || off < -CLOCK_DRIFT_US;
}

gint
tilld_state_days_left (gint64 balance, gint64 cost_per_day)
{
  if (cost_per_day <= 0)
    return -1;
  return balance <= 0 ? 0 : (gint) MIN (balance / cost_per_day, 9999);
}
