/* SPDX-License-Identifier: GPL-2.0-or-later
 * meter-relay.c: why the relay of a meter is open: forced control, overload, arrears, switching times, and on cabinets
 * of the ADF400L family the second alarm. Decides on the state of one moment only. */
#include "tests/simulator/meter.h"

#define OVERLOAD_S 10

static void
settle_arrears (SimMeter *meter)
{
  if (!meter->model->has_purse || !meter->prepaid_switch || meter->fine > 0)
    meter->arrears_open = FALSE;
  else if (meter->fine <= -meter->overdraft_raw * meter->model->fine_per_raw)
    meter->arrears_open = TRUE;
}

/* Alarm 2 opens the relay once, for restore_s or (0) until there is money again. */
static void
settle_alarm2 (SimMeter *meter)
{
  gboolean below = meter->model->adf400 && meter->prepaid_switch && sim_meter_balance_raw (meter) <= meter->alarm2_raw;

  if (!below)
    meter->alarm2_seen = meter->alarm2_open = FALSE;
  else if (!meter->alarm2_seen)
    {
      meter->alarm2_seen = meter->alarm2_open = TRUE;
      meter->alarm2_until_s = meter->restore_s > 0 ? meter->at_s + meter->restore_s : 0;
    }
  else if (meter->alarm2_open && meter->alarm2_until_s > 0 && meter->at_s >= meter->alarm2_until_s)
    meter->alarm2_open = FALSE;
}

static gboolean
overload_watched (const SimMeter *meter)
{
  return meter->overload_w > 0 && (meter->overload_enable || !sim_model_has (meter->model, SIM_Q_OVERLOAD_ENABLE));
}

static void
settle_overload (SimMeter *meter, gint64 load_w, gint32 day, int second)
{
  if (meter->trips_day != day)
    {
      meter->trips_day = day;
      meter->load_trips = 0;
    }
  if (meter->overload_open && meter->overload_until_s > 0 && meter->at_s >= meter->overload_until_s)
    meter->overload_open = FALSE;
  if (!overload_watched (meter) || !meter->closed || load_w <= (gint64) meter->overload_w)
    meter->over_since_s = 0;
  else if (meter->over_since_s == 0)
    meter->over_since_s = meter->at_s;
  else if (meter->at_s - meter->over_since_s >= OVERLOAD_S)
    {
      meter->overload_open = TRUE;
      meter->over_since_s = 0;
      meter->load_trips++;
      meter->overload_until_s = meter->overload_restore_s > 0 ? meter->at_s + meter->overload_restore_s : 0;
      if (meter->load_allowed > 0 && meter->load_trips >= meter->load_allowed)
        meter->overload_until_s = meter->at_s + SIM_DAY_S - second;
    }
}

static gboolean
should_be_closed (const SimMeter *meter, gboolean protected_hours)
{
  if (meter->forced == SIM_FORCED_OPEN)
    return FALSE;
  if (meter->forced == SIM_FORCED_CLOSED && meter->model->adf400)
    return TRUE;
  if (meter->overload_open)
    return FALSE;
  if (meter->forced == SIM_FORCED_CLOSED)
    return TRUE;
  return !meter->alarm2_open && !(meter->arrears_open && !protected_hours) && !meter->schedule_off;
}

void
sim_meter_settle_relay (SimMeter *meter, gint64 load_w)
{
  const SimTariff *tariff = sim_meter_tariff (meter);
  gint32           day;
  int              second, until;

  sim_meter_local (meter, &day, &second);
  settle_arrears (meter);
  settle_alarm2 (meter);
  settle_overload (meter, load_w, day, second);
  meter->schedule_off = sim_tariff_schedule_off (tariff, till_day_weekday (day), second, &until);
  meter->closed = meter->quirks->stuck_relay || should_be_closed (meter, sim_tariff_protected (tariff, second, &until));
  if (meter->closed && meter->over_since_s == 0 && overload_watched (meter) && load_w > (gint64) meter->overload_w)
    meter->over_since_s = meter->at_s; /* closed just now: the watch begins with it */
  meter->power_w = meter->closed ? load_w : meter->quirks->leak_w;
}

gint64
sim_meter_next_relay (const SimMeter *meter)
{
  const SimTariff *tariff = sim_meter_tariff (meter);
  gint64           next = G_MAXINT64;
  gint32           day;
  int              second, schedule_until, protected_until;

  sim_meter_local (meter, &day, &second);
  sim_tariff_schedule_off (tariff, till_day_weekday (day), second, &schedule_until);
  sim_tariff_protected (tariff, second, &protected_until);
  next = meter->at_s + MIN (schedule_until, protected_until) - second;
  if (meter->alarm2_open && meter->alarm2_until_s > 0)
    next = MIN (next, meter->alarm2_until_s);
  if (meter->overload_open && meter->overload_until_s > 0)
    next = MIN (next, meter->overload_until_s);
  if (meter->over_since_s > 0)
    next = MIN (next, meter->over_since_s + OVERLOAD_S);
  return next;
}

void
sim_meter_force (SimMeter *meter, SimForced forced)
{
  meter->forced = forced;
  if (forced == SIM_FORCED_NONE) /* back to prepaid releases a latched overload */
    meter->overload_open = FALSE;
}

gboolean
sim_meter_flag (const SimMeter *meter, SimFlag flag)
{
  gint64 balance = sim_meter_balance_raw (meter);

  switch (flag)
    {
    case SIM_FLAG_RELAY_CLOSED:
      return meter->closed;
    case SIM_FLAG_ARREARS:
      return meter->fine <= 0;
    case SIM_FLAG_ALARM1:
      return meter->prepaid_switch && balance <= meter->alarm1_raw;
    case SIM_FLAG_ALARM2:
      return meter->prepaid_switch && balance <= meter->alarm2_raw;
    case SIM_FLAG_OVERLOAD:
      return meter->overload_open;
    case SIM_FLAG_FORCED:
      return meter->forced != SIM_FORCED_NONE;
    case SIM_FLAG_FORCED_CLOSED:
      return meter->forced == SIM_FORCED_CLOSED;
    case SIM_FLAG_PREPAID:
      return meter->prepaid_switch != 0;
    case SIM_FLAG_SCHEDULE:
      return meter->schedule_off;
    case SIM_FLAG_OPENED:
      return meter->count > 0;
    case SIM_FLAG_CLOCK_BAD:
    case SIM_FLAG_FAULT:
    case SIM_N_FLAGS:
      break;
    }
  return FALSE;
}
