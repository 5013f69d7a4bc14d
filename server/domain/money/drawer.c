/* SPDX-License-Identifier: GPL-2.0-or-later
 * drawer.c: opening, counting and closing cash boxes, and their report. Posts the difference of a count; what lies in a drawer is always
 * its float and the sum of its postings. */
#include "server/domain/money/drawer.h"

#include "server/core/clock.h"
#include "server/domain/money/ledger-append.h"
#include "server/domain/office/audit.h"
#include "server/domain/office/row-json.h"

#define TAKEN                                                                                                      \
  "(SELECT coalesce (sum (p.amount), 0)::bigint FROM ledger_account la JOIN posting p ON p.account = la.id"        \
  " WHERE la.site = d.site AND la.kind = 0 AND la.owner = d.id)"

static const TilldStatement open_drawer = {
  .name = "drawer-open",
  .sql = "INSERT INTO drawer (site, operator, opened_with) VALUES ($1, $2, $3)"
         " ON CONFLICT (operator) WHERE closed_at IS NULL DO UPDATE SET opened_with = EXCLUDED.opened_with, auto = false WHERE drawer.auto RETURNING id",
  .params = { DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE },
  .columns = { { "id", DB_I64_TYPE } },
};
static const TilldStatement hold_drawer = {
  .name = "drawer-hold",
  .sql = "SELECT d.id FROM drawer d WHERE d.operator = $1 AND d.site = $2 AND d.closed_at IS NULL FOR SHARE",
  .params = { DB_I64_TYPE, DB_I64_TYPE },
  .columns = { { "id", DB_I64_TYPE } },
};
/* Sales under way hold it FOR SHARE: after this lock none is between its check and its posting. */
static const TilldStatement lock_drawer = {
  .name = "drawer-lock",
  .sql = "SELECT d.operator, d.closed_at FROM drawer d WHERE d.id = $1 AND d.site = $2 FOR UPDATE",
  .params = { DB_I64_TYPE, DB_I64_TYPE },
  .columns = { { "operator", DB_I64_TYPE }, { "closed_at", DB_TS_TYPE, DB_NULL_OK } },
};
static const TilldStatement expected_in_drawer = {
  .name = "drawer-expected",
  .sql = "SELECT d.opened_with + " TAKEN " AS expected FROM drawer d WHERE d.id = $1",
  .params = { DB_I64_TYPE },
  .columns = { { "expected", DB_I64_TYPE, DB_NULL_OK } },
};
static const TilldStatement close_drawer = {
  .name = "drawer-close",
  .sql = "UPDATE drawer SET closed_at = now (), closed_by = $2, counted = $3, expected = $4, over_short = $3 - $4 WHERE id = $1",
  .params = { DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE, DB_I64_TYPE },
};
static const TilldStatement report_head = {
  .name = "drawer-report",
  .sql = "SELECT d.site, d.operator, o.name, d.opened_at, d.opened_with, d.closed_at, d.counted, d.over_short, d.auto,"
         " coalesce (d.expected, d.opened_with + " TAKEN ") AS expected, h.n, encode (h.hash, 'hex') AS hash"
         " FROM drawer d JOIN operator o ON o.id = d.operator JOIN chain_head h ON h.site = d.site AND h.chain = 0 WHERE d.id = $1 AND d.site = $2",
  .params = { DB_I64_TYPE, DB_I64_TYPE },
  .columns = { { "site", DB_I64_TYPE }, { "operator", DB_I64_TYPE }, { "name", DB_TEXT_TYPE }, { "opened_at", DB_TS_TYPE },
               { "opened_with", DB_I64_TYPE }, { "closed_at", DB_TS_TYPE, DB_NULL_OK }, { "counted", DB_I64_TYPE, DB_NULL_OK },
               { "over_short", DB_I64_TYPE, DB_NULL_OK }, { "auto", DB_BOOL_TYPE }, { "expected", DB_I64_TYPE, DB_NULL_OK },
               { "n", DB_I64_TYPE }, { "hash", DB_TEXT_TYPE } },
};
/* Cash by the drawer it lies in; other ways of paying by who took them while the drawer was open. */
static const TilldStatement report_lines = {
  .name = "drawer-report-lines",
  .sql = "WITH d AS (SELECT * FROM drawer WHERE id = $1), x AS ("
         " SELECT s.kind, s.channel, s.amount FROM sale s, d WHERE s.drawer = d.id AND s.kind IN (0, 1)"
         " UNION ALL SELECT s.kind, s.channel, s.amount FROM sale s, d WHERE s.operator = d.operator AND s.channel <> 0 AND s.kind IN (0, 1)"
         "   AND s.created_at >= d.opened_at AND s.created_at < coalesce (d.closed_at, 'infinity')"
         " UNION ALL SELECT s.kind, s.paid_channel, - s.amount FROM sale s, d WHERE s.kind IN (3, 4) AND (s.drawer = d.id"
         "   OR s.paid_by = d.operator AND s.paid_channel <> 0 AND s.paid_at >= d.opened_at AND s.paid_at < coalesce (d.closed_at, 'infinity')))"
         " SELECT kind, channel, count (*) AS count, sum (amount)::bigint AS amount FROM x GROUP BY 1, 2 ORDER BY 1, 2",
  .params = { DB_I64_TYPE },
  .columns = { { "kind", DB_I16_TYPE }, { "channel", DB_I16_TYPE }, { "count", DB_I64_TYPE }, { "amount", DB_I64_TYPE, DB_NULL_OK } },
};
TILLD_STATEMENT (open_drawer)
TILLD_STATEMENT (hold_drawer)
TILLD_STATEMENT (lock_drawer)
TILLD_STATEMENT (expected_in_drawer)
TILLD_STATEMENT (close_drawer)
TILLD_STATEMENT (report_head)
TILLD_STATEMENT (report_lines)

static gboolean
log_drawer (TilldDb *db, const TilldActor *who, const char *action, gint64 id, const char *after, GError **error)
{
  g_autofree char *object = g_strdup_printf ("drawer:%" G_GINT64_FORMAT, id);

  return tilld_audit_write (db, who, &(TilldAuditEntry){ .action = action, .object = object, .after = after }, error);
}

gboolean
tilld_drawer_open (TilldDb *db, const TilldActor *who, TillMoney opened_with, gint64 *ret_id, GError **error)
{
  g_autoptr(TilldRows) rows = NULL;
  g_autofree char *after = NULL;
  char text[TILL_MONEY_TEXT];

  g_assert (tilld_actor_is_set (who) && opened_with >= 0);
  if (!tilld_db_query (db, &open_drawer, &rows, error, DB_I64 (who->site), DB_I64 (who->operator_id), DB_I64 (opened_with)))
    return FALSE;
  if (tilld_rows_count (rows) == 0)
    return till_fail (error, TILL_ERROR_CONFLICT, "Your drawer is open already.");
  *ret_id = tilld_row_i64 (rows, 0, "id");
  after = g_strdup_printf ("{\"opened_with\":\"%s\"}", till_money_print (opened_with, text));
  TILLD_COMMIT_POINT (db, DRAWER_OPEN);
  return log_drawer (db, who, "drawer.open", *ret_id, after, error);
}

gboolean
tilld_drawer_hold (TilldDb *db, const TilldActor *who, gint64 *ret_id, GError **error)
{
  g_autoptr(TilldRows) rows = NULL;

  g_assert (tilld_db_in_transaction (db));
  if (!tilld_db_query (db, &hold_drawer, &rows, error, DB_I64 (who->operator_id), DB_I64 (who->site)))
    return FALSE;
  if (tilld_rows_count (rows) == 0)
    return till_fail (error, TILL_ERROR_CONFLICT, "Open your drawer first: cash leaves an open drawer only.");
  *ret_id = tilld_row_i64 (rows, 0, "id");
  return TRUE;
}

static gboolean
may_touch (const TilldActor *who, gint64 operator_id)
{
  return operator_id == who->operator_id || till_permission_set_has (who->permissions, TILL_PERMISSION_DRAWER_ALL);
}

gboolean
tilld_drawer_close (TilldDb *db, const TilldActor *who, gint64 id, TillMoney counted, GError **error)
{
  g_autoptr(TilldRows) rows = NULL, sum = NULL;
  g_autofree char *after = NULL;
  TilldLedgerEntry entry = { .fact = { .event = TILL_LEDGER_EVENT_DRAWER_CLOSED, .site = who->site, .drawer = id } };
  gint64 expected;

  g_assert (tilld_actor_is_set (who) && counted >= 0 && tilld_db_in_transaction (db));
  if (!tilld_db_query (db, &lock_drawer, &rows, error, DB_I64 (id), DB_I64 (who->site)))
    return FALSE;
  if (tilld_rows_count (rows) == 0 || !may_touch (who, tilld_row_i64 (rows, 0, "operator")))
    return till_fail (error, TILL_ERROR_NOT_FOUND, "There is no such drawer.");
  if (!tilld_row_is_null (rows, 0, "closed_at"))
    return till_fail (error, TILL_ERROR_CONFLICT, "This drawer is closed.");
  if (!tilld_db_query (db, &expected_in_drawer, &sum, error, DB_I64 (id)))
    return FALSE;
  expected = tilld_row_i64 (sum, 0, "expected");
  entry.fact.amount = counted - expected;
  till_id_new (&entry.request, tilld_clock_wall (tilld_clock_system ()) / 1000);
  if (!tilld_db_query (db, &close_drawer, NULL, error, DB_I64 (id), DB_I64 (who->operator_id), DB_I64 (counted), DB_I64 (expected)) ||
      (entry.fact.amount != 0 && !tilld_ledger_append (db, who, who->site, &entry, 1, error)))
    return FALSE;
  after = g_strdup_printf ("{\"counted\":%" G_GINT64_FORMAT ",\"expected\":%" G_GINT64_FORMAT "}", counted, expected);
  TILLD_COMMIT_POINT (db, DRAWER_CLOSE);
  return log_drawer (db, who, "drawer.close", id, after, error);
}

void
tilld_drawer_report_clear (TilldDrawerReport *report)
{
  g_clear_pointer (&report->operator_name, g_free);
  g_clear_pointer (&report->chain_hash, g_free);
  g_clear_pointer (&report->lines, g_array_unref);
}

gboolean
tilld_drawer_report (TilldDb *db, const TilldActor *who, gint64 id, TilldDrawerReport *ret, GError **error)
{
  g_autoptr(TilldRows) head = NULL, lines = NULL;

  g_assert (tilld_actor_is_set (who));
  if (!tilld_db_query (db, &report_head, &head, error, DB_I64 (id), DB_I64 (who->site)) || !tilld_db_query (db, &report_lines, &lines, error, DB_I64 (id)))
    return FALSE;
  if (tilld_rows_count (head) == 0 || !may_touch (who, tilld_row_i64 (head, 0, "operator")))
    return till_fail (error, TILL_ERROR_NOT_FOUND, "There is no such drawer.");
  *ret = (TilldDrawerReport){
    .id = id, .site = tilld_row_i64 (head, 0, "site"), .operator_id = tilld_row_i64 (head, 0, "operator"),
    .operator_name = tilld_row_dup_text (head, 0, "name"), .opened_at = tilld_row_ts (head, 0, "opened_at"),
    .closed_at = tilld_row_ts (head, 0, "closed_at"), .opened_with = tilld_row_i64 (head, 0, "opened_with"),
    .expected = tilld_row_i64 (head, 0, "expected"), .counted = tilld_row_i64 (head, 0, "counted"), .over_short = tilld_row_i64 (head, 0, "over_short"),
    .automatic = tilld_row_bool (head, 0, "auto"), .chain_n = tilld_row_i64 (head, 0, "n"), .chain_hash = tilld_row_dup_text (head, 0, "hash"),
    .lines = g_array_new (FALSE, FALSE, sizeof (TilldDrawerLine)),
  };
  ret->blind = ret->closed_at == 0 && !till_permission_set_has (who->permissions, TILL_PERMISSION_DRAWER_ALL);
  for (guint i = 0; i < tilld_rows_count (lines) && !ret->blind; i++)
    {
      TilldDrawerLine line = { .kind = tilld_row_i64 (lines, i, "kind"), .channel = tilld_row_i64 (lines, i, "channel"),
                               .count = tilld_row_i64 (lines, i, "count"), .amount = tilld_row_i64 (lines, i, "amount") };

      g_array_append_val (ret->lines, line);
    }
  return TRUE;
}

/* --- lists --- */

static const TilldStatement shape = {
  .name = "drawer-list",
  .sql = "d.id AS id, d.operator AS operator, o.name AS operator_name, d.opened_at AS opened_at, d.opened_with AS opened_with, d.auto AS auto,"
         " d.closed_at AS closed_at, d.counted AS counted, d.expected AS expected, d.over_short AS over_short, " TAKEN " - coalesce (d.over_short, 0) AS taken",
  .columns = { { "id", DB_I64_TYPE }, { "operator", DB_I64_TYPE }, { "operator_name", DB_TEXT_TYPE }, { "opened_at", DB_TS_TYPE },
               { "opened_with", DB_I64_TYPE }, { "auto", DB_BOOL_TYPE }, { "closed_at", DB_TS_TYPE, DB_NULL_OK }, { "counted", DB_I64_TYPE, DB_NULL_OK },
               { "expected", DB_I64_TYPE, DB_NULL_OK }, { "over_short", DB_I64_TYPE, DB_NULL_OK }, { "taken", DB_I64_TYPE, DB_NULL_OK } },
};
/* Of people who count blind: nothing of an open drawer. */
static const TilldStatement blind_shape = {
  .name = "drawer-list-blind",
  .sql = "d.id AS id, d.operator AS operator, o.name AS operator_name, d.opened_at AS opened_at, d.opened_with AS opened_with, d.auto AS auto,"
         " d.closed_at AS closed_at, d.counted AS counted, d.expected AS expected, d.over_short AS over_short,"
         " CASE WHEN d.closed_at IS NOT NULL THEN d.expected - d.opened_with END AS taken",
  .columns = { { "id", DB_I64_TYPE }, { "operator", DB_I64_TYPE }, { "operator_name", DB_TEXT_TYPE }, { "opened_at", DB_TS_TYPE },
               { "opened_with", DB_I64_TYPE }, { "auto", DB_BOOL_TYPE }, { "closed_at", DB_TS_TYPE, DB_NULL_OK }, { "counted", DB_I64_TYPE, DB_NULL_OK },
               { "expected", DB_I64_TYPE, DB_NULL_OK }, { "over_short", DB_I64_TYPE, DB_NULL_OK }, { "taken", DB_I64_TYPE, DB_NULL_OK } },
};

static gboolean
state_from_word (const char *word, int *ret)
{
  static const char *const words[] = { "open", "closed", "all" };

  for (int i = 0; i < (int) G_N_ELEMENTS (words); i++)
    if (g_str_equal (word, words[i]))
      {
        *ret = i;
        return TRUE;
      }
  return FALSE;
}

static const TilldJsonField fields[] = {
  { "id", TILLD_JSON_INT }, { "operator", TILLD_JSON_INT }, { "operator_name", TILLD_JSON_TEXT }, { "opened_at", TILLD_JSON_TIME },
  { "opened_with", TILLD_JSON_MONEY }, { "auto", TILLD_JSON_BOOL }, { "closed_at", TILLD_JSON_TIME }, { "counted", TILLD_JSON_MONEY },
  { "expected", TILLD_JSON_MONEY }, { "over_short", TILLD_JSON_MONEY }, { "taken", TILLD_JSON_MONEY }, { NULL },
};
static const TilldListFilter filters[] = {
  { "from", TILLD_FILTER_DAY, "d.opened_at >= $#::timestamp AT TIME ZONE (SELECT zone FROM site ORDER BY id LIMIT 1)" },
  { "from", TILLD_FILTER_TIME, "d.opened_at >= $#" },
  { "operator", TILLD_FILTER_I64, "d.operator = ANY ($#)" },
  { "state", TILLD_FILTER_WORD, "2 = ANY ($#) OR (CASE WHEN d.closed_at IS NULL THEN 0 ELSE 1 END) = ANY ($#)", state_from_word },
  { "to", TILLD_FILTER_DAY, "d.opened_at < ($# + 1)::timestamp AT TIME ZONE (SELECT zone FROM site ORDER BY id LIMIT 1)" },
  { "to", TILLD_FILTER_TIME, "d.opened_at < $#" },
  { NULL },
};
static const TilldListSort sorts[] = { { "operator", "o.name" }, { "opened_at", "d.opened_at" }, { "closed_at", "d.closed_at" },
                                       { "over_short", "d.over_short" }, { NULL } };
static const TilldListSpec spec = {
  .shape = &shape, .from = "FROM drawer d JOIN operator o ON o.id = d.operator", .filters = filters, .sorts = sorts, .order = "d.opened_at DESC, d.id",
};
static const TilldListSpec blind_spec = {
  .shape = &blind_shape, .from = "FROM drawer d JOIN operator o ON o.id = d.operator", .filters = filters, .sorts = sorts, .order = "d.opened_at DESC, d.id",
};
TILLD_LIST (spec)
TILLD_LIST (blind_spec)

static gboolean
query_of (TilldListQuery *page, const TilldActor *who, GHashTable *query, GError **error)
{
  gboolean all = till_permission_set_has (who->permissions, TILL_PERMISSION_DRAWER_ALL);

  g_assert (tilld_actor_is_set (who));
  if (!tilld_list_query_init (page, all ? &spec : &blind_spec, query, NULL, error))
    return FALSE;
  tilld_list_query_fix (page, "d.site = $#", who->site);
  if (!all)
    tilld_list_query_fix (page, "d.operator = $#", who->operator_id);
  return TRUE;
}

gboolean
tilld_drawer_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error)
{
  g_auto(TilldListQuery) page = { 0 };

  return query_of (&page, who, query, error) && tilld_list_write (db, &page, fields, w, error);
}

gboolean
tilld_drawer_get (TilldDb *db, const TilldActor *who, gint64 id, TillJsonWrite *w, GError **error)
{
  g_auto(TilldListQuery) page = { 0 };
  g_autoptr(TilldRows) rows = NULL;

  if (!query_of (&page, who, NULL, error))
    return FALSE;
  tilld_list_query_fix (&page, "d.id = $#", id);
  if (!tilld_list_run (db, &page, &rows, NULL, error))
    return FALSE;
  if (tilld_rows_count (rows) != 1)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "There is no such drawer.");
  tilld_row_write (rows, 0, fields, w);
  return TRUE;
}
