/* SPDX-License-Identifier: GPL-2.0-or-later
 * world-print.c: loads, prices and habits back into the members they were read from. */
#include "shared/base/till-json-write.h"
#include "tests/simulator/world-habit.h"

static const char *const rate_names[TILL_N_RATES] = { "tip", "peak", "flat", "valley", "deep" };

static void
write_hours (TillJsonWrite *json, const char *name, const guint *hours)
{
  till_json_write_begin_array (json, name);
  for (guint i = 0; i < 24; i++)
    till_json_write_int (json, NULL, hours[i]);
  till_json_write_end_array (json);
}

static void
write_load (TillJsonWrite *json, const SimLoad *load)
{
  till_json_write_begin_object (json, load->name);
  write_hours (json, "workday", load->workday);
  write_hours (json, "restday", load->restday);
  till_json_write_int (json, "noise_pct", load->noise_pct);
  till_json_write_decimal (json, "pf", load->pf_milli, 3);
  till_json_write_begin_array (json, "devices");
  for (guint i = 0; i < load->n_devices; i++)
    {
      const SimDevice *device = &load->devices[i];

      till_json_write_begin_object (json, NULL);
      till_json_write_int (json, "w", device->w);
      till_json_write_int (json, "minutes", device->minutes);
      till_json_write_int (json, "per_day", device->per_day);
      till_json_write_int (json, "from", device->from);
      till_json_write_int (json, "to", device->to);
      till_json_write_end_object (json);
    }
  till_json_write_end_array (json);
  till_json_write_end_object (json);
}

static void
write_plan (TillJsonWrite *json, const char *name, const guint8 *plan)
{
  till_json_write_begin_array (json, name);
  for (guint i = 0; i < SIM_SLOTS && plan[i * 3] != 0; i++)
    {
      g_autofree char *time = g_strdup_printf ("%02u:%02u", plan[i * 3 + 1], plan[i * 3 + 2]);

      till_json_write_begin_array (json, NULL);
      till_json_write_text (json, NULL, time);
      till_json_write_text (json, NULL, rate_names[plan[i * 3] - 1]);
      till_json_write_end_array (json);
    }
  till_json_write_end_array (json);
}

static void
write_price (TillJsonWrite *json, const SimPrice *price)
{
  const SimTariff *tariff = &price->tariff;

  till_json_write_begin_object (json, price->name);
  till_json_write_begin_object (json, "rates");
  for (int rate = 0; rate < TILL_N_RATES; rate++)
    till_json_write_money (json, rate_names[rate], price->rates[rate]);
  till_json_write_end_object (json);
  write_plan (json, "day", tariff->plan[0]);
  if (tariff->week_mask)
    write_plan (json, "restday", tariff->plan[1]);
  till_json_write_begin_array (json, "tiers");
  for (guint i = 0; i < tariff->tier_count; i++)
    {
      till_json_write_begin_object (json, NULL);
      if (i + 1 < tariff->tier_count)
        till_json_write_energy (json, "to", tariff->tier_to_wh[i]);
      till_json_write_money (json, "add", tariff->tier_add[i]);
      till_json_write_end_object (json);
    }
  till_json_write_end_array (json);
  till_json_write_text (json, "period", tariff->tier_period ? "year" : "month");
  till_json_write_end_object (json);
}

void
sim_write_habits (const SimWorld *world, gpointer json)
{
  till_json_write_begin_object (json, "loads");
  for (guint i = 0; i < world->loads->len; i++)
    write_load (json, world->loads->pdata[i]);
  till_json_write_end_object (json);
  till_json_write_begin_object (json, "prices");
  for (guint i = 0; i < world->prices->len; i++)
    write_price (json, world->prices->pdata[i]);
  till_json_write_end_object (json);
}

static void
write_quirks (const SimQuirks *quirks, TillJsonWrite *json)
{
  static const char *const counts[] = { NULL, "strict", "ack_same", "accept_any", "ignore" };
  char                     share[G_ASCII_DTOSTR_BUF_SIZE];

  till_json_write_begin_object (json, "quirks");
  if (quirks->count != SIM_COUNT_PROFILE)
    till_json_write_text (json, "count", counts[quirks->count]);
  if (quirks->wrong_exception)
    till_json_write_int (json, "wrong_exception", quirks->wrong_exception);
  if (quirks->negative_but_applied)
    till_json_write_raw (json, "negative_but_applied",
                         g_ascii_dtostr (share, sizeof share, (double) quirks->negative_but_applied / 18446744073709551616.0));
  if (quirks->word_order)
    till_json_write_text (json, "word_order", quirks->word_order == 1 ? "big" : "little");
  if (quirks->control[0])
    till_json_write_text (json, "control", quirks->control);
  till_json_write_bool (json, "no_serial", quirks->no_serial);
  till_json_write_bool (json, "stuck_relay", quirks->stuck_relay);
  till_json_write_bool (json, "wrap_energy", quirks->wrap_energy);
  till_json_write_bool (json, "off", quirks->off);
  till_json_write_int (json, "clock_drift_s_day", quirks->clock_drift_s_day);
  till_json_write_int (json, "slow_ms", quirks->slow_ms);
  till_json_write_int (json, "leak_w", quirks->leak_w);
  till_json_write_end_object (json);
}

void
sim_write_habit (const SimHabit *habit, gpointer json)
{
  if (habit->load)
    till_json_write_text (json, "load", habit->load->name);
  if (habit->price)
    till_json_write_text (json, "price", habit->price->name);
  if (habit->has_balance)
    till_json_write_money (json, "balance", habit->balance);
  if (habit->opened >= 0)
    till_json_write_bool (json, "opened", habit->opened);
  write_quirks (&habit->quirks, json);
}
