/* SPDX-License-Identifier: GPL-2.0-or-later
 * case.c: what is in doubt, as people see it: what the ledger believed beside what the meter said. Reads only; decisions are case-decide.c. */
#include "server/domain/money/case.h"

#include "server/db/db-list.h"
#include "server/rules/money-reading.h"

#define CASE_COLUMNS                                                                                                             \
  "k.id, k.meter, m.code AS meter_code, m.purse, s.energy, a.path AS room, k.command, k.reason, s.amount, s.number, k.opened_at, k.closed_at,"      \
  " (k.believed->>'count')::bigint AS b_count, (k.believed->>'total')::bigint AS b_total, (k.believed->>'balance')::bigint AS b_balance," \
  " (k.reading->>'count')::bigint AS r_count, (k.reading->>'total')::bigint AS r_total, (k.reading->>'balance')::bigint AS r_balance,"    \
  " (k.reading->>'at_us')::bigint AS r_at, (k.seen->>'count')::bigint AS s_count, (k.seen->>'total')::bigint AS s_total,"          \
  " CASE WHEN k.reading ? 'difference' THEN k.reading END AS evidence,"                                                          \
  " (k.seen->>'balance')::bigint AS s_balance, (k.seen->>'at_us')::bigint AS s_at, k.decision, k.note, k.decided_by, k.agreed_by,"     \
  " (SELECT h.id FROM approval h WHERE h.kind = 'case' AND h.state = 0 AND h.expires_at > now () AND (h.body->>'case')::bigint = k.id LIMIT 1) AS waiting"
#define CASE_FROM                                                                                                                \
  "FROM dispute_case k JOIN meter m ON m.id = k.meter JOIN area a ON a.id = m.area LEFT JOIN sale s ON s.id = k.command"
#define CASE_SHAPE                                                                                                               \
  { { "id", DB_I64_TYPE }, { "meter", DB_I64_TYPE }, { "meter_code", DB_TEXT_TYPE }, { "purse", DB_I16_TYPE },                         \
    { "energy", DB_I64_TYPE, DB_NULL_OK }, { "room", DB_TEXT_TYPE },                                                             \
    { "command", DB_UUID_TYPE, DB_NULL_OK }, { "reason", DB_I16_TYPE }, { "amount", DB_I64_TYPE, DB_NULL_OK },                   \
    { "number", DB_I64_TYPE, DB_NULL_OK }, { "opened_at", DB_TS_TYPE }, { "closed_at", DB_TS_TYPE, DB_NULL_OK },                 \
    { "b_count", DB_I64_TYPE, DB_NULL_OK }, { "b_total", DB_I64_TYPE, DB_NULL_OK }, { "b_balance", DB_I64_TYPE, DB_NULL_OK },    \
    { "r_count", DB_I64_TYPE, DB_NULL_OK }, { "r_total", DB_I64_TYPE, DB_NULL_OK }, { "r_balance", DB_I64_TYPE, DB_NULL_OK },    \
    { "r_at", DB_I64_TYPE, DB_NULL_OK }, { "s_count", DB_I64_TYPE, DB_NULL_OK }, { "s_total", DB_I64_TYPE, DB_NULL_OK },         \
    { "evidence", DB_JSON_TYPE, DB_NULL_OK }, { "s_balance", DB_I64_TYPE, DB_NULL_OK },                                          \
    { "s_at", DB_I64_TYPE, DB_NULL_OK }, { "decision", DB_TEXT_TYPE, DB_NULL_OK },     \
    { "note", DB_TEXT_TYPE, DB_NULL_OK }, { "decided_by", DB_I64_TYPE, DB_NULL_OK }, { "agreed_by", DB_I64_TYPE, DB_NULL_OK },   \
    { "waiting", DB_I64_TYPE, DB_NULL_OK } }

static const TilldStatement list_shape = { .name = "case-list", .sql = CASE_COLUMNS, .columns = CASE_SHAPE };
static const TilldStatement get_case = {
  .name = "case-get",
  .sql = "SELECT " CASE_COLUMNS " " CASE_FROM " WHERE k.id = $1 AND (cardinality ($2::bigint[]) = 0 OR a.lineage && $2)",
  .params = { DB_I64_TYPE, DB_I64_ARRAY_TYPE },
  .columns = CASE_SHAPE,
};
TILLD_STATEMENT (get_case)

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

static const TilldListFilter filters[] = {
  { "area", TILLD_FILTER_I64, "a.lineage && $#" },
  { "meter", TILLD_FILTER_I64, "k.meter = ANY ($#)" },
  { "q", TILLD_FILTER_LIKE, "m.code ILIKE $# OR a.path ILIKE $#" },
  { "reason", TILLD_FILTER_WORD, "k.reason = ANY ($#)", till_case_reason_from_word },
  { "state", TILLD_FILTER_WORD, "2 = ANY ($#) OR (CASE WHEN k.closed_at IS NULL THEN 0 ELSE 1 END) = ANY ($#)", state_from_word },
  { NULL },
};
static const TilldListSort sorts[] = { { "closed_at", "k.closed_at" }, { "meter", "m.code" }, { "opened_at", "k.opened_at" },
                                       { "reason", "k.reason" }, { "room", "a.path" }, { NULL } };
static const TilldListSpec list_spec = {
  .shape = &list_shape, .from = CASE_FROM, .scope = "a.lineage && $#", .filters = filters, .sorts = sorts, .order = "k.opened_at DESC, k.id",
};

/* kWh of a purse that counts energy. */
static void
write_units (TilldRows *rows, guint row, const char *name, const char *column, TillJsonWrite *w)
{
  if (tilld_row_i64 (rows, row, "purse") == TILL_PURSE_ENERGY)
    till_json_write_energy (w, name, tilld_row_i64 (rows, row, column));
  else
    till_json_write_money (w, name, tilld_row_i64 (rows, row, column));
}

static void
write_values (TilldRows *rows, guint row, const char *name, const char *const columns[3], TillJsonWrite *w)
{
  if (tilld_row_is_null (rows, row, columns[0]))
    {
      till_json_write_null (w, name);
      return;
    }
  till_json_write_begin_object (w, name);
  till_json_write_int (w, "count", tilld_row_i64 (rows, row, columns[0]));
  write_units (rows, row, "total", columns[1], w);
  write_units (rows, row, "balance", columns[2], w);
  till_json_write_end_object (w);
}

static void
write_number (TilldRows *rows, guint row, const char *name, TillJsonWrite *w)
{
  if (tilld_row_is_null (rows, row, name))
    till_json_write_null (w, name);
  else
    till_json_write_int (w, name, tilld_row_i64 (rows, row, name));
}

static void
write_case (TilldRows *rows, guint row, TillJsonWrite *w)
{
  static const char *const believed[] = { "b_count", "b_total", "b_balance" }, *const read[] = { "r_count", "r_total", "r_balance" };
  static const char *const seen[] = { "s_count", "s_total", "s_balance" };
  TillId command;

  till_json_write_int (w, "id", tilld_row_i64 (rows, row, "id"));
  till_json_write_int (w, "meter", tilld_row_i64 (rows, row, "meter"));
  till_json_write_text (w, "meter_code", tilld_row_text (rows, row, "meter_code"));
  till_json_write_text (w, "room", tilld_row_text (rows, row, "room"));
  till_json_write_text (w, "purse", till_purse_word ((TillPurse) tilld_row_i64 (rows, row, "purse")));
  tilld_row_uuid (rows, row, "command", &command);
  till_json_write_id (w, "command", &command);
  if (tilld_row_is_null (rows, row, "number"))
    till_json_write_null (w, "number");
  else
    till_json_write_int (w, "number", tilld_row_i64 (rows, row, "number"));
  if (tilld_row_is_null (rows, row, "amount"))
    till_json_write_null (w, "amount");
  else
    till_json_write_money (w, "amount", tilld_row_i64 (rows, row, "amount"));
  if (tilld_row_is_null (rows, row, "energy"))
    till_json_write_null (w, "sale_energy");
  else
    till_json_write_energy (w, "sale_energy", tilld_row_i64 (rows, row, "energy"));
  till_json_write_text (w, "reason", till_case_reason_word (tilld_row_i64 (rows, row, "reason")));
  write_values (rows, row, "believed", believed, w);
  write_values (rows, row, "reading", read, w);
  till_json_write_time (w, "read_at", tilld_row_i64 (rows, row, "r_at"));
  if (tilld_row_is_null (rows, row, "evidence"))
    till_json_write_null (w, "evidence");
  else
    till_json_write_raw (w, "evidence", tilld_row_text (rows, row, "evidence")); /* of the conservation check: what was expected, what was taken */
  write_values (rows, row, "seen", seen, w);
  till_json_write_time (w, "seen_at", tilld_row_i64 (rows, row, "s_at"));
  till_json_write_time (w, "opened_at", tilld_row_ts (rows, row, "opened_at"));
  till_json_write_time (w, "closed_at", tilld_row_ts (rows, row, "closed_at"));
  till_json_write_text (w, "decision", tilld_row_text (rows, row, "decision"));
  till_json_write_text (w, "note", tilld_row_text (rows, row, "note"));
  write_number (rows, row, "decided_by", w);
  write_number (rows, row, "agreed_by", w);
  write_number (rows, row, "waiting", w); /* the approval that a second person decides */
}

gboolean
tilld_case_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error)
{
  g_auto(TilldListQuery) page = { 0 };
  g_autoptr(TilldRows) rows = NULL;
  gint64 total;

  g_assert (tilld_actor_is_set (who));
  if (!tilld_list_query_init (&page, &list_spec, query, who->areas, error) || !tilld_list_run (db, &page, &rows, &total, error))
    return FALSE;
  till_json_write_int (w, "total", total);
  till_json_write_begin_array (w, "items");
  for (guint i = 0; i < tilld_rows_count (rows); i++)
    {
      till_json_write_begin_object (w, NULL);
      write_case (rows, i, w);
      till_json_write_end_object (w);
    }
  till_json_write_end_array (w);
  return TRUE;
}

gboolean
tilld_case_get (TilldDb *db, const TilldActor *who, gint64 id, TillJsonWrite *w, GError **error)
{
  g_autoptr(TilldRows) rows = NULL;
  const GArray *areas = who->areas;

  g_assert (tilld_actor_is_set (who));
  if (!tilld_db_query (db, &get_case, &rows, error, DB_I64 (id), DB_I64_ARRAY (areas != NULL ? areas->data : NULL, areas != NULL ? areas->len : 0)))
    return FALSE;
  if (tilld_rows_count (rows) == 0)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "There is no such case.");
  write_case (rows, 0, w);
  return TRUE;
}
