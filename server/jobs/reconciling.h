/* SPDX-License-Identifier: GPL-2.0-or-later
 * reconciling.h: while the server is in RECONCILE: the journal's lines come back into the books, and this process learns when two operators
 * have released it. */
#pragma once
#include "server/db/db-lanes.h"

G_BEGIN_DECLS

#define TILLD_RECONCILING_MS 1000

typedef struct _TilldReconciling TilldReconciling;

typedef struct {
  TilldLanes *lanes;
  const char *state_path; /* borrowed */
  gint       *on;         /* atomic; cleared at the end */
} TilldReconcilingOptions;

TilldReconciling *tilld_reconciling_new (const TilldReconcilingOptions *options, GMainContext *context);
void              tilld_reconciling_free (TilldReconciling *self);

G_END_DECLS
