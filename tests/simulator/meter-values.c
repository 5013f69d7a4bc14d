/* SPDX-License-Identifier: GPL-2.0-or-later
 * meter-values.c: what a meter would show, as numbers. Voltage, frequency and power factor are drawn by the minute, so a
 * screen looks alive and the same question at the same moment has the same answer. */
#include "tests/simulator/meter-values.h"
#include "tests/simulator/seed.h"

#define MV_NOMINAL 220000

static gint64
purse_unit (const SimMeter *meter)
{
  return meter->model->has_purse ? meter->model->fine_per_raw / (meter->model->purse_energy ? 3600 : 3600000) : 1;
}

static gint64
voltage_mv (const SimMeter *meter, guint phase)
{
  gint64 drop = meter->power_w / 50; /* 1 V at 50 kW x 1000 */

  return MV_NOMINAL - drop + 100 * sim_draw_range (meter->place->seed, meter->path, "u", (guint64) meter->at_s / 60 * 4 + phase, -30, 30);
}

static gint64
power_factor (const SimMeter *meter)
{
  return meter->load && meter->load->pf_milli ? meter->load->pf_milli : 1000;
}

static gint64
phase_power (const SimMeter *meter, guint phase)
{
  gint64 third = meter->power_w / 3;

  return phase == 0 ? meter->power_w - 2 * third : third;
}

static gint64
current_ma (const SimMeter *meter, gint64 power_w, guint phase)
{
  gint64 mv = voltage_mv (meter, phase);

  return power_w * 1000 * 1000 * 1000 / (mv * power_factor (meter));
}

static gint64
root (gint64 value)
{
  gint64 r = 0;

  for (gint64 bit = 1 << 20; bit > 0; bit >>= 1)
    if ((r + bit) * (r + bit) <= value)
      r += bit;
  return r;
}

/* Reactive share of an active quantity at a fixed power factor. */
static gint64
reactive (const SimMeter *meter, gint64 active)
{
  gint64 pf = power_factor (meter);

  return active * root (1000000 - pf * pf) / pf;
}

/* Several flags may meet in one word; those without flags have a fixed value. */
static gint64
word_value (const SimMeter *meter, SimQuantity quantity)
{
  gint64   value = 0;
  gboolean has_flags = FALSE;

  for (guint i = 0; i < meter->model->flags->len; i++)
    {
      const SimFlagBit *bit = &g_array_index (meter->model->flags, SimFlagBit, i);
      gboolean          on = sim_meter_flag (meter, bit->flag);

      if (bit->word != quantity)
        continue;
      has_flags = TRUE;
      if (bit->is_equals)
        value = on ? bit->equals : value == bit->equals ? 0 : value;
      else if (on != bit->invert)
        value |= 1 << bit->bit;
    }
  return !has_flags && quantity == SIM_Q_STATUS_WORD && meter->model->adf400 ? 0x0300 : value;
}

static gint64
trip_word (const SimMeter *meter)
{
  if (meter->closed)
    return 0;
  return (meter->arrears_open ? 1 : 0) | (meter->forced == SIM_FORCED_OPEN ? 2 : 0) | (meter->overload_open ? 4 : 0) |
         (meter->schedule_off ? 8 : 0);
}

static gint64
purse_value (const SimMeter *meter, SimQuantity quantity)
{
  gint64 unit = purse_unit (meter);

  switch (quantity)
    {
    case SIM_Q_BALANCE:
      return sim_meter_balance_raw (meter) * unit;
    case SIM_Q_PURCHASED_TOTAL:
      return meter->total_raw * unit;
    case SIM_Q_LAST_AMOUNT:
      return meter->last_amount_raw * unit;
    case SIM_Q_REFUNDED_TOTAL:
      return meter->refunded_raw * unit;
    case SIM_Q_ALARM1:
      return meter->alarm1_raw * unit;
    case SIM_Q_ALARM2:
      return meter->alarm2_raw * unit;
    case SIM_Q_OVERDRAFT:
      return meter->overdraft_raw * unit;
    case SIM_Q_HOARD:
      return meter->hoard_raw * unit;
    case SIM_Q_PURCHASE_COUNT:
      return meter->count;
    case SIM_Q_LAST_COUNT:
      return meter->last_count;
    case SIM_Q_REFUND_COUNT:
      return meter->refund_count;
    default:
      return 0;
    }
}

static gint64
electric_value (const SimMeter *meter, SimQuantity quantity)
{
  gint64 all_phases = meter->model->phases == 3 ? meter->power_w / 3 : meter->power_w;

  if (quantity >= SIM_Q_ENERGY_TIP && quantity <= SIM_Q_ENERGY_DEEP)
    return meter->energy_ws[quantity - SIM_Q_ENERGY_TIP] / 3600;
  if (quantity >= SIM_Q_U_A && quantity <= SIM_Q_U_C)
    return voltage_mv (meter, quantity - SIM_Q_U_A);
  if (quantity >= SIM_Q_I_A && quantity <= SIM_Q_I_C)
    return current_ma (meter, phase_power (meter, quantity - SIM_Q_I_A), quantity - SIM_Q_I_A);
  if (quantity >= SIM_Q_P_A && quantity <= SIM_Q_P_C)
    return phase_power (meter, quantity - SIM_Q_P_A);
  switch (quantity)
    {
    case SIM_Q_ENERGY_TOTAL:
    case SIM_Q_ENERGY_FORWARD:
      return sim_meter_energy_wh (meter);
    case SIM_Q_REACTIVE_TOTAL:
      return reactive (meter, sim_meter_energy_wh (meter));
    case SIM_Q_U:
      return voltage_mv (meter, 0);
    case SIM_Q_I:
      return current_ma (meter, all_phases, 0);
    case SIM_Q_P:
      return meter->power_w;
    case SIM_Q_Q:
      return reactive (meter, meter->power_w);
    case SIM_Q_PF:
      return meter->power_w > 0 ? power_factor (meter) : 1000;
    case SIM_Q_F:
      return 50000 + 10 * sim_draw_range (meter->place->seed, 0, "f", (guint64) meter->at_s / 60, -3, 3);
    default:
      return 0;
    }
}

static gint64
setting_value (const SimMeter *meter, SimQuantity quantity)
{
  const SimTariff *tariff = sim_meter_tariff (meter);

  if (quantity >= SIM_Q_PRICE_TIP && quantity <= SIM_Q_PRICE_DEEP)
    return meter->price_own[quantity - SIM_Q_PRICE_TIP];
  switch (quantity)
    {
    case SIM_Q_OVERLOAD:
      return meter->overload_w;
    case SIM_Q_OVERLOAD_ENABLE:
      return meter->overload_enable;
    case SIM_Q_RESTORE_S:
      return meter->restore_s;
    case SIM_Q_OVERLOAD_RESTORE_S:
      return meter->overload_restore_s;
    case SIM_Q_LOAD_TRIPS:
      return meter->load_trips;
    case SIM_Q_LOAD_ALLOWED:
      return meter->load_allowed;
    case SIM_Q_PREPAID_SWITCH:
      return meter->prepaid_switch;
    case SIM_Q_SCHEDULE_ENABLE:
      return tariff->schedule_enable;
    case SIM_Q_WEEK_MASK:
      return sim_meter_plan (meter)->week_mask;
    case SIM_Q_TIER_COUNT:
      return tariff->tier_count;
    case SIM_Q_TIER_PERIOD:
      return tariff->tier_period;
    case SIM_Q_TIER_DAY:
      return tariff->tier_day;
    default:
      return 0;
    }
}

static gint64
device_value (const SimMeter *meter, SimQuantity quantity)
{
  switch (quantity)
    {
    case SIM_Q_CATEGORY:
      return meter->model->phases;
    case SIM_Q_MODEL:
      return g_str_has_prefix (meter->model->name, "ddsy") ? 7 : g_str_has_prefix (meter->model->name, "dtsy") ? 5 : 1;
    case SIM_Q_FIRMWARE:
      return 100;
    case SIM_Q_PT:
    case SIM_Q_CT:
      return 1;
    case SIM_Q_LAYOUT_THREE:
      return meter->cabinet ? meter->cabinet->three : 0;
    case SIM_Q_LAYOUT_SINGLE:
      return meter->cabinet ? meter->cabinet->single : 0;
    case SIM_Q_LAYOUT_CT:
      return meter->cabinet ? meter->cabinet->ct : 0;
    default:
      return 0;
    }
}

gint64
sim_meter_value (const SimMeter *meter, SimQuantity quantity)
{
  if (quantity == SIM_Q_TRIP_WORD)
    return trip_word (meter);
  if (quantity >= SIM_Q_STATUS_WORD && quantity <= SIM_Q_MODE_WORD)
    return word_value (meter, quantity);
  if (quantity <= SIM_Q_REACTIVE_TOTAL || (quantity >= SIM_Q_U && quantity <= SIM_Q_F))
    return electric_value (meter, quantity);
  if (quantity <= SIM_Q_REFUND_COUNT)
    return purse_value (meter, quantity);
  if ((quantity >= SIM_Q_CATEGORY && quantity <= SIM_Q_CT) || quantity >= SIM_Q_LAYOUT_THREE)
    return device_value (meter, quantity);
  return setting_value (meter, quantity);
}

SimTariff *
sim_meter_own_tariff (SimMeter *meter, gboolean of_cabinet)
{
  SimTariff **place = of_cabinet && meter->cabinet ? &meter->cabinet->tariff : &meter->tariff;

  if (!*place)
    {
      *place = g_new (SimTariff, 1);
      **place = meter->price->tariff;
    }
  return *place;
}

static gboolean
set_tariff_value (SimMeter *meter, SimQuantity quantity, gint64 value)
{
  SimTariff *tariff = sim_meter_own_tariff (meter, FALSE);

  switch (quantity)
    {
    case SIM_Q_SCHEDULE_ENABLE:
      tariff->schedule_enable = (guint16) value;
      return value <= 1;
    case SIM_Q_WEEK_MASK:
      tariff->week_mask = (guint16) value;
      return value <= 0x7f;
    case SIM_Q_TIER_COUNT:
      tariff->tier_count = (guint16) value;
      return value <= SIM_TIERS;
    case SIM_Q_TIER_PERIOD:
      tariff->tier_period = (guint16) value;
      return value <= 1;
    case SIM_Q_TIER_DAY:
      tariff->tier_day = (guint16) value;
      return value <= 28;
    default:
      return FALSE;
    }
}

gboolean
sim_meter_set_value (SimMeter *meter, SimQuantity quantity, gint64 value)
{
  gint64 unit = purse_unit (meter);

  if (quantity >= SIM_Q_PRICE_TIP && quantity <= SIM_Q_PRICE_DEEP)
    meter->price_own[quantity - SIM_Q_PRICE_TIP] = value;
  else if (quantity == SIM_Q_ALARM1)
    meter->alarm1_raw = value / unit;
  else if (quantity == SIM_Q_ALARM2)
    meter->alarm2_raw = value / unit;
  else if (quantity == SIM_Q_OVERDRAFT)
    meter->overdraft_raw = value / unit;
  else if (quantity == SIM_Q_HOARD)
    meter->hoard_raw = value / unit;
  else if (quantity == SIM_Q_OVERLOAD)
    meter->overload_w = (guint32) value;
  else if (quantity == SIM_Q_OVERLOAD_ENABLE)
    meter->overload_enable = (guint16) value;
  else if (quantity == SIM_Q_OVERLOAD_RESTORE_S)
    meter->overload_restore_s = (guint16) value;
  else if (quantity == SIM_Q_LOAD_ALLOWED)
    meter->load_allowed = (guint16) value;
  else if (quantity == SIM_Q_PREPAID_SWITCH)
    meter->prepaid_switch = (guint16) value;
  else
    return set_tariff_value (meter, quantity, value);
  return value >= 0 && ((quantity != SIM_Q_PREPAID_SWITCH && quantity != SIM_Q_OVERLOAD_ENABLE) || value <= 1);
}
