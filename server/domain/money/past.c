/* SPDX-License-Identifier: GPL-2.0-or-later
 * past.c: the lists of past.h. Each part begins at the meter or customer, so that its own index finds the few rows there are. */
#include "server/domain/money/past.h"
#include "server/domain/office/row-json.h"
#include "server/domain/plant/customer.h"
#include "server/domain/plant/meter.h"
#include "shared/api/till-enums.h"

/* Numbers of `what` and `state`: those of sales, then of commands, of cases; of a replacement: its credit is provisional, was corrected; of
 * alarms. */
enum { COMMANDS = 100, CASES = 200, REPLACEMENTS = 300, ALARMS = 400 };

#define NOTHING "NULL::jsonb AS before, NULL::jsonb AS after"
#define OPENED(subject, from)                                                                                                                  \
  "SELECT c.opened_at AS at, 0::smallint AS kind, c.code AS ref, " subject " AS subject, NULL::bigint AS meter, c.id AS account, NULL::smallint AS what, " \
  "NULL::smallint AS state, NULL::bigint AS amount, NULL::bigint AS operator, NULL::text AS note, " NOTHING ", 0 AS money " from
#define CLOSED(subject, from) \
  "SELECT c.closed_at, 1::smallint, c.code, " subject ", NULL, c.id, NULL, NULL, NULL, c.closing_by, NULL, NULL, NULL, 0 " from " AND c.closed_at IS NOT NULL"
#define ADDED(subject, from) "SELECT x.since, 2::smallint, c.code, " subject ", x.meter, c.id, NULL, NULL, NULL, NULL, k.name, NULL, NULL, 0 " from
#define REMOVED(subject, from) \
  "SELECT x.until, 3::smallint, c.code, " subject ", x.meter, c.id, NULL, NULL, NULL, NULL, k.name, NULL, NULL, 0 " from " AND x.until IS NOT NULL"
#define SALES(subject, from) \
  "SELECT s.created_at, 4::smallint, s.id::text, " subject ", s.meter, s.account, s.kind, s.state, s.amount, s.operator, s.note, NULL, NULL, 1 " from
#define ORDERS(subject, from)                                                                                                          \
  "SELECT d.created_at, 5::smallint, d.id::text, " subject ", d.meter, NULL, (100 + d.kind)::smallint, (100 + d.state)::smallint, NULL, " \
  "nullif (d.operator, 0), d.error, NULL, d.value, 0 " from
#define DOUBTS(subject, from)                                                                                                         \
  "SELECT d.opened_at, 6::smallint, d.id::text, " subject ", d.meter, NULL, (200 + d.reason)::smallint, "                             \
  "CASE WHEN d.closed_at IS NULL THEN 200 ELSE 201 END::smallint, NULL, d.decided_by, coalesce (d.decision, d.note), NULL, NULL, 1 " from
#define SWAPS(subject, from)                                                                                                       \
  "SELECT r.replaced_at, 7::smallint, r.id::text, " subject ", r.meter, NULL, NULL, "                                             \
  "CASE WHEN r.provisional THEN 300 + (r.corrected_at IS NOT NULL)::int END::smallint, r.carried, r.operator, "                    \
  "concat_ws (' ', r.old_serial, '>', r.new_serial), NULL, r.final, 0 " from
#define CHANGES(subject, meter, account, from)                                                                                       \
  "SELECT l.at, 8::smallint, l.n::text, " subject ", " meter ", " account ", NULL, NULL, NULL, nullif (l.operator, 0), l.action, l.before, l.after, 0 " from \
  " AND l.result = 'ok' AND l.action NOT IN ('sales.sell', 'delivery.verified', 'purse.adopted') AND l.action NOT LIKE 'command.%' " \
  "AND l.action NOT LIKE 'settle.%'"
#define ALERTS(subject, from)                                                                                                         \
  "SELECT d.raised_at, 9::smallint, d.id::text, " subject ", d.meter, NULL, (400 + d.kind)::smallint, "                               \
  "CASE WHEN d.cleared_at IS NULL THEN 400 ELSE 401 END::smallint, NULL, d.acked_by, d.note, NULL, NULL, 0 " from
#define AND_THEN " UNION ALL "

#define OF_METER "FROM meter i JOIN account_meter x ON x.meter = i.id JOIN account c ON c.id = x.account JOIN customer k ON k.id = c.customer WHERE true"
#define FROM_METER                                                                                                     \
  "FROM (" OPENED ("i.id", OF_METER " AND false")                                                                      \
  AND_THEN ADDED ("i.id", OF_METER) AND_THEN REMOVED ("i.id", OF_METER)                                                \
  AND_THEN SALES ("i.id", "FROM meter i JOIN sale s ON s.meter = i.id WHERE true")                                     \
  AND_THEN ORDERS ("i.id", "FROM meter i JOIN command d ON d.meter = i.id AND d.kind > 1 WHERE true")                  \
  AND_THEN DOUBTS ("i.id", "FROM meter i JOIN dispute_case d ON d.meter = i.id WHERE true")                            \
  AND_THEN SWAPS ("i.id", "FROM meter i JOIN replacement r ON r.meter = i.id WHERE true")                              \
  AND_THEN ALERTS ("i.id", "FROM meter i JOIN alarm d ON d.meter = i.id WHERE true")                                   \
  AND_THEN CHANGES ("i.id", "i.id", "NULL", "FROM meter i JOIN audit l ON l.object = 'meter:' || i.id WHERE true") ") h"

#define OF_CUSTOMER "FROM customer k JOIN account c ON c.customer = k.id"
#define HELD        OF_CUSTOMER " JOIN account_meter x ON x.account = c.id"
#define WHILE(at)   " AND " at " >= x.since AND (x.until IS NULL OR " at " < x.until) WHERE true"
#define FROM_CUSTOMER                                                                                                        \
  "FROM (" OPENED ("k.id", OF_CUSTOMER " WHERE true") AND_THEN CLOSED ("k.id", OF_CUSTOMER " WHERE true")                     \
  AND_THEN ADDED ("k.id", HELD " WHERE true") AND_THEN REMOVED ("k.id", HELD " WHERE true")                                   \
  AND_THEN SALES ("k.id", OF_CUSTOMER " CROSS JOIN LATERAL (SELECT DISTINCT y.meter FROM account_meter y WHERE y.account = c.id) x " \
                  "JOIN sale s ON s.meter = x.meter AND s.account = c.id WHERE s.customer = k.id")                            \
  AND_THEN ORDERS ("k.id", HELD " JOIN command d ON d.meter = x.meter AND d.kind > 1" WHILE ("d.created_at"))                 \
  AND_THEN DOUBTS ("k.id", HELD " JOIN dispute_case d ON d.meter = x.meter" WHILE ("d.opened_at"))                            \
  AND_THEN SWAPS ("k.id", HELD " JOIN replacement r ON r.meter = x.meter" WHILE ("r.replaced_at"))                            \
  AND_THEN ALERTS ("k.id", HELD " JOIN alarm d ON d.meter = x.meter" WHILE ("d.raised_at"))                                   \
  AND_THEN CHANGES ("k.id", "NULL", "NULL", "FROM customer k JOIN audit l ON l.object = 'customer:' || k.id WHERE true")      \
  AND_THEN CHANGES ("k.id", "NULL", "c.id", OF_CUSTOMER " JOIN audit l ON l.object = 'account:' || c.id WHERE true") ") h"
#define NAMES " LEFT JOIN meter m ON m.id = h.meter LEFT JOIN account a ON a.id = h.account LEFT JOIN operator o ON o.id = h.operator"

#define SELECT                                                                                                                          \
  "h.at AS at, h.kind AS kind, h.ref AS ref, h.meter AS meter, m.code AS meter_code, h.account AS account, a.code AS account_code, "     \
  "h.what AS what, h.state AS state, h.amount AS amount, h.operator AS operator, o.name AS operator_name, h.note AS note, h.before AS before, h.after AS after"
#define COLUMNS                                                                                                                          \
  { { "at", DB_TS_TYPE }, { "kind", DB_I16_TYPE }, { "ref", DB_TEXT_TYPE }, { "meter", DB_I64_TYPE, DB_NULL_OK },                         \
    { "meter_code", DB_TEXT_TYPE, DB_NULL_OK }, { "account", DB_I64_TYPE, DB_NULL_OK }, { "account_code", DB_TEXT_TYPE, DB_NULL_OK },     \
    { "what", DB_I16_TYPE, DB_NULL_OK }, { "state", DB_I16_TYPE, DB_NULL_OK }, { "amount", DB_I64_TYPE, DB_NULL_OK },                     \
    { "operator", DB_I64_TYPE, DB_NULL_OK }, { "operator_name", DB_TEXT_TYPE, DB_NULL_OK }, { "note", DB_TEXT_TYPE, DB_NULL_OK },         \
    { "before", DB_JSON_TYPE, DB_NULL_OK }, { "after", DB_JSON_TYPE, DB_NULL_OK } }

static const TilldStatement meter_shape = { .name = "meter-past", .sql = SELECT, .columns = COLUMNS };
static const TilldStatement customer_shape = { .name = "customer-past", .sql = SELECT, .columns = COLUMNS };

static const char *const kinds[] = { "account_opened", "account_closed", "meter_added", "meter_removed", "sale", "command", "case", "replacement", "change",
                                     "alarm" };

static const char *
kind_word (int kind)
{
  return kind >= 0 && kind < (int) G_N_ELEMENTS (kinds) ? kinds[kind] : NULL;
}

static gboolean
kind_from_word (const char *word, int *ret)
{
  for (int i = 0; i < (int) G_N_ELEMENTS (kinds); i++)
    if (g_str_equal (word, kinds[i]))
      {
        *ret = i;
        return TRUE;
      }
  return FALSE;
}

static const char *
what_word (int what)
{
  if (what >= ALARMS)
    return till_alarm_kind_word ((TillAlarmKind) (what - ALARMS));
  if (what >= CASES)
    return till_case_reason_word ((TillCaseReason) (what - CASES));
  return what >= COMMANDS ? till_command_kind_word ((TillCommandKind) (what - COMMANDS)) : till_sale_kind_word ((TillSaleKind) what);
}

static const char *
state_word (int state)
{
  if (state >= ALARMS)
    return state == ALARMS ? "open" : "cleared";
  if (state >= REPLACEMENTS)
    return state == REPLACEMENTS ? "provisional" : "corrected";
  if (state >= CASES)
    return state == CASES ? "open" : "closed";
  return state >= COMMANDS ? till_command_state_word ((TillCommandState) (state - COMMANDS)) : till_sale_state_word ((TillSaleState) state);
}

static const TilldJsonField fields[] = {
  { "at", TILLD_JSON_TIME }, { "kind", TILLD_JSON_ENUM, NULL, kind_word }, { "ref", TILLD_JSON_TEXT }, { "meter", TILLD_JSON_INT },
  { "meter_code", TILLD_JSON_TEXT }, { "account", TILLD_JSON_INT }, { "account_code", TILLD_JSON_TEXT }, { "what", TILLD_JSON_ENUM, NULL, what_word },
  { "state", TILLD_JSON_ENUM, NULL, state_word }, { "amount", TILLD_JSON_MONEY }, { "operator", TILLD_JSON_INT }, { "operator_name", TILLD_JSON_TEXT },
  { "note", TILLD_JSON_TEXT }, { "before", TILLD_JSON_RAW }, { "after", TILLD_JSON_RAW }, { NULL },
};
static const TilldListFilter filters[] = {
  { "from", TILLD_FILTER_DAY, "h.at >= $#::timestamp AT TIME ZONE (SELECT zone FROM site ORDER BY id LIMIT 1)" },
  { "from", TILLD_FILTER_TIME, "h.at >= $#" },
  { "kind", TILLD_FILTER_WORD, "h.kind = ANY ($#)", kind_from_word },
  { "meter", TILLD_FILTER_I64, "h.meter = ANY ($#)" },
  { "q", TILLD_FILTER_LIKE, "h.note ILIKE $# OR h.ref ILIKE $# OR m.code ILIKE $# OR a.code ILIKE $# OR o.name ILIKE $#" },
  { "subject", TILLD_FILTER_INT, "h.subject = $#" },
  { "to", TILLD_FILTER_DAY, "h.at < ($# + 1)::timestamp AT TIME ZONE (SELECT zone FROM site ORDER BY id LIMIT 1)" }, /* the day itself included */
  { "to", TILLD_FILTER_TIME, "h.at < $#" },
  { NULL },
};
static const TilldListSort sorts[] = { { "amount", "h.amount" }, { "at", "h.at" }, { "kind", "h.kind" }, { "meter", "m.code" }, { NULL } };
static const TilldListSpec meter_spec = {
  .shape = &meter_shape, .from = FROM_METER NAMES, .filters = filters, .sorts = sorts, .order = "h.at DESC, h.kind, h.ref",
};
TILLD_LIST (meter_spec)
static const TilldListSpec customer_spec = {
  .shape = &customer_shape, .from = FROM_CUSTOMER NAMES, .filters = filters, .sorts = sorts, .order = "h.at DESC, h.kind, h.ref",
};
TILLD_LIST (customer_spec)

static gboolean
subject_of (GHashTable *query, gint64 *ret, GError **error)
{
  return till_decimal_parse (g_hash_table_lookup (query, "subject"), 0, G_MAXINT64 / 2, ret, error);
}

static gboolean
list (TilldDb *db, const TilldActor *who, const TilldListSpec *spec, GHashTable *query, TillJsonWrite *w, GError **error)
{
  g_auto (TilldListQuery) q = { 0 };

  if (!tilld_list_query_init (&q, spec, query, NULL, error))
    return FALSE;
  tilld_list_query_fix (&q, "h.money <= $#", till_permission_set_has (who->permissions, TILL_PERMISSION_SALES_VIEW));
  return tilld_list_write (db, &q, fields, w, error);
}

gboolean
tilld_meter_past (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error)
{
  TillTime read_at;
  gint64 meter;

  return subject_of (query, &meter, error) && tilld_meter_read_at (db, who, meter, &read_at, error) && list (db, who, &meter_spec, query, w, error);
}

gboolean
tilld_customer_past (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error)
{
  g_autoptr (TillJsonWrite) scratch = till_json_write_new ();
  gint64 customer;

  till_json_write_begin_object (scratch, NULL);
  return subject_of (query, &customer, error) && tilld_customer_get (db, who, customer, scratch, error) &&
         list (db, who, &customer_spec, query, w, error);
}
