/* SPDX-License-Identifier: GPL-2.0-or-later
 * scheduler.c: answers the bus when it asks for a poll. Sends nothing itself. */
#include "server/field/scheduler.h"
#include <string.h>
#include "server/core/clock.h"
#include "server/field/station.h"
#include "shared/base/till-log.h"

#define LOST_AFTER         3
#define SUSPECTED_AFTER    8
#define SUSPECT_TRIES      3
#define SUSPECT_WAIT_MAX_MS 60000
#define PROBE_ROUND_US     (50 * TILL_SECOND) /* all lost circuits of a line are tried once in this time, ... */
#define PROBE_SHARE        6                  /* ... but beside a round at most one time-out in so many, */
#define PROBE_SHARE_FREE   2                  /* ... and between rounds in so many: money may come any moment */
#define PROBE_MOBILE_US    (10 * TILL_SECOND) /* where every byte is paid for, */
#define PROBE_LATEST_US    (25 * 60 * TILL_SECOND) /* but never less often than twice an hour */
#define FULL_WAIT_MS       100
#define OVERDUE_US         (170 * TILL_SECOND)

static TilldClock *
clock_of (const TilldSchedule *s)
{
  return tilld_reactor_get_clock (s->line->bus.reactor);
}

static gint64
interval_us (const TilldSchedule *s)
{
  return s->line->station->record.status_interval_s * TILL_SECOND;
}

/* Lines start spread evenly over the interval: each has its own phase, kept over restarts. */
static gint64
next_due (const TilldSchedule *s, gint64 now)
{
  gint64 interval = interval_us (s);
  gint64 phase, due;

  if (interval == 0)
    return now + 1; /* one after the other, as fast as the line goes: benches */
  phase = (gint64) (g_str_hash (s->line->station->record.code) % (guint) (interval / 1000)) * 1000;
  due = now - (now - phase) % interval + interval;

  return due - now < interval / 4 ? due + interval : due;
}

static TillTime
open_slot (const TilldSchedule *s, const TilldCircuit *circuit)
{
  guint    interval = circuit->record->full_interval_s != 0 ? circuit->record->full_interval_s : s->line->station->record.full_interval_s;
  TillTime wall = tilld_clock_wall (clock_of (s)), slot;

  if (interval == 0)
    return 0;
  slot = till_zone_slot_start (s->line->station->zone, wall, (int) interval);
  /* A slot is filled in its first half or stays a gap. */
  return slot != circuit->full_slot && wall - slot < interval * TILL_SECOND / 2 ? slot : 0;
}

/* In turn, so that a round costs each circuit one look and not the square of their number. The first that is due after the last one
 * taken is also the one that waits longest, but for those that came back. */
static TilldCircuit *
next_of_round (TilldSchedule *s, gint64 now, gint64 *ret_next)
{
  for (guint i = 0; i < s->line->n; i++)
    {
      guint         at = s->round + i < s->line->n ? s->round + i : s->round + i - s->line->n;
      TilldCircuit *c = &s->line->circuits[at];

      if (c->lost)
        continue;
      if (c->due_us <= now)
        {
          s->round = at + 1 < s->line->n ? at + 1 : 0;
          return c;
        }
      *ret_next = MIN (*ret_next, c->due_us);
    }
  return NULL;
}

/* One lost circuit in turn: a dead one costs a whole timeout and the quiet after it, so beside a round that is due it gets a share. */
static TilldCircuit *
probe (TilldSchedule *s, gint64 now, gboolean line_is_free, gint64 *ret_next)
{
  gint64 step, due;

  if (s->n_lost == 0)
    return NULL;
  s->turn_lost = MAX (s->turn_lost, s->n_lost); /* those that come back during a turn do not slow it down */
  step = PROBE_ROUND_US / s->turn_lost;
  step = MAX (step, (gint64) s->line->bus.timeout_min_ms * 1000 * (line_is_free ? PROBE_SHARE_FREE : PROBE_SHARE));
  if (s->line->bus.pace >= TILLD_PACE_MOBILE)
    step = MAX (step, PROBE_MOBILE_US);
  step = MIN (step, PROBE_LATEST_US / s->turn_lost);
  due = s->probed_us + step;
  if (s->probed_us != 0 && now < due)
    {
      *ret_next = MIN (*ret_next, due);
      return NULL;
    }
  s->probed_us = now;
  for (guint i = 0; i < s->line->n; i++)
    {
      TilldCircuit *c = &s->line->circuits[s->turn++ % s->line->n];

      s->turn %= s->line->n;
      if (s->turn == 0)
        s->turn_lost = s->n_lost;
      if (c->lost)
        return c;
    }
  return NULL;
}

/* Nothing answers on this line: three circuits are tried, less and less often, until one does. */
static TilldCircuit *
suspect (TilldSchedule *s, gint64 now, gint64 *ret_next)
{
  if (now < s->suspect_us)
    {
      *ret_next = MIN (*ret_next, s->suspect_us);
      return NULL;
    }
  if (++s->failed_unit >= SUSPECT_TRIES)
    {
      s->failed_unit = 0;
      s->suspect_wait_ms = MIN (s->suspect_wait_ms * 2, SUSPECT_WAIT_MAX_MS);
      s->suspect_us = now + (gint64) s->suspect_wait_ms * 1000;
    }
  return &s->line->circuits[s->turn++ % s->line->n];
}

static TilldCircuit *
urgent (TilldSchedule *s)
{
  for (guint i = 0; s->n_urgent > 0 && i < s->line->n; i++)
    if (s->line->circuits[i].urgent)
      return &s->line->circuits[i];
  return NULL;
}

static TilldCircuit *
choose (TilldSchedule *s, gint64 now, gint64 *ret_next)
{
  TilldCircuit *c = urgent (s);

  if (c != NULL)
    return c;
  if (s->suspected)
    return suspect (s, now, ret_next);
  c = probe (s, now, FALSE, ret_next);
  if (c == NULL)
    c = next_of_round (s, now, ret_next);
  return c != NULL ? c : probe (s, now, TRUE, ret_next);
}

static TilldBusJob *
next_poll (TilldBus *bus, gpointer data)
{
  TilldSchedule *s = data;
  gint64         now = tilld_reactor_now_us (s->line->bus.reactor), next = now + interval_us (s);
  TilldCircuit  *c;
  TillTime       slot;

  if (s->sweep.circuit == NULL)
    {
      if (s->is_full != NULL && s->n_urgent == 0 && s->is_full (s->data))
        {
          /* Not all at once when there is room again: each line has a moment of its own. */
          tilld_timer_arm (bus->reactor, &s->timer, FULL_WAIT_MS + (gint64) (((gsize) s >> 6) % FULL_WAIT_MS));
          return NULL;
        }
      c = choose (s, now, &next);
      if (c == NULL)
        {
          tilld_timer_arm (bus->reactor, &s->timer, MAX ((next - now + 999) / 1000, 1));
          return NULL;
        }
      slot = open_slot (s, c);
      c->keep = c->urgent;
      s->n_urgent -= c->urgent;
      c->urgent = FALSE;
      c->due_us = next_due (s, now);
      tilld_sweep_begin (&s->sweep, c, slot != 0 ? TILLD_PLAN_FULL : TILLD_PLAN_STATUS, slot);
    }
  return tilld_sweep_next (&s->sweep);
}

static gboolean
poll_overdue (TilldBus *bus, gpointer data)
{
  const TilldSchedule *s = data;
  gint64               now = tilld_reactor_now_us (s->line->bus.reactor);

  for (guint i = 0; i < s->line->n; i++)
    if (!s->line->circuits[i].lost && s->line->circuits[i].good_us != 0 && now - s->line->circuits[i].good_us > OVERDUE_US)
      return TRUE;
  return FALSE;
}

static void
lose (TilldSchedule *s, TilldCircuit *c)
{
  TilldFieldReading reading = { .meter = c->meter, .at = tilld_clock_wall (clock_of (s)), .epoch = c->epoch, .lost = TRUE,
                                .state = TILL_METER_STATE_LOST };

  c->lost = TRUE;
  s->n_lost++;
  s->reading (s->line, c, &reading, NULL, s->data);
}

static void
failed (TilldSchedule *s, TilldCircuit *c)
{
  c->failures = (guint8) MIN (c->failures + 1, 200);
  if (c->failures == LOST_AFTER && !c->lost)
    lose (s, c);
  if (s->suspected)
    return;
  if (s->failed_unit != c->unit)
    s->failures++;
  s->failed_unit = c->unit;
  if (s->failures < SUSPECTED_AFTER)
    return;
  s->suspected = TRUE;
  s->failed_unit = 0;
  s->suspect_wait_ms = s->line->bus.timeout_min_ms;
  s->suspect_us = tilld_reactor_now_us (s->line->bus.reactor);
  till_info (TILL_LOG_GATEWAY (s->line->station->record.code), "no circuit of this line answers");
}

/* The line was dead and is not: its circuits were lost for its sake and get a round at once, one try each. */
static void
revive (TilldSchedule *s)
{
  for (guint i = 0; i < s->line->n; i++)
    if (s->line->circuits[i].lost)
      {
        s->line->circuits[i].lost = FALSE;
        s->line->circuits[i].failures = LOST_AFTER - 1;
        s->line->circuits[i].due_us = 0;
      }
  s->n_lost = 0;
}

static void
answered (TilldSchedule *s, TilldCircuit *c)
{
  if (s->suspected)
    revive (s);
  c->failures = 0;
  if (c->lost)
    {
      c->lost = FALSE;
      s->n_lost--;
    }
  s->failures = 0;
  s->suspected = FALSE;
}

static void
deliver (TilldSchedule *s, TilldSweep *sweep)
{
  TilldCircuit     *c = sweep->circuit;
  TilldFieldReading reading;
  gboolean          money = c->money != NULL && (sweep->money.have & TILLD_MONEY_BALANCE);

  if (money)
    {
      sweep->money.at_us = tilld_clock_wall (clock_of (s));
      sweep->money.epoch = c->epoch;
    }
  tilld_sweep_reading (sweep, &reading);
  /* Energy does not run backwards: such a reading shows nothing, but the watch over money sees it. */
  if ((reading.has & TILLD_HAS_ENERGY) && c->energy_wh >= 0 && reading.energy_total < c->energy_wh)
    {
      till_info (TILL_LOG_METER (c->meter), "energy fell from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT " Wh: reading not used",
                 c->energy_wh, reading.energy_total);
      reading.has = 0;
    }
  else if (reading.has & TILLD_HAS_ENERGY)
    c->energy_wh = reading.energy_total;
  if (reading.has != 0)
    {
      c->good_us = tilld_reactor_now_us (s->line->bus.reactor);
      if (sweep->slot != 0 && sweep->kind == TILLD_PLAN_FULL)
        c->full_slot = sweep->slot;
    }
  s->reading (s->line, c, &reading, money ? &sweep->money : NULL, s->data);
}

static void
sweep_done (TilldSweep *sweep, TilldSweepResult result, gpointer data)
{
  TilldSchedule *s = data;

  switch (result)
    {
    case TILLD_SWEEP_GOOD:
      answered (s, sweep->circuit);
      deliver (s, sweep);
      return;
    case TILLD_SWEEP_PARTIAL:
      answered (s, sweep->circuit);
      sweep->slot = 0; /* the slot stays open for the next round */
      deliver (s, sweep);
      return;
    case TILLD_SWEEP_REFUSED:
    case TILLD_SWEEP_INVALID:
      s->failures = 0;
      return; /* somebody is there; the age of the last good reading tells */
    case TILLD_SWEEP_SILENT:
      if (tilld_line_is_up (s->line))
        failed (s, sweep->circuit);
      else
        sweep->circuit->due_us = 0; /* the link's fault */
      return;
    }
  g_assert_not_reached ();
}

static void
timer_fired (TilldReactor *reactor, TilldTimer *timer, gpointer data)
{
  TilldSchedule *s = data;

  tilld_bus_kick (&s->line->bus);
}

void
tilld_schedule_init (TilldSchedule *s, TilldLine *line, TilldScheduleReading reading, gpointer data)
{
  memset (s, 0, sizeof *s);
  s->line = line;
  s->reading = reading;
  s->data = data;
  line->schedule = s;
  tilld_sweep_init (&s->sweep, line, sweep_done, s);
  tilld_timer_init (&s->timer, timer_fired, s);
  if (line->n > 0)
    {
      line->bus.next_poll = next_poll;
      line->bus.poll_overdue = poll_overdue;
      line->bus.data = s;
    }
}

void
tilld_schedule_clear (TilldSchedule *s)
{
  s->line->bus.next_poll = NULL;
  tilld_timer_disarm (s->line->bus.reactor, &s->timer);
}

void
tilld_schedule_read_now (TilldSchedule *s, TilldCircuit *circuit)
{
  s->n_urgent += !circuit->urgent;
  circuit->urgent = TRUE;
  tilld_bus_kick (&s->line->bus);
}
