/* SPDX-License-Identifier: GPL-2.0-or-later
 * importing.c: takes the import that is due, some steps of it. What a step orders, server/domain/control/import-orders knows. One that cannot go
 * on ends with the reason: none stays running for ever. */
#include "server/jobs/importing.h"
#include "server/db/db-tx.h"
#include "server/domain/control/import-orders.h"

#define AT_ONCE 20 /* steps a round */

typedef struct {
  TilldImportOrders tools;
  TilldJobTask      task;
  char             *cursor;
  const char       *message;
  gboolean          found, last;
} Work;

static gboolean
claim (TilldDb *db, gpointer data, GError **error)
{
  Work *work = data;

  tilld_job_task_clear (&work->task);
  return tilld_job_claim (db, TILLD_IMPORT_JOB, NULL, 0, &work->task, &work->found, error);
}

static gboolean
step (TilldDb *db, gpointer data, GError **error)
{
  Work *work = data;

  return tilld_import_orders_step (db, &work->tools, &work->task, &work->cursor, &work->last, error);
}

static gboolean
fail (TilldDb *db, gpointer data, GError **error)
{
  Work *work = data;

  return tilld_job_end (db, &work->task.id, TILLD_JOB_FAILED, work->message, NULL, error);
}

gboolean
tilld_importing_run (TilldDb *db, const TilldProfiles *profiles, TillTime now, GError **error)
{
  Work work = { .tools = { profiles, now / 1000, FALSE } };
  gboolean good = tilld_tx_run (db, TILLD_READ_COMMITTED, claim, &work, error);

  for (guint i = 0; good && work.found && !work.last && i < AT_ONCE; i++)
    {
      g_autoptr (GError) failure = NULL;

      work.tools.last_of_round = i + 1 == AT_ONCE;
      if (tilld_tx_run (db, TILLD_READ_COMMITTED, step, &work, &failure))
        {
          g_free (work.task.cursor);
          work.task.cursor = g_strdup (work.cursor);
          continue;
        }
      work.message = failure->message;
      work.last = TRUE;
      if (till_error_is (failure, TILL_ERROR_STALE)) /* somebody else does it by now */
        break;
      good = !till_error_is_retryable (failure) && tilld_tx_run (db, TILLD_READ_COMMITTED, fail, &work, error);
      if (!good && error != NULL && *error == NULL)
        g_propagate_error (error, g_steal_pointer (&failure));
    }
  tilld_job_task_clear (&work.task);
  g_free (work.cursor);
  return good;
}
