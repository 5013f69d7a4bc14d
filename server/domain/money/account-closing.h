/* SPDX-License-Identifier: GPL-2.0-or-later
 * account-closing.h: the job that goes on with the closing of an account: one a closing, for as long as something is waited for. */
#pragma once
#include "server/domain/money/account.h"

G_BEGIN_DECLS

#define TILLD_CLOSING_JOB "account_close"

/* Where a closing stands after a step. */
typedef struct {
  const TilldAccountClose *in;
  gint64      total, through;   /* meters, and those that hold nothing any more */
  const char *waits_for;        /* a sentence; NULL: closed */
} TilldClosingStep;

void     tilld_closing_job_id (const TillId *closing, TillId *ret_job);
/* Under the lock of the account. *ret_exists FALSE: nothing ever waited. CONFLICT: it was cancelled, its id is used up. */
gboolean tilld_closing_job_check (TilldDb *db, const TillId *closing, gboolean *ret_exists, GError **error);
/* Makes the job, moves it on, or ends it. The longer nothing changes, the later the next step. */
gboolean tilld_closing_job_keep (TilldDb *db, const TilldActor *who, const TilldClosingStep *step, gboolean exists, GError **error);

/* Not while the books are compared with the meters after a restore. */
gboolean tilld_closing_may_go_on (TilldDb *db, gboolean *ret_may, GError **error);

G_END_DECLS
