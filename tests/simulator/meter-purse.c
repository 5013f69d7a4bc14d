/* SPDX-License-Identifier: GPL-2.0-or-later
 * meter-purse.c: recharge, debit and the order of the refusals (profiles, reference meters). A refused write changes
 * nothing; an accepted one changes balance, total, last purchase, count and record in one step. */
#include "tests/simulator/meter-purse.h"
#include "tests/simulator/seed.h"

static void
keep_record (SimMeter *meter, gint64 amount_raw)
{
  if (!meter->records)
    meter->records = g_new0 (SimRecords, 1);
  meter->records->ring[meter->records->n++ % SIM_RECORDS] = (SimRecord){
    .at_s = meter->at_s,
    .amount_raw = amount_raw,
    .balance_raw = sim_meter_balance_raw (meter),
    .energy_wh = sim_meter_energy_wh (meter),
    .count = meter->count,
  };
}

static void
credit (SimMeter *meter, gint64 amount_raw, guint16 count, SimEffect *ret)
{
  meter->fine += amount_raw * meter->model->fine_per_raw;
  meter->total_raw += amount_raw;
  meter->last_amount_raw = amount_raw;
  meter->count = meter->last_count = count;
  keep_record (meter, amount_raw);
  sim_meter_advance (meter, meter->at_s);
  ret->amount_raw = amount_raw;
  ret->count = count;
}

static gboolean
fits (const SimMeter *meter, gint64 amount_raw)
{
  gint64 after = sim_meter_balance_raw (meter) + amount_raw;

  return after <= meter->model->purse_max_raw && (meter->hoard_raw <= 0 || after <= meter->hoard_raw);
}

typedef enum { COUNT_NEXT, COUNT_SAME, COUNT_REFUSED, COUNT_TAKEN } CountVerdict;

/* What this meter makes of a purchase count. */
static CountVerdict
judge_count (const SimMeter *meter, gint64 amount_raw, guint16 count)
{
  SimCountRule rule = meter->quirks->count;
  gboolean     same = count == meter->count && amount_raw == meter->last_amount_raw;

  if (rule == SIM_COUNT_IGNORE || !meter->model->count_mode)
    return COUNT_NEXT;
  if (rule == SIM_COUNT_ACCEPT_ANY)
    return COUNT_TAKEN;
  if (count == meter->count + 1)
    return COUNT_NEXT;
  if (same && (rule == SIM_COUNT_ACK_SAME || (rule == SIM_COUNT_PROFILE && meter->model->same_count == SIM_SAME_ACK)))
    return COUNT_SAME;
  if (rule == SIM_COUNT_PROFILE && meter->model->wrong_count == SIM_WRONG_ACCEPT)
    return COUNT_TAKEN;
  return COUNT_REFUSED;
}

/* The answer to a write that was carried out: some meters say no all the same. */
static guint8
said_after (SimMeter *meter)
{
  guint64 draw = sim_draw (meter->place->seed, meter->path, "negative_but_applied", meter->writes++);

  if (draw >= meter->quirks->negative_but_applied)
    return 0;
  return meter->quirks->wrong_exception ? meter->quirks->wrong_exception : SIM_ILLEGAL_VALUE;
}

/* A recharge of less than nothing, on models that take money back in this way: count and total go on with it. */
static guint8
take_back (SimMeter *meter, gint64 amount_raw, CountVerdict verdict, SimEffect *ret)
{
  if (amount_raw > sim_meter_balance_raw (meter) || verdict == COUNT_REFUSED || meter->count == G_MAXUINT16)
    return SIM_ILLEGAL_VALUE;
  if (verdict == COUNT_SAME)
    return 0;
  credit (meter, -amount_raw, (guint16) (meter->count + 1), ret);
  *ret = (SimEffect){ .kind = SIM_EFFECT_DEBIT, .amount_raw = amount_raw, .count = meter->count };
  return said_after (meter);
}

guint8
sim_meter_recharge (SimMeter *meter, gint64 amount_raw, guint16 count, SimEffect *ret)
{
  guint8       refusal = meter->quirks->wrong_exception ? meter->quirks->wrong_exception : SIM_ILLEGAL_VALUE;
  CountVerdict verdict = judge_count (meter, amount_raw, count);

  if (amount_raw < 0 && meter->model->debit_mode == SIM_DEBIT_NEGATIVE)
    return take_back (meter, -amount_raw, verdict, ret);
  if (amount_raw <= 0)
    return SIM_ILLEGAL_VALUE;
  if (verdict == COUNT_SAME)
    return 0;
  if (verdict == COUNT_REFUSED)
    return refusal;
  if (!fits (meter, amount_raw) || meter->count == G_MAXUINT16)
    return SIM_ILLEGAL_VALUE;
  credit (meter, amount_raw, verdict == COUNT_TAKEN ? count : (guint16) (meter->count + 1), ret);
  ret->kind = SIM_EFFECT_RECHARGE;
  return said_after (meter);
}

guint8
sim_meter_debit (SimMeter *meter, gint64 amount_raw, gboolean has_count, guint16 count, SimEffect *ret)
{
  if (amount_raw <= 0 || amount_raw > sim_meter_balance_raw (meter))
    return SIM_ILLEGAL_VALUE;
  if (has_count && count == meter->refund_count && amount_raw == meter->last_debit_raw)
    return 0;
  if (has_count && count != meter->refund_count + 1)
    return SIM_ILLEGAL_VALUE;
  meter->fine -= amount_raw * meter->model->fine_per_raw;
  meter->refunded_raw += amount_raw;
  meter->last_debit_raw = amount_raw;
  meter->refund_count++;
  sim_meter_advance (meter, meter->at_s);
  *ret = (SimEffect){ .kind = SIM_EFFECT_DEBIT, .amount_raw = amount_raw, .count = meter->refund_count };
  return said_after (meter);
}

guint8
sim_meter_preset (SimMeter *meter, gint64 balance_raw, SimEffect *ret)
{
  gint64 before = sim_meter_balance_raw (meter);

  if (meter->closed || balance_raw < 0 || balance_raw > meter->model->purse_max_raw)
    return SIM_ILLEGAL_VALUE;
  if (balance_raw == before)
    return 0;
  meter->fine = balance_raw * meter->model->fine_per_raw;
  sim_meter_advance (meter, meter->at_s);
  *ret = (SimEffect){ .kind = SIM_EFFECT_DEBIT, .amount_raw = before - balance_raw, .count = meter->refund_count };
  return said_after (meter);
}

void
sim_meter_card (SimMeter *meter, gint64 amount_raw, SimEffect *ret)
{
  credit (meter, amount_raw, (guint16) (meter->count + 1), ret);
  ret->kind = SIM_EFFECT_CARD;
}

void
sim_meter_edit (SimMeter *meter, const SimEdit *edit, SimEffect *ret)
{
  gint64 before = sim_meter_balance_raw (meter);

  if (edit->has_balance)
    meter->fine = edit->balance_raw * meter->model->fine_per_raw;
  if (edit->has_total)
    meter->total_raw = edit->total_raw;
  if (edit->has_count)
    meter->count = meter->last_count = edit->count;
  sim_meter_advance (meter, meter->at_s);
  *ret = (SimEffect){ .kind = SIM_EFFECT_EDIT, .amount_raw = sim_meter_balance_raw (meter) - before, .count = meter->count };
}

void
sim_meter_reset (SimMeter *meter, SimEffect *ret)
{
  SimEdit nothing = { .has_balance = TRUE, .has_total = TRUE, .has_count = TRUE };

  sim_meter_edit (meter, &nothing, ret);
  meter->refunded_raw = meter->last_amount_raw = meter->last_debit_raw = 0;
  meter->refund_count = 0;
  ret->kind = SIM_EFFECT_RESET;
}

void
sim_meter_restore (SimMeter *meter, const SimEffect *effect, gint64 balance_raw, gint64 total_raw)
{
  meter->fine = balance_raw * meter->model->fine_per_raw;
  meter->total_raw = total_raw;
  if (effect->kind == SIM_EFFECT_DEBIT && meter->model->debit_mode == SIM_DEBIT_SUBTRACT)
    {
      meter->refunded_raw += effect->amount_raw;
      meter->last_debit_raw = effect->amount_raw;
      meter->refund_count = effect->count;
    }
  else if (effect->kind != SIM_EFFECT_DEBIT || meter->model->debit_mode == SIM_DEBIT_NEGATIVE)
    {
      meter->count = meter->last_count = effect->count;
      meter->last_amount_raw = effect->kind == SIM_EFFECT_DEBIT ? -effect->amount_raw : effect->amount_raw;
    }
  if (effect->kind == SIM_EFFECT_RECHARGE || effect->kind == SIM_EFFECT_CARD)
    keep_record (meter, effect->amount_raw);
  sim_meter_advance (meter, meter->at_s);
}
