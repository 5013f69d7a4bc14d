/* SPDX-License-Identifier: GPL-2.0-or-later
 * holiday.c: the site's calendar. What was charged by a day stays: only days to come are changed. */
#include "server/domain/money/holiday.h"
#include <string.h>
#include "server/domain/office/audit.h"
#include "server/domain/office/row-json.h"

static const char *const kinds[] = { "workday", "restday", "holiday" };

static const TilldStatement shape = {
  .name = "holiday-list",
  .sql = "h.day AS day, h.kind AS kind, nullif (h.name, '') AS name",
  .columns = { { "day", DB_DAY_TYPE }, { "kind", DB_I16_TYPE }, { "name", DB_TEXT_TYPE, DB_NULL_OK } },
};

static const TilldJsonField fields[] = {
  { "day", TILLD_JSON_DAY }, { "kind", TILLD_JSON_ENUM, NULL, tilld_day_kind_word }, { "name", TILLD_JSON_TEXT }, { NULL },
};
static const TilldListFilter filters[] = {
  { "from", TILLD_FILTER_DAY, "h.day >= $#" },
  { "to", TILLD_FILTER_DAY, "h.day <= $#" },
  { "kind", TILLD_FILTER_WORD, "h.kind = ANY ($#)", tilld_day_kind_from_word },
  { NULL },
};
static const TilldListSort sorts[] = { { "day", "h.day" }, { "kind", "h.kind" }, { "name", "h.name" }, { NULL } };
static const TilldListSpec spec = { .shape = &shape, .from = "FROM holiday h", .filters = filters, .sorts = sorts, .order = "h.day" };
TILLD_LIST (spec)

static const TilldStatement site_day = {
  .name = "holiday-today",
  .sql = "SELECT (now () AT TIME ZONE zone)::date AS today FROM site WHERE id = $1",
  .params = { DB_I64_TYPE },
  .columns = { { "today", DB_DAY_TYPE } },
};
TILLD_STATEMENT (site_day)

static const TilldStatement holiday_store = {
  .name = "holiday-store",
  .sql = "INSERT INTO holiday (site, day, kind, name) VALUES ($1, $2, $3, coalesce ($4, ''))"
         " ON CONFLICT (site, day) DO UPDATE SET kind = EXCLUDED.kind, name = EXCLUDED.name",
  .params = { DB_I64_TYPE, DB_DAY_TYPE, DB_I16_TYPE, DB_TEXT_TYPE },
};
TILLD_STATEMENT (holiday_store)

static const TilldStatement holiday_remove = {
  .name = "holiday-remove",
  .sql = "DELETE FROM holiday WHERE site = $1 AND day = $2",
  .params = { DB_I64_TYPE, DB_DAY_TYPE },
};
TILLD_STATEMENT (holiday_remove)

const char *
tilld_day_kind_word (int kind)
{
  return kind >= 0 && kind < (int) G_N_ELEMENTS (kinds) ? kinds[kind] : NULL;
}

gboolean
tilld_day_kind_from_word (const char *word, int *ret_kind)
{
  for (int i = 0; i < (int) G_N_ELEMENTS (kinds); i++)
    if (strcmp (word, kinds[i]) == 0)
      {
        *ret_kind = i;
        return TRUE;
      }
  return FALSE;
}

gboolean
tilld_holiday_list (TilldDb *db, const TilldActor *who, GHashTable *query, TillJsonWrite *w, GError **error)
{
  static const TilldJsonList list = { &spec, fields, NULL, "day" };

  return tilld_list_serve (db, who, &list, query, w, error);
}

static gboolean
today_of (TilldDb *db, const TilldActor *who, TillDay *ret, GError **error)
{
  g_autoptr (TilldRows) rows = NULL;

  if (!tilld_db_query (db, &site_day, &rows, error, DB_I64 (who->site)))
    return FALSE;
  *ret = (TillDay) tilld_row_i64 (rows, 0, "today");
  return TRUE;
}

gboolean
tilld_holiday_set (TilldDb *db, const TilldActor *who, const TilldHoliday *days, guint n, GError **error)
{
  g_autoptr (TillJsonWrite) w = till_json_write_new ();
  g_autofree char *after = NULL;
  TillDay today;

  g_assert (tilld_actor_is_set (who));
  if (!today_of (db, who, &today, error))
    return FALSE;
  till_json_write_begin_object (w, NULL);
  till_json_write_begin_array (w, "days");
  for (guint i = 0; i < n; i++)
    {
      if (days[i].day <= today)
        {
          g_autofree char *member = g_strdup_printf ("days[%u].day", i);

          till_fail (error, TILL_ERROR_INVALID, "%s must be tomorrow or later: what was charged stays charged", member);
          if (error != NULL)
            till_error_add_field (*error, member, "must be tomorrow or later");
          return FALSE;
        }
      if (!tilld_db_query (db, &holiday_store, NULL, error, DB_I64 (who->site), DB_DAY (days[i].day), DB_I16 (days[i].kind), DB_TEXT (days[i].name)))
        return FALSE;
      till_json_write_begin_object (w, NULL);
      till_json_write_day (w, "day", days[i].day);
      till_json_write_text (w, "kind", tilld_day_kind_word (days[i].kind));
      till_json_write_end_object (w);
    }
  till_json_write_end_array (w);
  till_json_write_end_object (w);
  after = till_json_write_free_to_text (g_steal_pointer (&w), NULL);
  return tilld_audit_write (db, who, &(TilldAuditEntry){ .action = "holiday.set", .after = after }, error);
}

gboolean
tilld_holiday_drop (TilldDb *db, const TilldActor *who, TillDay day, GError **error)
{
  char text[TILL_DAY_TEXT];
  g_autofree char *object = g_strdup_printf ("day:%s", till_day_print (day, text));
  TillDay today;

  g_assert (tilld_actor_is_set (who));
  if (!today_of (db, who, &today, error))
    return FALSE;
  if (day <= today)
    return till_fail (error, TILL_ERROR_CONFLICT, "this day was charged as it was: only days to come are changed");
  if (!tilld_db_query (db, &holiday_remove, NULL, error, DB_I64 (who->site), DB_DAY (day)))
    return FALSE;
  if (tilld_db_affected (db) == 0)
    return till_fail (error, TILL_ERROR_NOT_FOUND, "this day is what its weekday says");
  return tilld_audit_write (db, who, &(TilldAuditEntry){ .action = "holiday.drop", .object = object }, error);
}
