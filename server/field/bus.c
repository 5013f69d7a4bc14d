/* SPDX-License-Identifier: GPL-2.0-or-later
 * bus.c: the state machine of one line: idle, in flight, quiet. */
#include "server/field/bus.h"
#include <string.h>
#include "server/core/clock.h"

#define STALE_JOB_US     (60 * TILL_SECOND)
#define WINDOW_US        (60 * TILL_SECOND)
#define SHARE_PERCENT    70
#define QUIET_MS         300
#define QUIET_LIMIT_MS   3000

static gint64
now_us (const TilldBus *bus)
{
  return tilld_clock_boot_us (tilld_reactor_get_clock (bus->reactor));
}

guint
tilld_bus_timeout_ms (const TilldBus *bus, const TilldMbRequest *request)
{
  TilldPlanTiming wire = { bus->timing.baud, 0, 0 };
  guint           frame_ms = tilld_mb_read_us (&wire, request->count) / 1000;
  guint           t = bus->srtt_us == 0 ? bus->timeout_first_ms : (guint) (4 * bus->srtt_us / 1000) + frame_ms;

  t = CLAMP (t, bus->timeout_min_ms, bus->timeout_max_ms);
  return bus->doubled ? MIN (2 * t, bus->timeout_max_ms) : t;
}

/* The line is free again before the owner is told: it may queue the next request at once. */
static void
finish (TilldBus *bus, TilldBusOutcome outcome, const TilldMbReply *reply)
{
  TilldBusJob *job = bus->in_flight;

  bus->in_flight = NULL;
  bus->link->front->idle (bus->link);
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
become_quiet (TilldBus *bus)
{
  if (bus->link->front->trusted_tid)
    {
      bus->state = TILLD_BUS_IDLE;
      return;
    }
  bus->state = TILLD_BUS_QUIET;
  bus->quiet_since_us = bus->last_byte_us = now_us (bus);
  tilld_timer_arm (bus->reactor, &bus->timer, QUIET_MS);
}

static void
timer_fired (TilldReactor *reactor, TilldTimer *timer, gpointer data)
{
  TilldBus *bus = data;
  gint64    now = now_us (bus), silent_ms = (now - bus->last_byte_us) / 1000;

  if (bus->state == TILLD_BUS_IN_FLIGHT)
    {
      bus->timeouts++;
      bus->doubled = TRUE;
      become_quiet (bus);
      finish (bus, TILLD_BUS_TIMEOUT, NULL);
      tilld_bus_kick (bus);
      return;
    }
  if (bus->state != TILLD_BUS_QUIET)
    return;
  if (silent_ms < QUIET_MS && (now - bus->quiet_since_us) / 1000 >= QUIET_LIMIT_MS)
    {
      tilld_link_close (bus->link, "the line is never silent");
      return;
    }
  if (silent_ms < QUIET_MS)
    {
      tilld_timer_arm (bus->reactor, &bus->timer, QUIET_MS - silent_ms);
      return;
    }
  bus->state = TILLD_BUS_IDLE;
  tilld_bus_kick (bus);
}

void
tilld_bus_init (TilldBus *bus, TilldReactor *reactor, TilldLink *link, guint baud)
{
  memset (bus, 0, sizeof *bus);
  bus->reactor = reactor;
  bus->link = link;
  bus->timing = (TilldPlanTiming){ baud, 50, 0 };
  bus->timeout_first_ms = 1000;
  bus->timeout_min_ms = 500;
  bus->timeout_max_ms = 3000;
  link->bus = bus;
  tilld_timer_init (&bus->timer, timer_fired, bus);
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

static TilldBusJob *
next_job (TilldBus *bus)
{
  gint64       now = now_us (bus);
  TilldBusJob *poll;

  for (guint p = 0; p < TILLD_BUS_POLL; p++)
    while (bus->head[p] != NULL)
      {
        if (!may_leave (bus, bus->head[p], now))
          {
            give_back (pop (bus, p));
            if (bus->state != TILLD_BUS_IDLE)
              return NULL; /* its owner queued another, which has left */
            continue;
          }
        if (!polls_come_first (bus, p, now) || (poll = next_poll (bus)) == NULL)
          return pop (bus, p);
        return poll;
      }
  return next_poll (bus);
}

void
tilld_bus_kick (TilldBus *bus)
{
  guint8       out[TILLD_MBAP_MAX];
  TilldBusJob *job;
  guint        len;

  if (bus->state != TILLD_BUS_IDLE || bus->receiving || bus->link->state != TILLD_LINK_UP)
    return;
  job = next_job (bus);
  if (job == NULL)
    return;
  g_assert (bus->state == TILLD_BUS_IDLE);
  bus->last_was_command = job->priority == TILLD_BUS_COMMAND;
  bus->in_flight = job;
  bus->state = TILLD_BUS_IN_FLIGHT;
  bus->sent_us = now_us (bus);
  len = bus->link->front->request (bus->link, &job->request, out);
  tilld_timer_arm (bus->reactor, &bus->timer, tilld_bus_timeout_ms (bus, &job->request));
  tilld_link_send (bus->link, out, len);
}

void
tilld_bus_queue (TilldBus *bus, TilldBusJob *job, TilldBusPriority priority)
{
  g_assert (!job->busy && priority < TILLD_BUS_POLL);
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

static void
garbage (TilldBus *bus)
{
  bus->garbage++;
  /* Out of step in a protocol with lengths: only a new connection helps; the request ends as lost with it. */
  if (bus->link->front->trusted_tid)
    {
      tilld_link_close (bus->link, "bytes that are no Modbus TCP");
      return;
    }
  tilld_timer_disarm (bus->reactor, &bus->timer);
  become_quiet (bus);
  finish (bus, TILLD_BUS_GARBAGE, NULL);
}

void
tilld_bus_receive (TilldBus *bus, const guint8 *bytes, guint len)
{
  TilldLink *link = bus->link;
  gint64     instance = link->instance;

  bus->last_byte_us = now_us (bus);
  bus->receiving = TRUE; /* nothing leaves before these bytes are judged: they came before it and are no answer to it */
  while (len > 0 && link->state == TILLD_LINK_UP && link->instance == instance)
    {
      const guint8    *pdu = NULL;
      guint            used = 0, pdu_len = 0;
      TilldFrameResult result;

      if (bus->state == TILLD_BUS_QUIET)
        break; /* the timer sees last_byte_us */
      result = link->front->feed (link, bytes, len, &used, &pdu, &pdu_len);
      bytes += used;
      len -= used;
      if (result == TILLD_FRAME_BAD && bus->in_flight == NULL)
        tilld_link_close (link, "bytes that are no Modbus TCP");
      else if (result == TILLD_FRAME_BAD)
        garbage (bus);
      else if (result == TILLD_FRAME_REPLY && bus->in_flight != NULL)
        {
          /* A good answer proves the line: the next failure starts the waits anew. */
          tilld_backoff_reset (&link->backoff);
          answered (bus, pdu, pdu_len);
        }
    }
  bus->receiving = FALSE;
  tilld_bus_kick (bus);
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
  for (guint p = 0; p < TILLD_BUS_POLL; p++)
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
  tilld_link_clear (bus->link);
  tilld_timer_disarm (bus->reactor, &bus->timer);
  g_assert (bus->in_flight == NULL);
}
