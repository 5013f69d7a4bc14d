/* SPDX-License-Identifier: GPL-2.0-or-later
 * faults.h: what goes wrong with which frame. A decision depends on seed, link, port, fault and number of the frame only,
 * so a run with the same seed fails in the same way whatever the timing. Pure. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

#define SIM_FAULTS(X)                                                                                               \
  X (DROP_REQUEST, "drop_request", 0, 0) X (DROP_REPLY, "drop_reply", 0, 0)                                         \
  X (DELAY_REQUEST, "delay_request", 1000, 40000) X (DELAY_REPLY, "delay_reply", 1000, 20000)                       \
  X (DUP_REQUEST, "dup_request", 0, 0) X (DUP_REPLY, "dup_reply", 0, 0) X (CORRUPT, "corrupt", 0, 0)                \
  X (TRUNCATE, "truncate", 0, 0) X (NOISE, "noise", 0, 0) X (SPLIT, "split", 1, 5) X (LATE, "late", 0, 0)           \
  X (CONN_RESET, "conn_reset", 0, 0) X (HALF_OPEN, "half_open", 0, 0) X (OTHER_UNIT, "other_unit", 0, 0)            \
  X (WRONG_COUNT, "wrong_count", 0, 0) X (EXCEPTION_04, "exception_04", 0, 0) X (EXCEPTION_06, "exception_06", 0, 0) \
  X (APPLIED_THEN_EXCEPTION, "applied_then_exception", 0, 0)                                                        \
  X (EXCEPTION_THEN_APPLIED, "exception_then_applied", 200, 3000) X (STALE_REPLY, "stale_reply", 0, 0)              \
  X (GT3_BAD_TAG, "gt3_bad_tag", 0, 0) X (GT3_BAD_SEQ, "gt3_bad_seq", 0, 0) X (GT3_REPLAY, "gt3_replay", 0, 0)      \
  X (RECONNECT_TWIN, "reconnect_twin", 0, 0)                                                                        \
  X (GATEWAY_RETRY, "gateway_retry", 0, 0) X (FREEZE, "freeze", 5000, 120000) X (CLOG, "clog", 5000, 120000)

#define SIM_FAULT_MEMBER(symbol, name, lo, hi) SIM_FAULT_##symbol,
typedef enum { SIM_FAULTS (SIM_FAULT_MEMBER) SIM_N_FAULTS } SimFault;
#define SIM_FAULT_BIT(fault) (1u << SIM_FAULT_##fault)

typedef struct _SimFaults SimFaults;

/* INVALID "file:member: reason". */
SimFaults  *sim_faults_load (const char *path, GError **error);
SimFaults  *sim_faults_parse (const char *name, const char *text, gssize len, GError **error);
void        sim_faults_free (SimFaults *faults);
const char *sim_fault_name (SimFault fault);
typedef struct {
  guint64     seed, path; /* path: fnv1a64 of code and port */
  const char *code;       /* of the link */
  guint64     k;          /* number of the frame on its bus */
  gint64      since_us;   /* real time since the start */
} SimFrameId;

/* *ret_ms: how long, for faults that last. faults may be NULL. */
gboolean    sim_faults_hit (const SimFaults *faults, const SimFrameId *frame, SimFault fault, guint *ret_ms);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimFaults, sim_faults_free)

G_END_DECLS
