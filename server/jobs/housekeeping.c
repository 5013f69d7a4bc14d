/* SPDX-License-Identifier: GPL-2.0-or-later
 * housekeeping.c: partitions ahead, old feed rows and ended sessions gone, approvals past their time closed. */
#include "server/jobs/housekeeping.h"
#include "server/domain/office/approval.h"
#include "server/domain/office/session.h"
#include "server/domain/plant/feed.h"
#include "server/domain/plant/reading.h"
#include "shared/base/till-log.h"

struct _TilldHousekeeping {
  TilldLanes *lanes;
  GSource    *timer;
  gboolean    running; /* a round is in the lane: the next one waits for its own period */
};

gboolean
tilld_housekeeping_run (TilldDb *db, GError **error)
{
  return tilld_reading_partitions (db, error) && tilld_feed_sweep (db, error) && tilld_session_sweep (db, error) &&
         tilld_approval_expire (db, error);
}

static gboolean
work (TilldDb *db, gpointer data, GError **error)
{
  return tilld_housekeeping_run (db, error);
}

static void
done (gpointer data, const GError *error)
{
  TilldHousekeeping *self = data;

  if (error != NULL)
    till_warn (TILL_LOG_LANE ("batch"), error, "housekeeping");
  g_atomic_int_set (&self->running, FALSE);
  g_atomic_rc_box_release (self);
}

static gboolean
due (gpointer data)
{
  TilldHousekeeping *self = data;
  const TilldLaneJob job = { .work = work, .done = done, .data = g_atomic_rc_box_acquire (self) };
  g_autoptr (GError) error = NULL;

  if (g_atomic_int_compare_and_exchange (&self->running, FALSE, TRUE))
    {
      if (tilld_lanes_push (self->lanes, TILLD_LANE_BATCH, &job, &error))
        return G_SOURCE_CONTINUE;
      g_atomic_int_set (&self->running, FALSE); /* the lane is full: next period */
    }
  g_atomic_rc_box_release (self);
  return G_SOURCE_CONTINUE;
}

TilldHousekeeping *
tilld_housekeeping_new (TilldLanes *lanes, GMainContext *context, guint period_s)
{
  TilldHousekeeping *self = g_atomic_rc_box_new0 (TilldHousekeeping);

  self->lanes = lanes;
  self->timer = g_timeout_source_new_seconds (period_s);
  g_source_set_callback (self->timer, due, self, NULL);
  g_source_attach (self->timer, context);
  return self;
}

void
tilld_housekeeping_free (TilldHousekeeping *self)
{
  g_source_destroy (self->timer);
  g_clear_pointer (&self->timer, g_source_unref);
  g_atomic_rc_box_release (self);
}
