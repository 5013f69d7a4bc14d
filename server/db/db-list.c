/* SPDX-License-Identifier: GPL-2.0-or-later
 * db-list.c: puts list queries together. Names of the request choose fragments; values become parameters. */
#define G_LOG_DOMAIN "tilld-db"
#include "config.h"
#include <string.h>
#include "server/db/db-list.h"
#include "shared/api/till-limits.h"
#include "shared/base/till-text.h"

/* The linker gives the ends of the section; weak, for a program without lists. */
extern const TilldListSpec *const __start_tilld_lists[] __attribute__ ((weak));
extern const TilldListSpec *const __stop_tilld_lists[] __attribute__ ((weak));

const TilldListSpec *const *
tilld_lists (guint *ret_n)
{
  *ret_n = (guint) (__stop_tilld_lists - __start_tilld_lists);
  return __start_tilld_lists;
}

/* lint: statement, a shape without SQL of its own */
static const TilldStatement total_shape = { .name = "list-total", .columns = { { "total", DB_I64_TYPE } } };
/* lint: statement, a shape without SQL of its own */
static const TilldStatement found_shape = { .name = "list-found", .columns = { { "found", DB_I64_ARRAY_TYPE } } };

static void
append_fragment (TilldListQuery *q, const char *sql, TilldDbParam param)
{
  char number[16];

  g_array_append_val (q->params, param);
  g_snprintf (number, sizeof number, "$%u", q->params->len);
  g_string_append (q->where, q->where->len > 0 ? " AND (" : " WHERE (");
  for (const char *p = sql; *p != '\0'; p++)
    if (p[0] == '$' && p[1] == '#')
      {
        g_string_append (q->where, number);
        p++;
      }
    else
      g_string_append_c (q->where, *p);
  g_string_append_c (q->where, ')');
}

static void
complain (GError **error, const char *member, const char *reason)
{
  if (error == NULL)
    return;
  if (*error == NULL)
    till_fail (error, TILL_ERROR_INVALID, "%s: %s", member, reason);
  till_error_add_field (*error, member, reason);
}

static gboolean
parse_int (const char *text, gint64 *ret)
{
  return text[0] != '\0' && strlen (text) <= 19 && g_ascii_string_to_signed (text, 10, 0, G_MAXINT64, ret, NULL);
}

/* "3,5,8" or "queued,sent" -> bigint[]. */
static gboolean
add_many (TilldListQuery *q, const TilldListFilter *f, const char *text)
{
  g_auto (GStrv) words = g_strsplit (text, ",", TILL_IDS_MAX + 1);
  guint n = g_strv_length (words);
  g_autofree gint64 *values = g_new0 (gint64, n + 1);

  if (n == 0 || n > TILL_IDS_MAX)
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      int value = 0;
      if (f->kind == TILLD_FILTER_I64 ? !parse_int (words[i], &values[i]) : !f->from_word (words[i], &value))
        return FALSE;
      if (f->kind == TILLD_FILTER_WORD)
        values[i] = value;
    }
  append_fragment (q, f->sql, DB_I64_ARRAY (values, n));
  g_ptr_array_add (q->owned, g_steal_pointer (&values));
  return TRUE;
}

static gboolean
add_uuids (TilldListQuery *q, const TilldListFilter *f, const char *text)
{
  g_auto (GStrv) words = g_strsplit (text, ",", TILL_IDS_MAX + 1);
  guint n = g_strv_length (words);
  g_autofree TillId *ids = g_new0 (TillId, n + 1);

  if (n == 0 || n > TILL_IDS_MAX)
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (!till_id_parse (words[i], &ids[i], NULL))
      return FALSE;
  append_fragment (q, f->sql, DB_UUID_ARRAY (ids, n));
  g_ptr_array_add (q->owned, g_steal_pointer (&ids));
  return TRUE;
}

static gboolean
add_text (TilldListQuery *q, const TilldListFilter *f, const char *text)
{
  g_autofree char *clean = till_text_clean (text, TILL_QUERY_CHARS, FALSE, NULL);
  GString *like;
  char *kept;

  if (clean == NULL)
    return FALSE;
  if (f->search != NULL)
    {
      q->search = f->search;
      q->searched = q->params->len;
    }
  if (f->kind == TILLD_FILTER_TEXT)
    kept = g_steal_pointer (&clean);
  else
    {
      like = g_string_new ("%");
      for (const char *p = clean; *p != '\0'; p++)
        {
          if (strchr ("%_\\", *p) != NULL)
            g_string_append_c (like, '\\');
          g_string_append_c (like, *p);
        }
      g_string_append_c (like, '%');
      kept = g_string_free (like, FALSE);
    }
  append_fragment (q, f->sql, DB_TEXT (kept));
  g_ptr_array_add (q->owned, kept);
  return TRUE;
}

/* NULL = taken; else what would be right. */
static const char *
add_filter (TilldListQuery *q, const TilldListFilter *f, const char *text)
{
  TillDay day;
  TillTime time;
  gint64 number;

  switch (f->kind)
    {
    case TILLD_FILTER_I64:
      return add_many (q, f, text) ? NULL : "must be at most 500 whole numbers with commas between them";
    case TILLD_FILTER_WORD:
      return add_many (q, f, text) ? NULL : "has a word that is not known here";
    case TILLD_FILTER_UUID:
      return add_uuids (q, f, text) ? NULL : "must be at most 500 UUIDs with commas between them";
    case TILLD_FILTER_TEXT:
    case TILLD_FILTER_LIKE:
      return add_text (q, f, text) ? NULL : "must be at most 64 characters without control characters";
    case TILLD_FILTER_DAY:
      if (!till_day_parse (text, &day, NULL))
        return "must be a day, YYYY-MM-DD";
      append_fragment (q, f->sql, DB_DAY (day));
      return NULL;
    case TILLD_FILTER_TIME:
      if (!till_time_parse (text, &time, NULL))
        return "must be a time, 2026-09-01T00:00:00Z";
      append_fragment (q, f->sql, DB_TS (time));
      return NULL;
    case TILLD_FILTER_INT:
      if (!parse_int (text, &number))
        return "must be a whole number";
      append_fragment (q, f->sql, DB_I64 (number));
      return NULL;
    case TILLD_FILTER_BOOL:
      if (strcmp (text, "true") != 0 && strcmp (text, "false") != 0)
        return "must be true or false";
      append_fragment (q, f->sql, DB_BOOL (text[0] == 't'));
      return NULL;
    default:
      g_assert_not_reached ();
    }
}

static gboolean
set_sort (TilldListQuery *q, const char *text)
{
  g_auto (GStrv) names = g_strsplit (text, ",", 5);

  if (g_strv_length (names) > 4)
    return FALSE;
  for (guint i = 0; names[i] != NULL; i++)
    {
      gboolean down = names[i][0] == '-';
      const TilldListSort *sort = q->spec->sorts;

      while (sort->name != NULL && strcmp (sort->name, names[i] + down) != 0)
        sort++;
      if (sort->name == NULL)
        return FALSE;
      g_string_append_printf (q->order, "%s%s%s NULLS LAST", q->order->len > 0 ? ", " : "", sort->sql, down ? " DESC" : "");
    }
  return TRUE;
}

static gboolean
set_page (TilldListQuery *q, const char *name, const char *text)
{
  gint64 value;

  if (!parse_int (text, &value) || (strcmp (name, "limit") == 0 && (value < 1 || value > TILL_PAGE_MAX)))
    return FALSE;
  *(name[0] == 'l' ? &q->limit : &q->offset) = value;
  return TRUE;
}

static const char *
take (TilldListQuery *q, const char *name, const char *text)
{
  const char *wrong = "is no filter of this list";

  if (strcmp (name, "limit") == 0 || strcmp (name, "offset") == 0)
    return set_page (q, name, text) ? NULL : name[0] == 'l' ? "must be 1 to 1000" : "must be a whole number";
  if (strcmp (name, "sort") == 0)
    return set_sort (q, text) ? NULL : "names a column that this list is not sorted by";
  /* A name may stand in several rows, "from" as a day and as a time: the first that takes the value. */
  for (const TilldListFilter *f = q->spec->filters; f->name != NULL && wrong != NULL; f++)
    if (strcmp (f->name, name) == 0)
      wrong = text[0] == '\0' ? NULL : add_filter (q, f, text);
  return wrong;
}

gboolean
tilld_list_query_init (TilldListQuery *q, const TilldListSpec *spec, GHashTable *query, const GArray *areas, GError **error)
{
  g_autoptr (GError) wrong = NULL;
  GHashTableIter iter;
  gpointer name, text;

  *q = (TilldListQuery){ .spec = spec, .limit = TILL_PAGE_DEFAULT };
  q->where = g_string_new (NULL);
  q->order = g_string_new (NULL);
  q->params = g_array_new (FALSE, FALSE, sizeof (TilldDbParam));
  q->owned = g_ptr_array_new_with_free_func (g_free);
  if (spec->where != NULL)
    g_string_append_printf (q->where, " WHERE (%s)", spec->where);
  if (areas != NULL && spec->scope != NULL)
    append_fragment (q, spec->scope, DB_I64_ARRAY (areas->data, areas->len));
  if (query != NULL)
    {
      g_hash_table_iter_init (&iter, query);
      while (g_hash_table_iter_next (&iter, &name, &text))
        {
          const char *reason = strcmp (name, "format") == 0 ? NULL : take (q, name, text);
          if (reason != NULL)
            complain (&wrong, name, reason);
        }
    }
  if (wrong == NULL)
    return TRUE;
  tilld_list_query_clear (q);
  g_propagate_error (error, g_steal_pointer (&wrong));
  return FALSE;
}

void
tilld_list_query_clear (TilldListQuery *q)
{
  if (q->where != NULL)
    g_string_free (q->where, TRUE);
  if (q->order != NULL)
    g_string_free (q->order, TRUE);
  q->where = q->order = NULL;
  g_clear_pointer (&q->params, g_array_unref);
  g_clear_pointer (&q->owned, g_ptr_array_unref);
}

void
tilld_list_query_fix (TilldListQuery *q, const char *constant_sql, gint64 value)
{
  append_fragment (q, constant_sql, DB_I64 (value));
}

/* The words of a search are looked up once: the page and the total are then of the same rows, and the planner knows how many they are. */
static gboolean
search_first (TilldDb *db, TilldListQuery *q, GError **error)
{
  g_autoptr (GString) sql = g_string_new (NULL);
  g_autoptr (TilldRows) rows = NULL;
  TilldDbParam *param;
  gint64 *found;
  guint n;

  if (q->search == NULL)
    return TRUE;
  param = &g_array_index (q->params, TilldDbParam, q->searched);
  g_string_printf (sql, "SELECT ARRAY (SELECT %s) AS found", q->search);
  if (!tilld_db_exec_text (db, (TilldDbText){ sql->str, &found_shape }, param, 1, &rows, error))
    return FALSE;
  found = tilld_row_i64_array (rows, 0, "found", &n);
  *param = DB_I64_ARRAY (found, n);
  g_ptr_array_add (q->owned, found);
  q->search = NULL;
  return TRUE;
}

static gboolean
ask_total (TilldDb *db, TilldListQuery *q, gint64 *ret_total, GError **error)
{
  g_autoptr (GString) sql = g_string_new (NULL);
  g_autoptr (TilldRows) total = NULL;

  g_string_printf (sql, "SELECT count (*) AS total %s%s", q->spec->from, q->where->str);
  if (!tilld_db_exec_text (db, (TilldDbText){ sql->str, &total_shape }, (TilldDbParam *) (gpointer) q->params->data, q->params->len, &total, error))
    return FALSE;
  *ret_total = tilld_row_i64 (total, 0, "total");
  return TRUE;
}

gboolean
tilld_list_run (TilldDb *db, TilldListQuery *q, TilldRows **ret_rows, gint64 *ret_total, GError **error)
{
  const TilldListSpec *spec = q->spec;
  g_autoptr (GString) sql = g_string_new (NULL);
  gint64 n;

  if (!search_first (db, q, error))
    return FALSE;
  g_string_printf (sql, "SELECT %s %s%s ORDER BY %s%s%s", spec->shape->sql, spec->from, q->where->str, q->order->str,
                   q->order->len > 0 ? ", " : "", spec->order);
  if (q->limit >= 0)
    g_string_append_printf (sql, " LIMIT %" G_GINT64_FORMAT " OFFSET %" G_GINT64_FORMAT, q->limit, q->offset);
  if (!tilld_db_exec_text (db, (TilldDbText){ sql->str, spec->shape }, (TilldDbParam *) (gpointer) q->params->data, q->params->len, ret_rows, error))
    return FALSE;
  if (ret_total == NULL)
    return TRUE;
  /* A page that is not full ends the list: nothing is left to count. */
  n = tilld_rows_count (*ret_rows);
  if (q->limit < 0 || (n < q->limit && (n > 0 || q->offset == 0)))
    {
      *ret_total = (q->limit < 0 ? 0 : q->offset) + n;
      return TRUE;
    }
  if (ask_total (db, q, ret_total, error))
    return TRUE;
  g_clear_pointer (ret_rows, tilld_rows_free);
  return FALSE;
}
