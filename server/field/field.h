/* SPDX-License-Identifier: GPL-2.0-or-later
 * field.h: the role `field`: one thread that owns links, polls and delivery. Talks to the rest of the process through lanes. */
#pragma once
#include "server/core/config.h"
#include "server/core/reactor.h"
#include "server/crypto/key-file.h"
#include "server/db/db-lanes.h"
#include "server/domain/money/ledger.h"
#include "server/profile/profile-load.h"

G_BEGIN_DECLS

typedef struct _TilldFieldRole TilldFieldRole;

typedef struct {
  const TilldConfig   *config;
  TilldLanes          *lanes;
  TilldLedger         *ledger;
  const TilldProfiles *profiles;
  TilldKeyFile        *keys; /* opens the keys of gateways */
  TillId               run; /* of this process */
  guint64              groups;    /* of gateways that are dialled (lease-rules), held at the start */
  gint64               groups_us; /* boot time before they were asked for */
} TilldFieldOptions;

/* Starts the thread, which loads the plant and dials. What options point to outlives the role. */
TilldFieldRole *tilld_field_new (const TilldFieldOptions *options, GError **error);
/* Any thread. doorbell: commands may be waiting; plant_changed: gateways, meters or proofs are others. */
void     tilld_field_doorbell (TilldFieldRole *field);
void     tilld_field_plant_changed (TilldFieldRole *field);
/* Groups of gateways that are held from now on, and when that was asked for: older than 2/3 of a lease, nothing is written to a meter. */
void     tilld_field_hold (TilldFieldRole *field, guint64 groups, gint64 asked_us);
/* Groups that still have lines here. */
guint64  tilld_field_in_use (TilldFieldRole *field);
/* Takes nothing new, lets what was sent become verifying, stores what was read; FALSE when the time was not enough. */
gboolean tilld_field_drain (TilldFieldRole *field, guint timeout_ms);
void     tilld_field_free (TilldFieldRole *field);
/* For /health and the watchdog. */
typedef struct { guint lines, up, circuits, lost, orders; guint64 dropped; gint64 ticked_us; } TilldFieldHealth;
void     tilld_field_health (TilldFieldRole *field, TilldFieldHealth *ret_health);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TilldFieldRole, tilld_field_free)

G_END_DECLS
