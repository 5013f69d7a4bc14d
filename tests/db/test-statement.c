/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-statement.c: statements of random histories, with tiers, rates, versions and new devices, against the ledger, at every cut. */
#include <string.h>
#include "server/domain/money/statement.h"
#include "server/report/run.h"
#include "tests/db/settle-fixture.h"
#include "tests/lib/test-main.h"

#define HISTORIES 12
#define AT_ONCE   100 /* in one database */
#define FIRST     101

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

/* Meters FIRST .. FIRST + n - 1 with an account each, two tariffs of their own (the first with two versions, the other from some day on),
 * and readings since eleven days. */
static void
open_meters (Money *money, GRand *rand, guint n)
{
  settle_sql (money, "INSERT INTO meter (id, code, gateway, unit, model, area, settlement, tariff, hoard_limit) OVERRIDING SYSTEM VALUE"
              " SELECT %d + i, 'H-' || i, 1, 10 + i, 'gridtill-generic-c', 1, 1, 1, 50000000 FROM generate_series (0, %u - 1) AS i;"
              "INSERT INTO meter_state (meter, read_at) SELECT %d + i, now () FROM generate_series (0, %u - 1) AS i ON CONFLICT (meter) DO NOTHING;"
              "INSERT INTO account (id, code, site, customer) OVERRIDING SYSTEM VALUE SELECT %d + i, 'H-' || i, 1, 1 FROM generate_series (0, %u - 1) AS i;"
              "INSERT INTO account_meter (account, meter, since) SELECT %d + i, %d + i, now () - interval '11 days' FROM generate_series (0, %u - 1) AS i",
              FIRST, n, FIRST, n, FIRST, n, FIRST, FIRST, n);
  for (guint i = 0; i < n; i++)
    {
      int other = g_rand_int_range (rand, 0, 5);

      for (guint v = 0; v < 3; v++)
        {
          g_autofree char *body = random_body (rand);

          settle_sql (money, "INSERT INTO tariff (id, name) OVERRIDING SYSTEM VALUE SELECT %d, 'T-%u-%u' WHERE %u <> 1;"
                      "INSERT INTO tariff_version (tariff, effective, price_flat, body) VALUES (%d, site_today () - %d, 6150, '%s')",
                      (int) (2 * (FIRST + i) + (v == 2)), i, v, v, (int) (2 * (FIRST + i) + (v == 2)),
                      v == 1 ? g_rand_int_range (rand, 1, 9) : 30, body);
        }
      settle_sql (money, "INSERT INTO meter_tariff (meter, since, tariff) VALUES (%d, '2000-01-01', %d), (%d, site_today () - %d, %d)"
                  " ON CONFLICT (meter, since) DO UPDATE SET tariff = EXCLUDED.tariff",
                  (int) (FIRST + i), (int) (2 * (FIRST + i)), (int) (FIRST + i), other, (int) (2 * (FIRST + i)) + 1);
    }
}

typedef struct { gint64 energy; int hours, epoch; } Past;

/* Some readings at odd times, a new device now and then. */
static void
read_some (GString *sql, GRand *rand, gint64 meter, guint piece, Past *past)
{
  for (guint r = 0; r < 6 && past->hours > 1; r++)
    {
      g_string_append_printf (sql, "INSERT INTO reading (meter, at, epoch, energy_total) VALUES (%d, now () - interval '%d hours' - interval '%d minutes', %d, %"
                              G_GINT64_FORMAT ");", (int) meter, past->hours, g_rand_int_range (rand, 0, 50), past->epoch, past->energy);
      past->energy += g_rand_int_range (rand, 0, 4000);
      past->hours -= g_rand_int_range (rand, 1, 6);
    }
  if (piece == 6 || g_rand_int_range (rand, 0, 12) == 0)
    {
      past->epoch++;
      past->energy = g_rand_int_range (rand, 0, 500);
    }
}

/* A history of 12 pieces each: readings, sales in between, two versions of a tariff, a new tariff, new devices. */
static void
live (Money *money, GRand *rand, guint n)
{
  g_autofree Past *pasts = g_new0 (Past, n);

  open_meters (money, rand, n);
  for (guint i = 0; i < n; i++)
    pasts[i] = (Past){ g_rand_int_range (rand, 0, 100000), 240, 1 };
  for (guint piece = 0; piece < 12; piece++)
    {
      g_autoptr (GString) sql = g_string_new ("BEGIN;");

      for (guint i = 0; i < n; i++)
        read_some (sql, rand, FIRST + i, piece, &pasts[i]);
      g_string_append (sql, "UPDATE meter_state SET full_at = now (), read_at = now (); COMMIT");
      test_pg_run (money->pg, sql->str);
      for (guint i = 0; i < n; i++)
        if (g_rand_boolean (rand))
          money_sell (money, FIRST + i, g_rand_int_range (rand, 1, 9000) * 100);
      settle_round (money, settle_now (money));
      settle_round (money, settle_now (money));
    }
}

typedef struct { guint lines, tiers, estimated, rates, prices, cuts; } Seen;

static void
note_borders (const TilldMeterStatement *whole, Seen *seen)
{
  const TilldStatementLine *before = NULL;

  for (guint i = 0; i < whole->lines->len; i++)
    {
      const TilldStatementLine *line = &g_array_index (whole->lines, TilldStatementLine, i);

      seen->lines++;
      seen->estimated += line->estimated;
      if (line->kind != TILLD_ENTRY_ENERGY)
        continue;
      seen->tiers += line->tier > 1;
      seen->rates += before != NULL && before->rate != line->rate;
      seen->prices += before != NULL && (before->effective != line->effective || g_strcmp0 (before->tariff, line->tariff) != 0);
      before = line;
    }
}

/* The statement of one meter is the ledger, to the last ten-thousandth, and so are its two parts at every cut. Returns what was used. */
static TillMoney
check_history (Money *money, gint64 meter, TillTime begin, TillTime end, Seen *seen)
{
  g_auto (TilldMeterStatement) whole = { 0 };
  g_autofree char *ask_energy = g_strdup_printf ("SELECT coalesce (sum (energy), 0)::bigint FROM settlement WHERE meter = %d", (int) meter);
  g_autofree char *ask_cuts = g_strdup_printf ("SELECT string_agg (DISTINCT (extract (epoch FROM at) * 1000000)::bigint::text, ' ') FROM tx JOIN posting p USING (site, n)"
                                               " JOIN ledger_account a ON a.id = p.account WHERE a.kind = %d AND a.owner = %d",
                                               TILL_LEDGER_ACCOUNT_SERVER_BALANCE, (int) meter);
  g_autofree char *listed = test_pg_ask (money->pg, ask_cuts);
  g_auto (GStrv) cuts = g_strsplit (listed, " ", 0);

  statement (money, meter, begin, end, &whole);
  g_assert_cmpint (whole.opening, ==, 0);
  g_assert_cmpint (whole.closing, ==, - money_balance (money, TILL_LEDGER_ACCOUNT_SERVER_BALANCE, meter)); /* exactly the ledger */
  g_assert_cmpint (whole.energy, ==, test_pg_ask_int (money->pg, ask_energy));
  for (guint k = 0; cuts[k] != NULL; k++)
    for (gint64 beside = 0; beside < 2; beside++) /* at the moment of a transaction, and right after it */
      {
        TillTime cut = g_ascii_strtoll (cuts[k], NULL, 10) + beside;
        g_auto (TilldMeterStatement) first = { 0 }, second = { 0 };

        statement (money, meter, begin, cut, &first);
        statement (money, meter, cut, end, &second);
        g_assert_cmpint (first.closing, ==, second.opening);
        g_assert_cmpint (second.closing, ==, whole.closing);
        g_assert_cmpint (first.used + second.used, ==, whole.used);
        g_assert_cmpint (first.sold + second.sold, ==, whole.sold);
        g_assert_cmpint (first.energy + second.energy, ==, whole.energy);
        g_assert_cmpuint (first.lines->len + second.lines->len, >=, whole.lines->len);
        seen->cuts++;
      }
  note_borders (&whole, seen);
  return whole.used;
}

/* TILL_STATEMENT_HISTORIES in the environment asks for more than a quick run has the time for. */
static void
test_statements (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (20261123);
  const char *asked = g_getenv ("TILL_STATEMENT_HISTORIES");
  gint64 histories = HISTORIES;
  Seen seen = { 0 };

  if (asked != NULL)
    g_assert_true (g_ascii_string_to_signed (asked, 10, 10, 1000000, &histories, NULL));
  for (gint64 done = 0, n; done < histories; done += n)
    {
      g_autoptr (Money) money = money_new ();
      TillTime begin = settle_now (money) - HOUR_US, end;
      TillMoney used = 0;

      n = MIN (histories - done, AT_ONCE);
      live (money, rand, (guint) n);
      settle_sql (money, "ANALYZE");
      end = settle_now (money) + TILL_SECOND;
      for (gint64 i = 0; i < n; i++)
        used += check_history (money, FIRST + i, begin, end, &seen);
      g_assert_cmpint (used, ==, money_balance (money, TILL_LEDGER_ACCOUNT_REVENUE, 1));
    }
  g_test_message ("%d histories, %u lines, %u of higher tiers, %u estimated, %u borders of rate, %u of price, %u cuts", (int) histories, seen.lines, seen.tiers,
                  seen.estimated, seen.rates, seen.prices, seen.cuts);
  g_assert_cmpuint (seen.lines, >, (guint) histories * 10);
  g_assert_cmpuint (seen.tiers, >, (guint) histories);
  g_assert_cmpuint (seen.estimated, >, (guint) histories);
  g_assert_cmpuint (seen.rates, >, (guint) histories);
  g_assert_cmpuint (seen.prices, >, (guint) histories);
  g_assert_cmpuint (seen.cuts, >, (guint) histories * 10);
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

/* A purse of energy: what was bought is told in kWh and in money, what was used at the price it was bought for, and what is left to the unit. */
static void
test_statement_of_energy (void)
{
  g_autoptr (Money) money = money_new ();
  g_auto (TilldMeterStatement) s = { 0 };
  TillTime begin = settle_now (money) - HOUR_US;
  const TilldStatementLine *line;
  guint kinds[TILLD_ENTRY_N] = { 0 };

  settle_adopt_energy (money, 50000);
  settle_read_energy (money, 1, 1000, 50000, 1000, 0);
  settle_round (money, settle_after_midnight (money));
  settle_sql (money, "DELETE FROM job");
  settle_round (money, settle_after_midnight (money));
  money_sell (money, MONEY_METER_B, 100000);
  statement (money, MONEY_METER_B, begin, settle_now (money) + TILL_SECOND, &s);
  for (guint i = 0; i < s.lines->len; i++)
    {
      line = &g_array_index (s.lines, TilldStatementLine, i);
      kinds[line->kind]++;
      if (line->kind == TILLD_ENTRY_SALE)
        g_assert_cmpint (line->energy, ==, 16660);
      if (line->kind == TILLD_ENTRY_ENERGY)
        g_assert_true (line->energy == 24000 && line->price == 6000 && line->amount == -144000);
    }
  g_assert_true (kinds[TILLD_ENTRY_ADOPTED] == 1 && kinds[TILLD_ENTRY_ENERGY] == 1 && kinds[TILLD_ENTRY_SALE] == 1 && s.lines->len == 3);
  g_assert_cmpint (s.closing, ==, 300000 - 144000 + 100000);
  g_assert_cmpint (s.energy, ==, 24000);
  g_assert_cmpint (s.energy_held, ==, 26000);
  g_assert_cmpint (s.energy_rest, ==, 40);
  report_has (money, "conservation", "\"0.0000\",\"0.0180\",\"24.000\",\"0.000\",false");
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/statement/random", test_statements);
  g_test_add_func ("/statement/of-meter", test_statement_of_meter);
  g_test_add_func ("/statement/of-energy", test_statement_of_energy);
  return till_test_run ();
}
