/* SPDX-License-Identifier: GPL-2.0-or-later
 * db-lease.c: rows of processes and leases. Shares are the rules' (lease-rules). */
#define G_LOG_DOMAIN "tilld-db"
#include "config.h"
#include "server/db/db-conn-private.h"
#include "server/db/db-lease.h"

#define BEGIN_TRIES    15 /* the session of a process that died ends a moment after it */
#define BEGIN_PAUSE_MS 200

/* A node is dead without a heartbeat for 20 s, or without its lock for longer than a beat. */
#define DEAD                                                                                                              \
  "(n.last_seen < now () - interval '20 seconds' OR n.last_seen < now () - interval '6 seconds' AND NOT EXISTS ("        \
  "SELECT FROM pg_locks k WHERE k.locktype = 'advisory' AND k.classid = 2 AND k.objid = (hashtext (n.name)::bigint & 4294967295)::oid " \
  "AND k.database = (SELECT oid FROM pg_database WHERE datname = current_database ()) AND k.granted))"

/* Only a connection that does not hold it yet asks for it: locks of a session are counted. */
static const TilldStatement node_lock = {
  .name = "node-lock",
  .sql = "SELECT CASE WHEN EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = 2 AND pid = pg_backend_pid () "
         "AND objid = (hashtext ($1)::bigint & 4294967295)::oid) THEN true ELSE pg_try_advisory_lock (2, hashtext ($1)) END AS held",
  .params = { DB_TEXT_TYPE },
  .columns = { { "held", DB_BOOL_TYPE } },
};
TILLD_STATEMENT (node_lock)

static const TilldStatement node_unlock = {
  .name = "node-unlock", .sql = "SELECT pg_advisory_unlock (2, hashtext ($1)) AS released", .params = { DB_TEXT_TYPE },
  .columns = { { "released", DB_BOOL_TYPE } },
};
TILLD_STATEMENT (node_unlock)

/* A free lock is proof enough; one that is held counts only with a fresh heartbeat. */
static const TilldStatement node_begin = {
  .name = "node-begin",
  .sql = "INSERT INTO node AS n (name, run, version, roles) VALUES ($1, $2, $3, $4) ON CONFLICT (name) DO UPDATE "
         "SET run = $2, version = $3, roles = $4, last_seen = now (), started_at = now () "
         "WHERE $5 OR n.last_seen < now () - interval '20 seconds' RETURNING true AS taken",
  .params = { DB_TEXT_TYPE, DB_UUID_TYPE, DB_TEXT_TYPE, DB_TEXT_TYPE, DB_BOOL_TYPE },
  .columns = { { "taken", DB_BOOL_TYPE } },
};
TILLD_STATEMENT (node_begin)

static const TilldStatement node_beat = {
  .name = "node-beat", .sql = "UPDATE node SET last_seen = now () WHERE name = $1 AND run = $2", .params = { DB_TEXT_TYPE, DB_UUID_TYPE },
};
TILLD_STATEMENT (node_beat)

static const TilldStatement node_end = {
  .name = "node-end", .sql = "DELETE FROM node WHERE name = $1 AND run = $2", .params = { DB_TEXT_TYPE, DB_UUID_TYPE },
};
TILLD_STATEMENT (node_end)

static const TilldStatement leases_end = {
  .name = "leases-end", .sql = "UPDATE lease SET owner = NULL, until = '-infinity' WHERE owner = $1", .params = { DB_UUID_TYPE },
};
TILLD_STATEMENT (leases_end)

#define TOLD "told AS (INSERT INTO feed (kind, ids) SELECT 'gateway', array_agg (gateway) FROM gone HAVING count (*) > 0) "

static const TilldStatement sessions_end = {
  .name = "sessions-end",
  .sql = "WITH gone AS (UPDATE gateway_session SET online = false, since = now () WHERE owner = $1 AND online RETURNING gateway), " TOLD
         "SELECT count (*)::int AS n FROM gone",
  .params = { DB_UUID_TYPE },
  .columns = { { "n", DB_I32_TYPE } },
};
TILLD_STATEMENT (sessions_end)

static const TilldStatement sessions_bury = {
  .name = "sessions-bury",
  .sql = "WITH dead AS (SELECT s.gateway FROM gateway_session s WHERE s.online AND s.owner NOT IN (SELECT n.run FROM node n WHERE NOT " DEAD ") "
         "FOR UPDATE SKIP LOCKED), "
         "gone AS (UPDATE gateway_session s SET online = false, since = now () FROM dead WHERE s.gateway = dead.gateway RETURNING s.gateway), " TOLD
         "SELECT count (*)::int AS n FROM gone",
  .columns = { { "n", DB_I32_TYPE } },
};
TILLD_STATEMENT (sessions_bury)

static const TilldStatement lease_renew = {
  .name = "lease-renew", .sql = "UPDATE lease SET until = now () + interval '20 seconds' WHERE owner = $1 RETURNING grp",
  .params = { DB_UUID_TYPE }, .columns = { { "grp", DB_I16_TYPE } },
};
TILLD_STATEMENT (lease_renew)

#define FREE "(l.owner IS NULL OR l.until < now () OR l.owner NOT IN (SELECT n.run FROM node n WHERE NOT " DEAD "))"

static const TilldStatement lease_view = {
  .name = "lease-view",
  .sql = "SELECT (SELECT count (*)::int FROM lease l WHERE " FREE " AND l.owner IS DISTINCT FROM $1) AS free, "
         "(SELECT count (*)::int FROM node n WHERE n.run = $1 OR n.roles LIKE '%field%' AND NOT " DEAD ") AS nodes",
  .params = { DB_UUID_TYPE }, .columns = { { "free", DB_I32_TYPE }, { "nodes", DB_I32_TYPE } },
};
TILLD_STATEMENT (lease_view)

static const TilldStatement lease_claim = {
  .name = "lease-claim",
  .sql = "WITH mine AS (SELECT l.grp FROM lease l WHERE " FREE " AND l.owner IS DISTINCT FROM $1 ORDER BY l.grp LIMIT $2 FOR UPDATE SKIP LOCKED) "
         "UPDATE lease l SET owner = $1, epoch = l.epoch + 1, until = now () + interval '20 seconds' FROM mine WHERE l.grp = mine.grp RETURNING l.grp",
  .params = { DB_UUID_TYPE, DB_I32_TYPE }, .columns = { { "grp", DB_I16_TYPE } },
};
TILLD_STATEMENT (lease_claim)

static const TilldStatement lease_give_back = {
  .name = "lease-give-back",
  .sql = "UPDATE lease SET owner = NULL, until = '-infinity' WHERE owner = $1 AND $2 >> grp::int & 1 = 1",
  .params = { DB_UUID_TYPE, DB_I64_TYPE },
};
TILLD_STATEMENT (lease_give_back)

static const TilldStatement once = {
  .name = "once",
  .sql = "INSERT INTO job (id, name, period, state, ended_at) SELECT gen_random_uuid (), $2, p.period, 'done', now () "
         "FROM (SELECT coalesce ($3, to_char (now () AT TIME ZONE 'UTC', 'YYYY-MM-DD')) AS period) p "
         "WHERE pg_try_advisory_xact_lock ($1, 0) AND NOT EXISTS (SELECT FROM job WHERE name = $2 AND period = p.period) ON CONFLICT (name, period) DO NOTHING",
  .params = { DB_I32_TYPE, DB_TEXT_TYPE, DB_TEXT_TYPE },
};
TILLD_STATEMENT (once)

static gboolean
take_lock (TilldDb *db, const char *name, gboolean *ret_held, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;

  if (!tilld_db_query (db, &node_lock, &rows, error, DB_TEXT (name)))
    return FALSE;
  *ret_held = tilld_row_bool (rows, 0, "held");
  return TRUE;
}

gboolean
tilld_node_begin (TilldDb *db, const TilldNode *node, GError **error)
{
  for (guint try = 0; try < BEGIN_TRIES; try++)
    {
      g_autoptr (TilldRows) rows = NULL;
      gboolean held;

      if (try > 0)
        tilld_db_pause_ms (BEGIN_PAUSE_MS);
      if (!take_lock (db, node->name, &held, error) ||
          !tilld_db_query (db, &node_begin, &rows, error, DB_TEXT (node->name), DB_UUID (&node->run), DB_TEXT (node->version),
                           DB_TEXT (node->roles), DB_BOOL (held)))
        return FALSE;
      if (tilld_rows_count (rows) == 1)
        return TRUE;
    }
  return till_fail (error, TILL_ERROR_CONFLICT, "a process with the name \"%s\" is running: server.node must be another here", node->name);
}

gboolean
tilld_node_beat (TilldDb *db, const TilldNode *node, gboolean *ret_mine, GError **error)
{
  gboolean held;

  if (!tilld_db_query (db, &node_beat, NULL, error, DB_TEXT (node->name), DB_UUID (&node->run)))
    return FALSE;
  *ret_mine = tilld_db_affected (db) == 1;
  return !*ret_mine || take_lock (db, node->name, &held, error); /* held by a session of ours that is ending: the next beat has it */
}

gboolean
tilld_node_end (TilldDb *db, const TilldNode *node, GError **error)
{
  return tilld_db_query (db, &leases_end, NULL, error, DB_UUID (&node->run)) &&
         tilld_db_query (db, &sessions_end, NULL, error, DB_UUID (&node->run)) &&
         tilld_db_query (db, &node_end, NULL, error, DB_TEXT (node->name), DB_UUID (&node->run)) &&
         tilld_db_query (db, &node_unlock, NULL, error, DB_TEXT (node->name));
}

gboolean
tilld_node_bury (TilldDb *db, guint *ret_sessions, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;

  if (!tilld_db_exec (db, &sessions_bury, NULL, 0, &rows, error))
    return FALSE;
  *ret_sessions = (guint) tilld_row_i64 (rows, 0, "n");
  return TRUE;
}

static guint64
groups_of (TilldRows *rows)
{
  guint64 groups = 0;

  for (guint i = 0; i < tilld_rows_count (rows); i++)
    groups |= G_GUINT64_CONSTANT (1) << tilld_row_i64 (rows, i, "grp");
  return groups;
}

gboolean
tilld_lease_renew (TilldDb *db, const TillId *run, TilldLeases *ret_leases, GError **error)
{
  g_autoptr (TilldRows) mine = NULL;
  g_autoptr (TilldRows) view = NULL;

  if (!tilld_db_query (db, &lease_renew, &mine, error, DB_UUID (run)) || !tilld_db_query (db, &lease_view, &view, error, DB_UUID (run)))
    return FALSE;
  *ret_leases = (TilldLeases){ groups_of (mine), tilld_rows_count (mine), (guint) tilld_row_i64 (view, 0, "free"),
                               (guint) tilld_row_i64 (view, 0, "nodes") };
  return TRUE;
}

gboolean
tilld_lease_claim (TilldDb *db, const TillId *run, guint n, guint64 *ret_claimed, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;

  if (!tilld_db_query (db, &lease_claim, &rows, error, DB_UUID (run), DB_I32 ((gint) n)))
    return FALSE;
  *ret_claimed = groups_of (rows);
  return TRUE;
}

gboolean
tilld_lease_give_back (TilldDb *db, const TillId *run, guint64 groups, GError **error)
{
  return tilld_db_query (db, &lease_give_back, NULL, error, DB_UUID (run), DB_I64 ((gint64) groups));
}

gboolean
tilld_once (TilldDb *db, TilldLockClass lock, const char *job, const char *period, gboolean *ret_mine, GError **error)
{
  if (!tilld_db_query (db, &once, NULL, error, DB_I32 (lock), DB_TEXT (job), DB_TEXT (period)))
    return FALSE;
  *ret_mine = tilld_db_affected (db) == 1;
  return TRUE;
}
