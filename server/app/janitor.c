/* SPDX-License-Identifier: GPL-2.0-or-later
 * janitor.c: the small periodic work of a process: old rows of the change feed and ended sessions go, partitions of readings are made
 * ahead. Every piece may run in several processes at once and twice. */
#include "server/app/app-private.h"
#include "server/domain/office/session.h"
#include "server/domain/plant/feed.h"
#include "server/domain/plant/reading.h"
#include "shared/base/till-log.h"

#define SWEEP_S 300

static gboolean
sweep (TilldDb *db, gpointer data, GError **error)
{
  return tilld_feed_sweep (db, error) && tilld_session_sweep (db, error) && tilld_reading_partitions (db, error);
}

static void
swept (gpointer data, const GError *error)
{
  TilldApp *app = data;

  app->sweeping = FALSE;
  if (error != NULL)
    till_warn (TILL_LOG_NONE, error, "old rows were not swept; trying again in %d s", SWEEP_S);
}

static gboolean
tick (gpointer data)
{
  TilldApp *app = data;
  TilldLaneJob job = { .work = sweep, .done = swept, .data = app, .context = app->context, .transaction = TRUE };

  if (!app->sweeping)
    app->sweeping = tilld_lanes_push (app->lanes, TILLD_LANE_BATCH, &job, NULL);
  return G_SOURCE_CONTINUE;
}

gboolean
tilld_app_begin_janitor (TilldApp *app, GError **error)
{
  app->janitor = g_timeout_source_new_seconds (SWEEP_S);
  g_source_set_callback (app->janitor, tick, app, NULL);
  g_source_attach (app->janitor, app->context);
  return TRUE;
}

void
tilld_app_end_janitor (TilldApp *app)
{
  g_source_destroy (app->janitor);
  g_clear_pointer (&app->janitor, g_source_unref);
  while (app->sweeping) /* its end comes through this loop */
    g_main_context_iteration (app->context, TRUE); /* lint: banned, the last turns of this loop */
}
