/* SPDX-License-Identifier: GPL-2.0-or-later
 * audit.c: the log of who did what: one hash chain a site, written in the transaction of the deed. */
#include "server/domain/office/audit.h"
#include "server/domain/office/row-json.h"

static const TilldStatement audit_append = {
  .name = "audit-append",
  .sql = "SELECT audit_append ($1, $2, $3, $4, $5, $6, $7, $8, $9) AS n",
  .params = { DB_I64_TYPE, DB_I64_TYPE, DB_TEXT_TYPE, DB_TEXT_TYPE, DB_TEXT_TYPE, DB_TEXT_TYPE, DB_JSON_TYPE, DB_JSON_TYPE, DB_TEXT_TYPE },
  .columns = { { "n", DB_I64_TYPE } },
};
TILLD_STATEMENT (audit_append)

static const TilldStatement audit_verify = {
  .name = "audit-verify",
  .sql = "SELECT (SELECT count (*) FROM audit WHERE site = $1) AS n, audit_first_broken ($1) AS broken_at",
  .params = { DB_I64_TYPE },
  .columns = { { "n", DB_I64_TYPE }, { "broken_at", DB_I64_TYPE } },
};
TILLD_STATEMENT (audit_verify)

gboolean
tilld_audit_write (TilldDb *db, const TilldActor *who, const TilldAuditEntry *entry, GError **error)
{
  g_assert (tilld_actor_is_set (who) && entry->action != NULL);
  return tilld_db_query (db, &audit_append, NULL, error, DB_I64 (who->site), DB_I64 (who->operator_id), tilld_db_text (who->address),
                         DB_TEXT (entry->action), DB_TEXT (entry->object != NULL ? entry->object : ""),
                         DB_TEXT (entry->result != NULL ? entry->result : "ok"), DB_JSON (entry->before), DB_JSON (entry->after),
                         tilld_db_text (who->request));
}

gboolean
tilld_audit_verify (TilldDb *db, gint64 site, gint64 *ret_n, gint64 *ret_broken_at, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;

  if (!tilld_db_query (db, &audit_verify, &rows, error, DB_I64 (site)))
    return FALSE;
  *ret_n = tilld_row_i64 (rows, 0, "n");
  *ret_broken_at = tilld_row_i64 (rows, 0, "broken_at");
  return TRUE;
}

static const TilldStatement shape = {
  .name = "audit-list",
  .sql = "l.n AS n, l.at AS at, l.operator AS operator, o.name AS operator_name, l.address AS address, l.action AS action, l.object AS object, "
         "l.result AS result, l.before AS before, l.after AS after, l.request AS request",
  .columns = { { "n", DB_I64_TYPE }, { "at", DB_TS_TYPE }, { "operator", DB_I64_TYPE }, { "operator_name", DB_TEXT_TYPE, DB_NULL_OK },
               { "address", DB_TEXT_TYPE }, { "action", DB_TEXT_TYPE }, { "object", DB_TEXT_TYPE }, { "result", DB_TEXT_TYPE },
               { "before", DB_JSON_TYPE, DB_NULL_OK }, { "after", DB_JSON_TYPE, DB_NULL_OK }, { "request", DB_TEXT_TYPE } },
};
static const TilldJsonField fields[] = {
  { "n", TILLD_JSON_INT }, { "at", TILLD_JSON_TIME }, { "operator", TILLD_JSON_INT }, { "operator_name", TILLD_JSON_TEXT },
  { "address", TILLD_JSON_TEXT }, { "action", TILLD_JSON_TEXT }, { "object", TILLD_JSON_TEXT }, { "result", TILLD_JSON_TEXT },
  { "before", TILLD_JSON_RAW }, { "after", TILLD_JSON_RAW }, { "request", TILLD_JSON_TEXT }, { NULL },
};
static const TilldListFilter filters[] = {
  { "from", TILLD_FILTER_DAY, "l.at >= $#::timestamp AT TIME ZONE (SELECT zone FROM site ORDER BY id LIMIT 1)" },
  { "from", TILLD_FILTER_TIME, "l.at >= $#" },
  { "to", TILLD_FILTER_DAY, "l.at < ($# + 1)::timestamp AT TIME ZONE (SELECT zone FROM site ORDER BY id LIMIT 1)" }, /* the day itself included */
  { "to", TILLD_FILTER_TIME, "l.at < $#" },
  { "operator", TILLD_FILTER_I64, "l.operator = ANY ($#)" },
  { "action", TILLD_FILTER_TEXT, "l.action = ANY (string_to_array ($#, ','))" },
  { "result", TILLD_FILTER_TEXT, "l.result = ANY (string_to_array ($#, ','))" },
  { "q", TILLD_FILTER_LIKE, "l.object ILIKE $# OR l.action ILIKE $# OR o.name ILIKE $#" },
  { NULL },
};
static const TilldListSort sorts[] = {
  { "at", "l.at" }, { "n", "l.n" }, { "action", "l.action" }, { "operator_name", "o.name" }, { "result", "l.result" }, { NULL },
};
static const TilldListSpec spec = {
  .shape = &shape, .from = "FROM audit l LEFT JOIN operator o ON o.id = l.operator", .filters = filters, .sorts = sorts, .order = "l.site, l.n DESC",
};
TILLD_LIST (spec)

gboolean
tilld_audit_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error)
{
  static const TilldJsonList list = { &spec, fields, "l.n = $#", "log row" };

  return tilld_list_serve (db, who, &list, query, w, error);
}
