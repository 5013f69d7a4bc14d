/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-statements.c: every statement of the program PREPAREs on a fresh database with the types it declares, and every list
 * runs with each of its filters and sorts: a renamed column fails here within a second. */
#include "server/db/db-list.h"
#include "tests/lib/pg-fixture.h"
#include "tests/lib/test-main.h"

static void
test_prepare (void)
{
  g_autoptr (TestPg) pg = test_pg_new ();
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GString) wrong = g_string_new (NULL);
  guint n;
  const TilldStatement *const *statements = tilld_statements (&n);

  g_assert_cmpuint (n, >, 40);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GError) error = NULL;
      if (!g_hash_table_add (names, (gpointer) statements[i]->name))
        g_string_append_printf (wrong, "%s: the name is used twice\n", statements[i]->name);
      if (!tilld_db_prepare (pg->db, statements[i], &error))
        g_string_append_printf (wrong, "%s: %s\n", statements[i]->name, error->message);
    }
  g_assert_cmpstr (wrong->str, ==, "");
}

/* A value that the filter takes. Words: the first the enum knows. */
static const char *
value_for (const TilldListFilter *filter)
{
  static const char *const words[] = { "normal", "prepaid", "closed", "open", "household", "shop", "dormitory", "meter", "serial", "none", "low1",
                                       "high", "recharge", "queued", "campus", "overload", "cash", "sale", "paid", "all", "workday", "sale_paid",
                                       "person" };
  int value;

  switch (filter->kind)
    {
    case TILLD_FILTER_I64:
      return "1,2";
    case TILLD_FILTER_INT:
      return "60";
    case TILLD_FILTER_DAY:
      return "2026-09-01";
    case TILLD_FILTER_TIME:
      return "2026-09-01T00:00:00Z";
    case TILLD_FILTER_UUID:
      return "01890000-0000-7000-8000-000000000001";
    case TILLD_FILTER_BOOL:
      return "true";
    case TILLD_FILTER_WORD:
      for (guint i = 0; i < G_N_ELEMENTS (words); i++)
        if (filter->from_word (words[i], &value))
          return words[i];
      g_error ("no word for filter %s", filter->name);
    case TILLD_FILTER_TEXT:
    case TILLD_FILTER_LIKE:
    default:
      return "a%b_c'\\";
    }
}

static void
run_list (TilldDb *db, const TilldListSpec *spec, const char *name, const char *value, const GArray *areas, GString *wrong)
{
  g_autoptr (GHashTable) query = g_hash_table_new (g_str_hash, g_str_equal);
  g_auto (TilldListQuery) q = { NULL };
  g_autoptr (TilldRows) rows = NULL;
  g_autoptr (GError) error = NULL;
  gint64 total;

  if (name != NULL)
    g_hash_table_insert (query, (gpointer) name, (gpointer) value);
  if (!tilld_list_query_init (&q, spec, query, areas, &error) || !tilld_list_run (db, &q, &rows, &total, &error))
    g_string_append_printf (wrong, "%s %s=%s: %s\n", spec->shape->name, name, value, error->message);
}

static void
test_lists (void)
{
  g_autoptr (TestPg) pg = test_pg_new ();
  g_autoptr (GString) wrong = g_string_new (NULL);
  g_autoptr (GArray) areas = g_array_new (FALSE, FALSE, sizeof (gint64));
  guint n;
  const TilldListSpec *const *specs = tilld_lists (&n);

  g_array_append_vals (areas, &(gint64){ 1 }, 1);
  g_assert_cmpuint (n, >, 10);
  for (guint i = 0; i < n; i++)
    {
      run_list (pg->db, specs[i], NULL, NULL, areas, wrong);
      for (const TilldListFilter *f = specs[i]->filters; f->name != NULL; f++)
        run_list (pg->db, specs[i], f->name, value_for (f), areas, wrong);
      for (const TilldListSort *s = specs[i]->sorts; s->name != NULL; s++)
        {
          g_autofree char *down = g_strconcat ("-", s->name, NULL);
          run_list (pg->db, specs[i], "sort", s->name, NULL, wrong);
          run_list (pg->db, specs[i], "sort", down, areas, wrong);
        }
    }
  g_assert_cmpstr (wrong->str, ==, "");
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/statements/prepare", test_prepare);
  g_test_add_func ("/statements/lists", test_lists);
  return till_test_run ();
}
