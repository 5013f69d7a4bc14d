/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-db.c: the database layer on a real PostgreSQL: every value there and back, lists, COPY, transactions that fail and retry,
 * migrations that refuse an altered history. */
#include "config.h"
#include "server/db/db-copy.h"
#include "server/db/db-list.h"
#include "server/db/db-migrate.h"
#include "server/db/db-tx.h"
#include "tests/lib/pg-fixture.h"

static const TilldStatement echo = {
  .name = "test-echo",
  .sql = "SELECT $1 AS a, $2 AS b, $3 AS c, $4 AS d, $5 AS e, $6 AS f, $7 AS g, $8 AS h, $9 AS i, $10 AS j, $11 AS k, $12 AS l, $13 AS m",
  .params = { DB_I64_TYPE, DB_I32_TYPE, DB_I16_TYPE, DB_BOOL_TYPE, DB_TEXT_TYPE, DB_UUID_TYPE, DB_TS_TYPE, DB_DAY_TYPE, DB_BYTES_TYPE, DB_JSON_TYPE,
              DB_I64_ARRAY_TYPE, DB_TEXT_ARRAY_TYPE, DB_UUID_ARRAY_TYPE },
  .columns = { { "a", DB_I64_TYPE }, { "b", DB_I32_TYPE }, { "c", DB_I16_TYPE }, { "d", DB_BOOL_TYPE }, { "e", DB_TEXT_TYPE, DB_NULL_OK },
               { "f", DB_UUID_TYPE, DB_NULL_OK }, { "g", DB_TS_TYPE }, { "h", DB_DAY_TYPE }, { "i", DB_BYTES_TYPE }, { "j", DB_JSON_TYPE },
               { "k", DB_I64_ARRAY_TYPE }, { "l", DB_TEXT_ARRAY_TYPE }, { "m", DB_UUID_ARRAY_TYPE } },
};
TILLD_STATEMENT (echo)

static void
test_values (void)
{
  g_autoptr (TestPg) pg = test_pg_new ();
  g_autoptr (TilldRows) rows = NULL;
  g_autoptr (GError) error = NULL;
  TillId id, back;
  const gint64 numbers[] = { G_MININT64, 0, 7 };
  const char *const words[] = { "一", "", NULL };
  g_autofree gint64 *k = NULL;
  g_autofree TillId *m = NULL;
  g_auto (GStrv) l = NULL;
  gsize len;
  guint n;

  till_id_new (&id, 1);
  tilld_db_query (pg->db, &echo, &rows, &error, DB_I64 (G_MAXINT64), DB_I32 (-5), DB_I16 (-32768), DB_BOOL (TRUE), DB_TEXT ("张 'x\\"), DB_UUID (&id),
                  DB_TS (G_GINT64_CONSTANT (1788220800123456)), DB_DAY (20698), DB_BYTES ("\0\xff", 2), DB_JSON ("{\"a\": 1}"), DB_I64_ARRAY (numbers, 3),
                  DB_TEXT_ARRAY (words, 2), DB_UUID_ARRAY (&id, 1));
  g_assert_no_error (error);
  g_assert_cmpint (tilld_row_i64 (rows, 0, "a"), ==, G_MAXINT64);
  g_assert_cmpint (tilld_row_i64 (rows, 0, "b"), ==, -5);
  g_assert_cmpint (tilld_row_i64 (rows, 0, "c"), ==, -32768);
  g_assert_true (tilld_row_bool (rows, 0, "d"));
  g_assert_cmpstr (tilld_row_text (rows, 0, "e"), ==, "张 'x\\");
  tilld_row_uuid (rows, 0, "f", &back);
  g_assert_true (till_id_equal (&id, &back));
  g_assert_cmpint (tilld_row_ts (rows, 0, "g"), ==, G_GINT64_CONSTANT (1788220800123456));
  g_assert_cmpint (tilld_row_i64 (rows, 0, "h"), ==, 20698);
  g_assert_cmpmem (tilld_row_bytes (rows, 0, "i", &len), 2, "\0\xff", 2);
  g_assert_cmpstr (tilld_row_text (rows, 0, "j"), ==, "{\"a\": 1}");
  k = tilld_row_i64_array (rows, 0, "k", &n);
  g_assert_cmpuint (n, ==, 3);
  g_assert_cmpint (k[0], ==, G_MININT64);
  l = tilld_row_strv (rows, 0, "l");
  g_assert_cmpstr (l[0], ==, "一");
  g_assert_cmpstr (l[1], ==, "");
  m = tilld_row_uuid_array (rows, 0, "m", &n);
  g_assert_cmpuint (n, ==, 1);
  g_assert_true (till_id_equal (&m[0], &id));
  g_clear_pointer (&rows, tilld_rows_free);
  tilld_db_query (pg->db, &echo, &rows, &error, DB_I64 (0), DB_I32 (0), DB_I16 (0), DB_BOOL (FALSE), DB_TEXT (NULL), DB_UUID (NULL), DB_TS (0), DB_DAY (0),
                  DB_BYTES ("", 0), DB_JSON ("null"), DB_I64_ARRAY (numbers, 0), DB_TEXT_ARRAY (words, 0), DB_UUID_ARRAY (&id, 0));
  g_assert_no_error (error);
  g_assert_true (tilld_row_is_null (rows, 0, "e"));
  g_assert_nonnull (tilld_row_bytes (rows, 0, "i", &len));
  g_assert_cmpuint (len, ==, 0);
}

/* The declared columns are the contract: a NULL where none may be is an error, not a zero. */
static void
test_forbidden_null (void)
{
  static const TilldStatement null_column = { .name = "test-null", .sql = "SELECT NULL::bigint AS a", .columns = { { "a", DB_I64_TYPE } } };
  static const TilldStatement other_type = { .name = "test-type", .sql = "SELECT 1::int AS a", .columns = { { "a", DB_I64_TYPE } } };
  g_autoptr (TestPg) pg = test_pg_new ();
  g_autoptr (TilldRows) rows = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_false (tilld_db_exec (pg->db, &null_column, NULL, 0, &rows, &error));
  g_assert_true (till_error_is (error, TILL_ERROR_INTERNAL));
  g_clear_error (&error);
  g_assert_false (tilld_db_prepare (pg->db, &other_type, &error));
  g_assert_true (till_error_is (error, TILL_ERROR_INTERNAL));
}

static gboolean
copy_three (TilldDb *db, gpointer data, GError **error)
{
  TilldCopy *copy;

  if (!tilld_db_command (db, "CREATE TEMPORARY TABLE t (a bigint, b text) ON COMMIT DROP", error) ||
      (copy = tilld_copy_begin (db, "COPY t (a, b) FROM STDIN (FORMAT binary)", error)) == NULL)
    return FALSE;
  for (int i = 0; i < 100000; i++)
    {
      const TilldDbParam row[] = { DB_I64 (i), i % 2 ? DB_TEXT ("x") : DB_TEXT (NULL) };
      if (!tilld_copy_row (copy, row, 2, error))
        return FALSE;
    }
  return tilld_copy_end (copy, error) && tilld_db_command (db, "CREATE TABLE kept AS SELECT count(*) AS n, sum(a) AS s, count(b) AS b FROM t", error);
}

static void
test_copy (void)
{
  g_autoptr (TestPg) pg = test_pg_new ();
  g_autoptr (GError) error = NULL;

  tilld_tx_run (pg->db, TILLD_READ_COMMITTED, copy_three, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (test_pg_ask_int (pg, "SELECT n FROM kept"), ==, 100000);
  g_assert_cmpint (test_pg_ask_int (pg, "SELECT s FROM kept"), ==, G_GINT64_CONSTANT (4999950000));
  g_assert_cmpint (test_pg_ask_int (pg, "SELECT b FROM kept"), ==, 50000);
}

static gboolean
fail_twice (TilldDb *db, gpointer data, GError **error)
{
  int *runs = data;

  if (!tilld_db_command (db, "INSERT INTO runs VALUES (1)", error))
    return FALSE;
  return ++*runs >= 3 || tilld_db_command (db, "DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40001'; END $$", error);
}

static gboolean
refuse (TilldDb *db, gpointer data, GError **error)
{
  return tilld_db_command (db, "INSERT INTO runs VALUES (2)", error) && till_fail (error, TILL_ERROR_DISPUTE, "no");
}

static void
test_transactions (void)
{
  g_autoptr (TestPg) pg = test_pg_new ();
  g_autoptr (GError) error = NULL;
  int runs = 0;

  test_pg_run (pg, "CREATE TABLE runs (n int)");
  g_assert_true (tilld_tx_run (pg->db, TILLD_READ_COMMITTED, fail_twice, &runs, &error));
  g_assert_cmpint (runs, ==, 3);
  g_assert_cmpint (test_pg_ask_int (pg, "SELECT count(*) FROM runs"), ==, 1);
  g_assert_false (tilld_tx_run (pg->db, TILLD_READ_COMMITTED, refuse, NULL, &error));
  g_assert_true (till_error_is (error, TILL_ERROR_DISPUTE));
  g_assert_cmpint (test_pg_ask_int (pg, "SELECT count(*) FROM runs"), ==, 1);
}

/* The server goes away and comes back: calls in between are BUSY, the next one opens the connection again. */
static void
test_reconnect (void)
{
  g_autoptr (TestPg) pg = test_pg_new ();
  g_autoptr (GError) error = NULL;

  test_pg_stop ();
  g_assert_false (tilld_db_command (pg->db, "SELECT 1", &error));
  g_assert_true (till_error_is_retryable (error));
  g_clear_error (&error);
  test_pg_start ();
  tilld_db_command (pg->db, "SELECT 1", &error);
  g_assert_no_error (error);
}

static void
test_lists (void)
{
  static const TilldStatement shape = { .name = "test-areas", .sql = "a.id, a.path", .columns = { { "id", DB_I64_TYPE }, { "path", DB_TEXT_TYPE } } };
  static const TilldListFilter filters[] = { { "q", TILLD_FILTER_LIKE, "a.name ILIKE $# OR a.path ILIKE $#", NULL },
                                             { "id", TILLD_FILTER_I64, "a.id = ANY ($#)", NULL }, { NULL } };
  static const TilldListSort sorts[] = { { "name", "a.name" }, { "id", "a.id" }, { NULL } };
  static const TilldListSpec spec = { .shape = &shape, .from = "FROM area a", .scope = "a.lineage && $#", .filters = filters, .sorts = sorts, .order = "a.id" };
  static const struct { const char *name, *value; int n; const char *first; } table[] = {
    { "q", "2", 1, "C/B2" }, { "q", "%", 0, NULL }, { "id", "1,3", 2, "C" }, { "sort", "-name", 3, "C" }, { "limit", "1", 1, "C" }, { "q", "", 3, "C" },
    { "limit", "3", 3, "C" }, { "offset", "2", 1, "C/B2" }, { "offset", "3", 0, NULL }, { "offset", "9", 0, NULL },
    { "id", "1;2", -1, NULL }, { "id", "-1", -1, NULL }, { "limit", "0", -1, NULL }, { "limit", "1001", -1, NULL }, { "offset", "x", -1, NULL },
    { "sort", "path", -1, NULL }, { "sort", "id;drop", -1, NULL }, { "colour", "red", -1, NULL },
  };
  g_autoptr (TestPg) pg = test_pg_new ();

  test_pg_run (pg, "INSERT INTO site (code, name) VALUES ('s', 'S')");
  test_pg_run (pg, "INSERT INTO area (site, parent, kind, name) VALUES (1, NULL, 0, 'C'), (1, 1, 1, 'B1'), (1, 1, 1, 'B2')");
  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (GHashTable) query = g_hash_table_new (g_str_hash, g_str_equal);
      g_auto (TilldListQuery) q = { 0 };
      g_autoptr (TilldRows) rows = NULL;
      g_autoptr (GError) error = NULL;
      gint64 total;

      g_hash_table_insert (query, (gpointer) table[i].name, (gpointer) table[i].value);
      g_assert_true (tilld_list_query_init (&q, &spec, query, NULL, &error) == (table[i].n >= 0));
      if (table[i].n < 0)
        {
          g_assert_true (till_error_is (error, TILL_ERROR_INVALID));
          g_assert_nonnull (till_error_get_fields (error));
          continue;
        }
      g_assert_true (tilld_list_run (pg->db, &q, &rows, &total, &error));
      g_assert_no_error (error);
      g_assert_cmpuint (tilld_rows_count (rows), ==, table[i].n);
      /* A page is a part: the total is that of the whole list, whether it had to be counted or not. */
      g_assert_cmpint (total, ==, strcmp (table[i].name, "limit") == 0 || strcmp (table[i].name, "offset") == 0 ? 3 : table[i].n);
      if (table[i].first != NULL)
        g_assert_cmpstr (tilld_row_text (rows, 0, "path"), ==, table[i].first);
    }
}

static void
test_migrations (void)
{
  g_autoptr (TestPg) pg = test_pg_new ();
  g_autoptr (GError) error = NULL;
  guint n = 99;

  g_assert_true (tilld_db_check_schema (pg->db, &error));
  g_assert_true (tilld_db_migrate (pg->db, &n, &error));
  g_assert_cmpuint (n, ==, 0);
  test_pg_run (pg, "INSERT INTO migration VALUES ('migrations/9999-future.sql', 'x')");
  g_assert_false (tilld_db_check_schema (pg->db, &error));
  g_assert_true (till_error_is (error, TILL_ERROR_CONFLICT));
  g_clear_error (&error);
  test_pg_run (pg, "DELETE FROM migration WHERE sha256 = 'x'; UPDATE migration SET sha256 = 'x' WHERE name LIKE 'migrations/0001%'");
  g_assert_false (tilld_db_migrate (pg->db, &n, &error));
  g_assert_true (till_error_is (error, TILL_ERROR_CONFLICT));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/db/values", test_values);
  g_test_add_func ("/db/forbidden-null", test_forbidden_null);
  g_test_add_func ("/db/copy", test_copy);
  g_test_add_func ("/db/transactions", test_transactions);
  g_test_add_func ("/db/reconnect", test_reconnect);
  g_test_add_func ("/db/lists", test_lists);
  g_test_add_func ("/db/migrations", test_migrations);
  return g_test_run ();
}
