/* SPDX-License-Identifier: GPL-2.0-or-later
 * job.h: long work that outlives a request and a restart: what was asked, how far it is, where to go on, what came of it. Stored here, done
 * by who claims it; a claim that is not renewed, or whose session with the database has ended, goes to somebody else, who begins at the cursor.
 * Claims are numbered: who lost his can store nothing any more. */
#pragma once
#include "server/db/db-conn.h"
#include "server/domain/office/actor.h"
#include "shared/base/till-json-write.h"

G_BEGIN_DECLS

#define TILLD_JOB_CLAIM_S 120

typedef struct {
  TillId      id;
  const char *name;    /* "discover": who does it asks for this name */
  gint64      gateway; /* 0 = anybody may do it */
  const char *input;   /* JSON object */
  gint64      total;
} TilldJobNew;

typedef struct {
  TillId id;
  gint64 site, operator_id, gateway, total, done, failed, claim;
  char  *input, *cursor; /* owned */
} TilldJobTask;

typedef struct {
  TillId      id;
  gint64      total, done, failed;
  const char *cursor;  /* JSON object */
  const char *message; /* NULL: as before */
  gint64      pause_s; /* > 0: the claim ends here, and nobody takes it for so long */
  gint64      claim;   /* of the task; 0: who calls has none */
} TilldJobProgress;

typedef enum { TILLD_JOB_DONE, TILLD_JOB_FAILED, TILLD_JOB_CANCELLED } TilldJobEnd;

/* Rings till_delivery. Feed row `job`. */
gboolean tilld_job_create (TilldDb *db, const TilldActor *who, const TilldJobNew *in, GError **error);
/* id, name, state (running, done, failed, cancelled), total, done, failed, message, result, operator, operator_name, gateway, started_at,
 * ended_at. Filters: id, name, state, gateway. Seen by who started it, and by operators without area limits. */
gboolean tilld_job_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error);
gboolean tilld_job_get (TilldDb *db, const TilldActor *who, const TillId *id, TillJsonWrite *w, GError **error);
/* Asks for the end; what is under way stops at its next step, and what must be taken back (account_close) is left to who does it. CONFLICT
 * when it has ended. */
gboolean tilld_job_cancel (TilldDb *db, const TilldActor *who, const TillId *id, GError **error);

/* The oldest free one of this name; with n_gateways > 0 only of these gateways. *ret_found FALSE: none. Clear ret_task. */
gboolean tilld_job_claim (TilldDb *db, const char *name, const gint64 *gateways, guint n_gateways, TilldJobTask *ret_task, gboolean *ret_found,
                          GError **error);
/* Renews the claim. STALE: it has ended, or is somebody else's by now. */
gboolean tilld_job_progress (TilldDb *db, const TilldJobProgress *progress, gboolean *ret_cancelled, GError **error);
/* message: a sentence, or NULL; result: JSON, or NULL. */
gboolean tilld_job_end (TilldDb *db, const TillId *id, TilldJobEnd how, const char *message, const char *result, GError **error);
void     tilld_job_task_clear (TilldJobTask *task);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TilldJobTask, tilld_job_task_clear)

G_END_DECLS
