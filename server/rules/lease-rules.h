/* SPDX-License-Identifier: GPL-2.0-or-later
 * lease-rules.h: who owns which gateways that are dialled. Groups of gateways, fair shares, when to give back, when to stop writing.
 * Times are a process's own boot time: a clock that also runs while it sleeps. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

#define TILLD_LEASE_GROUPS       64
#define TILLD_LEASE_US           (20 * G_USEC_PER_SEC)       /* of a lease, and of a node without a heartbeat */
#define TILLD_LEASE_BEAT_US      (5 * G_USEC_PER_SEC)
#define TILLD_LEASE_GIVE_BACK_US (10 * G_USEC_PER_SEC)
#define TILLD_LEASE_WRITE_US     (TILLD_LEASE_US / 3 * 2)

typedef struct {
  guint  nodes;           /* live ones that dial, this one included */
  guint  mine, free;      /* groups */
  gint64 now_us;
  gint64 given_back_us;   /* when the last group was given back or claimed, 0 = never */
} TilldLeaseView;

typedef struct { guint claim, give_back; } TilldLeaseStep;

/* Gateway -> group: the same in every process and for ever. */
guint    tilld_lease_group (gint64 gateway);
guint    tilld_lease_fair_share (guint nodes);
/* What to claim of the free groups and what to give back now. */
void     tilld_lease_decide (const TilldLeaseView *view, TilldLeaseStep *ret_step);
/* renewed_us: boot time just before the renewal that was granted was asked for; 0 = never. */
gboolean tilld_lease_may_write (gint64 renewed_us, gint64 now_us);

G_END_DECLS
