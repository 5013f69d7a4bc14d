/* SPDX-License-Identifier: GPL-2.0-or-later
 * meter.c: energy and purse over time. Whole seconds; a step never crosses an hour, rate, tier, device, trip or purse
 * border, so that within it power and price are constant and the sums are exact. */
#include "tests/simulator/meter.h"
#include <string.h>
#include "tests/simulator/seed.h"

#define WS_PER_WH 3600

static gint64
floor_div (gint64 a, gint64 b)
{
  return a / b - (a % b < 0);
}

gint64
sim_meter_balance_raw (const SimMeter *meter)
{
  return meter->model->has_purse ? floor_div (meter->fine, meter->model->fine_per_raw) : 0;
}

static gint64
energy_ws (const SimMeter *meter)
{
  gint64 sum = 0;

  for (int rate = 0; rate < TILL_N_RATES; rate++)
    sum += meter->energy_ws[rate];
  return sum;
}

gint64
sim_meter_energy_wh (const SimMeter *meter)
{
  return energy_ws (meter) / WS_PER_WH;
}

const SimTariff *
sim_meter_tariff (const SimMeter *meter)
{
  return meter->tariff ? meter->tariff : &meter->price->tariff;
}

const SimTariff *
sim_meter_plan (const SimMeter *meter)
{
  return meter->cabinet && meter->cabinet->tariff ? meter->cabinet->tariff : sim_meter_tariff (meter);
}

const char *
sim_meter_serial (const SimMeter *meter)
{
  return meter->cabinet ? meter->cabinet->serial : meter->serial;
}

void
sim_meter_local (const SimMeter *meter, gint32 *ret_day, int *ret_second)
{
  gint64 local = meter->at_s + till_zone_offset_min (meter->place->zone, meter->at_s * TILL_SECOND) * 60 +
                 (meter->cabinet ? meter->cabinet->clock_offset_s : meter->clock_offset_s);

  local += floor_div ((meter->at_s - meter->place->start_s) * meter->quirks->clock_drift_s_day, SIM_DAY_S);
  *ret_day = (gint32) floor_div (local, SIM_DAY_S);
  *ret_second = (int) (local - (gint64) *ret_day * SIM_DAY_S);
}

/* The tier counter starts anew on its day of the month, or of January. */
static void
settle_period (SimMeter *meter, gint32 day)
{
  const SimTariff *tariff = sim_meter_tariff (meter);
  int              year, month, of_month, first = CLAMP (tariff->tier_day, 1, 28);
  gint32           period;

  if (tariff->tier_count == 0)
    return;
  till_day_split (day - (first - 1), &year, &month, &of_month);
  period = tariff->tier_period == 1 ? year * 12 : year * 12 + month;
  if (period != meter->period)
    {
      meter->period_ws = energy_ws (meter);
      meter->period = period;
    }
}

/* Seconds until a purse that falls by cost a second has reached the line; G_MAXINT64 if never. */
static gint64
seconds_to (const SimMeter *meter, gint64 line_raw, gint64 cost)
{
  gint64 above = meter->fine - line_raw * meter->model->fine_per_raw;

  return cost > 0 && above > 0 ? (above + cost - 1) / cost : G_MAXINT64 / 2;
}

/* Cost of a second and the seconds until it changes by a tier. */
static gint64
cost_of_second (const SimMeter *meter, TillRate rate, gint64 *ret_until)
{
  gint64 left_wh, used_ws = energy_ws (meter) - meter->period_ws;
  gint64 add = sim_tariff_tier_add (sim_meter_tariff (meter), used_ws / WS_PER_WH, &left_wh);

  *ret_until = G_MAXINT64 / 2;
  if (!meter->model->has_purse || meter->power_w <= 0)
    return 0;
  if (meter->model->purse_energy)
    return meter->power_w;
  if (left_wh != G_MAXINT64)
    *ret_until = ((used_ws / WS_PER_WH + left_wh) * WS_PER_WH - used_ws + meter->power_w - 1) / meter->power_w;
  return meter->power_w * MAX (meter->price_own[rate] + add, 0);
}

static void
step (SimMeter *meter, gint64 now_s)
{
  gint32   day;
  int      second, load_until = SIM_DAY_S, rate_until = SIM_DAY_S;
  gint64   load_w, cost, tier_s, end = now_s;
  TillRate rate;

  sim_meter_local (meter, &day, &second);
  settle_period (meter, day);
  load_w = meter->load ? sim_load_power (meter->load, meter->place->seed, meter->path, day, second, &load_until) : 0;
  rate = sim_tariff_rate (sim_meter_plan (meter), till_day_weekday (day), second, &rate_until);
  sim_meter_settle_relay (meter, load_w);
  if (meter->at_s >= now_s) /* only the state of this moment was wanted */
    return;
  cost = cost_of_second (meter, rate, &tier_s);
  end = MIN (end, meter->at_s + MIN (load_until, rate_until) - second);
  end = MIN (end, sim_meter_next_relay (meter));
  end = MIN (end, meter->at_s + tier_s);
  end = MIN (end, meter->at_s + seconds_to (meter, -meter->overdraft_raw, cost));
  end = MIN (end, meter->at_s + seconds_to (meter, meter->alarm2_raw, cost));
  end = MAX (end, meter->at_s + 1);
  meter->energy_ws[rate] += meter->power_w * (end - meter->at_s);
  meter->fine -= cost * (end - meter->at_s);
  meter->at_s = end;
}

void
sim_meter_advance (SimMeter *meter, gint64 now_s)
{
  while (meter->at_s < now_s)
    step (meter, now_s);
  step (meter, meter->at_s);
}

static gint64
drawn (const SimMeter *meter, const char *name, gint64 lo, gint64 hi)
{
  return sim_draw_range (meter->place->seed, meter->path, name, 0, lo, hi);
}

/* Most circuits have money, some little, a few none: 0.01 of a unit of the purse. */
static gint64
drawn_balance (const SimMeter *meter)
{
  gint64 kind = drawn (meter, "balance.kind", 0, 99);

  if (kind < 78)
    return drawn (meter, "balance", 6000, 40000);
  if (kind < 88)
    return drawn (meter, "balance", 1500, 4900);
  if (kind < 95)
    return drawn (meter, "balance", 300, 950);
  return drawn (meter, "balance", -1500, -1);
}

static void
init_prices (SimMeter *meter)
{
  static const SimQuantity names[] = { SIM_Q_PRICE_TIP, SIM_Q_PRICE_PEAK, SIM_Q_PRICE_FLAT, SIM_Q_PRICE_VALLEY, SIM_Q_PRICE_DEEP };

  for (int rate = 0; rate < TILL_N_RATES; rate++)
    {
      gint64 mul = sim_model_mul (meter->model, names[rate]);

      meter->price_own[rate] = (meter->price->rates[rate] + mul / 2) / mul * mul;
    }
}

static void
init_energy (SimMeter *meter, gboolean opened)
{
  static const int share[TILL_N_RATES] = { 5, 25, 40, 30, 0 };
  gint64           wh = opened ? drawn (meter, "energy", 60000, 3000000) : drawn (meter, "energy", 0, 900);

  if (meter->quirks->wrap_energy)
    wh = ((G_GINT64_CONSTANT (1) << 32) - 50) * sim_model_mul (meter->model, SIM_Q_ENERGY_TOTAL);
  for (int rate = 0; rate < TILL_N_RATES; rate++)
    meter->energy_ws[rate] = wh * share[rate] / 100 * WS_PER_WH;
  meter->energy_ws[TILL_RATE_FLAT] += wh * WS_PER_WH - energy_ws (meter);
}

static void
init_purse (SimMeter *meter, const SimOpening *opening, gboolean opened)
{
  gint64 balance = 0, spent = 0;

  if (!meter->model->has_purse)
    return;
  if (opening->has_balance)
    balance = opening->balance_raw;
  else if (opened)
    balance = drawn_balance (meter);
  for (int rate = 0; rate < TILL_N_RATES; rate++)
    spent += meter->energy_ws[rate] * (meter->model->purse_energy ? 1 : meter->price_own[rate]) / meter->model->fine_per_raw;
  meter->fine = balance * meter->model->fine_per_raw;
  meter->total_raw = opened ? MAX (balance + spent, 0) : 0;
  meter->count = opened ? (guint16) drawn (meter, "count", 1, 24) : 0;
  meter->last_count = meter->count;
  meter->last_amount_raw = opened ? MIN (10000, meter->total_raw) : 0;
}

void
sim_meter_init (SimMeter *meter, const SimOpening *opening)
{
  gboolean opened = opening->opened >= 0 ? opening->opened : opening->has_balance || drawn (meter, "opened", 0, 99) < 96;

  meter->at_s = meter->place->start_s;
  meter->epoch = 1;
  meter->off = meter->quirks->off;
  meter->prepaid_switch = 1;
  meter->restore_s = 60;
  meter->alarm1_raw = 5000;
  meter->alarm2_raw = 1000;
  init_prices (meter);
  init_energy (meter, opened);
  init_purse (meter, opening, opened);
  meter->alarm2_seen = TRUE; /* a circuit that starts below its limit has had its warning */
  sim_meter_advance (meter, meter->at_s);
}

void
sim_meter_swap (SimMeter *meter, const char *serial)
{
  g_strlcpy (meter->serial, serial, sizeof meter->serial);
  if (meter->cabinet)
    g_strlcpy (meter->cabinet->serial, serial, sizeof meter->cabinet->serial);
  meter->epoch++;
  meter->fine = meter->total_raw = meter->refunded_raw = meter->last_amount_raw = meter->last_debit_raw = 0;
  meter->count = meter->last_count = meter->refund_count = 0;
  memset (meter->energy_ws, 0, sizeof meter->energy_ws);
  meter->period_ws = 0;
  g_clear_pointer (&meter->records, g_free);
}

void
sim_meter_clear (SimMeter *meter)
{
  g_clear_pointer (&meter->tariff, g_free);
  g_clear_pointer (&meter->records, g_free);
}
