/* SPDX-License-Identifier: GPL-2.0-or-later
 * money-read.c: three reads at most, one retry each. Judges nothing. */
#include "server/field/money-read.h"
#include <string.h>
#include "server/core/clock.h"
#include "server/field/station.h"

enum { STAGE_SERIAL, STAGE_GROUP, STAGE_RECORD, STAGE_END };

#define SERIAL_AGE_US (24 * 3600 * TILL_SECOND)
#define RETRIES       1

static void next_stage (TilldMoneyRead *read);

TilldWordOrder
tilld_line_word_order (const TilldLine *line)
{
  return line->station->record.word_order < 0 ? TILLD_WORDS_DEFAULT : line->station->record.word_order == 0 ? TILLD_WORDS_BIG : TILLD_WORDS_LITTLE;
}

static void
take_value (TilldPointName name, const TilldValue *v, TilldMoneyReading *reading)
{
  switch (name)
    {
    case TILLD_POINT_BALANCE:
      reading->balance = v->number;
      reading->have |= TILLD_MONEY_BALANCE;
      break;
    case TILLD_POINT_PURCHASED_TOTAL:
      reading->total = v->number;
      reading->have |= TILLD_MONEY_TOTAL;
      break;
    case TILLD_POINT_PURCHASE_COUNT:
      reading->count = (gint32) v->number;
      reading->have |= TILLD_MONEY_COUNT;
      break;
    case TILLD_POINT_LAST_AMOUNT:
      reading->last_amount = v->number;
      reading->have |= TILLD_MONEY_LAST;
      break;
    case TILLD_POINT_REFUND_COUNT:
      reading->refund_count = (gint32) v->number;
      break;
    case TILLD_POINT_REFUNDED_TOTAL:
      reading->refunded_total = v->number;
      reading->have |= TILLD_MONEY_REFUNDS;
      break;
    default:
      break;
    }
}

gboolean
tilld_money_read_take (const TilldLine *line, const TilldCircuit *circuit, const TilldMbPlan *plan, guint index, const guint16 *regs,
                       TilldMoneyReading *reading)
{
  const TilldProfile  *profile = circuit->plans->profile;
  const TilldPlanRead *part = &plan->reads[index];
  gboolean             blank = TRUE;

  for (guint i = 0; i < part->count; i++)
    blank &= regs[i] == 0xffff;
  if (blank)
    return FALSE;
  for (guint i = 0; i < part->n; i++)
    {
      const TilldPoint *point = &profile->points[plan->points[part->first + i]];
      TilldValue        v;

      tilld_point_decode (profile, point, tilld_line_word_order (line), regs + (point->at - part->at), &v);
      if (v.state != TILLD_VALUE_OK)
        return FALSE;
      take_value (point->name, &v, reading);
    }
  return TRUE;
}

/* The plan whose length differs from that of the last read that decided about money. */
static const TilldMbPlan *
group_plan (const TilldCircuit *circuit)
{
  const TilldMbPlan *plain = &circuit->plans->plan[TILLD_PLAN_MONEY], *odd = &circuit->plans->plan[TILLD_PLAN_MONEY_ODD];

  return plain->n_reads == 1 && plain->reads[0].count == circuit->last_registers ? odd : plain;
}

static void
end (TilldMoneyRead *read, gboolean good)
{
  TilldCircuitMoney *money = read->circuit->money;
  TilldClock        *clock = tilld_reactor_get_clock (read->line->bus.reactor);

  if (good)
    {
      read->reading.epoch = read->circuit->epoch;
      read->reading.at_us = tilld_clock_wall (clock);
      if (money->serial_us != 0 && money->serial[0] != '\0')
        {
          read->reading.have |= TILLD_MONEY_SERIAL;
          g_strlcpy (read->reading.serial, money->serial, sizeof read->reading.serial);
        }
      money->last = read->reading;
      money->last_us = tilld_clock_boot_us (clock);
      money->last_instance = tilld_line_instance (read->line);
    }
  read->done (read, good, read->data);
}

static void
request_part (TilldMoneyRead *read)
{
  const TilldProfile *profile = read->circuit->plans->profile;

  if (read->stage == STAGE_SERIAL)
    read->plan = &read->circuit->plans->plan[TILLD_PLAN_SERIAL];
  else if (read->stage == STAGE_GROUP && read->index == 0)
    {
      read->plan = group_plan (read->circuit);
      /* Noted when it leaves: an answer that comes too late for this one must not fit the next. */
      read->circuit->last_registers = read->plan->reads[0].count;
    }
  if (read->stage == STAGE_RECORD)
    tilld_mb_read (&read->job.request, read->circuit->unit, profile->read_fc, profile->records.at, profile->records.registers);
  else
    tilld_mb_read (&read->job.request, read->circuit->unit, profile->read_fc, read->plan->reads[read->index].at, read->plan->reads[read->index].count);
  tilld_bus_queue (&read->line->bus, &read->job, TILLD_BUS_MONEY);
}

static gboolean
take_serial (TilldMoneyRead *read, const guint16 *regs)
{
  const TilldProfile *profile = read->circuit->plans->profile;
  TilldCircuitMoney  *money = read->circuit->money;
  TilldValue          v;

  tilld_point_decode (profile, tilld_profile_point (profile, TILLD_POINT_SERIAL), tilld_line_word_order (read->line), regs, &v);
  if (v.state != TILLD_VALUE_OK)
    return FALSE;
  g_strlcpy (money->serial, v.text, sizeof money->serial);
  money->serial_us = tilld_reactor_now_us (read->line->bus.reactor);
  money->serial_instance = tilld_line_instance (read->line);
  return TRUE;
}

static gboolean
take_record (TilldMoneyRead *read, const guint16 *regs)
{
  const TilldProfile *profile = read->circuit->plans->profile;

  for (guint i = 0; i < profile->records.n; i++)
    {
      const TilldField *field = &profile->records.layout[i];
      TilldValue        v;

      if (field->name != TILLD_FIELD_COUNT && field->name != TILLD_FIELD_AMOUNT)
        continue;
      tilld_field_decode (profile, field, tilld_line_word_order (read->line), regs + field->at, &v);
      if (v.state != TILLD_VALUE_OK)
        return FALSE;
      if (field->name == TILLD_FIELD_COUNT)
        read->reading.record_count = (gint32) v.number;
      else
        read->reading.record_amount = v.number;
    }
  read->reading.have |= TILLD_MONEY_RECORD;
  return TRUE;
}

static gboolean
take (TilldMoneyRead *read, const guint16 *regs)
{
  if (read->stage == STAGE_SERIAL)
    return take_serial (read, regs);
  if (read->stage == STAGE_RECORD)
    return take_record (read, regs);
  if (!tilld_money_read_take (read->line, read->circuit, read->plan, read->index, regs, &read->reading))
    return FALSE;
  read->index++;
  return TRUE;
}

static void
job_done (TilldBusJob *job, TilldBusOutcome outcome, const TilldMbReply *reply, gpointer data)
{
  TilldMoneyRead *read = data;
  gboolean        whole;

  if (outcome == TILLD_BUS_OK && take (read, reply->regs))
    {
      whole = read->stage != STAGE_GROUP || read->index >= read->plan->n_reads;
      read->tries = 0;
      if (whole)
        {
          read->stage++;
          next_stage (read);
        }
      else
        request_part (read);
      return;
    }
  read->outcome = outcome == TILLD_BUS_OK ? TILLD_BUS_GARBAGE : outcome;
  /* A gone link is not asked again: its jobs come back at once. */
  if (outcome == TILLD_BUS_LINK_LOST || outcome == TILLD_BUS_NOT_SENT || read->tries++ >= RETRIES)
    end (read, FALSE);
  else
    request_part (read);
}

static gboolean
wants_serial (const TilldMoneyRead *read)
{
  const TilldCircuitMoney *money = read->circuit->money;
  gint64                   now = tilld_reactor_now_us (read->line->bus.reactor);

  return read->circuit->plans->plan[TILLD_PLAN_SERIAL].n_reads == 1 &&
         (money->serial_us == 0 || money->serial_instance != tilld_line_instance (read->line) || now - money->serial_us > SERIAL_AGE_US);
}

static void
next_stage (TilldMoneyRead *read)
{
  if (read->stage == STAGE_SERIAL && !wants_serial (read))
    read->stage++;
  if (read->stage == STAGE_RECORD && !read->record)
    read->stage++;
  if (read->stage == STAGE_END)
    end (read, TRUE);
  else
    request_part (read);
}

void
tilld_money_read_start (TilldMoneyRead *read, TilldLine *line, TilldCircuit *circuit, gboolean record, TilldMoneyReadDone done, gpointer data)
{
  g_assert (!read->job.busy && circuit->money != NULL && circuit->plans->plan[TILLD_PLAN_MONEY].n_reads > 0);
  *read = (TilldMoneyRead){ .line = line, .circuit = circuit, .record = record, .done = done, .data = data };
  read->job.done = job_done;
  read->job.data = read;
  next_stage (read);
}
