/* SPDX-License-Identifier: GPL-2.0-or-later
 * config-check.c: the reads of one look at a circuit's configuration: points of the class config, clock, serial, and the registers of what
 * was set, compared with the words that were written. What follows from it the database decides. */
#include "server/field/config-check.h"
#include <string.h>
#include "server/core/clock.h"
#include "server/domain/money/delivery.h"
#include "server/domain/plant/meter-config.h"
#include "server/domain/plant/setting.h"
#include "server/domain/plant/value-text.h"
#include "shared/base/till-json-write.h"
#include "shared/base/till-log.h"

#define LIMIT_MIN  20
#define LIMIT_MAX  500
#define ITEMS_MAX  (TILLD_PLAN_READS_MAX + 2 + TILLD_PROFILE_SETTINGS_MAX)
#define RETRIES    1

typedef enum { ITEM_PLAN, ITEM_POINT, ITEM_SETTING } ItemKind;

typedef struct {
  ItemKind        kind;
  guint8          unit;
  guint16         at, count;
  guint           index;     /* read of the plan */
  TilldPointName  point;
  TilldHeld       held;
  TilldWriteWords words;
} Item;

typedef struct {
  TilldChecks    *owner;
  TilldCircuit   *circuit;
  TilldConfigDue  due;
  TilldConfigSeen seen;
  TilldBusJob     job;
  Item            items[ITEMS_MAX];
  guint           n, index, tries;
  TillJsonWrite  *w;
} Check;

struct _TilldChecks {
  TilldFieldRole *field;
  GPtrArray      *running; /* Check */
  GArray         *due;     /* TilldConfigDue */
  gint64         *gateways;
  guint           n_gateways;
  gboolean        asking;
};

static void start_waiting (TilldChecks *self);

static void
drop (Check *check)
{
  g_assert (!check->job.busy);
  check->circuit->line->orders--;
  g_ptr_array_remove_fast (check->owner->running, check);
  tilld_config_due_clear (&check->due);
  g_clear_pointer (&check->w, till_json_write_free);
  g_free (check->seen.held);
  g_free (check);
}

static gboolean
is_swapped (const Check *check)
{
  return check->due.serial[0] != '\0' && check->seen.serial[0] != '\0' && !g_str_equal (check->due.serial, check->seen.serial);
}

static gboolean
do_store (TilldDb *db, gpointer data, GError **error)
{
  Check            *check = data;
  TilldFieldRole   *field = check->owner->field;
  TilldMoneyReading reading = { .have = TILLD_MONEY_SERIAL, .epoch = check->circuit->epoch, .at_us = tilld_clock_wall (field->clock) };

  if (!tilld_config_store (db, field->options.profiles, &check->seen, tilld_clock_wall (field->clock) / 1000, error))
    return FALSE;
  if (!is_swapped (check))
    return TRUE;
  g_strlcpy (reading.serial, check->seen.serial, sizeof reading.serial);
  return tilld_purse_mismatch (db, check->seen.meter, NULL, TILL_CASE_REASON_METER_SWAPPED, &reading, error);
}

static void
stored (gpointer data, const GError *error)
{
  Check       *check = data;
  TilldChecks *self = check->owner;

  tilld_field_job_ended (self->field);
  if (error != NULL)
    till_warn (TILL_LOG_METER (check->seen.meter), error, "configuration of a meter not stored");
  drop (check);
  start_waiting (self);
}

static void
end (Check *check, gboolean answered)
{
  till_json_write_end_object (check->w);
  check->seen.held = till_json_write_free_to_text (g_steal_pointer (&check->w), NULL);
  check->seen.answered = answered;
  if (!tilld_field_push (check->owner->field, TILLD_LANE_DELIVERY, TRUE, do_store, stored, check, NULL))
    drop (check); /* due again in ten minutes */
}

static void
next_item (Check *check)
{
  const Item *item = &check->items[check->index];

  if (check->index >= check->n)
    {
      end (check, TRUE);
      return;
    }
  tilld_mb_read (&check->job.request, item->unit, check->circuit->plans->profile->read_fc, item->at, item->count);
  tilld_bus_queue (&check->circuit->line->bus, &check->job, TILLD_BUS_CONFIG);
}

static void
take_point (Check *check, const TilldPoint *point, const guint16 *regs)
{
  const TilldProfile *profile = check->circuit->plans->profile;
  TilldWordOrder      order = tilld_line_word_order (check->circuit->line);
  g_autofree char    *text = tilld_value_text (profile, point, order, regs);
  TillTime            now = tilld_clock_wall (check->owner->field->clock);
  TilldValue          v;

  if (text == NULL)
    return;
  till_json_write_text (check->w, tilld_field_word ((int) point->name), text);
  tilld_point_decode (profile, point, order, regs, &v);
  if (point->name == TILLD_POINT_SERIAL)
    g_strlcpy (check->seen.serial, v.text, sizeof check->seen.serial);
  if (point->name != TILLD_POINT_CLOCK)
    return;
  check->seen.has_clock = TRUE;
  check->seen.clock_off_s = v.number - (now / TILL_SECOND + till_zone_offset_min (check->circuit->line->station->zone, now) * 60);
}

static void
take (Check *check, const guint16 *regs)
{
  const TilldProfile *profile = check->circuit->plans->profile;
  const Item         *item = &check->items[check->index];

  if (item->kind == ITEM_SETTING)
    {
      if (memcmp (regs, item->words.words, item->words.n * sizeof *regs) != 0)
        check->seen.differs |= 1u << item->held;
    }
  else if (item->kind == ITEM_POINT)
    take_point (check, tilld_profile_point (profile, item->point), regs);
  else
    {
      const TilldMbPlan   *plan = &check->circuit->plans->plan[TILLD_PLAN_CONFIG];
      const TilldPlanRead *read = &plan->reads[item->index];

      for (guint i = 0; i < read->n; i++)
        take_point (check, &profile->points[plan->points[read->first + i]], regs + (profile->points[plan->points[read->first + i]].at - read->at));
    }
}

static void
job_done (TilldBusJob *job, TilldBusOutcome outcome, const TilldMbReply *reply, gpointer data)
{
  Check *check = data;

  if (outcome == TILLD_BUS_OK)
    take (check, reply->regs);
  else if ((outcome == TILLD_BUS_TIMEOUT || outcome == TILLD_BUS_GARBAGE) && check->tries++ < RETRIES)
    {
      next_item (check);
      return;
    }
  else if (outcome != TILLD_BUS_EXCEPTION) /* an exception: this meter has no such registers */
    {
      end (check, FALSE);
      return;
    }
  check->tries = 0;
  check->index++;
  next_item (check);
}

/* --- what is read --- */

static void
add_point (Check *check, TilldPointName name)
{
  const TilldPoint *point = tilld_profile_point (check->circuit->plans->profile, name);

  if (point != NULL && point->type != TILLD_TYPE_SUM && point->poll != TILLD_POLL_CONFIG)
    check->items[check->n++] = (Item){ .kind = ITEM_POINT, .unit = check->circuit->unit, .at = point->at, .count = point->registers, .point = name };
}

static void
add_settings (Check *check, TilldHeld held, TillCommandKind kind)
{
  const TilldProfile  *profile = check->circuit->plans->profile;
  const TilldSettings *settings = check->due.expected[held];

  for (guint i = 0; settings != NULL && i < profile->n_settings; i++)
    {
      const TilldWrite *write = &profile->settings[i];
      Item              item = { .kind = ITEM_SETTING, .held = held, .at = write->at, .count = write->registers };
      gboolean          rounded;

      if (write->command != kind || !write->read_back || !tilld_profile_setting_is_whole (profile, i, settings) ||
          (write->cabinet && !check->due.cabinet[held]) ||
          !tilld_profile_write_setting (profile, i, tilld_line_word_order (check->circuit->line), settings, &item.words, &rounded, NULL))
        continue;
      item.unit = (guint8) (write->cabinet ? tilld_setting_table (profile, check->circuit->unit) : check->circuit->unit);
      check->items[check->n++] = item;
    }
}

/* One of a line at a time. */
static gboolean
is_busy (TilldChecks *self, const TilldLine *line)
{
  for (guint i = 0; i < self->running->len; i++)
    if (((Check *) g_ptr_array_index (self->running, i))->circuit->line == line)
      return TRUE;
  return FALSE;
}

/* FALSE: it has to wait for its line. */
static gboolean
begin (TilldChecks *self, TilldConfigDue *due)
{
  TilldCircuit      *circuit = tilld_owner_circuit (self->field->owner, due->meter);
  const TilldMbPlan *plan;
  Check             *check;

  if (circuit == NULL || circuit->lost || circuit->line->station->retiring || !tilld_line_is_up (circuit->line) || self->field->draining)
    {
      tilld_config_due_clear (due); /* due again in ten minutes */
      return TRUE;
    }
  if (is_busy (self, circuit->line))
    return FALSE;
  check = g_new0 (Check, 1);
  check->owner = self;
  check->circuit = circuit;
  check->due = *due;
  check->seen.meter = due->meter;
  check->w = till_json_write_new ();
  check->job.done = job_done;
  check->job.data = check;
  plan = &circuit->plans->plan[TILLD_PLAN_CONFIG];
  for (guint i = 0; i < plan->n_reads; i++)
    check->items[check->n++] = (Item){ .kind = ITEM_PLAN, .unit = circuit->unit, .at = plan->reads[i].at, .count = plan->reads[i].count, .index = i };
  add_point (check, TILLD_POINT_CLOCK);
  add_point (check, TILLD_POINT_SERIAL);
  add_settings (check, TILLD_HELD_PRICE, TILL_COMMAND_KIND_SET_PRICE);
  add_settings (check, TILLD_HELD_LIMITS, TILL_COMMAND_KIND_SET_LIMITS);
  add_settings (check, TILLD_HELD_SCHEDULE, TILL_COMMAND_KIND_SET_SCHEDULE);
  till_json_write_begin_object (check->w, NULL);
  g_ptr_array_add (self->running, check);
  circuit->line->orders++;
  next_item (check);
  return TRUE;
}

static void
start_waiting (TilldChecks *self)
{
  for (guint i = 0; !self->asking && i < self->due->len;)
    {
      TilldConfigDue due = g_array_index (self->due, TilldConfigDue, i);

      if (begin (self, &due))
        g_array_remove_index (self->due, i);
      else
        i++;
    }
}

static gboolean
do_claim (TilldDb *db, gpointer data, GError **error)
{
  TilldChecks *self = data;

  for (guint i = 0; i < self->due->len; i++)
    tilld_config_due_clear (&g_array_index (self->due, TilldConfigDue, i));
  g_array_set_size (self->due, 0); /* the transaction may run again */
  return tilld_config_claim (db, self->gateways, self->n_gateways, CLAMP (self->n_gateways, LIMIT_MIN, LIMIT_MAX), self->due, error);
}

static void
claimed (gpointer data, const GError *error)
{
  TilldChecks *self = data;

  tilld_field_job_ended (self->field);
  self->asking = FALSE;
  g_clear_pointer (&self->gateways, g_free);
  if (error != NULL)
    till_warn (TILL_LOG_NONE, error, "configurations that are due not claimed");
  start_waiting (self);
}

void
tilld_checks_scan (TilldChecks *self)
{
  if (self->asking || self->field->draining)
    return;
  start_waiting (self);
  if (self->due->len > 0)
    return;
  self->gateways = tilld_owner_gateway_ids (self->field->owner, &self->n_gateways);
  if (self->gateways == NULL)
    return;
  self->asking = tilld_field_push (self->field, TILLD_LANE_DELIVERY, TRUE, do_claim, claimed, self, NULL);
  if (!self->asking)
    g_clear_pointer (&self->gateways, g_free);
}

TilldChecks *
tilld_checks_new (TilldFieldRole *field)
{
  TilldChecks *self = g_new0 (TilldChecks, 1);

  self->field = field;
  self->running = g_ptr_array_new ();
  self->due = g_array_new (FALSE, FALSE, sizeof (TilldConfigDue));
  return self;
}

void
tilld_checks_free (TilldChecks *self)
{
  while (self->running->len > 0)
    drop (g_ptr_array_index (self->running, 0));
  for (guint i = 0; i < self->due->len; i++)
    tilld_config_due_clear (&g_array_index (self->due, TilldConfigDue, i));
  g_ptr_array_unref (self->running);
  g_array_unref (self->due);
  g_free (self->gateways);
  g_free (self);
}
