/* SPDX-License-Identifier: GPL-2.0-or-later
 * job.c: long work as rows. Does none of it. */
#include "server/domain/office/job.h"
#include "server/domain/office/audit.h"
#include "server/domain/office/row-json.h"

static const TilldStatement shape = {
  .name = "job-list",
  .sql = "j.id AS id, j.name AS name, j.state AS state, j.total AS total, j.done AS done, j.failed AS failed, j.message AS message, "
         "j.result AS result, j.operator AS operator, o.name AS operator_name, j.gateway AS gateway, j.started_at AS started_at, j.ended_at AS ended_at",
  .columns = { { "id", DB_UUID_TYPE }, { "name", DB_TEXT_TYPE }, { "state", DB_TEXT_TYPE }, { "total", DB_I64_TYPE }, { "done", DB_I64_TYPE },
               { "failed", DB_I64_TYPE }, { "message", DB_TEXT_TYPE, DB_NULL_OK }, { "result", DB_JSON_TYPE, DB_NULL_OK },
               { "operator", DB_I64_TYPE }, { "operator_name", DB_TEXT_TYPE, DB_NULL_OK }, { "gateway", DB_I64_TYPE, DB_NULL_OK },
               { "started_at", DB_TS_TYPE }, { "ended_at", DB_TS_TYPE, DB_NULL_OK } },
};
static const TilldJsonField fields[] = {
  { "id", TILLD_JSON_ID }, { "name", TILLD_JSON_TEXT }, { "state", TILLD_JSON_TEXT }, { "total", TILLD_JSON_INT }, { "done", TILLD_JSON_INT },
  { "failed", TILLD_JSON_INT }, { "message", TILLD_JSON_TEXT }, { "result", TILLD_JSON_RAW }, { "operator", TILLD_JSON_INT },
  { "operator_name", TILLD_JSON_TEXT }, { "gateway", TILLD_JSON_INT }, { "started_at", TILLD_JSON_TIME }, { "ended_at", TILLD_JSON_TIME }, { NULL },
};
static const TilldListFilter filters[] = {
  { "id", TILLD_FILTER_UUID, "j.id = ANY ($#)" },
  { "name", TILLD_FILTER_TEXT, "j.name = ANY (string_to_array ($#, ','))" },
  { "state", TILLD_FILTER_TEXT, "j.state = ANY (string_to_array ($#, ','))" },
  { "gateway", TILLD_FILTER_I64, "j.gateway = ANY ($#)" },
  { NULL },
};
static const TilldListSort sorts[] = { { "started_at", "j.started_at" }, { "name", "j.name" }, { "state", "j.state" }, { NULL } };
static const TilldListSpec spec = {
  .shape = &shape, .from = "FROM job j LEFT JOIN operator o ON o.id = j.operator", .filters = filters, .sorts = sorts, .order = "j.accepted DESC",
};
TILLD_LIST (spec)

static const TilldJsonList list = { &spec, fields, "j.accepted = $#", "job" };

static const TilldStatement job_insert = {
  .name = "job-insert",
  .sql = "INSERT INTO job (id, name, period, site, operator, gateway, input, total) VALUES ($1, $2, $1::text, $3, $4, $5, $6, $7)",
  .params = { DB_UUID_TYPE, DB_TEXT_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_JSON_TYPE, DB_I64_TYPE },
};
TILLD_STATEMENT (job_insert)

static const TilldStatement job_feed = {
  .name = "job-feed",
  .sql = "WITH told AS (INSERT INTO feed (kind, uuids) VALUES ('job', ARRAY[$1])) "
         "SELECT pg_notify ('till_feed', '')::text AS told, pg_notify (CASE WHEN $2 THEN 'till_delivery' ELSE 'till_feed' END, '')::text AS rung",
  .params = { DB_UUID_TYPE, DB_BOOL_TYPE },
  .columns = { { "told", DB_TEXT_TYPE, DB_NULL_OK }, { "rung", DB_TEXT_TYPE, DB_NULL_OK } },
};
TILLD_STATEMENT (job_feed)

static const TilldStatement job_find = {
  .name = "job-find",
  .sql = "SELECT accepted FROM job WHERE id = $1 AND (operator = $2 OR $3)",
  .params = { DB_UUID_TYPE, DB_I64_TYPE, DB_BOOL_TYPE },
  .columns = { { "accepted", DB_I64_TYPE } },
};
TILLD_STATEMENT (job_find)

/* The claim of a session that is gone is void: its process died, or lost the connection and with it what it did. A session that still
 * commits is still there. */
#define FREE \
  "(claimed_until < now () OR claimed_by IS NOT NULL AND NOT EXISTS (SELECT FROM pg_stat_activity b WHERE b.pid = job.claimed_by))"

/* One that nobody works on ends here; the other when its worker looks up. The closing of an account is always ended by its worker, who
 * gives the account back: it only waits, so it is due at once. */
static const TilldStatement job_cancel = {
  .name = "job-cancel",
  .sql = "UPDATE job SET cancel = true, state = CASE WHEN " FREE " AND name <> 'account_close' THEN 'cancelled' ELSE state END, "
         "ended_at = CASE WHEN " FREE " AND name <> 'account_close' THEN now () END, "
         "claimed_until = CASE WHEN name = 'account_close' THEN '-infinity' ELSE claimed_until END WHERE id = $1 AND state = 'running' RETURNING name",
  .params = { DB_UUID_TYPE },
  .columns = { { "name", DB_TEXT_TYPE } },
};
TILLD_STATEMENT (job_cancel)

static const TilldStatement job_claim = {
  .name = "job-claim",
  .sql = "UPDATE job SET claimed_until = now () + interval '120 seconds', claimed_by = pg_backend_pid (), claims = claims + 1 "
         "WHERE id = (SELECT id FROM job WHERE name = $1 AND state = 'running' "
         "AND " FREE " AND (gateway IS NULL OR gateway = ANY ($2)) ORDER BY accepted LIMIT 1 FOR UPDATE SKIP LOCKED) "
         "RETURNING id, coalesce (site, 0) AS site, operator, coalesce (gateway, 0) AS gateway, total, done, failed, input, cursor, claims",
  .params = { DB_TEXT_TYPE, DB_I64_ARRAY_TYPE },
  .columns = { { "id", DB_UUID_TYPE }, { "site", DB_I64_TYPE }, { "operator", DB_I64_TYPE }, { "gateway", DB_I64_TYPE }, { "total", DB_I64_TYPE },
               { "done", DB_I64_TYPE }, { "failed", DB_I64_TYPE }, { "input", DB_JSON_TYPE }, { "cursor", DB_JSON_TYPE }, { "claims", DB_I64_TYPE } },
};
TILLD_STATEMENT (job_claim)

static const TilldStatement job_progress = {
  .name = "job-progress",
  .sql = "UPDATE job SET total = $2, done = $3, failed = $4, cursor = $5, message = coalesce ($6, message), "
         "claimed_until = now () + CASE WHEN $7 > 0 THEN $7 ELSE 120 END * interval '1 second', "
         "claimed_by = CASE WHEN $7 > 0 THEN NULL ELSE pg_backend_pid () END "
         "WHERE id = $1 AND state = 'running' AND ($8 = 0 OR claims = $8) RETURNING cancel",
  .params = { DB_UUID_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_JSON_TYPE, DB_TEXT_TYPE, DB_I64_TYPE, DB_I64_TYPE },
  .columns = { { "cancel", DB_BOOL_TYPE } },
};
TILLD_STATEMENT (job_progress)

static const TilldStatement job_end = {
  .name = "job-end",
  .sql = "UPDATE job SET state = $2, message = coalesce ($3, message), result = $4, ended_at = now (), claimed_until = '-infinity', claimed_by = NULL "
         "WHERE id = $1 AND state = 'running' RETURNING id",
  .params = { DB_UUID_TYPE, DB_TEXT_TYPE, DB_TEXT_TYPE, DB_JSON_TYPE },
  .columns = { { "id", DB_UUID_TYPE } },
};
TILLD_STATEMENT (job_end)

static gboolean
tell (TilldDb *db, const TillId *id, gboolean wake, GError **error)
{
  return tilld_db_query (db, &job_feed, NULL, error, DB_UUID (id), DB_BOOL (wake));
}

gboolean
tilld_job_create (TilldDb *db, const TilldActor *who, const TilldJobNew *in, GError **error)
{
  g_autofree char *action = g_strconcat ("job.", in->name, NULL);
  char             id[TILL_ID_TEXT];

  g_assert (tilld_actor_is_set (who));
  return tilld_db_query (db, &job_insert, NULL, error, DB_UUID (&in->id), DB_TEXT (in->name), DB_I64 (who->site), DB_I64 (who->operator_id),
                         DB_I64_IF (in->gateway != 0, in->gateway), DB_JSON (in->input != NULL ? in->input : "{}"), DB_I64 (in->total)) &&
         tell (db, &in->id, TRUE, error) &&
         tilld_audit_write (db, who, &(TilldAuditEntry){ .action = action, .object = till_id_print (&in->id, id), .after = in->input }, error);
}

gboolean
tilld_job_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error)
{
  g_auto (TilldListQuery) q = { 0 };

  if (!tilld_list_query_init (&q, &spec, query, NULL, error))
    return FALSE;
  if (who->areas != NULL)
    tilld_list_query_fix (&q, "j.operator = $#", who->operator_id);
  return tilld_list_write (db, &q, fields, w, error);
}

static gboolean
find (TilldDb *db, const TilldActor *who, const TillId *id, gint64 *ret_accepted, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;

  if (!tilld_db_query (db, &job_find, &rows, error, DB_UUID (id), DB_I64 (who->operator_id), DB_BOOL (who->areas == NULL)))
    return FALSE;
  if (tilld_rows_count (rows) != 1)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "there is no such job");
  *ret_accepted = tilld_row_i64 (rows, 0, "accepted");
  return TRUE;
}

gboolean
tilld_job_get (TilldDb *db, const TilldActor *who, const TillId *id, TillJsonWrite *w, GError **error)
{
  gint64 accepted;

  return find (db, who, id, &accepted, error) && tilld_record_serve (db, who, &list, accepted, w, error);
}

gboolean
tilld_job_cancel (TilldDb *db, const TilldActor *who, const TillId *id, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;
  char                  text[TILL_ID_TEXT];
  gint64                accepted;

  if (!find (db, who, id, &accepted, error) || !tilld_db_query (db, &job_cancel, &rows, error, DB_UUID (id)))
    return FALSE;
  if (tilld_rows_count (rows) != 1)
    return till_fail (error, TILL_ERROR_CONFLICT, "the job has ended");
  return tell (db, id, FALSE, error) &&
         tilld_audit_write (db, who, &(TilldAuditEntry){ .action = "job.cancel", .object = till_id_print (id, text) }, error);
}

gboolean
tilld_job_claim (TilldDb *db, const char *name, const gint64 *gateways, guint n_gateways, TilldJobTask *ret_task, gboolean *ret_found, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;

  if (!tilld_db_query (db, &job_claim, &rows, error, DB_TEXT (name), DB_I64_ARRAY (gateways, n_gateways)))
    return FALSE;
  *ret_found = tilld_rows_count (rows) == 1;
  if (!*ret_found)
    return TRUE;
  *ret_task = (TilldJobTask){
    .site = tilld_row_i64 (rows, 0, "site"), .operator_id = tilld_row_i64 (rows, 0, "operator"), .gateway = tilld_row_i64 (rows, 0, "gateway"),
    .total = tilld_row_i64 (rows, 0, "total"), .done = tilld_row_i64 (rows, 0, "done"), .failed = tilld_row_i64 (rows, 0, "failed"),
    .claim = tilld_row_i64 (rows, 0, "claims"), .input = tilld_row_dup_text (rows, 0, "input"), .cursor = tilld_row_dup_text (rows, 0, "cursor"),
  };
  tilld_row_uuid (rows, 0, "id", &ret_task->id);
  return TRUE;
}

gboolean
tilld_job_progress (TilldDb *db, const TilldJobProgress *progress, gboolean *ret_cancelled, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;

  if (!tilld_db_query (db, &job_progress, &rows, error, DB_UUID (&progress->id), DB_I64 (progress->total), DB_I64 (progress->done),
                       DB_I64 (progress->failed), DB_JSON (progress->cursor != NULL ? progress->cursor : "{}"), DB_TEXT (progress->message),
                       DB_I64 (progress->pause_s), DB_I64 (progress->claim)))
    return FALSE;
  if (tilld_rows_count (rows) != 1)
    return till_fail (error, TILL_ERROR_STALE, "the job has ended, or somebody else does it by now");
  *ret_cancelled = tilld_row_bool (rows, 0, "cancel");
  return tell (db, &progress->id, FALSE, error);
}

gboolean
tilld_job_end (TilldDb *db, const TillId *id, TilldJobEnd how, const char *message, const char *result, GError **error)
{
  static const char *const words[] = { "done", "failed", "cancelled" };
  g_autoptr (TilldRows)    rows = NULL;

  if (!tilld_db_query (db, &job_end, &rows, error, DB_UUID (id), DB_TEXT (words[how]), DB_TEXT (message), DB_JSON (result)))
    return FALSE;
  if (tilld_rows_count (rows) != 1)
    return till_fail (error, TILL_ERROR_STALE, "the job has ended");
  return tell (db, id, FALSE, error);
}

void
tilld_job_task_clear (TilldJobTask *task)
{
  g_clear_pointer (&task->input, g_free);
  g_clear_pointer (&task->cursor, g_free);
}
