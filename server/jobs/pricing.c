/* SPDX-License-Identifier: GPL-2.0-or-later
 * pricing.c: takes the jobs of prices that are due, one batch each. What a batch orders, server/domain/money/price-issue knows. */
#include "server/jobs/pricing.h"
#include "server/db/db-tx.h"
#include "server/domain/money/price-issue.h"
#include "shared/base/till-log.h"

#define AT_ONCE 4 /* batches a round: orders come no faster than meters take them */

typedef struct {
  const TilldProfiles *profiles;
  gint64               site;
  TillTime             now;
  TilldJobTask         task;
  gboolean             found;
} Work;

static gboolean
begin_day (TilldDb *db, gpointer data, GError **error)
{
  Work *work = data;

  return tilld_price_issue_day (db, work->site, work->now, error);
}

static gboolean
claim (TilldDb *db, gpointer data, GError **error)
{
  Work *work = data;

  tilld_job_task_clear (&work->task);
  return tilld_job_claim (db, TILLD_PRICE_JOB, NULL, 0, &work->task, &work->found, error);
}

static gboolean
step (TilldDb *db, gpointer data, GError **error)
{
  Work *work = data;

  return tilld_price_issue_step (db, work->profiles, &work->task, work->now, error);
}

gboolean
tilld_pricing_run (TilldDb *db, const TilldProfiles *profiles, gint64 site, TillTime now, GError **error)
{
  Work work = { .profiles = profiles, .site = site, .now = now, .found = TRUE };
  gboolean good = tilld_tx_run (db, TILLD_READ_COMMITTED, begin_day, &work, error);

  for (guint i = 0; good && work.found && i < AT_ONCE; i++)
    {
      g_autoptr (GError) failure = NULL;

      good = tilld_tx_run (db, TILLD_READ_COMMITTED, claim, &work, error);
      if (!good || !work.found || tilld_tx_run (db, TILLD_READ_COMMITTED, step, &work, &failure))
        continue;
      good = !till_error_is_retryable (failure);
      if (good) /* it comes again when its claim has ended */
        till_warn (TILL_LOG_LANE ("batch"), failure, "prices were not ordered");
      else
        g_propagate_error (error, g_steal_pointer (&failure));
    }
  tilld_job_task_clear (&work.task);
  return good;
}
