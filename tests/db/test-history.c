/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-history.c: readings in months. History lies on the grid: a slot is filled once, what comes late or twice changes nothing, each month
 * has its partition, and months beyond the retention go as a whole, once a day, by one process. */
#include "server/db/db-tx.h"
#include "server/domain/plant/reading.h"
#include "server/jobs/housekeeping.h"
#include "tests/db/plant-fixture.h"

#define SLOT_US (1800 * TILL_SECOND)
#define assert_ask(pg, sql, expected)                                \
  G_STMT_START { g_autofree char *_said = test_pg_ask ((pg), (sql)); g_assert_cmpstr (_said, ==, (expected)); } G_STMT_END

static TillTime
now_us (TestPg *pg)
{
  return test_pg_ask_int (pg, "SELECT (extract (epoch FROM now ()) * 1000000)::bigint");
}

static void
take (TestPg *pg, TillTime at, TillTime slot, gint64 balance, gint64 energy)
{
  TilldFieldReading r = plant_reading (1, at, balance, TILL_METER_STATE_NORMAL);

  r.slot = slot;
  r.energy_total = energy;
  plant_ingest (pg, &r, 1);
}

static void
test_grid (void)
{
  g_autoptr (TestPg) pg = plant_new ();
  TillTime now = now_us (pg), slot = now - now % SLOT_US, before = slot - SLOT_US;

  take (pg, slot + 60 * TILL_SECOND, slot, 500000, 2000);
  assert_ask (pg, "SELECT count (*) || ' ' || min (energy_total) FROM reading", "1 2000");
  take (pg, slot + 60 * TILL_SECOND, slot, 500000, 2000);  /* the same again: the commit's answer was lost */
  take (pg, slot + 200 * TILL_SECOND, slot, 400000, 2100); /* a second reading of the slot */
  assert_ask (pg, "SELECT count (*) || ' ' || min (energy_total) || ' ' || max (energy_total) FROM reading", "1 2000 2000");
  assert_ask (pg, "SELECT energy_total::text FROM meter_state WHERE meter = 1", "2100"); /* what is seen goes on */
  /* A late one of the slot before fills its slot and shows nothing: the state is newer. */
  take (pg, before + 60 * TILL_SECOND, before, 900000, 1900);
  assert_ask (pg, "SELECT string_agg (energy_total::text, ' ' ORDER BY at) FROM reading", "1900 2000");
  assert_ask (pg, "SELECT balance || ' ' || energy_total FROM meter_state WHERE meter = 1", "400000 2100");
  assert_ask (pg, "SELECT bool_and (at = slot AND extract (epoch FROM at)::bigint % 1800 = 0)::text FROM reading", "true");
  /* Without a slot there is no row. */
  take (pg, slot + 300 * TILL_SECOND, 0, 300000, 2200);
  assert_ask (pg, "SELECT count (*)::text FROM reading", "2");
}

static void
test_months (void)
{
  g_autoptr (TestPg) pg = plant_new ();
  TillTime month = test_pg_ask_int (pg, "SELECT (extract (epoch FROM date_trunc ('month', now () AT TIME ZONE 'UTC')) * 1000000)::bigint");
  TillTime now = now_us (pg), recent = MAX (month, now - 26 * 86400 * TILL_SECOND);

  take (pg, recent, recent - recent % SLOT_US + (recent % SLOT_US > 0 ? SLOT_US : 0), 1, 1);
  assert_ask (pg, "SELECT count (*)::text FROM reading", "1");
  assert_ask (pg, "SELECT (tableoid::regclass::text = 'reading_' || to_char (at AT TIME ZONE 'UTC', 'YYYY_MM'))::text FROM reading", "true");
  /* A clock far off belongs to no month that is kept open: the batch is stored without it. */
  take (pg, now - 90 * 86400 * TILL_SECOND, now - 90 * 86400 * TILL_SECOND, 2, 2);
  assert_ask (pg, "SELECT count (*)::text FROM reading", "1");
  assert_ask (pg, "SELECT count (*)::text FROM pg_inherits WHERE inhparent = 'reading'::regclass "
                  "AND inhrelid::regclass::text > 'reading_' || to_char (now () AT TIME ZONE 'UTC', 'YYYY_MM')", "3");
}

static void
make_month (TestPg *pg, int ago)
{
  g_autofree char *sql = g_strdup_printf ("DO $$ DECLARE m date := date_trunc ('month', now () AT TIME ZONE 'UTC') - interval '%d months'; BEGIN "
                                          "EXECUTE format ('CREATE TABLE reading_%%s PARTITION OF reading FOR VALUES FROM (%%L) TO (%%L)', "
                                          "to_char (m, 'YYYY_MM'), m || ' 00:00+00', (m + interval '1 month')::date || ' 00:00+00'); END $$", ago);
  test_pg_run (pg, sql);
}

static void
test_retention (void)
{
  g_autoptr (TestPg) pg = plant_new ();
  g_autoptr (GError) error = NULL;
  TilldDb *other = test_pg_connect (pg, TILLD_DB_ROLE);
  guint dropped = 9;
  gint64 months = test_pg_ask_int (pg, "SELECT count (*) FROM pg_inherits WHERE inhparent = 'reading'::regclass");

  for (int ago = 12; ago <= 15; ago++)
    make_month (pg, ago);
  g_assert_true (tilld_reading_retention (other, 0, &dropped, &error)); /* 0 keeps all */
  g_assert_cmpuint (dropped, ==, 0);
  g_assert_true (tilld_housekeeping_run (other, 13, &error));
  g_assert_no_error (error);
  g_assert_cmpint (test_pg_ask_int (pg, "SELECT count (*) FROM pg_inherits WHERE inhparent = 'reading'::regclass"), ==, months + 2); /* 12 and 13 stay */
  assert_ask (pg, "SELECT count (*) || ' ' || min (state) FROM job WHERE name = 'partitions'", "1 done");
  /* Once a day: another process, or the next round, finds it done. */
  g_assert_true (tilld_housekeeping_run (pg->db, 1, &error));
  g_assert_cmpint (test_pg_ask_int (pg, "SELECT count (*) FROM pg_inherits WHERE inhparent = 'reading'::regclass"), ==, months + 2);
  test_pg_run (pg, "UPDATE job SET period = '2000-01-01'");
  g_assert_true (tilld_housekeeping_run (pg->db, 12, &error));
  g_assert_cmpint (test_pg_ask_int (pg, "SELECT count (*) FROM pg_inherits WHERE inhparent = 'reading'::regclass"), ==, months + 1);
  tilld_db_free (other);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/history/grid", test_grid);
  g_test_add_func ("/history/months", test_months);
  g_test_add_func ("/history/retention", test_retention);
  return g_test_run ();
}
