/* SPDX-License-Identifier: GPL-2.0-or-later
 * setter-run.c: one absolute setting on the bus: write, wait, read back, and only what was read back counts. Decides nothing about
 * repetition: that is setter.c. */
#include <string.h>
#include "server/core/clock.h"
#include "server/domain/plant/model-proof.h"
#include "server/domain/plant/setting.h"
#include "server/field/setter-private.h"
#include "server/rules/setting-rules.h"

#define QUIET_LIMIT_MS 5000
#define CLOCK_MAX_S    30
#define READ_RETRIES   2  /* a read that is lost says nothing about the write before it */

static void write_part (TilldOrder *order);

gboolean
tilld_order_is_relay (const TilldOrder *order)
{
  return tilld_setting_is_relay (order->command.kind);
}

static TilldBusPriority
priority_of (const TilldOrder *order)
{
  return order->command.kind == TILL_COMMAND_KIND_FORCE_ON || order->command.kind == TILL_COMMAND_KIND_RESTORE_PREPAID ? TILLD_BUS_URGENT
                                                                                                                       : TILLD_BUS_COMMAND;
}

/* Civil seconds of the site since 1970. */
static gint64
civil_now (const TilldOrder *order)
{
  TillTime now = tilld_clock_wall (order->setter->field->clock);

  return now / TILL_SECOND + till_zone_offset_min (order->circuit->line->station->zone, now) * 60;
}

static gboolean
prepare_relay (TilldOrder *order, GError **error)
{
  const TilldProfile    *profile = order->circuit->plans->profile;
  const TilldFieldMeter *record = order->circuit->record;
  TilldOrderPart        *part = &order->parts[0];

  order->action = order->command.kind == TILL_COMMAND_KIND_FORCE_ON    ? TILLD_ACTION_CLOSE
                  : order->command.kind == TILL_COMMAND_KIND_FORCE_OFF ? TILLD_ACTION_OPEN
                                                                       : TILLD_ACTION_AUTO;
  if (!tilld_evidence_may_send (profile->control.write.evidence, record->control_proven))
    return till_fail (error, TILL_ERROR_UNSUPPORTED, "relay commands of this model are not proven here");
  *part = (TilldOrderPart){ .unit = order->circuit->unit, .read_back = profile->control.write.read_back };
  order->n_parts = 1;
  return tilld_profile_write_control (profile, order->action, record->candidate, &part->words, error);
}

static gboolean
prepare_setting (TilldOrder *order, GError **error)
{
  const TilldProfile *profile = order->circuit->plans->profile;
  TilldSettings      *settings = order->command.settings;
  gboolean            proven = (order->circuit->record->proven >> tilld_proven_of (order->command.kind) & 1) != 0;

  if (settings == NULL)
    return till_fail (error, TILL_ERROR_INVALID, "the value of the command is not understood");
  if (order->command.kind == TILL_COMMAND_KIND_SET_CLOCK)
    {
      tilld_settings_set (settings, TILLD_POINT_CLOCK, 1);
      settings->civil_s = civil_now (order);
    }
  order->n_parts = 0;
  for (guint i = 0; i < profile->n_settings; i++)
    {
      const TilldWrite *write = &profile->settings[i];
      TilldOrderPart   *part = &order->parts[order->n_parts];
      gboolean          rounded = FALSE;

      if (write->command != order->command.kind || !tilld_profile_setting_is_whole (profile, i, settings))
        continue;
      if (!tilld_evidence_may_send (write->evidence, proven))
        return till_fail (error, TILL_ERROR_UNSUPPORTED, "%s of this model is not proven here", till_command_kind_word (order->command.kind));
      *part = (TilldOrderPart){ .unit = (guint8) (write->cabinet && order->command.table > 0 ? order->command.table : order->circuit->unit),
                                .read_back = write->read_back, .look = write->cabinet && write->read_back };
      if (!tilld_profile_write_setting (profile, i, tilld_line_word_order (order->circuit->line), settings, &part->words, &rounded, error))
        return FALSE;
      order->n_parts++;
    }
  return order->n_parts > 0 || till_fail (error, TILL_ERROR_UNSUPPORTED, "the model holds nothing of this setting");
}

gboolean
tilld_order_prepare (TilldOrder *order, GError **error)
{
  return tilld_order_is_relay (order) ? prepare_relay (order, error) : prepare_setting (order, error);
}

static void
queue_read (TilldOrder *order, TilldOrderStage stage, guint8 unit, guint16 at, guint count)
{
  order->stage = stage;
  order->read_tries = 0;
  order->job.deadline_us = 0;
  tilld_mb_read (&order->job.request, unit, order->circuit->plans->profile->read_fc, at, count);
  tilld_bus_queue (&order->circuit->line->bus, &order->job, priority_of (order));
}

static void
begin_part (TilldOrder *order)
{
  const TilldOrderPart *part = &order->parts[order->part];

  if (part->look)
    queue_read (order, TILLD_ORDER_LOOK, part->unit, part->words.at, part->words.n);
  else
    write_part (order);
}

static void
write_part (TilldOrder *order)
{
  TilldOrderPart *part = &order->parts[order->part];
  TilldLine      *line = order->circuit->line;

  if (order->command.kind == TILL_COMMAND_KIND_SET_CLOCK && !prepare_setting (order, NULL))
    {
      tilld_order_end (order, TILL_COMMAND_STATE_FAILED, 0, "the clock cannot be set");
      return;
    }
  if (!tilld_line_is_up (line))
    {
      tilld_order_again (order, "the gateway is offline");
      return;
    }
  order->stage = TILLD_ORDER_WRITE;
  order->job.deadline_us = tilld_field_write_until (line->station->field);
  tilld_mb_write (&order->job.request, part->unit, part->words.fc, part->words.at, part->words.words, part->words.n);
  tilld_bus_queue (&line->bus, &order->job, priority_of (order));
}

void
tilld_order_run (TilldOrder *order)
{
  order->part = 0;
  begin_part (order);
}

static void
verified (TilldOrder *order)
{
  if (tilld_order_is_relay (order))
    {
      order->circuit->record->control = (gint) order->command.kind;
      tilld_schedule_read_now (order->circuit->line->schedule, order->circuit);
    }
  tilld_order_end (order, TILL_COMMAND_STATE_VERIFIED, 0, NULL);
}

/* All parts stand. What follows an order of unknown fate is sent once more when nothing of that can come any more. */
static void
all_parts_stand (TilldOrder *order)
{
  const TilldFieldGateway *record = &order->circuit->line->station->record;

  if (!order->doubt || order->second)
    {
      verified (order);
      return;
    }
  order->second = TRUE;
  order->stage = TILLD_ORDER_QUARANTINE;
  tilld_timer_arm (order->setter->field->reactor, &order->timer,
                   tilld_delivery_quarantine_ms (record->link, tilld_line_link_class (order->circuit->line), TRUE, record->quarantine_s));
}

static void
next_part (TilldOrder *order)
{
  if (++order->part < order->n_parts)
    begin_part (order);
  else
    all_parts_stand (order);
}

/* --- relay: what the meter shows --- */

static gboolean
get_word (gpointer data, TilldPointName name, gint64 *ret)
{
  const TilldOrder *order = data;

  *ret = order->flag_word[name];
  return order->have[name];
}

static gboolean
flags_as_expected (TilldOrder *order)
{
  const TilldProfile *profile = order->circuit->plans->profile;

  for (guint f = 0; f < TILLD_FLAGS_N; f++)
    {
      int expected = profile->control.expect[order->action][f];

      if (expected >= 0 && tilld_profile_flag (profile, (TilldFlag) f, get_word, order) != expected)
        return FALSE;
    }
  return TRUE;
}

/* A model with another set of relay words shows them in other bits: the flags of the profile speak for its own words only. */
static void
read_flags (TilldOrder *order)
{
  const TilldMbPlan *plan = &order->circuit->plans->plan[TILLD_PLAN_RELAY];

  if (plan->n_reads != 1 || order->circuit->record->candidate[0] != '\0')
    next_part (order);
  else
    queue_read (order, TILLD_ORDER_FLAGS, order->circuit->unit, plan->reads[0].at, plan->reads[0].count);
}

static void
take_flags (TilldOrder *order, const guint16 *regs)
{
  const TilldProfile *profile = order->circuit->plans->profile;
  const TilldMbPlan  *plan = &order->circuit->plans->plan[TILLD_PLAN_RELAY];

  for (guint i = 0; i < plan->n_points; i++)
    {
      const TilldPoint *point = &profile->points[plan->points[i]];
      TilldValue        v;

      tilld_point_decode (profile, point, tilld_line_word_order (order->circuit->line), regs + (point->at - plan->reads[0].at), &v);
      order->flag_word[point->name] = v.number;
      order->have[point->name] = v.state == TILLD_VALUE_OK;
    }
  if (flags_as_expected (order))
    next_part (order);
  else
    tilld_order_again (order, "the meter does not show the new relay state");
}

/* --- reading back --- */

static void
take_clock (TilldOrder *order, const guint16 *regs)
{
  const TilldProfile *profile = order->circuit->plans->profile;
  TilldValue          v;

  tilld_point_decode (profile, tilld_profile_point (profile, TILLD_POINT_CLOCK), tilld_line_word_order (order->circuit->line), regs, &v);
  if (v.state == TILLD_VALUE_OK && ABS (v.number - civil_now (order)) <= CLOCK_MAX_S)
    next_part (order);
  else
    tilld_order_again (order, order->refused ? "refused by the meter" : "the meter shows another time");
}

static void
read_back (TilldOrder *order)
{
  const TilldOrderPart *part = &order->parts[order->part];
  const TilldPoint     *clock = tilld_profile_point (order->circuit->plans->profile, TILLD_POINT_CLOCK);

  if (part->read_back)
    queue_read (order, TILLD_ORDER_BACK, part->unit, part->words.at, part->words.n);
  else if (tilld_order_is_relay (order))
    read_flags (order);
  else if (order->command.kind == TILL_COMMAND_KIND_SET_CLOCK && clock != NULL)
    queue_read (order, TILLD_ORDER_CLOCK, part->unit, clock->at, clock->registers);
  else if (order->outcome == TILL_DELIVERY_OUTCOME_OK)
    next_part (order); /* the answer is all this model gives */
  else
    tilld_order_again (order, order->refused ? "refused by the meter" : "the meter did not answer");
}

static void
written (TilldOrder *order, TilldBusOutcome outcome, const TilldMbReply *reply)
{
  static const TillDeliveryOutcome outcomes[] = { TILL_DELIVERY_OUTCOME_OK, TILL_DELIVERY_OUTCOME_FAILED, TILL_DELIVERY_OUTCOME_TIMEOUT,
                                                  TILL_DELIVERY_OUTCOME_GARBAGE, TILL_DELIVERY_OUTCOME_LINK_LOST, TILL_DELIVERY_OUTCOME_NOT_SENT };
  guint wait_ms = order->parts[order->part].words.settle_ms;

  order->refused = outcome == TILLD_BUS_EXCEPTION && reply->exception <= 3;
  order->outcome = order->refused ? TILL_DELIVERY_OUTCOME_REFUSED : outcomes[outcome];
  if (order->overtaken)
    tilld_order_end (order, TILL_COMMAND_STATE_QUEUED, 0, "overtaken by a newer order");
  else if (outcome == TILLD_BUS_NOT_SENT || outcome == TILLD_BUS_LINK_LOST)
    tilld_order_again (order, "the link was lost");
  else
    {
      order->stage = TILLD_ORDER_SETTLE;
      if (tilld_outcome_is_ambiguous (order->outcome))
        wait_ms = MAX (wait_ms, QUIET_LIMIT_MS);
      tilld_timer_arm (order->setter->field->reactor, &order->timer, MAX (wait_ms, 1));
    }
}

static void
take_back (TilldOrder *order, const guint16 *regs)
{
  const TilldWriteWords *words = &order->parts[order->part].words;
  gboolean               equal = memcmp (regs, words->words, words->n * sizeof (guint16)) == 0;

  if (order->stage == TILLD_ORDER_LOOK && !equal)
    write_part (order);
  else if (!equal)
    tilld_order_again (order, order->refused ? "refused by the meter" : "the meter holds other values");
  else if (tilld_order_is_relay (order))
    read_flags (order);
  else
    next_part (order);
}

void
tilld_order_job_done (TilldBusJob *job, TilldBusOutcome outcome, const TilldMbReply *reply, gpointer data)
{
  TilldOrder *order = data;

  if (order->stage == TILLD_ORDER_WRITE)
    written (order, outcome, reply);
  else if (order->overtaken)
    tilld_order_end (order, TILL_COMMAND_STATE_QUEUED, 0, "overtaken by a newer order");
  else if ((outcome == TILLD_BUS_TIMEOUT || outcome == TILLD_BUS_GARBAGE) && order->read_tries++ < READ_RETRIES)
    tilld_bus_queue (&order->circuit->line->bus, &order->job, priority_of (order));
  else if (outcome != TILLD_BUS_OK)
    tilld_order_again (order, order->stage == TILLD_ORDER_LOOK ? "the meter did not answer" : "the meter did not answer the read-back");
  else if (order->stage == TILLD_ORDER_FLAGS)
    take_flags (order, reply->regs);
  else if (order->stage == TILLD_ORDER_CLOCK)
    take_clock (order, reply->regs);
  else
    take_back (order, reply->regs);
}

void
tilld_order_timer_fired (TilldReactor *reactor, TilldTimer *timer, gpointer data)
{
  TilldOrder *order = data;

  if (order->stage == TILLD_ORDER_READ)
    tilld_order_end (order, TILL_COMMAND_STATE_FAILED, 0, "no answer from the meter");
  else if (order->overtaken)
    tilld_order_end (order, TILL_COMMAND_STATE_QUEUED, 0, "overtaken by a newer order");
  else if (order->stage == TILLD_ORDER_SETTLE)
    read_back (order);
  else if (order->stage == TILLD_ORDER_QUARANTINE)
    tilld_order_run (order);
}

gboolean
tilld_order_overtake (TilldOrder *order)
{
  gboolean in_flight = order->circuit->line->bus.in_flight == &order->job;

  order->overtaken = TRUE;
  if (order->stage == TILLD_ORDER_WRITE && !in_flight)
    order->job.deadline_us = 1; /* its turn comes and it does not leave */
  return (order->stage == TILLD_ORDER_WRITE && in_flight) || tilld_outcome_is_ambiguous (order->outcome);
}
