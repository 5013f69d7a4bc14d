/* SPDX-License-Identifier: GPL-2.0-or-later
 * meter-registers.c: answers to reads and writes by the profile alone: ranges, fields, write rules, records. Order and
 * reasons of refusals as the reference meters define them. */
#include "tests/simulator/meter-registers.h"
#include <string.h>
#include "tests/simulator/meter-values.h"
#include "tests/simulator/register-codec.h"

#define FIELD_WORDS 64

static gboolean
little_words (const SimMeter *meter, const SimField *field)
{
  return meter->quirks->word_order == 0 ? field->little : meter->quirks->word_order == 2;
}

static const guint8 *
items_of (const SimMeter *meter, SimQuantity quantity)
{
  const SimTariff *tariff = sim_meter_tariff (meter), *plan = sim_meter_plan (meter);

  switch (quantity)
    {
    case SIM_Q_DAY_PLAN_1:
      return plan->plan[0];
    case SIM_Q_DAY_PLAN_2:
      return plan->plan[1];
    case SIM_Q_EVENTS_WORK:
      return tariff->events[0];
    case SIM_Q_EVENTS_REST:
      return tariff->events[1];
    default:
      return tariff->windows;
    }
}

static void
render_array (const SimMeter *meter, const SimField *field, guint16 *words)
{
  const SimTariff *tariff = sim_meter_tariff (meter);

  for (guint i = 0; i < field->count; i++)
    {
      gint64 value = field->quantity == SIM_Q_TIER_TO ? (i < SIM_TIERS - 1 ? tariff->tier_to_wh[i] : 0)
                                                      : (i < SIM_TIERS ? tariff->tier_add[i] : 0);

      sim_codec_put_number (field, little_words (meter, field), value / field->mul, words + 2 * i);
    }
}

static void
render (const SimMeter *meter, const SimField *field, guint16 *words)
{
  gint32 day;
  int    second;

  switch (field->kind)
    {
    case SIM_KIND_ASCII:
    case SIM_KIND_BCD48:
      sim_codec_put_text (field, meter->quirks->no_serial ? "" : sim_meter_serial (meter), words);
      break;
    case SIM_KIND_CLOCK:
      sim_meter_local (meter, &day, &second);
      sim_codec_put_clock (field, day, second, words);
      break;
    case SIM_KIND_SLOTS:
    case SIM_KIND_EVENTS:
    case SIM_KIND_WINDOWS:
      sim_codec_put_items (field, items_of (meter, field->quantity), meter->model->rate_codes, words);
      break;
    case SIM_KIND_ARRAY_U32:
    case SIM_KIND_ARRAY_I32:
      render_array (meter, field, words);
      break;
    default:
      sim_codec_put_number (field, little_words (meter, field), sim_meter_value (meter, field->quantity) / field->mul, words);
    }
}

static void
copy_overlap (guint16 at, guint16 n, guint16 *words, guint16 from, guint16 len, const guint16 *source)
{
  for (guint i = 0; i < len; i++)
    if (from + i >= at && from + i < (guint) at + n)
      words[from + i - at] = source[i];
}

static void
render_record (const SimMeter *meter, guint k, guint16 *words)
{
  const SimModel  *model = meter->model;
  const SimRecord *record;
  gint64           unit = model->fine_per_raw / (model->purse_energy ? 3600 : 3600000);

  if (!meter->records || k >= MIN (meter->records->n, SIM_RECORDS))
    return;
  record = &meter->records->ring[(meter->records->n - 1 - k) % SIM_RECORDS];
  for (guint i = 0; i < model->records_layout->len; i++)
    {
      const SimField *field = &g_array_index (model->records_layout, SimField, i);
      gint64          local, value = 0;

      if (field->quantity == SIM_Q_TIME)
        {
          local = record->at_s + till_zone_offset_min (meter->place->zone, record->at_s * TILL_SECOND) * 60;
          sim_codec_put_clock (field, (gint32) (local / SIM_DAY_S), (int) (local % SIM_DAY_S), words + field->at);
          continue;
        }
      if (field->quantity == SIM_Q_COUNT)
        value = record->count;
      else if (field->quantity == SIM_Q_AMOUNT)
        value = record->amount_raw * unit;
      else if (field->quantity == SIM_Q_BALANCE)
        value = record->balance_raw * unit;
      else if (field->quantity == SIM_Q_ENERGY_TOTAL)
        value = record->energy_wh;
      sim_codec_put_number (field, little_words (meter, field), value / field->mul, words + field->at);
    }
}

/* TRUE when the read lies in the record area; *ret is its verdict. */
static gboolean
read_records (const SimMeter *meter, guint16 at, guint16 n, guint16 *words, guint8 *ret)
{
  const SimModel *model = meter->model;
  guint           span = model->records_indexed ? model->records_count : (guint) model->records_count * model->records_step;

  if (model->records_count == 0 || at < model->records_at || at >= model->records_at + span)
    return FALSE;
  *ret = 0;
  if (model->records_indexed)
    {
      if (n != model->records_registers)
        *ret = SIM_ILLEGAL_ADDRESS;
      else
        render_record (meter, (guint) (at - model->records_at) / MAX (model->records_step, 1), words);
      return TRUE;
    }
  if ((guint) at + n > model->records_at + span)
    *ret = SIM_ILLEGAL_ADDRESS;
  for (guint k = 0; *ret == 0 && k < model->records_count; k++)
    {
      guint16 record[FIELD_WORDS] = { 0 };

      render_record (meter, k, record);
      copy_overlap (at, n, words, (guint16) (model->records_at + k * model->records_step), model->records_registers, record);
    }
  return TRUE;
}

/* A field of which only some registers are asked for. */
static void
render_part (const SimMeter *meter, const SimField *field, guint16 at, guint16 n, guint16 *ret_words)
{
  guint16 words[FIELD_WORDS] = { 0 };

  render (meter, field, words);
  copy_overlap (at, n, ret_words, field->at, field->registers, words);
}

static gboolean
in_one_range (const SimModel *model, guint16 at, guint16 n)
{
  for (guint i = 0; i < model->ranges->len; i++)
    {
      const SimRange *range = &g_array_index (model->ranges, SimRange, i);

      if (at >= range->from && (guint) at + n <= (guint) range->to + 1)
        return TRUE;
    }
  return FALSE;
}

guint8
sim_registers_read (const SimMeter *meter, guint16 at, guint16 n, guint16 *ret_words)
{
  const SimModel *model = meter->model;
  guint8          verdict;

  if (n == 0 || n > model->max_read)
    return SIM_ILLEGAL_VALUE;
  memset (ret_words, 0, n * sizeof *ret_words);
  if (read_records (meter, at, n, ret_words, &verdict))
    return verdict;
  if (!in_one_range (model, at, n))
    return SIM_ILLEGAL_ADDRESS;
  for (guint i = 0; i < model->fields->len; i++)
    {
      const SimField *field = &g_array_index (model->fields, SimField, i);

      if (field->at >= (guint) at + n || (guint) field->at + field->registers <= at)
        continue;
      if (field->at >= at && field->at + field->registers <= at + n)
        render (meter, field, ret_words + (field->at - at));
      else
        render_part (meter, field, at, n, ret_words);
    }
  copy_overlap (at, n, ret_words, model->control_at, model->control_registers, meter->forced_words);
  return 0;
}

static gboolean
set_items (SimMeter *meter, const SimField *field, const guint16 *words)
{
  SimTariff *tariff = sim_meter_own_tariff (meter, field->cabinet);
  guint8    *into = field->quantity == SIM_Q_DAY_PLAN_1    ? tariff->plan[0]
                    : field->quantity == SIM_Q_DAY_PLAN_2  ? tariff->plan[1]
                    : field->quantity == SIM_Q_EVENTS_WORK ? tariff->events[0]
                    : field->quantity == SIM_Q_EVENTS_REST ? tariff->events[1]
                                                           : tariff->windows;

  return sim_codec_get_items (field, words, meter->model->rate_codes, into);
}

static void
set_array (SimMeter *meter, const SimField *field, const guint16 *words)
{
  SimTariff *tariff = sim_meter_own_tariff (meter, FALSE);

  for (guint i = 0; i < field->count && i < (field->quantity == SIM_Q_TIER_TO ? SIM_TIERS - 1 : SIM_TIERS); i++)
    {
      gint64 value = sim_codec_get_number (field, little_words (meter, field), words + 2 * i) * field->mul;

      if (field->quantity == SIM_Q_TIER_TO)
        tariff->tier_to_wh[i] = value;
      else
        tariff->tier_add[i] = value;
    }
}

static gboolean
set_clock (SimMeter *meter, const SimField *field, const guint16 *words)
{
  gint64 *offset = meter->cabinet ? &meter->cabinet->clock_offset_s : &meter->clock_offset_s;
  gint32  day, own_day;
  int     second, own_second;

  if (!sim_codec_get_clock (field, words, &day, &second))
    return FALSE;
  sim_meter_local (meter, &own_day, &own_second);
  *offset += (gint64) (day - own_day) * SIM_DAY_S + second - own_second;
  return TRUE;
}

static gboolean
set_field (SimMeter *meter, const SimField *field, const guint16 *words)
{
  switch (field->kind)
    {
    case SIM_KIND_CLOCK:
      return set_clock (meter, field, words);
    case SIM_KIND_SLOTS:
    case SIM_KIND_EVENTS:
    case SIM_KIND_WINDOWS:
      return set_items (meter, field, words);
    case SIM_KIND_ARRAY_U32:
    case SIM_KIND_ARRAY_I32:
      set_array (meter, field, words);
      return TRUE;
    default:
      return sim_meter_set_value (meter, field->quantity, sim_codec_get_number (field, little_words (meter, field), words) * field->mul);
    }
}

/* The field that may be written at an address, *ret_inside: the address lies within one. */
static const SimField *
settable (const SimModel *model, guint16 at, gboolean *ret_inside)
{
  gboolean reference = g_str_has_prefix (model->name, "gridtill-generic");

  for (guint w = 0; w < model->writes->len; w++)
    {
      const SimWrite *write = &g_array_index (model->writes, SimWrite, w);

      for (guint i = 0; write->role == SIM_ROLE_SETTING && i < write->n_fields; i++)
        {
          if (write->fields[i].at == at)
            return &write->fields[i];
          *ret_inside |= at > write->fields[i].at && at < write->fields[i].at + write->fields[i].registers;
        }
    }
  for (guint i = 0; reference && i < model->fields->len; i++) /* settings that no command of a server writes */
    {
      const SimField *field = &g_array_index (model->fields, SimField, i);

      if (field->at == at && at >= 0x0100 && at <= 0x01a0)
        return field;
    }
  return NULL;
}

/* A run of whole fields; all of it or nothing. */
static guint8
write_settings (SimMeter *meter, guint16 at, guint16 n, const guint16 *words)
{
  SimMeter  before = *meter;
  SimTariff own = *sim_meter_own_tariff (meter, FALSE), shared = *sim_meter_own_tariff (meter, TRUE);
  guint8    verdict = 0;

  for (guint done = 0; verdict == 0 && done < n;)
    {
      gboolean        inside = FALSE;
      const SimField *field = settable (meter->model, (guint16) (at + done), &inside);

      if (!field)
        verdict = inside ? SIM_ILLEGAL_VALUE : SIM_ILLEGAL_ADDRESS;
      else if (done + field->registers > n || !set_field (meter, field, words + done))
        verdict = SIM_ILLEGAL_VALUE;
      else
        done += field->registers;
    }
  if (verdict != 0)
    {
      SimTariff *kept = meter->tariff;

      *meter = before;
      meter->tariff = kept;
      *sim_meter_own_tariff (meter, FALSE) = own;
      *sim_meter_own_tariff (meter, TRUE) = shared;
    }
  sim_meter_advance (meter, meter->at_s);
  return verdict;
}

static guint8
write_money (SimMeter *meter, const SimWrite *write, const guint16 *words, SimEffect *ret)
{
  gint64   amount = 0;
  guint16  count = 0;
  gboolean has_count = FALSE;

  for (guint i = 0; i < write->n_fields; i++)
    {
      const SimField *field = &write->fields[i];
      gint64          value = sim_codec_get_number (field, little_words (meter, field), words + field->at - write->at);

      if (field->quantity == SIM_Q_AMOUNT || field->quantity == SIM_Q_BALANCE)
        amount = value * field->mul * (meter->model->purse_energy ? 3600 : 3600000) / meter->model->fine_per_raw;
      else if (field->quantity == SIM_Q_COUNT)
        {
          count = (guint16) value;
          has_count = TRUE;
        }
    }
  if (write->role == SIM_ROLE_RECHARGE)
    return sim_meter_recharge (meter, amount, count, ret);
  return meter->model->debit_mode == SIM_DEBIT_PRESET ? sim_meter_preset (meter, amount, ret)
                                                      : sim_meter_debit (meter, amount, has_count, count, ret);
}

static guint8
write_control (SimMeter *meter, const guint16 *words, SimEffect *ret)
{
  const SimModel   *model = meter->model;
  const SimActions *actions = &model->actions[0];

  for (guint i = 0; i < model->n_actions; i++)
    if (meter->quirks->control[0] != '\0' && strcmp (model->actions[i].id, meter->quirks->control) == 0)
      actions = &model->actions[i];
  for (guint forced = 0; forced < G_N_ELEMENTS (actions->words); forced++)
    if (memcmp (actions->words[forced], words, model->control_registers * sizeof *words) == 0)
      {
        memcpy (meter->forced_words, words, model->control_registers * sizeof *words);
        sim_meter_force (meter, (SimForced) forced);
        sim_meter_advance (meter, meter->at_s);
        *ret = (SimEffect){ .kind = SIM_EFFECT_RELAY, .action = (SimForced) forced };
        return 0;
      }
  return SIM_ILLEGAL_VALUE;
}

guint8
sim_registers_write (SimMeter *meter, guint8 fc, guint16 at, guint16 n, const guint16 *words, SimEffect *ret)
{
  const SimModel *model = meter->model;

  *ret = (SimEffect){ .kind = SIM_EFFECT_NONE };
  if (n == 0 || n > MAX (model->max_write, 1))
    return SIM_ILLEGAL_VALUE;
  for (guint i = 0; i < model->writes->len; i++)
    {
      const SimWrite *write = &g_array_index (model->writes, SimWrite, i);

      if (write->role == SIM_ROLE_SETTING || at < write->at || at >= write->at + write->registers)
        continue;
      if (at != write->at || n != write->registers || fc != write->fc)
        return SIM_ILLEGAL_VALUE;
      return write->role == SIM_ROLE_CONTROL ? write_control (meter, words, ret) : write_money (meter, write, words, ret);
    }
  return write_settings (meter, at, n, words);
}
