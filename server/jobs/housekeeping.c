/* SPDX-License-Identifier: GPL-2.0-or-later
 * housekeeping.c: names that are not spelled yet; old feed rows, ended sessions and approvals past their time gone; once a day partitions
 * ahead, and those beyond the retention gone. */
#include "server/jobs/housekeeping.h"
#include "server/db/db-lease.h"
#include "server/db/db-tx.h"
#include "server/domain/office/approval.h"
#include "server/domain/office/session.h"
#include "server/domain/plant/customer-edit.h"
#include "server/domain/plant/feed.h"
#include "server/domain/plant/reading.h"
#include "shared/base/till-log.h"

struct _TilldHousekeeping {
  TilldLanes *lanes;
  GSource    *timer;
  guint       keep_months;
  gboolean    running; /* a round is in the lane: the next one waits for its own period */
};

typedef struct {
  guint keep_months, dropped;
} Night;

static gboolean
partitions (TilldDb *db, gpointer data, GError **error)
{
  Night   *night = data;
  gboolean mine;

  night->dropped = 0;
  return tilld_once (db, TILLD_LOCK_PARTITIONS, "partitions", NULL, &mine, error) &&
         (!mine || (tilld_reading_partitions (db, error) && tilld_reading_retention (db, night->keep_months, &night->dropped, error)));
}

static gboolean
spell (TilldDb *db, gpointer data, GError **error)
{
  return tilld_customer_spell (db, data, error);
}

/* Names that came with an older version or by SQL. */
static gboolean
spell_all (TilldDb *db, GError **error)
{
  guint n;

  do
    if (!tilld_tx_run (db, TILLD_READ_COMMITTED, spell, &n, error))
      return FALSE;
  while (n > 0);
  return TRUE;
}

gboolean
tilld_housekeeping_run (TilldDb *db, guint keep_months, GError **error)
{
  Night night = { keep_months, 0 };

  if (!tilld_tx_run (db, TILLD_READ_COMMITTED, partitions, &night, error))
    return FALSE;
  if (night.dropped > 0)
    till_info (TILL_LOG_LANE ("batch"), "%u months of readings dropped: older than %u months", night.dropped, keep_months);
  return spell_all (db, error) && tilld_feed_sweep (db, error) && tilld_session_sweep (db, error) && tilld_approval_expire (db, error);
}

static gboolean
work (TilldDb *db, gpointer data, GError **error)
{
  return tilld_housekeeping_run (db, ((TilldHousekeeping *) data)->keep_months, error);
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
tilld_housekeeping_new (TilldLanes *lanes, GMainContext *context, guint period_s, guint keep_months)
{
  TilldHousekeeping *self = g_atomic_rc_box_new0 (TilldHousekeeping);

  self->lanes = lanes;
  self->keep_months = keep_months;
  self->timer = g_timeout_source_new_seconds (period_s);
  g_source_set_callback (self->timer, due, self, NULL);
  g_source_attach (self->timer, context);
  due (self); /* what waited for the server to start */
  return self;
}

void
tilld_housekeeping_free (TilldHousekeeping *self)
{
  g_source_destroy (self->timer);
  g_clear_pointer (&self->timer, g_source_unref);
  g_atomic_rc_box_release (self);
}
