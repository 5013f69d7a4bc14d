/* SPDX-License-Identifier: GPL-2.0-or-later
 * case.h: deliveries and counters in doubt: what the ledger believed, what the meter said, and what two persons decide about it. */
#pragma once
#include "server/db/db-conn.h"
#include "server/domain/office/actor.h"
#include "server/profile/profile-load.h"
#include "server/rules/case-rules.h"
#include "shared/base/till-json-write.h"

G_BEGIN_DECLS

#define TILLD_CASE_FRESH_S 60

/* Filters: area, meter, reason, state, q. */
gboolean tilld_case_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error);
gboolean tilld_case_get (TilldDb *db, const TilldActor *who, gint64 id, TillJsonWrite *w, GError **error);

typedef struct {
  gint64            id;
  TilldCaseDecision decision;
  gboolean          accept;     /* the meter's values too */
  const char       *note;
  const char       *unreadable; /* why no reading is possible; NULL: a fresh one decides */
} TilldCaseRequest;

/* Checks what would follow now and stores it for a second person with approve.held. CONFLICT: not with this reading, or decided, or
 * something is proposed already; STALE: read the meter first. */
gboolean tilld_case_propose (TilldDb *db, const TilldProfiles *profiles, const TilldActor *who, const TilldCaseRequest *in, gint64 *ret_approval,
                             GError **error);

/* The newest reading of a meter whose purse is frozen: what a decision rests on. */
gboolean tilld_case_seen (TilldDb *db, gint64 meter, const TilldMoneyReading *reading, GError **error);

G_END_DECLS
