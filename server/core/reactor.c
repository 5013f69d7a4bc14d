/* SPDX-License-Identifier: GPL-2.0-or-later
 * reactor.c: poll(2) behind GMainContext is linear in descriptors; one epoll descriptor is all it sees here. Descriptors
 * are served before timers, so a reply that is there beats its time-out. */
#include "server/core/reactor.h"
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>
#include <glib-unix.h>
#include "server/core/clock.h"

#define TICK_US     20000
#define SLOTS       4096
#define BATCH       512
#define BATCHES_MAX 4    /* a step: each descriptor is served once or so, then timers */
#define TURN_MAX    2048 /* events of a turn: other sources of the context must come to word */
#define FRESH       8    /* events that share one reading of the clock: some 50 us */

struct _TilldReactor {
  TilldClock        *clock;
  int                epoll_fd;
  GSource           *source;
  gint64             tick;                    /* every slot up to this tick was served */
  gint64             now_us;                  /* of the events being served; 0: ask the clock */
  guint              n_timers, n_watches;
  TilldTimer         slots[SLOTS];            /* ring sentinels */
  guint64            occupied[SLOTS / 64];
  TilldDeferred      deferred;                /* ring sentinel */
  struct epoll_event events[BATCH];
  int                n_events, at_event;      /* the batch being served; removed watches are struck out */
};

typedef struct {
  GSource       parent;
  TilldReactor *reactor;
  gpointer      tag;
} ReactorSource;

static void
ring_init (TilldTimer *head)
{
  head->next = head->prev = head;
}

static void
ring_append (TilldTimer *head, TilldTimer *timer)
{
  timer->next = head;
  timer->prev = head->prev;
  head->prev->next = timer;
  head->prev = timer;
}

static void
ring_remove (TilldTimer *timer)
{
  timer->prev->next = timer->next;
  timer->next->prev = timer->prev;
  timer->next = timer->prev = NULL;
}

static guint
slot_of (gint64 tick)
{
  return (guint) (tick % SLOTS);
}

static gint64
now_tick (TilldReactor *reactor)
{
  return tilld_clock_boot_us (reactor->clock) / TICK_US;
}

/* The next tick with a timer in its slot (perhaps one of a later round), or -1. */
static gint64
next_occupied_tick (TilldReactor *reactor)
{
  guint from = slot_of (reactor->tick + 1);
  for (guint i = 0; reactor->n_timers > 0 && i <= SLOTS / 64; i++)
    {
      guint word = (from / 64 + i) % (SLOTS / 64);
      guint64 bits = reactor->occupied[word];
      if (i == 0)
        bits &= ~G_GUINT64_CONSTANT (0) << (from % 64);
      if (bits != 0)
        {
          guint slot = word * 64 + (guint) __builtin_ctzll (bits);
          return reactor->tick + 1 + (slot + SLOTS - from) % SLOTS;
        }
    }
  return -1;
}

/* Moves what is due to firing, in order of time. */
static void
collect_due (TilldReactor *reactor, gint64 now, TilldTimer *firing)
{
  gint64 from = MAX (reactor->tick + 1, now - SLOTS + 1); /* after a long sleep each slot once is enough */
  reactor->tick = MAX (reactor->tick, now);
  for (gint64 tick = from; tick <= now; tick++)
    {
      TilldTimer *head = &reactor->slots[slot_of (tick)], *next;
      for (TilldTimer *timer = head->next; timer != head; timer = next)
        {
          next = timer->next;
          if (timer->due_tick > now)
            continue;
          ring_remove (timer);
          ring_append (firing, timer);
        }
      if (head->next == head)
        reactor->occupied[slot_of (tick) / 64] &= ~(G_GUINT64_CONSTANT (1) << (slot_of (tick) % 64));
    }
}

static guint
fire_timers (TilldReactor *reactor)
{
  TilldTimer firing = { 0 };
  guint n = 0;

  ring_init (&firing);
  collect_due (reactor, now_tick (reactor), &firing);
  for (; firing.next != &firing; n++)
    {
      TilldTimer *timer = firing.next; /* a callback may disarm or re-arm any other one in this ring */
      ring_remove (timer);
      reactor->n_timers--;
      timer->func (reactor, timer, timer->data);
    }
  return n;
}

/* What is put off meanwhile comes with the next batch: this one ends. */
static void
run_deferred (TilldReactor *reactor)
{
  TilldDeferred last = { 0 };

  if (reactor->deferred.next == &reactor->deferred)
    return;
  last.next = &reactor->deferred;
  last.prev = reactor->deferred.prev;
  last.prev->next = last.next->prev = &last;
  while (reactor->deferred.next != &last)
    {
      TilldDeferred *deferred = reactor->deferred.next;

      tilld_reactor_undefer (deferred);
      deferred->func (deferred->data);
    }
  tilld_reactor_undefer (&last);
}

static guint
serve_descriptors (TilldReactor *reactor)
{
  guint served = 0;
  for (guint batch = 0; batch < BATCHES_MAX; batch++)
    {
      int n = epoll_wait (reactor->epoll_fd, reactor->events, BATCH, 0);
      g_assert (n >= 0 || errno == EINTR);
      reactor->n_events = MAX (n, 0);
      for (reactor->at_event = 0; reactor->at_event < reactor->n_events; reactor->at_event++)
        {
          const struct epoll_event *event = &reactor->events[reactor->at_event];
          TilldWatch *watch = event->data.ptr;
          TilldIo ready = 0;
          if (watch == NULL)
            continue;
          if (reactor->at_event % FRESH == 0)
            reactor->now_us = tilld_clock_boot_us (reactor->clock);
          if (event->events & EPOLLIN)
            ready |= TILLD_READ;
          if (event->events & EPOLLOUT)
            ready |= TILLD_WRITE;
          if (event->events & (EPOLLHUP | EPOLLERR))
            ready |= TILLD_HANGUP;
          watch->func (reactor, watch, ready, watch->data);
          served++;
        }
      reactor->n_events = 0;
      reactor->now_us = 0;
      run_deferred (reactor);
      if (n < BATCH)
        break;
    }
  return served;
}

guint
tilld_reactor_step (TilldReactor *reactor)
{
  guint served = serve_descriptors (reactor);

  served += fire_timers (reactor);
  run_deferred (reactor);
  return served;
}

static gboolean
source_prepare (GSource *source, int *timeout_ms)
{
  TilldReactor *reactor = ((ReactorSource *) source)->reactor;
  gint64 tick = next_occupied_tick (reactor), wait_us;

  *timeout_ms = reactor->deferred.next != &reactor->deferred ? 0 : -1; /* put off by another source of the context */
  if (*timeout_ms == 0)
    return TRUE;
  if (tick < 0)
    return FALSE;
  wait_us = tick * TICK_US - tilld_clock_boot_us (reactor->clock);
  *timeout_ms = wait_us <= 0 ? 0 : (int) MIN ((wait_us + 999) / 1000, 60000);
  return wait_us <= 0;
}

static gboolean
source_check (GSource *source)
{
  ReactorSource *self = (ReactorSource *) source;
  gint64 tick = next_occupied_tick (self->reactor);

  return (g_source_query_unix_fd (source, self->tag) & G_IO_IN) != 0 || self->reactor->deferred.next != &self->reactor->deferred ||
         (tick >= 0 && tick <= now_tick (self->reactor));
}

static gboolean
source_dispatch (GSource *source, GSourceFunc callback, gpointer data)
{
  TilldReactor *reactor = ((ReactorSource *) source)->reactor;
  guint         served = 0, now;

  /* Until nothing is ready: a turn of the context costs as much as many events. */
  do
    {
      now = tilld_reactor_step (reactor);
      served += now;
    }
  while (now > 0 && served < TURN_MAX);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs source_funcs = { .prepare = source_prepare, .check = source_check, .dispatch = source_dispatch };

TilldReactor *
tilld_reactor_new (TilldClock *clock, GError **error)
{
  TilldReactor *reactor;
  int epoll_fd = epoll_create1 (EPOLL_CLOEXEC);

  if (epoll_fd < 0)
    {
      till_fail (error, TILL_ERROR_INTERNAL, "epoll: %s", g_strerror (errno));
      return NULL;
    }
  reactor = g_new0 (TilldReactor, 1);
  reactor->clock = clock;
  reactor->epoll_fd = epoll_fd;
  reactor->tick = now_tick (reactor);
  for (guint i = 0; i < SLOTS; i++)
    ring_init (&reactor->slots[i]);
  reactor->deferred.next = reactor->deferred.prev = &reactor->deferred;
  return reactor;
}

void
tilld_reactor_free (TilldReactor *reactor)
{
  g_assert (reactor->n_timers == 0 && reactor->n_watches == 0 && reactor->deferred.next == &reactor->deferred);
  if (reactor->source != NULL)
    {
      g_source_destroy (reactor->source);
      g_source_unref (reactor->source);
    }
  close (reactor->epoll_fd);
  g_free (reactor);
}

void
tilld_reactor_attach (TilldReactor *reactor, GMainContext *context)
{
  g_assert (reactor->source == NULL);
  reactor->source = g_source_new (&source_funcs, sizeof (ReactorSource));
  ((ReactorSource *) reactor->source)->reactor = reactor;
  ((ReactorSource *) reactor->source)->tag = g_source_add_unix_fd (reactor->source, reactor->epoll_fd, G_IO_IN);
  g_source_set_static_name (reactor->source, "reactor");
  g_source_attach (reactor->source, context);
}

TilldClock *
tilld_reactor_get_clock (TilldReactor *reactor)
{
  return reactor->clock;
}

gint64
tilld_reactor_now_us (TilldReactor *reactor)
{
  return reactor->now_us != 0 ? reactor->now_us : tilld_clock_boot_us (reactor->clock);
}

void
tilld_watch_init (TilldWatch *watch, TilldWatchFunc func, gpointer data)
{
  *watch = (TilldWatch){ -1, func, data };
}

static int
control (TilldReactor *reactor, int operation, TilldWatch *watch, TilldIo wanted)
{
  struct epoll_event event = { .data.ptr = watch };
  if (wanted & TILLD_READ)
    event.events |= EPOLLIN;
  if (wanted & TILLD_WRITE)
    event.events |= EPOLLOUT;
  return epoll_ctl (reactor->epoll_fd, operation, watch->fd, &event);
}

gboolean
tilld_reactor_add (TilldReactor *reactor, TilldWatch *watch, int fd, TilldIo wanted, GError **error)
{
  g_assert (watch->fd == -1 && fd >= 0);
  watch->fd = fd;
  if (control (reactor, EPOLL_CTL_ADD, watch, wanted) != 0)
    {
      watch->fd = -1;
      return till_fail (error, TILL_ERROR_INTERNAL, "epoll, descriptor %d: %s", fd, g_strerror (errno));
    }
  watch->wanted = wanted;
  reactor->n_watches++;
  return TRUE;
}

void
tilld_reactor_modify (TilldReactor *reactor, TilldWatch *watch, TilldIo wanted)
{
  int failed;

  if (watch->wanted == wanted)
    return;
  failed = control (reactor, EPOLL_CTL_MOD, watch, wanted);
  g_assert (failed == 0);
  watch->wanted = wanted;
}

void
tilld_reactor_remove (TilldReactor *reactor, TilldWatch *watch)
{
  int failed;
  g_assert (watch->fd >= 0);
  failed = control (reactor, EPOLL_CTL_DEL, watch, 0);
  g_assert (failed == 0); /* the owner closed the descriptor first */
  for (int i = reactor->at_event + 1; i < reactor->n_events; i++)
    if (reactor->events[i].data.ptr == watch)
      reactor->events[i].data.ptr = NULL;
  watch->fd = -1;
  reactor->n_watches--;
}

void
tilld_timer_init (TilldTimer *timer, TilldTimerFunc func, gpointer data)
{
  *timer = (TilldTimer){ .func = func, .data = data };
}

void
tilld_timer_arm (TilldReactor *reactor, TilldTimer *timer, gint64 delay_ms)
{
  gint64 due_us = tilld_clock_boot_us (reactor->clock) + MAX (delay_ms, 0) * 1000;
  guint slot;

  tilld_timer_disarm (reactor, timer);
  timer->due_tick = MAX ((due_us + TICK_US - 1) / TICK_US, reactor->tick + 1);
  slot = slot_of (timer->due_tick);
  ring_append (&reactor->slots[slot], timer);
  reactor->occupied[slot / 64] |= G_GUINT64_CONSTANT (1) << (slot % 64);
  reactor->n_timers++;
}

void
tilld_timer_disarm (TilldReactor *reactor, TilldTimer *timer)
{
  guint slot = slot_of (timer->due_tick);
  if (timer->next == NULL)
    return;
  ring_remove (timer);
  reactor->n_timers--;
  if (reactor->slots[slot].next == &reactor->slots[slot])
    reactor->occupied[slot / 64] &= ~(G_GUINT64_CONSTANT (1) << (slot % 64));
}

gboolean
tilld_timer_is_armed (const TilldTimer *timer)
{
  return timer->next != NULL;
}

void
tilld_reactor_defer (TilldReactor *reactor, TilldDeferred *deferred)
{
  if (deferred->next != NULL)
    return;
  deferred->next = &reactor->deferred;
  deferred->prev = reactor->deferred.prev;
  deferred->prev->next = reactor->deferred.prev = deferred;
}

void
tilld_reactor_undefer (TilldDeferred *deferred)
{
  if (deferred->next == NULL)
    return;
  deferred->prev->next = deferred->next;
  deferred->next->prev = deferred->prev;
  deferred->next = deferred->prev = NULL;
}
