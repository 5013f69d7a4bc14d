/* SPDX-License-Identifier: GPL-2.0-or-later
 * trial.h: what a commissioning proof asks of the field: at most one write, sent once, and reads after it. Rows between the two; the bytes
 * both ways are kept.
 *   input  {"unit":3,"fc":3,"money":false,"settle_ms":300,"write":{"fc":16,"at":1293,"words":"0000000100020003"},"reads":[{"at":778,"count":5}]}
 *   result {"outcome":"ok","exception":null,"pdu":"..","reply":"..","at":"..","reads":[{"words":"0001..","request":"..","reply":".."}]} */
#pragma once
#include "server/db/db-conn.h"
#include "server/profile/profile-load.h"
#include "shared/base/till-id.h"

G_BEGIN_DECLS

#define TILLD_TRIAL_READS_MAX 32

typedef struct { guint16 at, count; } TilldTrialRead;
typedef struct {
  TillId         id;
  gint64         meter, gateway;
  gboolean       sent;        /* by an earlier claim: only the reads are left */
  guint8         unit, fc;
  gboolean       money, has_write;
  guint          settle_ms, n_words, n_reads;
  guint8         write_fc;
  guint16        write_at, words[123];
  TilldTrialRead reads[TILLD_TRIAL_READS_MAX];
} TilldTrial;

/* For the field. Oldest ones of these gateways, appended; a claim lasts 120 s. */
gboolean tilld_trial_claim (TilldDb *db, const gint64 *gateways, guint n_gateways, guint limit, GArray *ret_trials, GError **error);
/* Before the bytes. STALE: it is not waiting any more. */
gboolean tilld_trial_sent (TilldDb *db, const TillId *id, GError **error);
/* Stores what came back and lets the commissioning go on. */
gboolean tilld_trial_done (TilldDb *db, const TilldProfiles *profiles, const TillId *id, const char *result, GError **error);

G_END_DECLS
