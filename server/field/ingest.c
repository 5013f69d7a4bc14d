/* SPDX-License-Identifier: GPL-2.0-or-later
 * ingest.c: ring -> batches sorted by meter -> ingest lane, one batch at a time; sorting is the lane's. */
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

#define PRESSURE     (RING_RECORDS / 4 * 3)

/* While busy, all but ring and timer belong to the lane. */
struct _TilldIngest {
  TilldFieldRole    *field;
  TilldRing         *ring;
  TilldTimer         timer;
  TilldFieldReading *batch, *second; /* of one batch; further readings of a meter that is in it */
  guint              n, n_second;
  gboolean           sorted;         /* batch is as it will be stored: it was tried before */
  gboolean           busy;
};

static int
compare (gconstpointer a, gconstpointer b)
{
  const TilldFieldReading *one = a, *other = b;

  return one->meter != other->meter ? (one->meter < other->meter ? -1 : 1) : one->at < other->at ? -1 : one->at > other->at;
}

/* Sorted by meter, each meter once; a second reading of a meter waits for the next batch. */
static void
take_batch (TilldIngest *ingest)
{
  guint n = ingest->n_second, kept = 0;

  memcpy (ingest->batch, ingest->second, n * sizeof *ingest->batch);
  ingest->n_second = 0;
  n += tilld_ring_pop (ingest->ring, ingest->batch + n, BATCH_MAX - n);
  qsort (ingest->batch, n, sizeof *ingest->batch, compare);
  for (guint i = 0; i < n; i++)
    if (kept > 0 && ingest->batch[kept - 1].meter == ingest->batch[i].meter)
      ingest->second[ingest->n_second++] = ingest->batch[i];
    else
      ingest->batch[kept++] = ingest->batch[i];
  ingest->n = kept;
  ingest->sorted = TRUE;
}

static gboolean
store (TilldDb *db, gpointer data, GError **error)
{
  TilldIngest *ingest = data;

  if (!ingest->sorted)
    take_batch (ingest);
  return tilld_field_ingest (db, ingest->batch, ingest->n, error);
}

static gboolean
has_more (const TilldIngest *ingest)
{
  return ingest->n > 0 || ingest->n_second > 0 || tilld_ring_length (ingest->ring) > 0;
}

static void send_batch (TilldIngest *ingest);

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
    till_warn (TILL_LOG_NONE, error, "%u readings could not be stored", ingest->n);
  ingest->n = 0;
  ingest->sorted = FALSE;
  if (tilld_ring_length (ingest->ring) >= BATCH_MAX / 2)
    send_batch (ingest);
  else if (has_more (ingest))
    tilld_timer_arm (ingest->field->reactor, &ingest->timer, FLUSH_MS);
}

static void
send_batch (TilldIngest *ingest)
{
  g_autoptr(GError) error = NULL;

  if (ingest->busy || !has_more (ingest))
    return;
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
  ingest->second = g_new (TilldFieldReading, BATCH_MAX);
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
  g_free (ingest->second);
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
  return !ingest->busy && !has_more (ingest);
}

guint64
tilld_ingest_dropped (TilldIngest *ingest)
{
  return tilld_ring_dropped (ingest->ring);
}

gboolean
tilld_ingest_is_full (TilldIngest *ingest)
{
  return tilld_ring_length (ingest->ring) >= PRESSURE;
}
