/* SPDX-License-Identifier: GPL-2.0-or-later
 * reconciling.c: a round a second on a batch lane until the release. Decides nothing: server/domain/control/reconcile does. */
#include "server/jobs/reconciling.h"
#include "server/domain/control/reconcile.h"
#include "shared/base/till-log.h"

struct _TilldReconciling {
  TilldReconcilingOptions options;
  char                   *state_path;
  GSource                *timer;
  gboolean                running;
};

static gboolean
work (TilldDb *db, gpointer data, GError **error)
{
  TilldReconciling *self = data;
  gboolean done, on;

  if (!tilld_reconcile_replay (db, &done, error) || !tilld_reconcile_follow (db, self->state_path, &on, error))
    return FALSE;
  g_atomic_int_set (self->options.on, on);
  if (!on)
    till_info (TILL_LOG_NONE, "RECONCILE has ended: the books are released under a new epoch");
  return TRUE;
}

static void
leave (gpointer data)
{
  g_free (((TilldReconciling *) data)->state_path);
}

static void
done (gpointer data, const GError *error)
{
  TilldReconciling *self = data;

  if (error != NULL)
    till_warn (TILL_LOG_LANE ("batch"), error, "reconcile");
  g_atomic_int_set (&self->running, FALSE);
  g_atomic_rc_box_release_full (self, leave);
}

static gboolean
due (gpointer data)
{
  TilldReconciling *self = data;
  const TilldLaneJob job = { .work = work, .done = done, .data = self };

  if (!g_atomic_int_get (self->options.on))
    return G_SOURCE_REMOVE;
  if (!g_atomic_int_compare_and_exchange (&self->running, FALSE, TRUE))
    return G_SOURCE_CONTINUE; /* the last round is still under way */
  g_atomic_rc_box_acquire (self);
  if (!tilld_lanes_push (self->options.lanes, TILLD_LANE_BATCH, &job, NULL))
    {
      g_atomic_int_set (&self->running, FALSE); /* the lane is full: next time */
      g_atomic_rc_box_release_full (self, leave);
    }
  return G_SOURCE_CONTINUE;
}

TilldReconciling *
tilld_reconciling_new (const TilldReconcilingOptions *options, GMainContext *context)
{
  TilldReconciling *self = g_atomic_rc_box_new0 (TilldReconciling);

  self->options = *options;
  self->state_path = g_strdup (options->state_path);
  self->timer = g_timeout_source_new (TILLD_RECONCILING_MS);
  g_source_set_callback (self->timer, due, self, NULL);
  g_source_attach (self->timer, context);
  return self;
}

void
tilld_reconciling_free (TilldReconciling *self)
{
  g_source_destroy (self->timer);
  g_clear_pointer (&self->timer, g_source_unref);
  g_atomic_rc_box_release_full (self, leave);
}
