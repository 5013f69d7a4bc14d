/* SPDX-License-Identifier: GPL-2.0-or-later
 * db-lanes.c: core lanes whose threads each own a connection. Time-outs belong to the lane, not to the statement. */
#define G_LOG_DOMAIN "tilld-db"
#include "config.h"
#include "server/core/clock.h"
#include "server/core/config.h"
#include "server/core/handover.h"
#include "server/db/db-lanes.h"
#include "server/db/db-tx.h"

static const struct { const char *name, *key; guint threads, capacity, statement_ms, lock_ms; } kinds[TILLD_LANE_N] = {
  [TILLD_LANE_LEDGER] = { "ledger", NULL, 0, 4096, 5000, 2000 },
  [TILLD_LANE_DELIVERY] = { "delivery", "delivery_threads", 0, 4096, 5000, 2000 },
  [TILLD_LANE_INGEST] = { "ingest", NULL, 1, 256, 30000, 5000 },
  [TILLD_LANE_INTERACTIVE] = { "interactive", "interactive_threads", 0, 1024, 5000, 2000 },
  [TILLD_LANE_BATCH] = { "batch", "batch_threads", 0, 64, 600000, 5000 },
};

typedef struct { TilldLanes *lanes; TilldLaneKind kind; } LaneOwner;

struct _TilldLanes {
  char      *conninfo;
  guint      connect_timeout_s;
  TilldLane *lane[TILLD_LANE_N];
  LaneOwner  owner[TILLD_LANE_N];
};

/* One queued piece of work: the caller's job and how it ended. */
typedef struct { TilldLaneJob job; GError *error; } Work;

static gpointer
thread_begin (guint index, gpointer user_data)
{
  LaneOwner *owner = user_data;
  g_autofree char *application = g_strdup_printf ("gridtilld %s %u", kinds[owner->kind].name, index);

  return tilld_lanes_make_db (owner->lanes, owner->kind, application);
}

static void
thread_end (gpointer thread_state, gpointer user_data)
{
  tilld_db_free (thread_state);
}

static void
work_free (gpointer data)
{
  Work *work = data;

  g_clear_error (&work->error);
  g_clear_object (&work->job.cancellable);
  g_clear_pointer (&work->job.context, g_main_context_unref);
  g_free (work);
}

static gboolean
deliver (gpointer data)
{
  Work *work = data;

  work->job.done (work->job.data, work->error);
  return G_SOURCE_REMOVE;
}

static void
answer (Work *work)
{
  if (work->job.done != NULL && work->job.context != NULL)
    {
      tilld_hand_over (work->job.context, G_PRIORITY_DEFAULT, deliver, work, work_free);
      return;
    }
  if (work->job.done != NULL)
    work->job.done (work->job.data, work->error);
  work_free (work);
}

static void
cancel_cb (GCancellable *cancellable, gpointer user_data)
{
  tilld_db_cancel (user_data);
}

static void
run (gpointer thread_state, gpointer data, GCancellable *cancellable)
{
  TilldDb *db = thread_state;
  Work *work = data;
  gulong handler = 0;
  gboolean ok;

  if (cancellable != NULL)
    handler = g_cancellable_connect (cancellable, G_CALLBACK (cancel_cb), db, NULL);
  ok = work->job.transaction ? tilld_tx_run (db, TILLD_READ_COMMITTED, work->job.work, work->job.data, &work->error)
                             : work->job.work (db, work->job.data, &work->error);
  if (handler != 0)
    g_cancellable_disconnect (cancellable, handler);
  g_assert (ok == (work->error == NULL));
  g_assert (!tilld_db_in_transaction (db));
  answer (work);
}

static void
refuse (gpointer data, const GError *reason)
{
  Work *work = data;

  work->error = g_error_copy (reason);
  answer (work);
}

TilldDb *
tilld_lanes_make_db (TilldLanes *lanes, TilldLaneKind kind, const char *application)
{
  TilldDbOptions options = { .conninfo = lanes->conninfo, .application = application, .statement_timeout_ms = kinds[kind].statement_ms,
                             .lock_timeout_ms = kinds[kind].lock_ms, .connect_timeout_s = lanes->connect_timeout_s,
                             .parallel = kind == TILLD_LANE_BATCH, .role = TILLD_DB_ROLE };

  return tilld_db_new (&options);
}

TilldDb *
tilld_lanes_make_schema_db (TilldLanes *lanes)
{
  return tilld_db_new (&(TilldDbOptions){ .conninfo = lanes->conninfo, .application = "gridtilld schema", .connect_timeout_s = lanes->connect_timeout_s });
}

TilldLanes *
tilld_lanes_new (const TilldConfig *config, GError **error)
{
  g_autoptr (TilldLanes) lanes = g_new0 (TilldLanes, 1);

  lanes->conninfo = tilld_db_conninfo (config, error);
  if (lanes->conninfo == NULL)
    return NULL;
  lanes->connect_timeout_s = (guint) tilld_config_int (config, "database", "connect_timeout_s");
  for (int i = 0; i < TILLD_LANE_N; i++)
    {
      guint threads = kinds[i].key != NULL ? (guint) tilld_config_int (config, "database", kinds[i].key) : kinds[i].threads;
      TilldLaneOptions options = { .name = kinds[i].name, .n_threads = threads, .capacity = kinds[i].capacity, .thread_begin = thread_begin,
                                   .thread_end = thread_end, .user_data = &lanes->owner[i] };

      lanes->owner[i] = (LaneOwner){ lanes, (TilldLaneKind) i };
      if (threads > 0)
        lanes->lane[i] = tilld_lane_new (&options);
    }
  return g_steal_pointer (&lanes);
}

void
tilld_lanes_stop (TilldLanes *lanes)
{
  for (int i = 0; i < TILLD_LANE_N; i++)
    if (lanes->lane[i] != NULL)
      tilld_lane_stop (lanes->lane[i]);
}

void
tilld_lanes_free (TilldLanes *lanes)
{
  if (lanes == NULL)
    return;
  for (int i = 0; i < TILLD_LANE_N; i++)
    g_clear_pointer (&lanes->lane[i], tilld_lane_free);
  g_free (lanes->conninfo);
  g_free (lanes);
}

TilldLane *
tilld_lanes_get (TilldLanes *lanes, TilldLaneKind kind)
{
  return lanes->lane[kind];
}

const char *
tilld_lane_kind_name (TilldLaneKind kind)
{
  return kinds[kind].name;
}

gboolean
tilld_lanes_push (TilldLanes *lanes, TilldLaneKind kind, const TilldLaneJob *job, GError **error)
{
  Work *work = g_new0 (Work, 1);
  TilldLaneItem item = { .priority = job->priority, .cancellable = job->cancellable, .run = run, .refuse = refuse, .data = work };

  g_assert (lanes->lane[kind] != NULL && job->work != NULL);
  work->job = *job;
  if (job->cancellable != NULL)
    g_object_ref (job->cancellable);
  if (job->context != NULL)
    g_main_context_ref (job->context);
  if (job->deadline_ms > 0)
    item.deadline_us = tilld_clock_boot_us (tilld_clock_system ()) + (gint64) job->deadline_ms * 1000;
  if (tilld_lane_push (lanes->lane[kind], &item, error))
    return TRUE;
  work_free (work);
  return FALSE;
}
