/* SPDX-License-Identifier: GPL-2.0-or-later
 * closing.c: takes the closings that are due, one step each. What a step does, server/domain/money/account-closing knows. */
#include "server/jobs/closing.h"
#include "server/db/db-tx.h"
#include "server/domain/money/account-closing.h"
#include "shared/base/till-log.h"

#define AT_ONCE 50

typedef struct {
  const TilldProfiles *profiles;
  TilldJobTask         task;
  gboolean             found;
} Work;

static gboolean
claim (TilldDb *db, gpointer data, GError **error)
{
  Work *work = data;
  gboolean may;

  tilld_job_task_clear (&work->task);
  if (!tilld_closing_may_go_on (db, &may, error))
    return FALSE;
  work->found = FALSE;
  return !may || tilld_job_claim (db, TILLD_CLOSING_JOB, NULL, 0, &work->task, &work->found, error);
}

static gboolean
step (TilldDb *db, gpointer data, GError **error)
{
  Work *work = data;

  return tilld_account_closing_step (db, work->profiles, &work->task, error);
}

gboolean
tilld_closing_run (TilldDb *db, const TilldProfiles *profiles, TilldLedger *ledger, GError **error)
{
  Work work = { .profiles = profiles, .found = TRUE };
  gboolean good = TRUE;

  for (guint i = 0; good && work.found && i < AT_ONCE; i++)
    {
      g_autoptr(GError) failure = NULL;

      good = tilld_tx_run (db, TILLD_READ_COMMITTED, claim, &work, error);
      if (!good || !work.found)
        continue;
      if (tilld_tx_run (db, TILLD_READ_COMMITTED, step, &work, &failure))
        {
          tilld_ledger_missed (ledger, db);
          continue;
        }
      good = !till_error_is_retryable (failure);
      if (good) /* this one comes again when its claim has ended; the others go on */
        till_warn (TILL_LOG_LANE ("batch"), failure, "an account was not closed further");
      else
        g_propagate_error (error, g_steal_pointer (&failure));
    }
  tilld_job_task_clear (&work.task);
  return good;
}
