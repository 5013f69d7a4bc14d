/* SPDX-License-Identifier: GPL-2.0-or-later
 * drawer.c: the list of cash boxes. What was taken is the sum of the postings, never a figure of its own. */
#include "server/domain/money/drawer.h"

#include "server/db/db-list.h"

static const TilldStatement list_shape = {
  .name = "drawer-list",
  .sql = "d.id, d.operator, o.name AS operator_name, d.opened_at, d.opened_with, d.closed_at, d.counted,"
         " (SELECT coalesce (sum (p.amount), 0)::bigint FROM ledger_account la JOIN posting p ON p.account = la.id"
         "   WHERE la.site = d.site AND la.kind = 0 AND la.owner = d.id) AS taken",
  .columns = { { "id", DB_I64_TYPE }, { "operator", DB_I64_TYPE }, { "operator_name", DB_TEXT_TYPE }, { "opened_at", DB_TS_TYPE },
               { "opened_with", DB_I64_TYPE }, { "closed_at", DB_TS_TYPE, DB_NULL_OK }, { "counted", DB_I64_TYPE, DB_NULL_OK },
               { "taken", DB_I64_TYPE, DB_NULL_OK } },
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

static const TilldListFilter filters[] = {
  { "operator", TILLD_FILTER_I64, "d.operator = ANY ($#)" },
  { "state", TILLD_FILTER_WORD, "2 = ANY ($#) OR (CASE WHEN d.closed_at IS NULL THEN 0 ELSE 1 END) = ANY ($#)", state_from_word },
  { NULL },
};
static const TilldListSort sorts[] = { { "operator", "o.name" }, { "opened_at", "d.opened_at" }, { "closed_at", "d.closed_at" }, { NULL } };
static const TilldListSpec list_spec = {
  .shape = &list_shape, .from = "FROM drawer d JOIN operator o ON o.id = d.operator", .filters = filters, .sorts = sorts,
  .order = "d.opened_at DESC, d.id",
};

gboolean
tilld_drawer_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error)
{
  g_auto(TilldListQuery) page = { 0 };
  g_autoptr(TilldRows) rows = NULL;
  gint64 total;

  g_assert (tilld_actor_is_set (who));
  if (!tilld_list_query_init (&page, &list_spec, query, NULL, error))
    return FALSE;
  tilld_list_query_fix (&page, "d.site = $#", who->site);
  if (!till_permission_set_has (who->permissions, TILL_PERMISSION_DRAWER_ALL))
    tilld_list_query_fix (&page, "d.operator = $#", who->operator_id);
  if (!tilld_list_run (db, &page, &rows, &total, error))
    return FALSE;
  till_json_write_int (w, "total", total);
  till_json_write_begin_array (w, "items");
  for (guint i = 0; i < tilld_rows_count (rows); i++)
    {
      till_json_write_begin_object (w, NULL);
      till_json_write_int (w, "id", tilld_row_i64 (rows, i, "id"));
      till_json_write_int (w, "operator", tilld_row_i64 (rows, i, "operator"));
      till_json_write_text (w, "operator_name", tilld_row_text (rows, i, "operator_name"));
      till_json_write_time (w, "opened_at", tilld_row_ts (rows, i, "opened_at"));
      till_json_write_money (w, "opened_with", tilld_row_i64 (rows, i, "opened_with"));
      till_json_write_time (w, "closed_at", tilld_row_ts (rows, i, "closed_at"));
      if (tilld_row_is_null (rows, i, "counted"))
        till_json_write_null (w, "counted");
      else
        till_json_write_money (w, "counted", tilld_row_i64 (rows, i, "counted"));
      till_json_write_money (w, "taken", tilld_row_i64 (rows, i, "taken"));
      till_json_write_end_object (w);
    }
  till_json_write_end_array (w);
  return TRUE;
}
