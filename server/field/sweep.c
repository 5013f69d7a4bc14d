/* SPDX-License-Identifier: GPL-2.0-or-later
 * sweep.c: executes the reads of a plan for one circuit and turns the values into one record. Plans nothing. */
#include "server/field/sweep.h"
#include <string.h>
#include "server/core/clock.h"
#include "server/field/money-read.h"

void
tilld_sweep_init (TilldSweep *sweep, TilldLine *line, TilldSweepDone done, gpointer data)
{
  memset (sweep, 0, sizeof *sweep);
  sweep->line = line;
  sweep->done = done;
  sweep->data = data;
}

static void
end (TilldSweep *sweep)
{
  TilldSweepResult result = sweep->invalid ? TILLD_SWEEP_INVALID
                            : sweep->index >= sweep->plan->n_reads && sweep->good > 0 ? TILLD_SWEEP_GOOD
                            : sweep->good > 0 ? TILLD_SWEEP_PARTIAL
                            : sweep->refused ? TILLD_SWEEP_REFUSED
                                             : TILLD_SWEEP_SILENT;

  sweep->done (sweep, result, sweep->data);
  sweep->circuit = NULL;
}

/* Measured on the secondary side of the current transformers. */
static gboolean
is_scaled (const TilldPoint *point)
{
  return (point->name >= TILLD_POINT_I && point->name <= TILLD_POINT_I_C) || (point->name >= TILLD_POINT_P && point->name <= TILLD_POINT_P_C) ||
         point->name == TILLD_POINT_Q || tilld_field_quantity ((int) point->name) == TILLD_QUANTITY_ENERGY;
}

static void
take_point (TilldSweep *sweep, const TilldPoint *point, TilldWordOrder order, const guint16 *regs)
{
  const TilldProfile *profile = sweep->circuit->plans->profile;
  TilldValue          v;

  tilld_point_decode (profile, point, order, regs, &v);
  if (v.state != TILLD_VALUE_OK)
    {
      sweep->invalid = TRUE;
      return;
    }
  sweep->number[point->name] = profile->ct_secondary && is_scaled (point) ? v.number * sweep->circuit->ct_ratio : v.number;
  sweep->have[point->name] = TRUE;
}

static gboolean
holds_money_group (const TilldProfile *profile, const TilldMbPlan *plan, const TilldPlanRead *read)
{
  for (guint i = 0; profile->money_group >= 0 && i < read->n; i++)
    if (profile->points[plan->points[read->first + i]].name == TILLD_POINT_BALANCE)
      return TRUE;
  return FALSE;
}

static void
take_reply (TilldSweep *sweep, const guint16 *regs)
{
  const TilldProfile  *profile = sweep->circuit->plans->profile;
  const TilldPlanRead *read = &sweep->plan->reads[sweep->index];
  TilldWordOrder       order = tilld_line_word_order (sweep->line);
  gboolean             blank = TRUE;

  for (guint i = 0; i < read->count && blank; i++)
    blank = regs[i] == 0xffff;
  sweep->invalid |= blank;
  for (guint i = 0; i < read->n && !sweep->invalid; i++)
    {
      const TilldPoint *point = &profile->points[sweep->plan->points[read->first + i]];

      take_point (sweep, point, order, regs + (point->at - read->at));
    }
  if (!sweep->invalid && sweep->circuit->money != NULL && holds_money_group (profile, sweep->plan, read))
    sweep->invalid |= !tilld_money_read_take (sweep->line, sweep->circuit, sweep->plan, sweep->index, regs, &sweep->money);
  sweep->good++;
}

/* Refused address or count: a merged read is cut at its widest gap for this meter, a lone optional point is marked absent. */
static gboolean
give_way (TilldSweep *sweep, guint8 exception)
{
  TilldCircuit        *circuit = sweep->circuit;
  const TilldProfile  *profile = circuit->plans->profile;
  const TilldPlanRead *read = &sweep->plan->reads[sweep->index];
  TilldMbPlan        **own = sweep->kind == TILLD_PLAN_FULL ? &circuit->own_full : &circuit->own_status;

  if (exception > 3)
    return FALSE;
  if (read->n == 1 && profile->points[sweep->plan->points[read->first]].optional)
    {
      circuit->absent |= G_GUINT64_CONSTANT (1) << sweep->plan->points[read->first];
      sweep->index++;
      return TRUE;
    }
  if (exception == 1)
    return FALSE;
  if (*own == NULL)
    *own = g_memdup2 (sweep->plan, sizeof **own);
  sweep->plan = *own;
  return tilld_mb_plan_split (profile, sweep->plan, sweep->index);
}

static void
skip_absent (TilldSweep *sweep)
{
  while (sweep->index < sweep->plan->n_reads)
    {
      const TilldPlanRead *read = &sweep->plan->reads[sweep->index];

      if (read->n != 1 || !(sweep->circuit->absent >> sweep->plan->points[read->first] & 1))
        return;
      sweep->index++;
    }
}

static void
job_done (TilldBusJob *job, TilldBusOutcome outcome, const TilldMbReply *reply, gpointer data)
{
  TilldSweep *sweep = data;
  gboolean    goes_on = FALSE;

  if (outcome == TILLD_BUS_OK)
    {
      take_reply (sweep, reply->regs);
      sweep->index++;
      sweep->tries = 0;
      goes_on = !sweep->invalid;
    }
  else if (outcome == TILLD_BUS_EXCEPTION)
    {
      sweep->refused = TRUE;
      goes_on = give_way (sweep, reply->exception);
    }
  else if (outcome == TILLD_BUS_TIMEOUT || outcome == TILLD_BUS_GARBAGE)
    goes_on = sweep->kind != TILLD_PLAN_STATUS && sweep->tries++ == 0; /* a status is read again in the next round anyway */
  if (goes_on)
    skip_absent (sweep);
  if (!goes_on || sweep->index >= sweep->plan->n_reads)
    end (sweep);
}

void
tilld_sweep_begin (TilldSweep *sweep, TilldCircuit *circuit, TilldPlanKind kind, TillTime slot)
{
  TilldMbPlan *own = kind == TILLD_PLAN_FULL ? circuit->own_full : circuit->own_status;

  g_assert (sweep->circuit == NULL && (kind == TILLD_PLAN_STATUS || kind == TILLD_PLAN_FULL));
  sweep->circuit = circuit;
  sweep->kind = kind;
  sweep->plan = own != NULL ? own : (TilldMbPlan *) &circuit->plans->plan[kind];
  sweep->index = sweep->tries = sweep->good = 0;
  sweep->slot = slot;
  sweep->invalid = sweep->refused = FALSE;
  memset (sweep->have, 0, sizeof sweep->have);
  memset (&sweep->money, 0, sizeof sweep->money);
  skip_absent (sweep);
}

TilldBusJob *
tilld_sweep_next (TilldSweep *sweep)
{
  const TilldPlanRead *read;

  if (sweep->circuit == NULL || sweep->job.busy)
    return NULL;
  read = &sweep->plan->reads[sweep->index];
  tilld_mb_read (&sweep->job.request, sweep->circuit->unit, sweep->circuit->plans->profile->read_fc, read->at, read->count);
  sweep->job.done = job_done;
  sweep->job.data = sweep;
  if (sweep->circuit->money != NULL && holds_money_group (sweep->circuit->plans->profile, sweep->plan, read))
    sweep->circuit->last_registers = read->count;
  return &sweep->job;
}

static gboolean
get_number (gpointer data, TilldPointName name, gint64 *ret)
{
  const TilldSweep *sweep = data;

  *ret = sweep->number[name];
  return sweep->have[name];
}

static gboolean
value_of (const TilldSweep *sweep, TilldPointName name, TilldPointName other, gint64 *ret)
{
  const TilldPoint *point = tilld_profile_point (sweep->circuit->plans->profile, name);
  gint64            sum = 0;

  if (point != NULL && point->type == TILLD_TYPE_SUM)
    {
      for (guint i = 0; i < point->n_sum; i++)
        {
          TilldPointName part = sweep->circuit->plans->profile->points[point->sum[i]].name;

          if (!sweep->have[part])
            return FALSE;
          sum += sweep->number[part];
        }
      *ret = sum;
      return TRUE;
    }
  if (!sweep->have[name] && name != other)
    return value_of (sweep, other, other, ret);
  *ret = sweep->number[name];
  return sweep->have[name];
}

static TilldTri
flag (const TilldSweep *sweep, TilldFlag name)
{
  return (TilldTri) tilld_profile_flag (sweep->circuit->plans->profile, name, get_number, (gpointer) sweep);
}

static void
derive (const TilldSweep *sweep, TilldFieldReading *r)
{
  const TilldCircuit    *circuit = sweep->circuit;
  const TilldFieldMeter *record = circuit->record;
  TilldTri               forced = flag (sweep, TILLD_FLAG_FORCED), closed = flag (sweep, TILLD_FLAG_FORCED_CLOSED);
  gboolean               frozen = circuit->money != NULL && circuit->money->purse.frozen;
  TilldStateInput        in = { .has_reading = TRUE, .purse = record->purse, .balance = r->balance, .count = (gint32) r->purchase_count,
                                .has_count = (r->has & TILLD_HAS_COUNT) != 0, .alarm1 = record->alarm1, .alarm2 = record->alarm2,
                                .overdraft = record->overdraft, .power_w = r->power_w, .has_power = (r->has & TILLD_HAS_POWER) != 0,
                                .has_account = record->has_account, .settlement = record->settlement, .verified_control = record->control,
                                .count_mismatch = frozen, .dispute = frozen || record->dispute, .life_support = record->life_support };
  TilldMeterShown        shown;

  in.opened = flag (sweep, TILLD_FLAG_OPENED);
  in.arrears = flag (sweep, TILLD_FLAG_ARREARS);
  in.low1 = flag (sweep, TILLD_FLAG_ALARM1);
  in.low2 = flag (sweep, TILLD_FLAG_ALARM2);
  in.relay_closed = flag (sweep, TILLD_FLAG_RELAY_CLOSED);
  in.overload = flag (sweep, TILLD_FLAG_OVERLOAD);
  in.forced_on = forced == TILLD_TRI_YES ? closed : forced;
  in.forced_off = forced != TILLD_TRI_YES || closed == TILLD_TRI_UNKNOWN ? forced : closed == TILLD_TRI_YES ? TILLD_TRI_NO : TILLD_TRI_YES;
  in.clear_link = record->purse != TILL_PURSE_NONE && record->settlement == TILL_SETTLEMENT_METER &&
                  tilld_line_link_class (sweep->line) == TILL_LINK_CLASS_CLEAR;
  in.unverified_model = !circuit->plans->profile->verified;
  tilld_state_derive (&in, &shown);
  r->state = shown.state;
  r->mode = shown.mode;
  r->relay = shown.relay;
  r->flags = shown.flags;
}

void
tilld_sweep_reading (const TilldSweep *sweep, TilldFieldReading *ret_reading)
{
  static const struct { TilldPointName name, other; guint32 has; gsize at; } parts[] = {
    { TILLD_POINT_BALANCE, TILLD_POINT_BALANCE, TILLD_HAS_BALANCE, G_STRUCT_OFFSET (TilldFieldReading, balance) },
    { TILLD_POINT_ENERGY_TOTAL, TILLD_POINT_ENERGY_TOTAL, TILLD_HAS_ENERGY, G_STRUCT_OFFSET (TilldFieldReading, energy_total) },
    { TILLD_POINT_PURCHASE_COUNT, TILLD_POINT_PURCHASE_COUNT, TILLD_HAS_COUNT, G_STRUCT_OFFSET (TilldFieldReading, purchase_count) },
    { TILLD_POINT_PURCHASED_TOTAL, TILLD_POINT_PURCHASED_TOTAL, TILLD_HAS_TOTAL, G_STRUCT_OFFSET (TilldFieldReading, purchased_total) },
    { TILLD_POINT_P, TILLD_POINT_P, TILLD_HAS_POWER, G_STRUCT_OFFSET (TilldFieldReading, power_w) },
    { TILLD_POINT_U, TILLD_POINT_U_A, TILLD_HAS_U, G_STRUCT_OFFSET (TilldFieldReading, u_mv) },
    { TILLD_POINT_I, TILLD_POINT_I_A, TILLD_HAS_I, G_STRUCT_OFFSET (TilldFieldReading, i_ma) },
    { TILLD_POINT_PF, TILLD_POINT_PF, TILLD_HAS_PF, G_STRUCT_OFFSET (TilldFieldReading, pf_milli) },
  };
  TilldClock *clock = tilld_reactor_get_clock (sweep->line->bus.reactor);

  *ret_reading = (TilldFieldReading){ .meter = sweep->circuit->meter, .at = tilld_clock_wall (clock), .slot = sweep->slot,
                                      .epoch = sweep->circuit->epoch, .keep = sweep->circuit->keep };
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      gint64 value;

      if (!value_of (sweep, parts[i].name, parts[i].other, &value))
        continue;
      G_STRUCT_MEMBER (gint64, ret_reading, parts[i].at) = value;
      ret_reading->has |= parts[i].has;
    }
  for (guint rate = 0; rate < TILL_N_RATES; rate++)
    if (sweep->have[TILLD_POINT_ENERGY_TIP + rate])
      {
        ret_reading->energy_rate[rate] = sweep->number[TILLD_POINT_ENERGY_TIP + rate];
        ret_reading->has |= TILLD_HAS_RATE << rate;
      }
  derive (sweep, ret_reading);
  if (sweep->circuit->record->settlement == TILL_SETTLEMENT_SERVER)
    ret_reading->has = (ret_reading->has & ~(guint32) TILLD_HAS_BALANCE) | TILLD_STATE_OF_ACCOUNT;
}

gboolean
tilld_sweep_pushed (TilldCircuit *circuit, guint at, const guint16 *regs, guint n, TilldFieldReading *ret_reading)
{
  const TilldProfile *profile = circuit->plans->profile;
  TilldSweep          sweep = { .line = circuit->line, .circuit = circuit };
  TilldWordOrder      order = tilld_line_word_order (circuit->line);
  guint               taken = 0;

  for (guint i = 0; i < profile->n_points && !sweep.invalid; i++)
    {
      const TilldPoint *point = &profile->points[i];

      if (point->type == TILLD_TYPE_SUM || point->at < at || point->at + point->registers > at + n)
        continue;
      take_point (&sweep, point, order, regs + (point->at - at));
      taken++;
    }
  if (sweep.invalid || taken == 0)
    return FALSE;
  tilld_sweep_reading (&sweep, ret_reading);
  ret_reading->keep = TRUE;
  return TRUE;
}
