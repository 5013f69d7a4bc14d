/* SPDX-License-Identifier: GPL-2.0-or-later
 * ingest.c: ring -> batches sorted by meter -> ingest lane, one batch at a time. */
#include "server/field/ingest.h"
#include <string.h>
#include "server/core/ring.h"
#include "server/field/field-private.h"
#include "shared/base/till-log.h"

#define RING_RECORDS 65536
#define BATCH_MAX    10000
#define FLUSH_MS     200
#define SOON_MS      20
#define AGAIN_MS     1000

struct _TilldIngest {
  TilldFieldRole    *field;
  TilldRing         *ring;
  TilldTimer         timer;
  TilldFieldReading *batch;
  guint              n;       /* in batch: not stored yet */
  guint              sending; /* first of them that are on the lane: each meter once */
  gboolean           busy;
};

static void send_batch (TilldIngest *ingest);

static int
compare (gconstpointer a, gconstpointer b)
{
  const TilldFieldReading *one = a, *other = b;

  return one->meter != other->meter ? (one->meter < other->meter ? -1 : 1) : one->at < other->at ? -1 : one->at > other->at;
}

static gboolean
store (TilldDb *db, gpointer data, GError **error)
{
  TilldIngest *ingest = data;

  return tilld_field_ingest (db, ingest->batch, ingest->sending, error);
}

static void
stored (gpointer data, const GError *error)
{
  TilldIngest *ingest = data;

  tilld_field_job_ended (ingest->field);
  ingest->busy = FALSE;
  if (error != NULL && till_error_is_retryable (error) && !ingest->field->draining)
    {
      till_warn (TILL_LOG_NONE, error, "readings wait for the database");
      tilld_timer_arm (ingest->field->reactor, &ingest->timer, AGAIN_MS);
      return;
    }
  if (error != NULL)
    till_warn (TILL_LOG_NONE, error, "%u readings could not be stored", ingest->sending);
  ingest->n -= ingest->sending;
  memmove (ingest->batch, ingest->batch + ingest->sending, ingest->n * sizeof *ingest->batch);
  ingest->sending = 0;
  if (ingest->n > 0)
    send_batch (ingest);
  else if (tilld_ring_length (ingest->ring) > 0)
    tilld_timer_arm (ingest->field->reactor, &ingest->timer, FLUSH_MS);
}

/* Sorted by meter; a second reading of a meter waits for the next batch. */
static void
first_of_each (TilldIngest *ingest)
{
  guint kept = 0;

  qsort (ingest->batch, ingest->n, sizeof *ingest->batch, compare);
  for (guint i = 0; i < ingest->n; i++)
    {
      TilldFieldReading reading = ingest->batch[i];

      if (kept > 0 && ingest->batch[kept - 1].meter == reading.meter)
        continue;
      memmove (ingest->batch + kept + 1, ingest->batch + kept, (i - kept) * sizeof reading);
      ingest->batch[kept++] = reading;
    }
  ingest->sending = kept;
}

static void
send_batch (TilldIngest *ingest)
{
  g_autoptr(GError) error = NULL;

  if (ingest->busy)
    return;
  ingest->n += tilld_ring_pop (ingest->ring, ingest->batch + ingest->n, BATCH_MAX - ingest->n);
  if (ingest->n == 0)
    return;
  first_of_each (ingest);
  ingest->busy = tilld_field_push (ingest->field, TILLD_LANE_INGEST, TRUE, store, stored, ingest, &error);
  if (!ingest->busy)
    tilld_timer_arm (ingest->field->reactor, &ingest->timer, AGAIN_MS);
}

static void
timer_fired (TilldReactor *reactor, TilldTimer *timer, gpointer data)
{
  send_batch (data);
}

TilldIngest *
tilld_ingest_new (TilldFieldRole *field)
{
  TilldIngest *ingest = g_new0 (TilldIngest, 1);

  ingest->field = field;
  ingest->ring = tilld_ring_new (sizeof (TilldFieldReading), RING_RECORDS);
  ingest->batch = g_new (TilldFieldReading, BATCH_MAX);
  tilld_timer_init (&ingest->timer, timer_fired, ingest);
  return ingest;
}

void
tilld_ingest_free (TilldIngest *ingest)
{
  g_assert (!ingest->busy);
  tilld_timer_disarm (ingest->field->reactor, &ingest->timer);
  tilld_ring_free (ingest->ring);
  g_free (ingest->batch);
  g_free (ingest);
}

void
tilld_ingest_push (TilldIngest *ingest, const TilldFieldReading *reading, gboolean soon)
{
  tilld_ring_push (ingest->ring, reading);
  if (!ingest->busy && (soon || !tilld_timer_is_armed (&ingest->timer)))
    tilld_timer_arm (ingest->field->reactor, &ingest->timer, soon ? SOON_MS : FLUSH_MS);
}

gboolean
tilld_ingest_is_empty (TilldIngest *ingest)
{
  return !ingest->busy && ingest->n == 0 && tilld_ring_length (ingest->ring) == 0;
}

guint64
tilld_ingest_dropped (TilldIngest *ingest)
{
  return tilld_ring_dropped (ingest->ring);
}
