/* SPDX-License-Identifier: GPL-2.0-or-later
 * simulating.c: the job simulate_tariff: meter by meter, progress every few, cancelled between two. Changes nothing but the job. */
#include "server/jobs/simulating.h"
#include <json-glib/json-glib.h>
#include "server/db/db-tx.h"
#include "server/domain/money/tariff-simulate.h"
#include "server/domain/office/job.h"
#include "shared/base/till-json-check.h"

#define INPUT_MAX  (1024 * 1024)
#define STEP       50

typedef struct {
  TilldJobTask     task;
  TilldSimulation *simulation;
  gint64           done;
  gboolean         found, cancelled;
  char            *message, *result;
  TilldJobEnd      how;
} Work;

static gboolean
claim (TilldDb *db, gpointer data, GError **error)
{
  Work *work = data;

  return tilld_job_claim (db, "simulate_tariff", NULL, 0, &work->task, &work->found, error);
}

static gboolean
progress (TilldDb *db, gpointer data, GError **error)
{
  Work *work = data;
  const TilldJobProgress at = { .id = work->task.id, .total = tilld_simulation_total (work->simulation), .done = work->done, .cursor = "{}",
                                .claim = work->task.claim };

  return tilld_job_progress (db, &at, &work->cancelled, error);
}

static gboolean
end (TilldDb *db, gpointer data, GError **error)
{
  Work *work = data;

  return (work->how != TILLD_JOB_DONE || progress (db, work, error)) &&
         tilld_job_end (db, &work->task.id, work->how, work->message, work->result, error);
}

static TilldSimulation *
open_simulation (TilldDb *db, const TilldJobTask *task, GError **error)
{
  g_autoptr (JsonNode) input = till_json_parse (task->input, -1, INPUT_MAX, error);
  g_auto (TilldSimulateRequest) request = { 0 };
  g_auto (TilldActor) who = { .operator_id = task->operator_id, .site = task->site };
  JsonArray *areas;
  TilldSimulation *simulation;

  if (input == NULL || !tilld_simulate_request_read (json_object_get_member (json_node_get_object (input), "request"), &request, error))
    return NULL;
  if (!json_object_get_boolean_member (json_node_get_object (input), "all"))
    {
      areas = json_object_get_array_member (json_node_get_object (input), "areas");
      who.areas = g_array_new (FALSE, FALSE, sizeof (gint64));
      for (guint i = 0; i < json_array_get_length (areas); i++)
        {
          gint64 area = json_array_get_int_element (areas, i);

          g_array_append_val (who.areas, area);
        }
    }
  simulation = tilld_simulation_new (db, &who, &request, error);
  if (simulation != NULL)
    tilld_simulation_keep (simulation, &request);
  return simulation;
}

static gboolean
walk (TilldDb *db, Work *work, GError **error)
{
  g_autoptr (GError) local = NULL;

  while (!work->cancelled && tilld_simulation_step (work->simulation, db, &local))
    if (++work->done % STEP == 0 && !tilld_tx_run (db, TILLD_READ_COMMITTED, progress, work, error))
      return FALSE;
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

gboolean
tilld_simulating_run (TilldDb *db, GError **error)
{
  Work work = { 0 };
  g_autoptr (GError) local = NULL;
  gboolean good;

  if (!tilld_tx_run (db, TILLD_READ_COMMITTED, claim, &work, error) || !work.found)
    return !work.found && (error == NULL || *error == NULL);
  work.simulation = open_simulation (db, &work.task, &local);
  good = work.simulation != NULL && walk (db, &work, &local);
  work.how = work.cancelled ? TILLD_JOB_CANCELLED : good ? TILLD_JOB_DONE : TILLD_JOB_FAILED;
  if (!good)
    work.message = g_strdup (local->message);
  else if (!work.cancelled)
    {
      g_autoptr (TillJsonWrite) w = till_json_write_new ();

      till_json_write_begin_object (w, NULL);
      tilld_simulation_write (work.simulation, w);
      till_json_write_end_object (w);
      work.result = till_json_write_free_to_text (g_steal_pointer (&w), NULL);
    }
  if (local == NULL || !till_error_is (local, TILL_ERROR_STALE)) /* else somebody else does it by now */
    good = tilld_tx_run (db, TILLD_READ_COMMITTED, end, &work, error) && good;
  g_clear_pointer (&work.simulation, tilld_simulation_free);
  tilld_job_task_clear (&work.task);
  g_free (work.message);
  g_free (work.result);
  return good || local != NULL;
}
