/* SPDX-License-Identifier: GPL-2.0-or-later
 * settling.h: money that moves by itself: server-settled meters every few seconds, relays after it, the day close once a night, simulations
 * that somebody started. One batch lane at a time; every step is a transaction of its own and is found again after a restart. */
#pragma once
#include "server/db/db-lanes.h"
#include "server/domain/money/ledger.h"
#include "server/profile/profile-load.h"

G_BEGIN_DECLS

#define TILLD_SETTLING_MS 2000

typedef struct {
  TilldLanes          *lanes;
  const TilldProfiles *profiles;
  TilldLedger         *ledger;
  TilldClock          *clock;
  gint64               site;
} TilldSettlingOptions;

typedef struct _TilldSettling TilldSettling;

TilldSettling *tilld_settling_new (const TilldSettlingOptions *options, GMainContext *context);
void           tilld_settling_free (TilldSettling *settling);

/* What the timer does, for tests and commands. now: wall time. */
typedef struct {
  guint settled, ordered, failed;
  guint daily, discrepancies; /* of the night's work */
  gboolean day_closed;
} TilldSettlingStats;
gboolean tilld_settling_round (TilldDb *db, const TilldProfiles *profiles, gint64 site, TillTime now, TilldSettlingStats *ret, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TilldSettling, tilld_settling_free)

G_END_DECLS
