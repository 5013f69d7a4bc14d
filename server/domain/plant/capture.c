/* SPDX-License-Identifier: GPL-2.0-or-later
 * capture.c: captures as rows. Records nothing. */
#include "server/domain/plant/capture.h"
#include "server/domain/office/audit.h"
#include "server/domain/office/row-json.h"
#include "server/domain/plant/feed.h"

static const TilldStatement shape = {
  .name = "capture-list",
  .sql = "c.n::bigint AS n, c.gateway AS gateway, c.state AS state, c.minutes AS minutes, c.operator AS operator, o.name AS operator_name, "
         "c.ordered_at AS ordered_at, c.started_at AS started_at, c.ended_at AS ended_at, c.lines AS lines, c.bytes AS bytes, "
         "c.full_early AS full_early, c.message AS message",
  .columns = { { "n", DB_I64_TYPE }, { "gateway", DB_I64_TYPE }, { "state", DB_TEXT_TYPE }, { "minutes", DB_I32_TYPE }, { "operator", DB_I64_TYPE },
               { "operator_name", DB_TEXT_TYPE, DB_NULL_OK }, { "ordered_at", DB_TS_TYPE }, { "started_at", DB_TS_TYPE, DB_NULL_OK },
               { "ended_at", DB_TS_TYPE, DB_NULL_OK }, { "lines", DB_I64_TYPE }, { "bytes", DB_I64_TYPE }, { "full_early", DB_BOOL_TYPE },
               { "message", DB_TEXT_TYPE, DB_NULL_OK } },
};
static const TilldJsonField fields[] = {
  { "n", TILLD_JSON_INT }, { "gateway", TILLD_JSON_INT }, { "state", TILLD_JSON_TEXT }, { "minutes", TILLD_JSON_INT }, { "operator", TILLD_JSON_INT },
  { "operator_name", TILLD_JSON_TEXT }, { "ordered_at", TILLD_JSON_TIME }, { "started_at", TILLD_JSON_TIME }, { "ended_at", TILLD_JSON_TIME },
  { "lines", TILLD_JSON_INT }, { "bytes", TILLD_JSON_INT }, { "full_early", TILLD_JSON_BOOL }, { "message", TILLD_JSON_TEXT }, { NULL },
};
static const TilldListFilter filters[] = {
  { "gateway", TILLD_FILTER_I64, "c.gateway = ANY ($#)" },
  { "state", TILLD_FILTER_TEXT, "c.state = ANY (string_to_array ($#, ','))" },
  { NULL },
};
static const TilldListSort sorts[] = { { "n", "c.n" }, { "ordered_at", "c.ordered_at" }, { "state", "c.state" }, { "bytes", "c.bytes" }, { NULL } };
static const TilldListSpec spec = {
  .shape = &shape,
  .from = "FROM capture c JOIN gateway g ON g.id = c.gateway LEFT JOIN area a ON a.id = g.area LEFT JOIN operator o ON o.id = c.operator",
  .where = "g.retired_at IS NULL", .scope = "a.lineage && $#", .filters = filters, .sorts = sorts, .order = "c.n DESC, c.gateway",
};
TILLD_LIST (spec)

static const TilldStatement capture_gateway = {
  .name = "capture-gateway",
  .sql = "SELECT g.code AS code FROM gateway g LEFT JOIN area a ON a.id = g.area WHERE g.id = $1 AND g.retired_at IS NULL AND ($2 OR a.lineage && $3)",
  .params = { DB_I64_TYPE, DB_BOOL_TYPE, DB_I64_ARRAY_TYPE },
  .columns = { { "code", DB_TEXT_TYPE } },
};
TILLD_STATEMENT (capture_gateway)

/* The row lock on the gateway makes two orders at once come after each other. */
static const TilldStatement capture_order = {
  .name = "capture-order",
  .sql = "WITH held AS (SELECT id FROM gateway WHERE id = $1 FOR UPDATE) INSERT INTO capture (gateway, n, minutes, operator) "
         "SELECT id, coalesce ((SELECT max (n) FROM capture WHERE gateway = $1), 0) + 1, $2, $3 FROM held "
         "ON CONFLICT DO NOTHING RETURNING n::bigint AS n",
  .params = { DB_I64_TYPE, DB_I32_TYPE, DB_I64_TYPE },
  .columns = { { "n", DB_I64_TYPE } },
};
TILLD_STATEMENT (capture_order)

static const TilldStatement capture_forget = {
  .name = "capture-forget",
  .sql = "DELETE FROM capture WHERE gateway = $1 AND n <= $2",
  .params = { DB_I64_TYPE, DB_I64_TYPE },
};
TILLD_STATEMENT (capture_forget)

static const TilldStatement capture_exists = {
  .name = "capture-exists",
  .sql = "SELECT n::bigint AS n FROM capture WHERE gateway = $1 AND n = $2",
  .params = { DB_I64_TYPE, DB_I64_TYPE },
  .columns = { { "n", DB_I64_TYPE } },
};
TILLD_STATEMENT (capture_exists)

static const TilldStatement capture_content = {
  .name = "capture-content",
  .sql = "SELECT content FROM capture_part WHERE gateway = $1 AND n = $2 ORDER BY part",
  .params = { DB_I64_TYPE, DB_I64_TYPE },
  .columns = { { "content", DB_BYTES_TYPE } },
};
TILLD_STATEMENT (capture_content)

static const TilldStatement capture_sweep = {
  .name = "capture-sweep",
  .sql = "UPDATE capture SET state = 'failed', ended_at = now (), message = CASE WHEN state = 'ordered' THEN 'the gateway was not connected' "
         "ELSE 'the process that recorded was stopped' END WHERE (state = 'ordered' AND ordered_at < now () - interval '10 minutes') OR "
         "(state = 'running' AND started_at < now () - make_interval (mins => minutes + 2))",
};
TILLD_STATEMENT (capture_sweep)

static const TilldStatement capture_claim = {
  .name = "capture-claim",
  .sql = "UPDATE capture SET state = 'running', started_at = now () WHERE (gateway, n) IN (SELECT gateway, n FROM capture "
         "WHERE state = 'ordered' AND gateway = ANY ($1) FOR UPDATE SKIP LOCKED) RETURNING gateway, n::bigint AS n, minutes",
  .params = { DB_I64_ARRAY_TYPE },
  .columns = { { "gateway", DB_I64_TYPE }, { "n", DB_I64_TYPE }, { "minutes", DB_I32_TYPE } },
};
TILLD_STATEMENT (capture_claim)

static const TilldStatement capture_part = {
  .name = "capture-part",
  .sql = "WITH added AS (INSERT INTO capture_part (gateway, n, part, content) SELECT gateway, n, $3, $4 FROM capture "
         "WHERE gateway = $1 AND n = $2 AND state = 'running' ON CONFLICT DO NOTHING RETURNING octet_length (content) AS len) "
         "UPDATE capture SET lines = lines + $5, bytes = bytes + added.len FROM added WHERE gateway = $1 AND n = $2",
  .params = { DB_I64_TYPE, DB_I64_TYPE, DB_I32_TYPE, DB_BYTES_TYPE, DB_I64_TYPE },
};
TILLD_STATEMENT (capture_part)

static const TilldStatement capture_end = {
  .name = "capture-end",
  .sql = "UPDATE capture SET state = CASE WHEN $3::text IS NULL THEN 'done' ELSE 'failed' END, ended_at = now (), message = $3, full_early = $4 "
         "WHERE gateway = $1 AND n = $2 AND state = 'running'",
  .params = { DB_I64_TYPE, DB_I64_TYPE, DB_TEXT_TYPE, DB_BOOL_TYPE },
};
TILLD_STATEMENT (capture_end)

/* The code of a gateway that the actor may see; caller frees; NULL: NOT_FOUND. */
static char *
code_of (TilldDb *db, const TilldActor *who, gint64 gateway, GError **error)
{
  g_autoptr(TilldRows) rows = NULL;
  gboolean             all = who->areas == NULL;

  g_assert (tilld_actor_is_set (who));
  if (!tilld_db_query (db, &capture_gateway, &rows, error, DB_I64 (gateway), DB_BOOL (all),
                       DB_I64_ARRAY (all ? NULL : (const gint64 *) who->areas->data, all ? 0 : who->areas->len)))
    return NULL;
  if (tilld_rows_count (rows) == 1)
    return tilld_row_dup_text (rows, 0, "code");
  till_fail (error, TILL_ERROR_NOT_FOUND, "no such gateway");
  return NULL;
}

gboolean
tilld_capture_order (TilldDb *db, const TilldActor *who, gint64 gateway, guint minutes, gint64 *ret_n, GError **error)
{
  g_autofree char     *code = code_of (db, who, gateway, error), *object = NULL, *after = NULL;
  g_autoptr(TilldRows) rows = NULL;
  gint64               n;

  g_assert (minutes >= 1 && minutes <= TILLD_CAPTURE_MINUTES_MAX);
  if (code == NULL ||
      !tilld_db_query (db, &capture_order, &rows, error, DB_I64 (gateway), DB_I32 (minutes), DB_I64 (who->operator_id)))
    return FALSE;
  if (tilld_rows_count (rows) != 1)
    return till_fail (error, TILL_ERROR_CONFLICT, "a capture of this gateway is ordered or running");
  n = tilld_row_i64 (rows, 0, "n");
  object = g_strdup_printf ("gateway:%" G_GINT64_FORMAT, gateway);
  after = g_strdup_printf ("{\"n\":%" G_GINT64_FORMAT ",\"minutes\":%u}", n, minutes);
  if (!tilld_db_query (db, &capture_forget, NULL, error, DB_I64 (gateway), DB_I64 (n - TILLD_CAPTURES_KEPT)) ||
      !tilld_feed_add_ids (db, "gateway", &gateway, 1, error) || !tilld_bell_ring (db, "till_delivery", error) ||
      !tilld_audit_write (db, who, &(TilldAuditEntry){ .action = "gateway.capture", .object = object, .after = after }, error))
    return FALSE;
  *ret_n = n;
  return TRUE;
}

gboolean
tilld_capture_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error)
{
  static const TilldJsonList list = { &spec, fields, "c.n = $#", "capture" };

  return tilld_list_serve (db, who, &list, query, w, error);
}

gboolean
tilld_capture_get (TilldDb *db, const TilldActor *who, gint64 gateway, gint64 n, TillJsonWrite *w, GError **error)
{
  g_auto (TilldListQuery) q = { NULL };
  g_autoptr(TilldRows)    rows = NULL;

  g_assert (tilld_actor_is_set (who));
  if (!tilld_list_query_init (&q, &spec, NULL, who->areas, error))
    return FALSE;
  tilld_list_query_fix (&q, "c.gateway = $#", gateway);
  tilld_list_query_fix (&q, "c.n = $#", n);
  if (!tilld_list_run (db, &q, &rows, NULL, error))
    return FALSE;
  if (tilld_rows_count (rows) != 1)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "no such capture");
  tilld_row_write (rows, 0, fields, w);
  return TRUE;
}

gboolean
tilld_capture_content (TilldDb *db, const TilldActor *who, gint64 gateway, gint64 n, GBytes **ret_content, char **ret_code, GError **error)
{
  g_autofree char       *code = code_of (db, who, gateway, error);
  g_autoptr(TilldRows)   found = NULL, rows = NULL;
  g_autoptr(GByteArray)  content = g_byte_array_new ();

  if (code == NULL || !tilld_db_query (db, &capture_exists, &found, error, DB_I64 (gateway), DB_I64 (n)))
    return FALSE;
  if (tilld_rows_count (found) != 1)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "no such capture");
  if (!tilld_db_query (db, &capture_content, &rows, error, DB_I64 (gateway), DB_I64 (n)))
    return FALSE;
  for (guint i = 0; i < tilld_rows_count (rows); i++)
    {
      gsize         len;
      const guint8 *bytes = tilld_row_bytes (rows, i, "content", &len);

      g_byte_array_append (content, bytes, (guint) len);
    }
  *ret_content = g_byte_array_free_to_bytes (g_steal_pointer (&content));
  *ret_code = g_steal_pointer (&code);
  return TRUE;
}

gboolean
tilld_capture_claim (TilldDb *db, const gint64 *gateways, guint n_gateways, GArray *ret_orders, GError **error)
{
  g_autoptr(TilldRows) rows = NULL;

  if (!tilld_db_exec (db, &capture_sweep, NULL, 0, NULL, error) ||
      !tilld_db_query (db, &capture_claim, &rows, error, DB_I64_ARRAY (gateways, n_gateways)))
    return FALSE;
  for (guint i = 0; i < tilld_rows_count (rows); i++)
    {
      TilldCaptureOrder order = { tilld_row_i64 (rows, i, "gateway"), tilld_row_i64 (rows, i, "n"), (guint) tilld_row_i64 (rows, i, "minutes") };

      if (!tilld_feed_add_ids (db, "gateway", &order.gateway, 1, error))
        return FALSE;
      g_array_append_val (ret_orders, order);
    }
  return TRUE;
}

gboolean
tilld_capture_append (TilldDb *db, const TilldCapturePart *part, GError **error)
{
  g_assert (part->len <= TILLD_CAPTURE_PART_MAX);
  if (part->content != NULL &&
      !tilld_db_query (db, &capture_part, NULL, error, DB_I64 (part->gateway), DB_I64 (part->n), DB_I32 (part->part),
                       DB_BYTES (part->content, part->len), DB_I64 (part->lines)))
    return FALSE;
  return !part->end ||
         (tilld_db_query (db, &capture_end, NULL, error, DB_I64 (part->gateway), DB_I64 (part->n), DB_TEXT (part->message), DB_BOOL (part->full_early)) &&
          tilld_feed_add_ids (db, "gateway", &part->gateway, 1, error));
}
