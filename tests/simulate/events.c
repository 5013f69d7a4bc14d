/* SPDX-License-Identifier: GPL-2.0-or-later
 * events.c: the time of a history: what is due next, chance, and the trace of what happened. */
#include "tests/simulate/world.h"

#include <stdarg.h>

/* splitmix64: the whole state is one number. */
static guint64
draw (World *world)
{
  guint64 z = (world->random += G_GUINT64_CONSTANT (0x9e3779b97f4a7c15));

  z = (z ^ (z >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return z ^ (z >> 31);
}

guint32
random_below (World *world, guint32 below)
{
  return (guint32) (draw (world) >> 33) % below;
}

gboolean
chance (World *world, guint per_mille)
{
  return random_below (world, 1000) < per_mille;
}

static gboolean
before (const World *world, guint a, guint b)
{
  const Event *x = &world->events[a], *y = &world->events[b];

  return x->at != y->at ? x->at < y->at : x->serial < y->serial;
}

static void
swap (World *world, guint i, guint k)
{
  guint kept = world->heap[i];

  world->heap[i] = world->heap[k];
  world->heap[k] = kept;
}

/* The fields after the meter are the caller's to fill; they order nothing. */
Event *
event_in (World *world, gint64 us, EventKind kind, guint node, guint meter)
{
  guint slot, i = world->n_events;
  Event *event;

  g_assert (world->n_free > 0);
  slot = world->free_[--world->n_free];
  event = &world->events[slot];
  event->at = world->now + MAX (us, 0);
  event->serial = ++world->serial;
  event->kind = kind;
  event->node = (guint8) node;
  event->meter = (guint8) meter;
  event->len = event->op = 0;
  event->a = event->b = 0;
  event->life = node < NODES && world->nodes != NULL ? world->nodes[node].life : 0;
  world->heap[world->n_events++] = slot;
  for (; i > 0 && before (world, world->heap[i], world->heap[(i - 1) / 2]); i = (i - 1) / 2)
    swap (world, i, (i - 1) / 2);
  return event;
}

gboolean
event_next (World *world, Event *ret)
{
  guint i = 0;

  if (world->n_events == 0)
    return FALSE;
  *ret = world->events[world->heap[0]];
  world->free_[world->n_free++] = world->heap[0];
  world->heap[0] = world->heap[--world->n_events];
  for (;;)
    {
      guint least = i, left = 2 * i + 1;

      if (left < world->n_events && before (world, world->heap[left], world->heap[least]))
        least = left;
      if (left + 1 < world->n_events && before (world, world->heap[left + 1], world->heap[least]))
        least = left + 1;
      if (least == i)
        break;
      swap (world, i, least);
      i = least;
    }
  world->now = ret->at;
  return TRUE;
}

/* Only of a history that is run again because it went wrong. */
void
note (World *world, const char *format, ...)
{
  va_list args;
  char *line;
  int n;

  if (!world->trace_on)
    return;
  line = world->trace[world->n_trace++ % TRACE];
  n = g_snprintf (line, sizeof world->trace[0], "%6" G_GINT64_FORMAT ".%03u ", world->now / SECOND_US, (guint) (world->now % SECOND_US / 1000));
  va_start (args, format);
  g_vsnprintf (line + n, sizeof world->trace[0] - (gsize) n, format, args);
  va_end (args);
}

void
wrong (World *world, const char *what)
{
  if (world->wrong == NULL)
    world->wrong = what;
  note (world, "VIOLATION %s", what);
}
