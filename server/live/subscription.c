/* SPDX-License-Identifier: GPL-2.0-or-later
 * subscription.c: one bounded, coalescing queue per reader. Knows no socket and no database. */
#include "server/live/subscription.h"
#include <stdlib.h>

struct _TilldLive {
  GMutex     lock;
  GPtrArray *subscriptions;
  guint      pending_max;
  gint64     cursor;
};

struct _TilldSubscription {
  TilldLive  *live;
  GQueue      order;    /* of TilldLiveEvent, by first change */
  GHashTable *by_key;   /* "kind id" -> GList link in order */
  gint64     *areas;
  guint       n_areas;
  guint       kinds;
  gboolean    reset;
};

const char *
tilld_live_kind_word (TilldLiveKind kind)
{
  static const char *const words[TILLD_LIVE_N] = { "meter", "sale", "command", "alarm", "job", "approval", "drawer", "case", "proof" };
  g_assert (kind < TILLD_LIVE_N);
  return words[kind];
}

TilldLiveEvent *
tilld_live_event_new (TilldLiveKind kind, const char *id, gint64 area, gint64 cursor, char *object)
{
  TilldLiveEvent *event = g_new0 (TilldLiveEvent, 1);
  g_atomic_ref_count_init (&event->refs);
  event->kind = kind;
  g_strlcpy (event->id, id, sizeof event->id);
  event->area = area;
  event->cursor = cursor;
  event->object = object;
  return event;
}

TilldLiveEvent *
tilld_live_event_ref (TilldLiveEvent *event)
{
  g_atomic_ref_count_inc (&event->refs);
  return event;
}

void
tilld_live_event_unref (TilldLiveEvent *event)
{
  if (!g_atomic_ref_count_dec (&event->refs))
    return;
  g_free (event->object);
  g_free (event);
}

TilldLive *
tilld_live_new (guint pending_max)
{
  TilldLive *self = g_new0 (TilldLive, 1);
  g_mutex_init (&self->lock);
  self->subscriptions = g_ptr_array_new ();
  self->pending_max = pending_max;
  return self;
}

void
tilld_live_free (TilldLive *self)
{
  g_assert (self->subscriptions->len == 0);
  g_ptr_array_unref (self->subscriptions);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static int
compare_areas (const void *a, const void *b)
{
  gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;
  return (x > y) - (x < y);
}

static gboolean
may_see (const TilldSubscription *self, const TilldLiveEvent *event)
{
  if ((self->kinds & (1u << event->kind)) == 0)
    return FALSE;
  return self->n_areas == 0 || event->area == TILLD_LIVE_ANYWHERE ||
         bsearch (&event->area, self->areas, self->n_areas, sizeof *self->areas, compare_areas) != NULL;
}

static void
drop_pending (TilldSubscription *self)
{
  g_hash_table_remove_all (self->by_key);
  g_queue_clear_full (&self->order, (GDestroyNotify) tilld_live_event_unref);
}

static void
enqueue (TilldSubscription *self, TilldLiveEvent *event)
{
  g_autofree char *key = NULL;
  GList *link;

  if (self->reset || !may_see (self, event))
    return;
  key = g_strdup_printf ("%d %s", event->kind, event->id);
  link = g_hash_table_lookup (self->by_key, key);
  if (link != NULL)
    {
      tilld_live_event_unref (link->data);
      link->data = tilld_live_event_ref (event);
      return;
    }
  if (self->order.length >= self->live->pending_max)
    {
      drop_pending (self);
      self->reset = TRUE;
      return;
    }
  g_queue_push_tail (&self->order, tilld_live_event_ref (event));
  g_hash_table_insert (self->by_key, g_steal_pointer (&key), self->order.tail);
}

void
tilld_live_publish (TilldLive *self, TilldLiveEvent *const *events, guint n)
{
  g_mutex_lock (&self->lock);
  for (guint i = 0; i < n; i++)
    {
      self->cursor = MAX (self->cursor, events[i]->cursor);
      for (guint s = 0; s < self->subscriptions->len; s++)
        enqueue (g_ptr_array_index (self->subscriptions, s), events[i]);
    }
  g_mutex_unlock (&self->lock);
}

void
tilld_live_publish_reset (TilldLive *self, gint64 cursor)
{
  g_mutex_lock (&self->lock);
  self->cursor = cursor;
  for (guint s = 0; s < self->subscriptions->len; s++)
    {
      TilldSubscription *subscription = g_ptr_array_index (self->subscriptions, s);
      drop_pending (subscription);
      subscription->reset = TRUE;
    }
  g_mutex_unlock (&self->lock);
}

gboolean
tilld_live_has_readers (TilldLive *self)
{
  gboolean some;
  g_mutex_lock (&self->lock);
  some = self->subscriptions->len > 0;
  g_mutex_unlock (&self->lock);
  return some;
}

gint64
tilld_live_cursor (TilldLive *self)
{
  gint64 cursor;
  g_mutex_lock (&self->lock);
  cursor = self->cursor;
  g_mutex_unlock (&self->lock);
  return cursor;
}

TilldSubscription *
tilld_subscription_new (TilldLive *live, const TilldReaderScope *scope)
{
  TilldSubscription *self = g_new0 (TilldSubscription, 1);

  self->live = live;
  self->by_key = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->areas = g_memdup2 (scope->areas, scope->n_areas * sizeof *scope->areas);
  self->n_areas = scope->n_areas;
  if (self->n_areas > 0)
    qsort (self->areas, self->n_areas, sizeof *self->areas, compare_areas);
  self->kinds = scope->kinds;
  g_queue_init (&self->order);
  g_mutex_lock (&live->lock);
  self->reset = scope->cursor != 0 && scope->cursor != live->cursor;
  g_ptr_array_add (live->subscriptions, self);
  g_mutex_unlock (&live->lock);
  return self;
}

void
tilld_subscription_free (TilldSubscription *self)
{
  g_mutex_lock (&self->live->lock);
  g_ptr_array_remove_fast (self->live->subscriptions, self);
  g_mutex_unlock (&self->live->lock);
  drop_pending (self);
  g_hash_table_unref (self->by_key);
  g_free (self->areas);
  g_free (self);
}

void
tilld_subscription_take (TilldSubscription *self, guint max, GPtrArray *ret_events, gboolean *ret_reset)
{
  g_mutex_lock (&self->live->lock);
  *ret_reset = self->reset;
  self->reset = FALSE;
  for (guint i = 0; i < max && self->order.head != NULL; i++)
    {
      TilldLiveEvent *event = g_queue_pop_head (&self->order);
      g_autofree char *key = g_strdup_printf ("%d %s", event->kind, event->id);
      g_hash_table_remove (self->by_key, key);
      g_ptr_array_add (ret_events, event);
    }
  g_mutex_unlock (&self->live->lock);
}

gboolean
tilld_subscription_has_more (TilldSubscription *self)
{
  gboolean more;
  g_mutex_lock (&self->live->lock);
  more = self->reset || self->order.length > 0;
  g_mutex_unlock (&self->live->lock);
  return more;
}
