/* SPDX-License-Identifier: GPL-2.0-or-later
 * mb-plan.h: points of a model -> the reads that take the fewest milliseconds. Made once per profile and link kind;
 * split for one meter when it refuses a merged read. Pure. */
#pragma once
#include "server/modbus/mb-pdu.h"
#include "server/profile/profile-decode.h"

G_BEGIN_DECLS

#define TILLD_PLAN_READS_MAX 32

typedef enum { TILLD_PLAN_STATUS, TILLD_PLAN_FULL, TILLD_PLAN_CONFIG, TILLD_PLAN_MONEY, TILLD_PLAN_MONEY_ODD, TILLD_PLAN_RELAY, TILLD_PLAN_SERIAL,
               TILLD_PLAN_N } TilldPlanKind;

/* How long things take on the link: for the wire of RTU and behind gateways; baud 0 = Modbus TCP to the device itself. */
typedef struct { guint baud, turnaround_ms, rtt_ms; } TilldPlanTiming;

typedef struct { guint16 at; guint8 count, first, n; } TilldPlanRead; /* points[first .. first + n - 1] */
typedef struct {
  guint8        n_reads, n_points;
  TilldPlanRead reads[TILLD_PLAN_READS_MAX];
  guint8        points[TILLD_PROFILE_POINTS_MAX]; /* indexes into profile->points, by address */
} TilldMbPlan;

/* FULL: status and full points; CONFIG: those of config alone. MONEY_ODD: the money group with one more register, so that a
 * late answer to the other length cannot be taken for this one. RELAY: points behind the relay flags. Empty when there are none. */
void  tilld_mb_plan (const TilldProfile *profile, TilldPlanKind kind, const TilldPlanTiming *timing, TilldMbPlan *ret);
/* reads[index] cut at its widest gap, never through an atomic group; FALSE when it cannot be cut. */
gboolean tilld_mb_plan_split (const TilldProfile *profile, TilldMbPlan *plan, guint index);
/* Microseconds of one read of R registers. */
guint tilld_mb_read_us (const TilldPlanTiming *timing, guint registers);
guint tilld_mb_plan_us (const TilldPlanTiming *timing, const TilldMbPlan *plan);
/* Share of a line's time, in millionths, that one circuit takes: a status read every status_s, and every full_s the full one in its
 * place (0 = never). A line whose circuits together are above TILLD_LOAD_MAX does not hold what its records promise. */
#define TILLD_LOAD_MAX 850000
guint tilld_mb_load (const TilldPlanTiming *timing, const TilldMbPlan *status, const TilldMbPlan *full, guint status_s, guint full_s);

G_END_DECLS
