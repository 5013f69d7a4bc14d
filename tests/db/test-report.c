/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-report.c: daily sales from rows put in by hand: days of the site's zone, kinds, area scope, totals, refusals. */
#include "server/report/run.h"
#include "tests/lib/pg-fixture.h"
#include "tests/lib/test-main.h"

/* Rows without their surroundings: keys to other tables are not this test's business. */
static const char rows[] =
    "SET session_replication_role = replica;"
    "INSERT INTO area (id, site, parent, kind, name, path, lineage) OVERRIDING SYSTEM VALUE VALUES"
    " (91, 7, NULL, 0, 'Campus', 'Campus', '{91}'), (92, 7, 91, 1, 'B1', 'Campus/B1', '{91,92}'), (93, 7, 91, 1, 'B2', 'Campus/B2', '{91,93}');"
    "INSERT INTO sale (id, site, number, kind, state, meter, epoch, area, amount, channel, operator, drawer, created_at)"
    "SELECT gen_random_uuid (), site, number, kind, state, 1, 0, area, amount, channel, 1, 1, at::timestamptz FROM (VALUES"
    " (7, 1, 0, 4, 92, 1000000, 0, '2026-09-01T00:00:00+08'),"  /* the first instant of the day, in UTC still August */
    " (7, 2, 0, 5, 93,  500000, 2, '2026-09-01T23:59:59+08'),"
    " (7, 3, 1, 4, 92,  200000, 0, '2026-09-02T00:00:00+08'),"
    " (7, 4, 2, 4, 92,   70000, 4, '2026-09-02T12:00:00+08'),"
    " (7, 5, 3, 4, 92,   30000, 0, '2026-09-02T12:00:01+08'),"
    " (7, 6, 4, 4, 92,   10000, 2, '2026-09-02T12:00:02+08'),"
    " (7, 7, 0, 6, 92, 9990000, 0, '2026-09-02T12:00:03+08'),"  /* cancelled */
    " (7, 8, 5, 4, 92, 9990000, 0, '2026-09-02T12:00:04+08'),"  /* carried over: no money came in */
    " (7, 9, 0, 4, 92, 9990000, 0, '2026-08-31T23:59:59+08'),"  /* the day before */
    " (7,10, 0, 4, 92, 9990000, 0, '2026-09-03T00:00:00+08'),"  /* the day after */
    " (8, 1, 0, 4, 92, 9990000, 0, '2026-09-01T12:00:00+08')"   /* another site */
    ") AS v (site, number, kind, state, area, amount, channel, at);";

typedef struct {
  TestPg            *pg;
  TilldActor         who;
  TilldReportRequest in;
  GTimeZone         *zone;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->pg = test_pg_new ();
  test_pg_run (fixture->pg, rows);
  fixture->zone = till_zone_new ("Asia/Shanghai", NULL);
  fixture->who = (TilldActor){ .operator_id = 1, .site = 7, .permissions = till_role_default_permissions ("finance") };
  fixture->in = (TilldReportRequest){ .zone_name = "Asia/Shanghai", .zone = fixture->zone, .made_at = G_GINT64_CONSTANT (1788307200000000) };
  g_assert_true (till_day_parse ("2026-09-01", &fixture->in.from, NULL));
  g_assert_true (till_day_parse ("2026-09-02", &fixture->in.to, NULL));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_time_zone_unref (fixture->zone);
  test_pg_free (fixture->pg);
}

static char *
run_json (Fixture *fixture, GError **error)
{
  g_autoptr (TilldSink) sink = tilld_sink_json_new ();
  if (!tilld_report_run (fixture->pg->db, &fixture->who, tilld_report_find ("sales_daily"), &fixture->in, sink, error))
    return NULL;
  return tilld_sink_json_steal (sink, NULL);
}

static void
assert_rows (Fixture *fixture, const char *wanted)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *json = run_json (fixture, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (strstr (json, "\"rows\":"), ==, wanted);
}

static void
days_and_totals (Fixture *fixture, gconstpointer data)
{
  assert_rows (fixture,
               "\"rows\":[[\"2026-09-01\",\"150.0000\",\"0.0000\",\"0.0000\",\"150.0000\",\"100.0000\",\"0.0000\",2],"
               "[\"2026-09-02\",\"20.0000\",\"1.0000\",\"3.0000\",\"16.0000\",\"17.0000\",\"7.0000\",4]],"
               "\"totals\":[null,\"170.0000\",\"1.0000\",\"3.0000\",\"166.0000\",\"117.0000\",\"7.0000\",6],\"series\":[\"sales\"]}");
}

/* Money taken is reported with the place of the ledger at the end of the period, not of now. */
static void
sealed (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *json = NULL, *early = NULL;

  test_pg_run (fixture->pg, "INSERT INTO tx (site, n, at, event, request, actor, hash) SELECT 7, n, at::timestamptz, 0, gen_random_uuid (), 1,"
                            " sha256 (n::text::bytea) FROM (VALUES (1, '2026-09-01 08:00+08'), (2, '2026-09-02 23:59:59+08'), (3, '2026-09-03 00:00+08')) x (n, at)");
  json = run_json (fixture, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (json, "\"ledger\":{\"n\":2,\"hash\":\"d4735e3a265e16eee03f59718b9b5d03019c07d8b6c51f90da3a666eec13ab35\"}}"));
  fixture->in.to = fixture->in.from;
  early = run_json (fixture, &error);
  g_assert_nonnull (strstr (early, "\"ledger\":{\"n\":1,"));
}

static void
areas_bound_it (Fixture *fixture, gconstpointer data)
{
  static const char only_b2[] = "\"rows\":[[\"2026-09-01\",\"50.0000\",\"0.0000\",\"0.0000\",\"50.0000\",\"0.0000\",\"0.0000\",1]],"
                                "\"totals\":[null,\"50.0000\",\"0.0000\",\"0.0000\",\"50.0000\",\"0.0000\",\"0.0000\",1],\"series\":[\"sales\"]}";
  static const char nothing[] = "\"rows\":[],\"totals\":[null,\"0.0000\",\"0.0000\",\"0.0000\",\"0.0000\",\"0.0000\",\"0.0000\",0],"
                                "\"series\":[\"sales\"]}";
  g_autoptr (GArray) scope = g_array_new (FALSE, FALSE, sizeof (gint64));
  const gint64 b2 = 93;

  fixture->in.area = 93; /* asked for */
  assert_rows (fixture, only_b2);
  fixture->in.area = 0; /* all that the reader may see */
  g_array_append_val (scope, b2);
  fixture->who.areas = scope;
  assert_rows (fixture, only_b2);
  fixture->in.area = 92; /* not his */
  assert_rows (fixture, nothing);
  g_array_set_size (scope, 0);
  fixture->in.area = 0;
  assert_rows (fixture, nothing); /* a scope of no area is nothing, not everything */
}

/* Another program reads the sheet and finds the numbers of the screen, cell by cell; the head says period and moment. */
static void
sheet_equals_screen (Fixture *fixture, gconstpointer data)
{
  static const char compare[] =
      "import json, openpyxl, sys\n"
      "from decimal import Decimal\n"
      "sheet = [[c.value for c in r] for r in openpyxl.load_workbook(sys.argv[1]).worksheets[0].iter_rows()]\n"
      "screen = json.loads(sys.argv[2])\n"
      "assert sheet[0][0] == '售电日报' and sheet[1][0].startswith('2026-09-01 – 2026-09-02 · 全部区域'), sheet[:2]\n"
      "assert sheet[2][1] == '售电金额', sheet[2]\n"
      "rows = screen['rows'] + [screen['totals']]\n"
      "assert len(sheet) == 3 + len(rows), len(sheet)\n"
      "for a, b in zip(sheet[3:], rows):\n"
      "    assert (a[0] is None and b[0] is None) or str(a[0].date()) == b[0], (a, b)\n"
      "    assert [Decimal(str(x)) for x in a[1:]] == [Decimal(str(x)) for x in b[1:]], (a, b)\n";
  g_autoptr (GError) error = NULL;
  g_autofree char *json = run_json (fixture, &error), *path = g_build_filename (till_test_dir (), "sales.xlsx", NULL), *said = NULL;
  g_autoptr (TilldSink) sink = tilld_sink_xlsx_new (path, &error);
  const char *argv[] = { "/usr/bin/python3", "-c", compare, path, json, NULL };
  int status = -1;

  g_assert_no_error (error);
  fixture->in.chinese = TRUE;
  g_assert_true (tilld_report_run (fixture->pg->db, &fixture->who, tilld_report_find ("sales_daily"), &fixture->in, sink, &error));
  g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL, 0, NULL, NULL, NULL, &said, &status, &error));
  g_assert_cmpstr (said, ==, "");
  g_assert_cmpint (status, ==, 0);
}

static void
refusals (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (tilld_report_find ("sales_dayly"));
  fixture->in.to = fixture->in.from + 366;
  g_assert_null (run_json (fixture, &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_INVALID);
  g_clear_error (&error);
  fixture->in.to = fixture->in.from - 1;
  g_assert_null (run_json (fixture, &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_INVALID);
  g_clear_error (&error);
  fixture->in.to = fixture->in.from;
  fixture->who.permissions = till_role_default_permissions ("cashier");
  g_assert_null (run_json (fixture, &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_FORBIDDEN);
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add ("/report/sealed", Fixture, NULL, set_up, sealed, tear_down);
  g_test_add ("/report/sales-daily", Fixture, NULL, set_up, days_and_totals, tear_down);
  g_test_add ("/report/areas", Fixture, NULL, set_up, areas_bound_it, tear_down);
  g_test_add ("/report/sheet", Fixture, NULL, set_up, sheet_equals_screen, tear_down);
  g_test_add ("/report/refusals", Fixture, NULL, set_up, refusals, tear_down);
  return till_test_run ();
}
