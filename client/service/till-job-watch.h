/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-job-watch.h: asks for one job of the server until it has ended. A lost connection ends no job: it is asked for again. No GTK.
 * Signals: "progress" (int64 done, int64 total); "lost": there is no connection now; "ended" (boolean done, JsonObject *result,
 * string problem): once; result and problem may be NULL. */
#pragma once
#include "client/service/till-plant-service.h"

G_BEGIN_DECLS

#define TILL_TYPE_JOB_WATCH (till_job_watch_get_type ())
G_DECLARE_FINAL_TYPE (TillJobWatch, till_job_watch, TILL, JOB_WATCH, GObject)

/* Asks at once, then every so many milliseconds; nothing is told before the main loop runs. */
TillJobWatch *till_job_watch_new (TillPlantService *service, const char *job, guint every_ms);
/* Nobody waits any more: nothing is told from here on. end: the server ends the job, too. */
void          till_job_watch_stop (TillJobWatch *self, gboolean end);

G_END_DECLS
