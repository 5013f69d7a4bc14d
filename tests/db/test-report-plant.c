/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-report-plant.c: freshness, lost meters, lost gateways from rows put in by hand: ages count from this moment. */
#include <string.h>
#include "server/report/run.h"
#include "tests/lib/pg-fixture.h"
#include "tests/lib/test-main.h"

/* Rows without their surroundings: keys to other tables are not this test's business. Gateway 1: 100 circuits, of which 96 were read
 * 40 s ago, 2 are 400 s old, 1 is lost, 1 was never read. Gateway 2 is away with one circuit in another building. */
static const char rows[] =
    "SET session_replication_role = replica;"
    "INSERT INTO area (id, site, parent, kind, name, path, lineage) OVERRIDING SYSTEM VALUE VALUES"
    " (91, 7, NULL, 0, 'Campus', 'Campus', '{91}'), (92, 7, 91, 1, 'B1', 'Campus/B1', '{91,92}'), (93, 7, 91, 1, 'B2', 'Campus/B2', '{91,93}');"
    "INSERT INTO gateway (id, code, name, site, area, link, address) OVERRIDING SYSTEM VALUE VALUES"
    " (1, 'GW-1', 'One', 7, 92, 2, '127.0.0.1:502'), (2, 'GW-2', 'Two', 7, 93, 1, '127.0.0.1:503');"
    "INSERT INTO gateway_session (gateway, online, last_seen) VALUES (1, true, now ()), (2, false, '2026-09-01T00:00:00Z');"
    "INSERT INTO meter (id, code, gateway, unit, model, area) OVERRIDING SYSTEM VALUE"
    " SELECT n, 'A' || n, 1, n, 'adf400l-1p', 92 FROM generate_series (1, 100) n;"
    "INSERT INTO meter (id, code, gateway, unit, model, area) OVERRIDING SYSTEM VALUE VALUES (201, 'B1', 2, 5, 'adf400l-1p', 93);"
    "INSERT INTO meter_state (meter, read_at, lost, lost_since, balance)"
    " SELECT n, now () - CASE WHEN n > 96 THEN interval '399.5 s' ELSE interval '39.5 s' END, n = 99, CASE WHEN n = 99 THEN '2026-09-01T01:00:00Z'::timestamptz END, 10000"
    "   FROM generate_series (1, 99) n;"
    "INSERT INTO meter_state (meter, read_at, lost, lost_since) VALUES (201, NULL, true, '2026-09-01T00:30:00Z');";

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
  fixture->who = (TilldActor){ .operator_id = 1, .site = 7, .permissions = till_role_default_permissions ("engineer") };
  fixture->in = (TilldReportRequest){ .zone_name = "Asia/Shanghai", .zone = fixture->zone, .made_at = G_GINT64_CONSTANT (1788307200000000) };
  g_assert_true (till_day_parse ("2026-09-01", &fixture->in.from, NULL));
  fixture->in.to = fixture->in.from;
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_time_zone_unref (fixture->zone);
  test_pg_free (fixture->pg);
}

static void
assert_rows (Fixture *fixture, const char *report, const char *wanted)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TilldSink) sink = tilld_sink_json_new ();
  g_autofree char *json = NULL;

  g_assert_true (tilld_report_run (fixture->pg->db, &fixture->who, tilld_report_find (report), &fixture->in, sink, &error));
  g_assert_no_error (error);
  json = tilld_sink_json_steal (sink, NULL);
  g_assert_cmpstr (strstr (json, "\"rows\":"), ==, wanted);
}

static void
freshness (Fixture *fixture, gconstpointer data)
{
  assert_rows (fixture, "freshness",
               "\"rows\":[[\"GW-1\",\"One\",true,100,96,2,1,1,40,400,400],[\"GW-2\",\"Two\",false,1,0,0,1,0,null,null,null]],"
               "\"totals\":[null,null,null,101,96,2,2,1,null,null,null],\"series\":[\"age_p99\"]}");
  fixture->in.area = 93;
  assert_rows (fixture, "freshness",
               "\"rows\":[[\"GW-2\",\"Two\",false,1,0,0,1,0,null,null,null]],\"totals\":[null,null,null,1,0,0,1,0,null,null,null],"
               "\"series\":[\"age_p99\"]}");
}

static void
lost (Fixture *fixture, gconstpointer data)
{
  assert_rows (fixture, "lost_gateways",
               "\"rows\":[[\"GW-2\",\"Two\",\"Campus/B2\",\"127.0.0.1:503\",\"2026-09-01T00:00:00Z\",1]],"
               "\"totals\":[null,null,null,null,null,1],\"series\":[]}");
  fixture->in.area = 92;
  assert_rows (fixture, "lost_gateways", "\"rows\":[],\"totals\":[null,null,null,null,null,0],\"series\":[]}");
}

static void
lost_meters (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GArray) scope = g_array_new (FALSE, FALSE, sizeof (gint64));
  const gint64 b2 = 93;

  g_array_append_val (scope, b2);
  fixture->who.areas = scope; /* the meter of the other building is not his */
  assert_rows (fixture, "lost_meters",
               "\"rows\":[[\"B1\",\"Campus/B2\",null,\"GW-2\",1,5,\"adf400l-1p\",\"2026-09-01T00:30:00Z\",null,null]],"
               "\"totals\":[null,null,null,null,null,null,null,null,null,null],\"series\":[]}");
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add ("/report/plant/freshness", Fixture, NULL, set_up, freshness, tear_down);
  g_test_add ("/report/plant/lost-gateways", Fixture, NULL, set_up, lost, tear_down);
  g_test_add ("/report/plant/lost-meters", Fixture, NULL, set_up, lost_meters, tear_down);
  return till_test_run ();
}
