/* SPDX-License-Identifier: GPL-2.0-or-later
 * ring.c: records by value under one mutex; memory is taken once. */
#include "server/core/ring.h"
#include <string.h>

struct _TilldRing {
  GMutex  lock;
  gsize   record_size;
  guint   capacity, first, length;
  guint64 dropped;
  guint8 *records;
};

TilldRing *
tilld_ring_new (gsize record_size, guint capacity)
{
  TilldRing *ring = g_new0 (TilldRing, 1);
  g_assert (record_size > 0 && capacity > 0);
  g_mutex_init (&ring->lock);
  ring->record_size = record_size;
  ring->capacity = capacity;
  ring->records = g_malloc0_n (capacity, record_size);
  return ring;
}

void
tilld_ring_free (TilldRing *ring)
{
  g_mutex_clear (&ring->lock);
  g_free (ring->records);
  g_free (ring);
}

static guint8 *
record_at (TilldRing *ring, guint n)
{
  return ring->records + (gsize) ((ring->first + n) % ring->capacity) * ring->record_size;
}

gboolean
tilld_ring_push (TilldRing *ring, const void *record)
{
  gboolean room;
  g_mutex_lock (&ring->lock);
  room = ring->length < ring->capacity;
  if (!room)
    {
      ring->first = (ring->first + 1) % ring->capacity;
      ring->length--;
      ring->dropped++;
    }
  memcpy (record_at (ring, ring->length++), record, ring->record_size);
  g_mutex_unlock (&ring->lock);
  return room;
}

guint
tilld_ring_pop (TilldRing *ring, void *ret_records, guint max)
{
  guint8 *to = ret_records;
  guint n;

  g_mutex_lock (&ring->lock);
  n = MIN (max, ring->length);
  for (guint i = 0; i < n; i++)
    memcpy (to + i * ring->record_size, record_at (ring, i), ring->record_size);
  ring->first = (ring->first + n) % ring->capacity;
  ring->length -= n;
  g_mutex_unlock (&ring->lock);
  return n;
}

guint
tilld_ring_length (TilldRing *ring)
{
  guint length;
  g_mutex_lock (&ring->lock);
  length = ring->length;
  g_mutex_unlock (&ring->lock);
  return length;
}

guint64
tilld_ring_dropped (TilldRing *ring)
{
  guint64 dropped;
  g_mutex_lock (&ring->lock);
  dropped = ring->dropped;
  g_mutex_unlock (&ring->lock);
  return dropped;
}
