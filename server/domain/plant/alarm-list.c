/* SPDX-License-Identifier: GPL-2.0-or-later
 * alarm-list.c: alarms as people see them, and who took note of them. */
#include "server/domain/office/audit.h"
#include "server/domain/office/row-json.h"
#include "server/domain/plant/alarm.h"

static const TilldStatement alarm_ack = {
  .name = "alarm-ack",
  .sql = "WITH changed AS (UPDATE alarm SET acked_at = now (), acked_by = $2, note = $3 WHERE id = $1 AND acked_at IS NULL RETURNING id) "
         "INSERT INTO feed (kind, ids) SELECT 'alarm', ARRAY[id] FROM changed RETURNING kind",
  .params = { DB_I64_TYPE, DB_I64_TYPE, DB_TEXT_TYPE },
  .columns = { { "kind", DB_TEXT_TYPE } },
};
TILLD_STATEMENT (alarm_ack)

static const TilldStatement shape = {
  .name = "alarm-list",
  .sql = "l.id AS id, l.kind AS kind, l.severity AS severity, l.meter AS meter, m.code AS meter_code, coalesce (l.gateway, m.gateway) AS gateway, "
         "g.code AS gateway_code, a.id AS area, a.path AS room, k.id AS customer, k.name AS customer_name, l.raised_at AS raised_at, "
         "l.cleared_at AS cleared_at, l.acked_at AS acked_at, l.acked_by AS acked_by, o.name AS acked_name, l.note AS note, l.detail AS detail",
  .columns = { { "id", DB_I64_TYPE }, { "kind", DB_I16_TYPE }, { "severity", DB_I16_TYPE }, { "meter", DB_I64_TYPE, DB_NULL_OK },
               { "meter_code", DB_TEXT_TYPE, DB_NULL_OK }, { "gateway", DB_I64_TYPE, DB_NULL_OK }, { "gateway_code", DB_TEXT_TYPE, DB_NULL_OK },
               { "area", DB_I64_TYPE, DB_NULL_OK }, { "room", DB_TEXT_TYPE, DB_NULL_OK }, { "customer", DB_I64_TYPE, DB_NULL_OK },
               { "customer_name", DB_TEXT_TYPE, DB_NULL_OK }, { "raised_at", DB_TS_TYPE }, { "cleared_at", DB_TS_TYPE, DB_NULL_OK },
               { "acked_at", DB_TS_TYPE, DB_NULL_OK }, { "acked_by", DB_I64_TYPE, DB_NULL_OK }, { "acked_name", DB_TEXT_TYPE, DB_NULL_OK },
               { "note", DB_TEXT_TYPE, DB_NULL_OK }, { "detail", DB_JSON_TYPE } },
};

static const char *
kind_word (int kind)
{
  return till_alarm_kind_word ((TillAlarmKind) kind);
}

static const char *
severity_word (int severity)
{
  return till_severity_word ((TillSeverity) severity);
}

/* "open" or "all": which alarms the list shows, as how many of the two kinds. */
static gboolean
state_from_word (const char *word, int *ret)
{
  *ret = g_str_equal (word, "open") ? 0 : g_str_equal (word, "cleared") ? 1 : 2;
  return *ret < 2 || g_str_equal (word, "all");
}

static const TilldJsonField fields[] = {
  { "id", TILLD_JSON_INT }, { "kind", TILLD_JSON_ENUM, NULL, kind_word }, { "severity", TILLD_JSON_ENUM, NULL, severity_word },
  { "meter", TILLD_JSON_INT }, { "meter_code", TILLD_JSON_TEXT }, { "gateway", TILLD_JSON_INT }, { "gateway_code", TILLD_JSON_TEXT },
  { "area", TILLD_JSON_INT }, { "room", TILLD_JSON_TEXT }, { "customer", TILLD_JSON_INT }, { "customer_name", TILLD_JSON_TEXT },
  { "raised_at", TILLD_JSON_TIME }, { "cleared_at", TILLD_JSON_TIME }, { "acked_at", TILLD_JSON_TIME }, { "acked_by", TILLD_JSON_INT },
  { "acked_name", TILLD_JSON_TEXT }, { "note", TILLD_JSON_TEXT }, { "detail", TILLD_JSON_RAW }, { NULL },
};
static const TilldListFilter filters[] = {
  { "id", TILLD_FILTER_I64, "l.id = ANY ($#)" },
  { "state", TILLD_FILTER_WORD, "2 = ANY ($#) OR (CASE WHEN l.cleared_at IS NULL THEN 0 ELSE 1 END) = ANY ($#)", state_from_word },
  { "kind", TILLD_FILTER_WORD, "l.kind = ANY ($#)", till_alarm_kind_from_word },
  { "severity", TILLD_FILTER_WORD, "l.severity = ANY ($#)", till_severity_from_word },
  { "meter", TILLD_FILTER_I64, "l.meter = ANY ($#)" },
  { "gateway", TILLD_FILTER_I64, "coalesce (l.gateway, m.gateway) = ANY ($#)" },
  { "area", TILLD_FILTER_I64, "a.lineage && $#" },
  { "acked", TILLD_FILTER_BOOL, "(l.acked_at IS NOT NULL) = $#" },
  { "from", TILLD_FILTER_DAY, "l.raised_at >= $#::timestamp AT TIME ZONE (SELECT zone FROM site ORDER BY id LIMIT 1)" },
  { "from", TILLD_FILTER_TIME, "l.raised_at >= $#" },
  { "to", TILLD_FILTER_DAY, "l.raised_at < ($# + 1)::timestamp AT TIME ZONE (SELECT zone FROM site ORDER BY id LIMIT 1)" }, /* the day itself included */
  { "to", TILLD_FILTER_TIME, "l.raised_at < $#" },
  { "min_age_s", TILLD_FILTER_INT, "l.raised_at <= now () - make_interval (secs => $#)" },
  { "q", TILLD_FILTER_LIKE, "m.code ILIKE $# OR g.code ILIKE $# OR a.path ILIKE $# OR k.name ILIKE $#" },
  { NULL },
};
static const TilldListSort sorts[] = {
  { "raised_at", "l.raised_at" }, { "cleared_at", "l.cleared_at" }, { "acked_at", "l.acked_at" }, { "kind", "l.kind" },
  { "severity", "l.severity" }, { "meter", "m.code" }, { "meter_code", "m.code" }, { "gateway", "g.code" }, { "gateway_code", "g.code" },
  { "room", "a.path" }, { "customer_name", "k.name" }, { "id", "l.id" }, { NULL },
};
static const TilldListSpec spec = {
  .shape = &shape,
  .from = "FROM alarm l LEFT JOIN meter m ON m.id = l.meter LEFT JOIN gateway g ON g.id = coalesce (l.gateway, m.gateway) "
          "LEFT JOIN area a ON a.id = coalesce (m.area, g.area) LEFT JOIN account_meter am ON am.meter = m.id AND am.until IS NULL "
          "LEFT JOIN account c ON c.id = am.account LEFT JOIN customer k ON k.id = c.customer LEFT JOIN operator o ON o.id = l.acked_by",
  .scope = "a.lineage && $#", .filters = filters, .sorts = sorts, .order = "l.raised_at DESC, l.id DESC",
};
TILLD_LIST (spec)

static const TilldJsonList list = { &spec, fields, "l.id = $#", "alarm" };

gboolean
tilld_alarm_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error)
{
  return tilld_list_serve (db, who, &list, query, w, error);
}

gboolean
tilld_alarm_get (TilldDb *db, const TilldActor *who, gint64 id, TillJsonWrite *w, GError **error)
{
  return tilld_record_serve (db, who, &list, id, w, error);
}

gboolean
tilld_alarm_ack (TilldDb *db, const TilldActor *who, gint64 id, const char *note, GError **error)
{
  g_autoptr (TillJsonWrite) seen = till_json_write_new ();
  g_autoptr (TilldRows) rows = NULL;
  g_autofree char *object = g_strdup_printf ("alarm:%" G_GINT64_FORMAT, id);

  till_json_write_begin_object (seen, NULL); /* is it there, and in scope? */
  if (!tilld_record_serve (db, who, &list, id, seen, error) ||
      !tilld_db_query (db, &alarm_ack, &rows, error, DB_I64 (id), DB_I64 (who->operator_id), DB_TEXT (note)))
    return FALSE;
  if (tilld_rows_count (rows) != 1)
    return till_fail (error, TILL_ERROR_CONFLICT, "the alarm was acknowledged before");
  return tilld_audit_write (db, who, &(TilldAuditEntry){ .action = "alarms.acknowledge", .object = object }, error);
}
