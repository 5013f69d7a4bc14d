/* SPDX-License-Identifier: GPL-2.0-or-later
 * bus.c: the state machine of one line: idle, in flight, quiet. */
#include "server/field/bus.h"
#include <string.h>
#include "server/core/inject.h"
#include "server/field/recorder.h"

#define STALE_JOB_US     (60 * TILL_SECOND)
#define PATIENCE_US      (30 * TILL_SECOND) /* of a CONFIG request on a line that never rests */
#define WINDOW_US        (60 * TILL_SECOND)
#define SHARE_PERCENT    70
#define QUIET_MS         300
#define QUIET_LIMIT_MS   3000
#define REFUSED_MS       1000 /* before a gateway is asked again that had no room, or no such port */

static gint64
now_us (const TilldBus *bus)
{
  return tilld_reactor_now_us (bus->reactor);
}

guint
tilld_bus_timeout_ms (const TilldBus *bus, const TilldMbRequest *request)
{
  TilldPlanTiming wire = { bus->timing.baud, 0, 0 };
  guint           frame_ms = tilld_mb_read_us (&wire, request->count) / 1000;
  guint           t = bus->srtt_us == 0 ? bus->timeout_first_ms : (guint) (4 * bus->srtt_us / 1000) + frame_ms;

  if (bus->pace == TILLD_PACE_GT3)
    return bus->timeout_first_ms + frame_ms;
  t = CLAMP (t, bus->timeout_min_ms, bus->timeout_max_ms);
  return bus->doubled ? MIN (2 * t, bus->timeout_max_ms) : t;
}

/* The line is free again before the owner is told: it may queue the next request at once. */
static void
finish (TilldBus *bus, TilldBusOutcome outcome, const TilldMbReply *reply)
{
  TilldBusJob *job = bus->in_flight;

  bus->in_flight = NULL;
  if (bus->link->recorder != NULL)
    tilld_recorder_end (bus->link->recorder, bus->port, job->request.unit, outcome, reply == NULL ? NULL : job->reply_pdu, job->reply_len);
  if (bus->link->front->idle != NULL)
    bus->link->front->idle (bus->link, bus);
  if (job->priority < TILLD_BUS_POLL)
    bus->window_busy_us += now_us (bus) - bus->sent_us;
  if (outcome == TILLD_BUS_OK || outcome == TILLD_BUS_EXCEPTION)
    bus->answers++;
  else
    bus->link->failures++;
  job->busy = FALSE;
  job->done (job, outcome, reply, job->data);
}

static void
pause_for (TilldBus *bus, guint ms)
{
  bus->state = TILLD_BUS_QUIET;
  bus->quiet_since_us = bus->last_byte_us = now_us (bus);
  bus->quiet_ms = ms;
  tilld_timer_arm (bus->reactor, &bus->timer, ms);
}

static void
become_quiet (TilldBus *bus)
{
  if (bus->link->front->trusted_tid)
    bus->state = TILLD_BUS_IDLE;
  else
    pause_for (bus, QUIET_MS);
}

/* A gateway that promises that nothing left is asked again later; whose turn it was to be polled has had it. */
static void
not_sent (TilldBus *bus)
{
  pause_for (bus, REFUSED_MS);
  finish (bus, bus->in_flight->priority == TILLD_BUS_POLL ? TILLD_BUS_TIMEOUT : TILLD_BUS_NOT_SENT, NULL);
}

static void
end_request (TilldBus *bus, TilldBusOutcome outcome)
{
  tilld_timer_disarm (bus->reactor, &bus->timer);
  if (outcome == TILLD_BUS_NOT_SENT)
    {
      not_sent (bus);
      return;
    }
  if (outcome == TILLD_BUS_TIMEOUT)
    {
      bus->timeouts++;
      bus->doubled = TRUE;
    }
  else
    bus->garbage++;
  become_quiet (bus);
  finish (bus, outcome, NULL);
}

static void
timer_fired (TilldReactor *reactor, TilldTimer *timer, gpointer data)
{
  TilldBus *bus = data;
  gint64    now = now_us (bus), silent_ms = (now - bus->last_byte_us) / 1000;

  if (bus->state == TILLD_BUS_IN_FLIGHT)
    {
      end_request (bus, TILLD_BUS_TIMEOUT);
      tilld_bus_kick (bus);
      return;
    }
  if (bus->state != TILLD_BUS_QUIET)
    return;
  if (silent_ms < bus->quiet_ms && (now - bus->quiet_since_us) / 1000 >= QUIET_LIMIT_MS)
    {
      tilld_link_close (bus->link, "the line is never silent");
      return;
    }
  if (silent_ms < bus->quiet_ms)
    {
      tilld_timer_arm (bus->reactor, &bus->timer, bus->quiet_ms - silent_ms);
      return;
    }
  bus->state = TILLD_BUS_IDLE;
  tilld_bus_kick (bus);
}

void
tilld_bus_init (TilldBus *bus, TilldReactor *reactor, guint port, guint baud)
{
  memset (bus, 0, sizeof *bus);
  bus->reactor = reactor;
  bus->port = (guint8) port;
  bus->parity = 'N';
  bus->timing = (TilldPlanTiming){ baud, 50, 0 };
  tilld_bus_set_pace (bus, TILLD_PACE_LAN);
  tilld_timer_init (&bus->timer, timer_fired, bus);
}

void
tilld_bus_set_pace (TilldBus *bus, TilldPace pace)
{
  static const struct { guint first, min, max; } paces[] = {
    [TILLD_PACE_SERIAL] = { 1000, 300, 2000 }, [TILLD_PACE_LAN] = { 1000, 500, 3000 }, [TILLD_PACE_MOBILE] = { 3000, 1500, 10000 },
    [TILLD_PACE_GT3] = { 1000, 1000, 1000 }, /* the gateway's own patience with its line; the way to it comes on top */
  };

  bus->pace = pace;
  bus->timeout_first_ms = paces[pace].first;
  bus->timeout_min_ms = paces[pace].min;
  bus->timeout_max_ms = paces[pace].max;
  bus->srtt_us = 0;
}

gboolean
tilld_bus_is_up (const TilldBus *bus)
{
  return bus->link != NULL && bus->link->state == TILLD_LINK_UP;
}

gint64
tilld_bus_instance (const TilldBus *bus)
{
  return tilld_bus_is_up (bus) ? bus->link->instance : 0;
}

static TilldBusJob *
pop (TilldBus *bus, guint priority)
{
  TilldBusJob *job = bus->head[priority];

  bus->head[priority] = job->next;
  if (job->next == NULL)
    bus->tail[priority] = NULL;
  job->next = NULL;
  return job;
}

static void
give_back (TilldBusJob *job)
{
  job->busy = FALSE;
  job->done (job, TILLD_BUS_NOT_SENT, NULL, job->data);
}

/* A stale frame is worse than none; a job for another connection must not leave. */
static gboolean
may_leave (const TilldBus *bus, const TilldBusJob *job, gint64 now)
{
  return now - job->queued_us <= STALE_JOB_US && (job->deadline_us == 0 || now < job->deadline_us) &&
         (job->instance == 0 || job->instance == bus->link->instance);
}

static gboolean
polls_come_first (TilldBus *bus, guint priority, gint64 now)
{
  if (priority == TILLD_BUS_COMMAND && bus->last_was_command)
    return TRUE;
  if (now - bus->window_us >= WINDOW_US)
    {
      bus->window_us = now;
      bus->window_busy_us = 0;
    }
  return bus->window_busy_us > WINDOW_US * SHARE_PERCENT / 100 && bus->poll_overdue != NULL && bus->poll_overdue (bus, bus->data);
}

static TilldBusJob *
next_poll (TilldBus *bus)
{
  TilldBusJob *job = bus->next_poll == NULL ? NULL : bus->next_poll (bus, bus->data);

  if (job == NULL)
    return NULL;
  g_assert (!job->busy);
  job->busy = TRUE;
  job->priority = TILLD_BUS_POLL;
  job->deadline_us = job->instance = 0;
  return job;
}

static gboolean
waited_long (const TilldBus *bus, gint64 now)
{
  return bus->head[TILLD_BUS_CONFIG] != NULL && now - bus->head[TILLD_BUS_CONFIG]->queued_us > PATIENCE_US;
}

/* The first of this class that may still leave. *ret_over: nothing more is to be sent now. */
static TilldBusJob *
next_queued (TilldBus *bus, guint priority, gint64 now, gboolean *ret_over)
{
  while (bus->head[priority] != NULL && !*ret_over)
    {
      TilldBusJob *poll;

      if (!may_leave (bus, bus->head[priority], now))
        {
          give_back (pop (bus, priority));
          *ret_over = bus->state != TILLD_BUS_IDLE || !tilld_bus_is_up (bus); /* its owner queued another, which has left, or closed the link */
          continue;
        }
      if (priority > TILLD_BUS_POLL || !polls_come_first (bus, priority, now) || (poll = next_poll (bus)) == NULL)
        return pop (bus, priority);
      return poll;
    }
  return NULL;
}

static TilldBusJob *
next_job (TilldBus *bus)
{
  gint64       now = now_us (bus);
  gboolean     over = FALSE;
  TilldBusJob *job = NULL;

  for (guint p = 0; p < TILLD_BUS_POLL && job == NULL && !over; p++)
    job = next_queued (bus, p, now, &over);
  if (job == NULL && !over && waited_long (bus, now))
    job = next_queued (bus, TILLD_BUS_CONFIG, now, &over);
  if (job == NULL && !over)
    job = next_poll (bus);
  if (job == NULL && !over)
    job = next_queued (bus, TILLD_BUS_CONFIG, now, &over);
  return job;
}

void
tilld_bus_kick (TilldBus *bus)
{
  TilldBusJob *job;
  guint        wait_ms;

  if (bus->state != TILLD_BUS_IDLE || !tilld_bus_is_up (bus) || bus->link->receiving)
    return;
  job = next_job (bus);
  if (job == NULL)
    return;
  g_assert (bus->state == TILLD_BUS_IDLE);
  bus->last_was_command = job->priority == TILLD_BUS_COMMAND;
  bus->in_flight = job;
  bus->state = TILLD_BUS_IN_FLIGHT;
  bus->sent_us = now_us (bus);
  bus->link->requests++;
  if (bus->link->recorder != NULL)
    tilld_recorder_ask (bus->link->recorder, bus->port, &job->request);
  wait_ms = tilld_bus_timeout_ms (bus, &job->request);
  tilld_timer_arm (bus->reactor, &bus->timer, wait_ms + bus->link->front->extra_ms);
  bus->link->front->request (bus->link, bus, &job->request, wait_ms);
  if (job->priority == TILLD_BUS_MONEY && job->request.fc >= 5) /* the first function that writes */
    TILLD_KILL_POINT (WRITE_ON_WIRE);
}

void
tilld_bus_queue (TilldBus *bus, TilldBusJob *job, TilldBusPriority priority)
{
  g_assert (!job->busy && priority != TILLD_BUS_POLL && priority < TILLD_BUS_PRIORITIES);
  job->busy = TRUE;
  job->priority = priority;
  job->queued_us = now_us (bus);
  job->next = NULL;
  if (bus->tail[priority] != NULL)
    bus->tail[priority]->next = job;
  else
    bus->head[priority] = job;
  bus->tail[priority] = job;
  tilld_bus_kick (bus);
}

static void
answered (TilldBus *bus, const guint8 *pdu, guint len)
{
  TilldBusJob    *job = bus->in_flight;
  TilldMbReply    reply;
  gint64          took_us = now_us (bus) - bus->sent_us;
  TilldBusOutcome outcome;

  tilld_mb_decode (&job->request, pdu, len, &reply);
  outcome = reply.kind == TILLD_MB_OK ? TILLD_BUS_OK : reply.kind == TILLD_MB_EXCEPTION ? TILLD_BUS_EXCEPTION : TILLD_BUS_GARBAGE;
  tilld_timer_disarm (bus->reactor, &bus->timer);
  if (outcome == TILLD_BUS_GARBAGE)
    {
      bus->garbage++;
      become_quiet (bus);
      finish (bus, outcome, NULL);
      return;
    }
  bus->srtt_us = bus->srtt_us == 0 ? MAX (took_us, 1) : bus->srtt_us + (took_us - bus->srtt_us) / 8;
  bus->doubled = FALSE;
  bus->state = TILLD_BUS_IDLE;
  job->reply_pdu = pdu;
  job->reply_len = len;
  finish (bus, outcome, &reply);
}

gboolean
tilld_bus_answered (TilldBus *bus, TilldBusOutcome outcome, const guint8 *pdu, guint len)
{
  TilldLink *link = bus->link;
  gint64     instance = link->instance;

  if (bus->in_flight != NULL && (outcome == TILLD_BUS_OK || outcome == TILLD_BUS_EXCEPTION))
    {
      /* A good answer proves the line: the next failure starts the waits anew. */
      tilld_backoff_reset (&link->backoff);
      answered (bus, pdu, len);
    }
  else if (bus->in_flight != NULL)
    end_request (bus, outcome);
  if (!tilld_link_holds (link, instance))
    return FALSE;
  tilld_bus_kick (bus); /* nothing happens while the link still has bytes to judge */
  return tilld_link_holds (link, instance);
}

void
tilld_bus_heard (TilldBus *bus)
{
  bus->last_byte_us = now_us (bus);
}

gboolean
tilld_bus_is_quiet (const TilldBus *bus)
{
  return bus->state == TILLD_BUS_QUIET;
}

void
tilld_bus_link_changed (TilldBus *bus)
{
  if (bus->link->state == TILLD_LINK_UP)
    {
      bus->state = TILLD_BUS_IDLE;
      bus->doubled = FALSE;
      tilld_bus_kick (bus);
      return;
    }
  if (bus->link->state != TILLD_LINK_DOWN)
    return;
  tilld_timer_disarm (bus->reactor, &bus->timer);
  bus->state = TILLD_BUS_IDLE;
  if (bus->in_flight != NULL)
    finish (bus, TILLD_BUS_LINK_LOST, NULL);
  for (guint p = 0; p < TILLD_BUS_PRIORITIES; p++)
    {
      TilldBusJob *job = bus->head[p];

      /* Off the bus first: an owner may queue its job again for the next connection. */
      bus->head[p] = bus->tail[p] = NULL;
      while (job != NULL)
        {
          TilldBusJob *next = job->next;

          job->next = NULL;
          give_back (job);
          job = next;
        }
    }
}

void
tilld_bus_clear (TilldBus *bus)
{
  bus->next_poll = NULL;
  tilld_timer_disarm (bus->reactor, &bus->timer);
  g_assert (bus->in_flight == NULL);
}
