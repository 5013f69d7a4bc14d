/* SPDX-License-Identifier: GPL-2.0-or-later
 * db-lease.h: processes and what each holds: node rows with a heartbeat, leases on groups of gateways, jobs that run once. All times
 * are the database's.
 *
 * A node is alive while its session holds the advisory lock of its name. The lock falls with the connection, so that a process that died
 * can start again at once and its groups are free after a missed beat; a process that is only stopped, or behind a dead network, keeps
 * its lock and counts as dead when its heartbeat is older than 20 s. What a wrong verdict could harm is fenced elsewhere: every write
 * of money checks the epoch of its gateway's session. */
#pragma once
#include "server/db/db-conn.h"

G_BEGIN_DECLS

/* Classes of advisory locks, key (class, what). 1 is the schema's (db-migrate). */
typedef enum {
  TILLD_LOCK_NODE = 2,       /* what: hash of the name */
  TILLD_LOCK_PARTITIONS = 3, /* 0 */
} TilldLockClass;

typedef struct {
  TillId      run; /* this start of the process */
  const char *name, *version, *roles;
} TilldNode;

/* The row and the lock of its name, on this connection. CONFLICT: a live process has this name. */
gboolean tilld_node_begin (TilldDb *db, const TilldNode *node, GError **error);
/* FALSE in *ret_mine: another process runs under this name by now. Takes the lock again after a lost connection. */
gboolean tilld_node_beat (TilldDb *db, const TilldNode *node, gboolean *ret_mine, GError **error);
/* Leases given back, sessions of its links offline, row and lock gone. */
gboolean tilld_node_end (TilldDb *db, const TilldNode *node, GError **error);
/* Sessions that processes which are gone left online. Feed row `gateway`. */
gboolean tilld_node_bury (TilldDb *db, guint *ret_sessions, GError **error);

typedef struct {
  guint64 mine; /* a bit a group */
  guint   n_mine, n_free, n_nodes; /* nodes: live ones that dial, this one included */
} TilldLeases;

/* Prolongs what is held; the rest is seen as it is. */
gboolean tilld_lease_renew (TilldDb *db, const TillId *run, TilldLeases *ret_leases, GError **error);
/* Up to n of the free ones. */
gboolean tilld_lease_claim (TilldDb *db, const TillId *run, guint n, guint64 *ret_claimed, GError **error);
gboolean tilld_lease_give_back (TilldDb *db, const TillId *run, guint64 groups, GError **error);

/* In a transaction: TRUE in *ret_mine when this is the first to do the job of this period (NULL: of this day, UTC); the commit says that
 * it is done. */
gboolean tilld_once (TilldDb *db, TilldLockClass lock, const char *job, const char *period, gboolean *ret_mine, GError **error);

G_END_DECLS
