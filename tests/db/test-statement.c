/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-statement.c: statements of random histories, with tiers, rates, versions and new devices, against the ledger, at every cut. */
#include <string.h>
#include "server/domain/money/statement.h"
#include "server/report/run.h"
#include "tests/db/settle-fixture.h"
#include "tests/lib/test-main.h"

static void
statement (Money *money, gint64 meter, TillTime from, TillTime to, TilldMeterStatement *ret)
{
  g_autoptr (GError) error = NULL;
  TillMoney sum;

  tilld_statement_load (money->pg->db, &money->cashier, meter, from, to, ret, &error);
  g_assert_no_error (error);
  sum = ret->opening;
  for (guint i = 0; i < ret->lines->len; i++)
    {
      const TilldStatementLine *line = &g_array_index (ret->lines, TilldStatementLine, i);

      sum += line->amount;
      g_assert_cmpint (line->balance, ==, sum);
      g_assert_true (line->at >= from && line->at < to);
      if (line->kind == TILLD_ENTRY_ENERGY && !line->estimated) /* one rounding a line of each settlement of the day */
        g_assert_cmpint (ABS (- line->amount - line->energy * line->price / 1000), <=, 40);
    }
  g_assert_cmpint (sum, ==, ret->closing);
  g_assert_cmpint (ret->opening + ret->sold + ret->given_back + ret->used + ret->other, ==, ret->closing);
}

static char *
random_body (GRand *rand)
{
  GString *body = g_string_new ("{\"prices\":{\"peak\":\"0.9137\",\"flat\":\"0.6150\",\"valley\":\"0.3331\"},\"seasons\":[{\"workday\":[{\"from\":\"00:00\",\"rate\":\"valley\"}");

  g_string_append_printf (body, ",{\"from\":\"%02d:%02d\",\"rate\":\"peak\"},{\"from\":\"%02d:15\",\"rate\":\"flat\"}]}],", g_rand_int_range (rand, 5, 12),
                          g_rand_int_range (rand, 0, 4) * 15, g_rand_int_range (rand, 13, 24));
  g_string_append_printf (body, "\"tiers\":{\"period\":\"%s\",\"steps\":[{\"to\":\"%d.500\"},{\"to\":\"60.000\",\"add\":\"0.0533\"},{\"add\":\"0.3001\"}]},",
                          g_rand_boolean (rand) ? "month" : "year", g_rand_int_range (rand, 1, 30));
  g_string_append_printf (body, "\"fixed_per_day\":\"%s\",\"free_per_head\":\"%d.000\"}", g_rand_boolean (rand) ? "0.2537" : "0.0000", g_rand_int_range (rand, 0, 5));
  return g_string_free (body, FALSE);
}

/* A history of 12 pieces: readings at odd times, sales in between, two versions of a tariff, a new tariff, a new device. */
static void
live (Money *money, GRand *rand)
{
  gint64 energy = g_rand_int_range (rand, 0, 100000);
  int hours = 240, epoch = 1;

  for (guint v = 0; v < 3; v++)
    {
      g_autofree char *body = random_body (rand);

      settle_sql (money, "INSERT INTO tariff (name) SELECT 'T%u' WHERE %u <> 1; INSERT INTO tariff_version (tariff, effective, price_flat, body)"
                  " VALUES (%u, site_today () - %d, 6150, '%s')", v, v, v == 2 ? 3 : 2, v == 0 ? 30 : (int) (7 - 3 * v), body);
    }
  settle_sql (money, "INSERT INTO meter_tariff (meter, since, tariff) VALUES (3, '2000-01-01', 2), (3, site_today () - 2, 3)"
              " ON CONFLICT (meter, since) DO UPDATE SET tariff = EXCLUDED.tariff; UPDATE account_meter SET since = now () - interval '11 days' WHERE meter = 3");
  for (guint piece = 0; piece < 12; piece++)
    {
      for (guint r = 0; r < 6 && hours > 1; r++)
        {
          settle_sql (money, "INSERT INTO reading (meter, at, epoch, energy_total) VALUES (3, now () - interval '%d hours' - interval '%d minutes', %d, %" G_GINT64_FORMAT
                      "); UPDATE meter_state SET full_at = now (), read_at = now () WHERE meter = 3", hours, g_rand_int_range (rand, 0, 50), epoch, energy);
          energy += g_rand_int_range (rand, 0, 4000);
          hours -= g_rand_int_range (rand, 1, 6);
        }
      if (piece == 6)
        {
          epoch++;
          energy = g_rand_int_range (rand, 0, 500);
        }
      if (g_rand_boolean (rand))
        money_sell (money, MONEY_METER_SERVER, g_rand_int_range (rand, 1, 9000) * 100);
      settle_round (money, settle_now (money));
      settle_round (money, settle_now (money));
    }
}

static void
test_statements (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (20261123);
  guint lines = 0, tiers = 0, estimated = 0;

  for (guint n = 0; n < 6; n++)
    {
      g_autoptr (Money) money = money_new ();
      g_auto (TilldMeterStatement) whole = { 0 };
      TillTime begin = settle_now (money) - HOUR_US, end;
      gint64 n_tx;

      live (money, rand);
      end = settle_now (money) + TILL_SECOND;
      statement (money, MONEY_METER_SERVER, begin, end, &whole);
      g_assert_cmpint (whole.opening, ==, 0);
      g_assert_cmpint (whole.closing, ==, - money_balance (money, TILL_LEDGER_ACCOUNT_SERVER_BALANCE, 3)); /* exactly the ledger */
      g_assert_cmpint (whole.used, ==, money_balance (money, TILL_LEDGER_ACCOUNT_REVENUE, 1));
      g_assert_cmpint (whole.energy, ==, test_pg_ask_int (money->pg, "SELECT coalesce (sum (energy), 0)::bigint FROM settlement"));
      n_tx = test_pg_ask_int (money->pg, "SELECT count (*) FROM tx");
      for (gint64 k = 0; k < n_tx; k++) /* every cut */
        {
          g_autofree char *ask = g_strdup_printf ("SELECT (extract (epoch FROM at) * 1000000)::bigint FROM tx ORDER BY n OFFSET %" G_GINT64_FORMAT " LIMIT 1", k);
          TillTime cut = test_pg_ask_int (money->pg, ask);
          g_auto (TilldMeterStatement) first = { 0 }, second = { 0 };

          statement (money, MONEY_METER_SERVER, begin, cut, &first);
          statement (money, MONEY_METER_SERVER, cut, end, &second);
          g_assert_cmpint (first.closing, ==, second.opening);
          g_assert_cmpint (second.closing, ==, whole.closing);
          g_assert_cmpint (first.used + second.used, ==, whole.used);
          g_assert_cmpint (first.sold + second.sold, ==, whole.sold);
          g_assert_cmpint (first.energy + second.energy, ==, whole.energy);
        }
      for (guint i = 0; i < whole.lines->len; i++)
        {
          const TilldStatementLine *line = &g_array_index (whole.lines, TilldStatementLine, i);

          lines++;
          tiers += line->tier > 1;
          estimated += line->estimated;
        }
    }
  g_test_message ("%u lines, %u of higher tiers, %u estimated", lines, tiers, estimated);
  g_assert_true (lines > 90 && tiers > 15 && estimated > 15);
}

static void
report_has (Money *money, const char *name, const char *wanted)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TilldSink) sink = tilld_sink_json_new ();
  g_autoptr (GTimeZone) zone = till_zone_new ("Asia/Shanghai", NULL);
  g_autofree char *json = NULL;
  TillDay today = (TillDay) test_pg_ask_int (money->pg, "SELECT site_today () - date '1970-01-01'");
  TilldReportRequest in = { .from = today - 3, .to = today, .zone_name = "Asia/Shanghai", .zone = zone, .made_at = settle_now (money) };

  money->second.permissions = till_role_default_permissions ("finance");
  tilld_report_run (money->pg->db, &money->second, tilld_report_find (name), &in, sink, &error);
  g_assert_no_error (error);
  json = tilld_sink_json_steal (sink, NULL);
  if (strstr (json, wanted) == NULL)
    g_error ("%s: %s, but should have %s", name, json, wanted);
}

/* The same story in the reports: opening, sold, given back, used, other, closing of the meter; the day's revenue; what was compared. */
static void
check_reports (Money *money)
{
  report_has (money, "meter_statement", "[\"M-A\",\"Campus\",\"\xe5\xbc\xa0\xe4\xbc\x9f\",\"0.0000\",\"12.3400\",\"0.0000\",\"-12.7200\",\"45.0000\","
                                        "\"44.6200\",\"24.000\"]");
  report_has (money, "revenue", "\"24.000\",\"12.6792\",\"0.0000\",\"0.000\",\"0.0408\",\"12.7200\"]");
  report_has (money, "conservation", "[\"M-A\",\"Campus\",1,1,\"24.000\",\"0.0000\",\"17.7200\",\"12.7200\",\"5.0000\"");
}

/* A meter that settles itself: what it took, the rounding of its price, what nothing explains, each on a line. */
static void
test_statement_of_meter (void)
{
  g_autoptr (Money) money = money_new ();
  g_auto (TilldMeterStatement) s = { 0 };
  TillTime begin = settle_now (money) - HOUR_US;
  guint kinds[TILLD_ENTRY_N] = { 0 };

  settle_sql (money, "ALTER TABLE tariff_version DISABLE TRIGGER tariff_version_stays; UPDATE tariff_version SET price_flat = 5283 WHERE tariff = 1;"
              "ALTER TABLE tariff_version ENABLE TRIGGER tariff_version_stays");
  settle_adopt (money, MONEY_METER_A, 500000);
  settle_read_purse (money, MONEY_METER_A, 1, 1000, 500000, 5300, 0);
  settle_sql (money, "UPDATE reading SET balance = balance - 50000 WHERE meter = 1 AND at = site_today ()::timestamp AT TIME ZONE 'Asia/Shanghai'");
  money_sell (money, MONEY_METER_A, 123400);
  settle_round (money, settle_after_midnight (money));
  settle_sql (money, "DELETE FROM job");
  settle_round (money, settle_after_midnight (money));
  statement (money, MONEY_METER_A, begin, settle_now (money) + TILL_SECOND, &s);
  for (guint i = 0; i < s.lines->len; i++)
    kinds[g_array_index (s.lines, TilldStatementLine, i).kind]++;
  g_assert_cmpuint (kinds[TILLD_ENTRY_SALE], ==, 1);
  g_assert_cmpuint (kinds[TILLD_ENTRY_ENERGY], ==, 1);
  g_assert_cmpuint (kinds[TILLD_ENTRY_ROUNDING], ==, 1);
  g_assert_cmpuint (kinds[TILLD_ENTRY_UNEXPLAINED], ==, 1);
  g_assert_cmpuint (kinds[TILLD_ENTRY_ADOPTED], ==, 1);
  g_assert_cmpint (s.closing, ==, 500000 - 127200 - 50000 + 123400);
  g_assert_cmpint (s.used, ==, -127200);
  check_reports (money);
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/statement/random", test_statements);
  g_test_add_func ("/statement/of-meter", test_statement_of_meter);
  return till_test_run ();
}
