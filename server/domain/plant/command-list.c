/* SPDX-License-Identifier: GPL-2.0-or-later
 * command-list.c: orders to meters as people see them, money ones too. */
#include "server/domain/office/row-json.h"
#include "server/domain/plant/command.h"

static const TilldStatement shape = {
  .name = "command-list",
  .sql = "x.id AS id, x.meter AS meter, m.code AS meter_code, m.purse AS purse, m.area AS area, a.path AS room, x.kind AS kind, x.state AS state, "
         "x.amount AS amount, x.count AS count, x.value AS value, x.attempt AS attempts, nullif (x.outcome, 0::smallint) AS outcome, "
         "nullif (x.reason, 0::smallint) AS reason, x.error AS error, x.operator AS operator, o.name AS operator_name, x.created_at AS created_at, "
         "x.sent_at AS sent_at, x.done_at AS done_at",
  .columns = { { "id", DB_UUID_TYPE }, { "meter", DB_I64_TYPE }, { "meter_code", DB_TEXT_TYPE }, { "purse", DB_I16_TYPE }, { "area", DB_I64_TYPE },
               { "room", DB_TEXT_TYPE }, { "kind", DB_I16_TYPE }, { "state", DB_I16_TYPE }, { "amount", DB_I64_TYPE, DB_NULL_OK },
               { "count", DB_I32_TYPE, DB_NULL_OK }, { "value", DB_JSON_TYPE, DB_NULL_OK }, { "attempts", DB_I32_TYPE },
               { "outcome", DB_I16_TYPE, DB_NULL_OK }, { "reason", DB_I16_TYPE, DB_NULL_OK }, { "error", DB_TEXT_TYPE, DB_NULL_OK },
               { "operator", DB_I64_TYPE }, { "operator_name", DB_TEXT_TYPE, DB_NULL_OK }, { "created_at", DB_TS_TYPE },
               { "sent_at", DB_TS_TYPE, DB_NULL_OK }, { "done_at", DB_TS_TYPE, DB_NULL_OK } },
};

#define WORD(function, Type, of) static const char *function (int value) { return of ((Type) value); }
WORD (kind_word, TillCommandKind, till_command_kind_word)
WORD (state_word, TillCommandState, till_command_state_word)
WORD (outcome_word, TillDeliveryOutcome, till_delivery_outcome_word)
WORD (reason_word, TillCaseReason, till_case_reason_word)

static const TilldJsonField fields[] = {
  { "id", TILLD_JSON_ID }, { "meter", TILLD_JSON_INT }, { "meter_code", TILLD_JSON_TEXT }, { "area", TILLD_JSON_INT }, { "room", TILLD_JSON_TEXT },
  { "kind", TILLD_JSON_ENUM, NULL, kind_word }, { "state", TILLD_JSON_ENUM, NULL, state_word }, { "amount", TILLD_JSON_PURSE },
  { "count", TILLD_JSON_INT }, { "value", TILLD_JSON_RAW }, { "attempts", TILLD_JSON_INT }, { "outcome", TILLD_JSON_ENUM, NULL, outcome_word },
  { "reason", TILLD_JSON_ENUM, NULL, reason_word }, { "error", TILLD_JSON_TEXT }, { "operator", TILLD_JSON_INT },
  { "operator_name", TILLD_JSON_TEXT }, { "created_at", TILLD_JSON_TIME }, { "sent_at", TILLD_JSON_TIME }, { "done_at", TILLD_JSON_TIME }, { NULL },
};
static const TilldListFilter filters[] = {
  { "id", TILLD_FILTER_UUID, "x.id = ANY ($#)" },
  { "meter", TILLD_FILTER_I64, "x.meter = ANY ($#)" },
  { "gateway", TILLD_FILTER_I64, "m.gateway = ANY ($#)" },
  { "area", TILLD_FILTER_I64, "a.lineage && $#" },
  { "kind", TILLD_FILTER_WORD, "x.kind = ANY ($#)", till_command_kind_from_word },
  { "state", TILLD_FILTER_WORD, "x.state = ANY ($#)", till_command_state_from_word },
  { "operator", TILLD_FILTER_I64, "x.operator = ANY ($#)" },
  { "customer", TILLD_FILTER_I64, /* whose meter it was when the order was given */
    "EXISTS (SELECT FROM account_meter y JOIN account c ON c.id = y.account WHERE y.meter = x.meter AND c.customer = ANY ($#) "
    "AND x.created_at >= y.since AND (y.until IS NULL OR x.created_at < y.until))" },
  { "from", TILLD_FILTER_DAY, "x.created_at >= $#::timestamp AT TIME ZONE (SELECT zone FROM site ORDER BY id LIMIT 1)" },
  { "from", TILLD_FILTER_TIME, "x.created_at >= $#" },
  { "to", TILLD_FILTER_DAY, "x.created_at < ($# + 1)::timestamp AT TIME ZONE (SELECT zone FROM site ORDER BY id LIMIT 1)" }, /* the day itself included */
  { "to", TILLD_FILTER_TIME, "x.created_at < $#" },
  { "min_age_s", TILLD_FILTER_INT, "x.created_at <= now () - make_interval (secs => $#)" },
  { "q", TILLD_FILTER_LIKE, "m.code ILIKE $# OR a.path ILIKE $#" },
  { NULL },
};
static const TilldListSort sorts[] = {
  { "created_at", "x.created_at" }, { "sent_at", "x.sent_at" }, { "done_at", "x.done_at" }, { "kind", "x.kind" }, { "state", "x.state" },
  { "meter", "m.code" }, { "meter_code", "m.code" }, { "room", "a.path" }, { "amount", "x.amount" }, { "attempts", "x.attempt" },
  { "operator_name", "o.name" }, { "id", "x.id" }, { NULL },
};
static const TilldListSpec spec = {
  .shape = &shape,
  .from = "FROM command x JOIN meter m ON m.id = x.meter JOIN area a ON a.id = m.area LEFT JOIN operator o ON o.id = x.operator",
  .scope = "a.lineage && $#", .filters = filters, .sorts = sorts, .order = "x.created_at DESC, x.id DESC",
};
TILLD_LIST (spec)

static const TilldJsonList list = { &spec, fields, "x.accepted = $#", "command" };

static const TilldStatement command_find = {
  .name = "command-find",
  .sql = "SELECT accepted, state FROM command WHERE id = $1",
  .params = { DB_UUID_TYPE },
  .columns = { { "accepted", DB_I64_TYPE }, { "state", DB_I16_TYPE } },
};
TILLD_STATEMENT (command_find)

gboolean
tilld_command_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error)
{
  return tilld_list_serve (db, who, &list, query, w, error);
}

static gboolean
find (TilldDb *db, const TillId *id, TilldRows **ret_rows, GError **error)
{
  if (!tilld_db_query (db, &command_find, ret_rows, error, DB_UUID (id)))
    return FALSE;
  return tilld_rows_count (*ret_rows) == 1 || till_fail (error, TILL_ERROR_NOT_FOUND, "no such command");
}

gboolean
tilld_command_get (TilldDb *db, const TilldActor *who, const TillId *id, TillJsonWrite *w, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;

  return find (db, id, &rows, error) && tilld_record_serve (db, who, &list, tilld_row_i64 (rows, 0, "accepted"), w, error);
}

gboolean
tilld_command_state (TilldDb *db, const TillId *id, TillCommandState *ret_state, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;

  if (!find (db, id, &rows, error))
    return FALSE;
  *ret_state = (TillCommandState) tilld_row_i64 (rows, 0, "state");
  return TRUE;
}
