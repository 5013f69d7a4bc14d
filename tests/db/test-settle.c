/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-settle.c: what was used becomes what was earned: accounts that the server settles, alone and together, their relays; meters that settle
 * themselves, day by day, and what nothing explains. The invariants of the ledger are asked after each test. */
#include <string.h>
#include "server/domain/money/case.h"
#include "tests/db/settle-fixture.h"
#include "tests/lib/test-main.h"

static void
test_server_settled (void)
{
  g_autoptr (Money) money = money_new ();

  money_sell (money, MONEY_METER_SERVER, 200000);
  settle_read_hourly (money, MONEY_METER_SERVER, 2, 1000); /* 48 kWh at 0.60 */
  settle_round (money, settle_now (money));             /* the first reading is where it begins */
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_REVENUE, 1), ==, 0);
  settle_round (money, settle_now (money));
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_REVENUE, 1), ==, -288000);
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_SERVER_BALANCE, 3), ==, 88000);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT sum (amount) FROM settle_line"), ==, 288000);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT sum (energy) FROM settle_line"), ==, 48000);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT state FROM meter_state WHERE meter = 3"), ==, TILL_METER_STATE_ARREARS);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT balance FROM meter_state WHERE meter = 3"), ==, -88000);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM alarm WHERE meter = 3 AND kind = 2 AND cleared_at IS NULL"), ==, 1);
  g_assert_cmpint (settle_round (money, settle_now (money)).settled, ==, 0); /* once */
}

/* Debt opens the relay with a certificate; a payment closes it; the older order is superseded. */
static void
test_arrears (void)
{
  g_autoptr (Money) money = money_new ();

  settle_read_hourly (money, MONEY_METER_SERVER, 1, 1000);
  settle_sql (money, "UPDATE meter SET overdraft = 100000 WHERE id = 3");
  settle_round (money, settle_now (money));
  settle_round (money, settle_now (money));
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM meter_off WHERE meter = 3 AND reason = 0 AND NOT waiting"), ==, 1);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM command WHERE meter = 3 AND kind = 6 AND state = 0"
                                               " AND value->>'off_reason' = 'arrears' AND value->'certificate'->>'balance' = '-14.4000'"), ==, 1);
  settle_round (money, settle_now (money)); /* nothing new */
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM command WHERE meter = 3"), ==, 1);
  money_sell (money, MONEY_METER_SERVER, 144000);
  settle_sql (money, "UPDATE meter_relay SET ordered_at = now () - interval '2 minutes'");
  settle_round (money, settle_now (money));
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM meter_off"), ==, 1); /* paid, but not above zero */
  money_sell (money, MONEY_METER_SERVER, 100);
  settle_round (money, settle_now (money));
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM meter_off"), ==, 0);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT kind FROM command WHERE meter = 3 AND state = 0"), ==, TILL_COMMAND_KIND_FORCE_ON);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM command WHERE meter = 3 AND state = 5"), ==, 1);
}

static void
test_who_is_not_cut (void)
{
  g_autoptr (Money) money = money_new ();
  TillTime now = settle_now (money);

  settle_read_hourly (money, MONEY_METER_SERVER, 1, 1000);
  settle_sql (money, "UPDATE meter SET life_support = true WHERE id = 3");
  settle_round (money, now);
  settle_round (money, now);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM command WHERE meter = 3"), ==, 0);
  settle_sql (money, "UPDATE meter SET life_support = false WHERE id = 3; UPDATE meter_state SET read_at = now () - interval '11 minutes' WHERE meter = 3");
  settle_round (money, now);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM command WHERE meter = 3"), ==, 0);
  settle_sql (money, "UPDATE meter_state SET read_at = now () WHERE meter = 3; INSERT INTO protected_hours (site, from_min, to_min)"
              " SELECT 1, extract (hour FROM t)::int * 60, (extract (hour FROM t)::int * 60 + 1439) %% 1440 FROM (SELECT now () AT TIME ZONE 'Asia/Shanghai' AS t) x");
  settle_round (money, now); /* in the protected hours the reason waits */
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM command WHERE meter = 3"), ==, 0);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM meter_off WHERE meter = 3 AND waiting"), ==, 1);
  settle_sql (money, "DELETE FROM protected_hours");
  settle_round (money, now);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM command WHERE meter = 3 AND kind = 6"), ==, 1);
}

/* A person's order is a reason among others. */
static void
test_operator (void)
{
  g_autoptr (Money) money = money_new ();

  money_sell (money, MONEY_METER_SERVER, 1000000);
  settle_sql (money, "INSERT INTO request (id, body_hash) VALUES ('0190a000-0000-7000-8000-000000000001', sha256 ('a')), ('0190a000-0000-7000-8000-000000000002', sha256 ('a'));"
              "INSERT INTO command (id, meter, epoch, kind, state, operator, value) VALUES ('0190a000-0000-7000-8000-000000000001', 3, 1, 6, 3, 1, '{}')");
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT reason FROM meter_off WHERE meter = 3"), ==, 1);
  settle_round (money, settle_now (money));
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM command WHERE meter = 3"), ==, 1); /* it is off, and stays off */
  settle_sql (money, "INSERT INTO command (id, meter, epoch, kind, state, operator, value) VALUES ('0190a000-0000-7000-8000-000000000002', 3, 1, 7, 0, 1, '{}')");
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM meter_off WHERE meter = 3"), ==, 0);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT kind FROM command WHERE meter = 3 AND state = 0"), ==, TILL_COMMAND_KIND_FORCE_ON);
}

/* Two meters, one household, one balance, one place in the tiers. */
static void
test_together (void)
{
  g_autoptr (Money) money = money_new ();
  TillTime now = settle_now (money);

  settle_sql (money, "UPDATE account SET settled = 1 WHERE id = 3; UPDATE account_meter SET account = 3 WHERE meter = 5; UPDATE meter SET settlement = 1 WHERE id = 5;"
              "INSERT INTO tariff (name) VALUES ('tiers'); INSERT INTO tariff_version (tariff, effective, price_flat, body) VALUES (2, '2020-01-01', 5000,"
              " '{\"prices\":{\"flat\":\"0.5000\"},\"tiers\":{\"period\":\"year\",\"steps\":[{\"to\":\"24.000\"},{\"add\":\"0.5000\"}]}}');"
              "UPDATE meter_tariff SET tariff = 2 WHERE meter IN (3, 5); UPDATE meter SET tariff = 2 WHERE id IN (3, 5)");
  settle_read_hourly (money, 3, 1, 1000);
  settle_read_hourly (money, 5, 1, 1000);
  settle_round (money, now);
  settle_round (money, now);
  /* 48 kWh: 24 at 0.50, 24 at 1.00, whichever meter came first; both halves in one year. */
  if (test_pg_ask_int (money->pg, "SELECT count (DISTINCT starts) FROM settle_use WHERE period = 1") == 1)
    g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_SERVER_BALANCE, 3), ==, 360000);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM settlement WHERE account = 3 AND meter IN (3, 5)"), >=, 2);
}

/* --- meters that settle themselves --- */

static void
test_meter_settled (void)
{
  g_autoptr (Money) money = money_new ();
  TilldSettlingStats stats;

  settle_adopt (money, MONEY_METER_A, 500000);
  settle_read_purse (money, MONEY_METER_A, 2, 1000, 500000, 6000, 0);
  settle_round (money, settle_after_midnight (money)); /* begins */
  settle_sql (money, "DELETE FROM job");
  stats = settle_round (money, settle_after_midnight (money));
  g_assert_cmpuint (stats.daily, ==, 2);
  g_assert_cmpuint (stats.discrepancies, ==, 0);
  g_assert_true (stats.day_closed);
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_ON_METER, 1), ==, -(500000 - 288000));
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_REVENUE, 1), ==, -288000);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM conservation WHERE meter = 1 AND difference = 0"), ==, 2);
  g_assert_cmpint (settle_round (money, settle_after_midnight (money)).daily, ==, 0); /* a day is closed once */
}

/* The meter rounds its price to two decimals: the difference is known, within tolerance, and kept. */
static void
test_meter_rounds (void)
{
  g_autoptr (Money) money = money_new ();

  settle_sql (money, "ALTER TABLE tariff_version DISABLE TRIGGER tariff_version_stays; UPDATE tariff_version SET price_flat = 5283 WHERE tariff = 1;"
              "ALTER TABLE tariff_version ENABLE TRIGGER tariff_version_stays");
  settle_adopt (money, MONEY_METER_A, 500000);
  settle_read_purse (money, MONEY_METER_A, 1, 1000, 500000, 5300, 0);
  settle_round (money, settle_after_midnight (money));
  settle_sql (money, "DELETE FROM job");
  g_assert_cmpuint (settle_round (money, settle_after_midnight (money)).discrepancies, ==, 0);
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_REVENUE, 1), ==, -127200);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT charge FROM settlement WHERE meter = 1"), ==, 126792);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT difference FROM settle_state WHERE meter = 1"), ==, -408);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT sum (amount) FROM settle_line"), ==, 127200);
}

/* It deducts by the price that was read back of it, whatever its tariff would be in its registers; and by its tariff again from when another
 * price was set that nobody has read back yet. */
static void
test_read_back (void)
{
  for (guint set_since = 0; set_since < 2; set_since++)
    {
      g_autoptr (Money) money = money_new ();

      settle_adopt (money, MONEY_METER_A, 500000);
      settle_read_purse (money, MONEY_METER_A, 1, 1000, 500000, 5500, 0);
      settle_round (money, settle_after_midnight (money));
      settle_sql (money, "DELETE FROM job; UPDATE meter_config SET held = '{\"price_flat\":\"0.5500\"}',"
                         " read_at = (site_today () - 1 + time '02:00') AT TIME ZONE 'Asia/Shanghai' WHERE meter = 1");
      if (set_since == 1)
        settle_sql (money, "INSERT INTO request (id, body_hash) VALUES ('0190a000-0000-7000-8000-0000000000aa', sha256 ('x'));"
                           "INSERT INTO command (id, meter, epoch, kind, state, operator, done_at) VALUES ('0190a000-0000-7000-8000-0000000000aa', 1, 1, 2, 3, 1,"
                           " (site_today () - 1 + time '12:00') AT TIME ZONE 'Asia/Shanghai')");
      g_assert_cmpuint (settle_round (money, settle_after_midnight (money)).discrepancies, ==, set_since);
      g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT difference FROM conservation WHERE meter = 1"), ==, set_since == 1 ? -6000 : 0);
      g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT charge FROM settlement WHERE meter = 1"), ==, 144000); /* the tariff */
    }
}

/* Half past twelve the meter begins to charge 0.90 instead of 0.60: ordered then, read back a minute later. */
static void
change_price (Money *money)
{
  settle_sql (money, "INSERT INTO tariff_version (tariff, effective, price_flat) VALUES (1, site_today () - 1, 9000);"
              "UPDATE meter_config SET held = '{\"price_flat\":\"0.6000\",\"alarm1\":\"20.00\"}', read_at = (site_today () - 1 + time '02:00') AT TIME ZONE 'Asia/Shanghai'"
              " WHERE meter = 1;"
              "INSERT INTO request (id, body_hash) VALUES ('0190a000-0000-7000-8000-0000000000ab', sha256 ('x'));"
              "INSERT INTO command (id, meter, epoch, kind, state, operator, attempt, created_at, sent_at, done_at) VALUES ('0190a000-0000-7000-8000-0000000000ab', 1, 1, 2, 3,"
              " 1, 1, (site_today () - 1 + time '12:29') AT TIME ZONE 'Asia/Shanghai', (site_today () - 1 + time '12:29:50') AT TIME ZONE 'Asia/Shanghai',"
              " (site_today () - 1 + time '12:30:10') AT TIME ZONE 'Asia/Shanghai');"
              "UPDATE meter_config SET held = '{\"price_flat\":\"0.9000\",\"alarm1\":\"20.00\"}', read_at = (site_today () - 1 + time '12:31') AT TIME ZONE 'Asia/Shanghai'"
              " WHERE meter = 1;"
              "UPDATE meter_config SET held = '{\"price_flat\":\"0.9000\",\"alarm1\":\"30.00\"}', read_at = (site_today () + time '00:01') AT TIME ZONE 'Asia/Shanghai'"
              " WHERE meter = 1");
}

/* The hours before and after are compared by their own price, the one in between within both: no case for what is right, a case for a meter
 * that did not charge what it says it holds. */
static void
test_price_at_noon (void)
{
  static const struct { const char *from; int off; guint cases; TillMoney difference; } tries[] = {
    { "k - 12.5", 0, 0, 0 },       /* as it was */
    { "0", 0, 1, -33000 },         /* the dear price never held */
    { "k - 12.5", -40000, 1, 38500 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (tries); i++)
    {
      g_autoptr (Money) money = money_new ();

      settle_adopt (money, MONEY_METER_A, 500000);
      settle_read_purse (money, MONEY_METER_A, 1, 1000, 500000, 6000, 0);
      settle_sql (money, "UPDATE reading SET balance = balance - (3000 * (%s))::bigint + CASE WHEN k = 24 THEN %d ELSE 0 END FROM (SELECT at AS t, (extract (epoch FROM at"
                  " - (site_today () - 1)::timestamp AT TIME ZONE 'Asia/Shanghai') / 3600)::int AS k FROM reading WHERE meter = 1) x"
                  " WHERE meter = 1 AND at = x.t AND x.k >= 13", tries[i].from, tries[i].off);
      settle_round (money, settle_after_midnight (money));
      settle_sql (money, "DELETE FROM job");
      change_price (money);
      g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM price_change"), ==, 1);
      g_assert_cmpuint (settle_round (money, settle_after_midnight (money)).discrepancies, ==, tries[i].cases);
      g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT difference FROM conservation WHERE meter = 1"), ==, tries[i].difference);
      g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM dispute_case WHERE reading->>'charge_low' = '17.7000' AND reading->>'charge_high' = '18.0000'"),
                       ==, tries[i].cases);
      g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT energy FROM settlement WHERE meter = 1"), ==, 24000);
    }
}

typedef struct { Money *money; char *json; } Listed;

static gboolean
list_cases (TilldDb *db, gpointer data, GError **error)
{
  Listed *listed = data;
  g_autoptr (GHashTable) query = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (TillJsonWrite) w = till_json_write_new ();

  till_json_write_begin_object (w, NULL);
  if (!tilld_case_list (db, &listed->money->cashier, query, w, error))
    return FALSE;
  till_json_write_end_object (w);
  listed->json = g_strdelimit (till_json_write_free_to_text (g_steal_pointer (&w), NULL), " ", '_');
  return TRUE;
}

/* A purse that lost 5.00 more than its energy explains: apart, with a case and its evidence, and the books still agree with the meter. */
static void
test_discrepancy (void)
{
  g_autoptr (Money) money = money_new ();
  Listed listed = { money, NULL };

  settle_adopt (money, MONEY_METER_A, 500000);
  settle_read_purse (money, MONEY_METER_A, 1, 1000, 500000, 6000, 0);
  settle_sql (money, "UPDATE reading SET balance = balance - 50000 WHERE meter = 1 AND at = site_today ()::timestamp AT TIME ZONE 'Asia/Shanghai'");
  settle_round (money, settle_after_midnight (money));
  settle_sql (money, "DELETE FROM job");
  g_assert_cmpuint (settle_round (money, settle_after_midnight (money)).discrepancies, ==, 1);
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_REVENUE, 1), ==, -144000);
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_ON_METER, 1), ==, -(500000 - 144000 - 50000));
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM dispute_case WHERE meter = 1 AND reason = 13 AND reading->>'difference' = '5.0000'"), ==, 1);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM alarm WHERE meter = 1 AND kind = 9 AND cleared_at IS NULL"), ==, 1);
  money_run (money, list_cases, &listed, NULL);
  g_assert_nonnull (strstr (listed.json, "\"difference\":_\"5.0000\"")); /* people see what the check found */
  g_free (listed.json);
}

/* Credit that the ledger does not know yet, or a debit under way, makes a reading wait: no case out of a race. */
static void
test_money_under_way (void)
{
  g_autoptr (Money) money = money_new ();

  settle_adopt (money, MONEY_METER_A, 500000);
  settle_read_purse (money, MONEY_METER_A, 1, 1000, 500000, 6000, 200000);
  settle_round (money, settle_after_midnight (money));
  settle_sql (money, "DELETE FROM job");
  g_assert_cmpuint (settle_round (money, settle_after_midnight (money)).daily, ==, 0); /* the meter's total is ahead of the ledger */
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM dispute_case"), ==, 0);
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_REVENUE, 1), ==, 0);
}

/* --- purses that count energy --- */

static void
energy_day (Money *money, guint discrepancies)
{
  settle_round (money, settle_after_midnight (money)); /* begins */
  settle_sql (money, "DELETE FROM job");
  g_assert_cmpuint (settle_round (money, settle_after_midnight (money)).discrepancies, ==, discrepancies);
}

static gint64
energy_books (Money *money)
{
  return test_pg_ask_int (money->pg, "SELECT energy_held (2)");
}

/* 50 kWh were there when it was first read, worth 30.00; 48 of them are used: their share of the money is earned, and Wh are compared with Wh. */
static void
test_energy_settled (void)
{
  g_autoptr (Money) money = money_new ();

  settle_adopt_energy (money, 50000);
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_ON_METER, 2), ==, -300000);
  settle_read_energy (money, 2, 1000, 50000, 1000, 0);
  energy_day (money, 0);
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_REVENUE, 1), ==, -288000);
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_ON_METER, 2), ==, -12000);
  g_assert_cmpint (energy_books (money), ==, 2000);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM conservation WHERE meter = 2 AND energy_difference = 0 AND energy_deducted = 24000"), ==, 2);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT sum (energy) FROM settle_line WHERE kind = 0 AND price = 6000"), ==, 48000);
  g_assert_cmpint (settle_round (money, settle_after_midnight (money)).daily, ==, 0); /* a day is closed once */
}

/* The purse lost 5 kWh more than the register counted: they lie apart with their money, with a case that says so in kWh; the books hold
 * what the meter holds. And as many less. */
static void
test_energy_discrepancy (void)
{
  for (int way = -1; way <= 1; way += 2)
    {
      g_autoptr (Money) money = money_new ();
      g_autofree char *case_sql = g_strdup_printf ("SELECT count (*) FROM dispute_case WHERE meter = 2 AND reason = 13 AND reading->>'energy_difference' = '%d.000'"
                                                   " AND reading->>'difference' = '%d.0000'", way * 5, way * 3);

      settle_adopt_energy (money, 50000);
      settle_read_energy (money, 1, 1000, 50000, 1000, 0);
      settle_sql (money, "UPDATE reading SET balance = balance - %d WHERE meter = 2 AND at = site_today ()::timestamp AT TIME ZONE 'Asia/Shanghai'", way * 5000);
      energy_day (money, 1);
      g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_REVENUE, 1), ==, -144000);
      g_assert_cmpint (energy_books (money), ==, 26000 - way * 5000);
      g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_ON_METER, 2), ==, -(156000 - way * 30000));
      g_assert_cmpint (test_pg_ask_int (money->pg, case_sql), ==, 1);
      g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM alarm WHERE meter = 2 AND kind = 9 AND cleared_at IS NULL"), ==, 1);
    }
}

/* Bought at another price, verified on the meter after the readings: what is used takes its share of all the money, and the last of it all. */
static void
test_energy_prices (void)
{
  g_autoptr (Money) money = money_new ();
  TillId sale;
  TilldDeliveryOrder order;
  TilldDeliveryStep step;
  TilldMoneyReading before = money_reading_out (3, 1000000, 26000, 0, 0), after;

  settle_adopt_energy (money, 50000);
  settle_read_energy (money, 1, 1000, 50000, 1000, 0);
  energy_day (money, 0);
  settle_sql (money, "INSERT INTO tariff_version (tariff, effective, price_flat) VALUES (1, site_today (), 9000)");
  sale = money_sell (money, MONEY_METER_B, 90000); /* 10 kWh */
  g_assert_true (money_claim (money, &order));
  g_assert_cmpint (order.delivery.amount, ==, 10000);
  g_assert_true (money_sent (money, &order, &before, &step, NULL));
  g_assert_true (money_written (money, &sale, 1, TILL_DELIVERY_OUTCOME_OK, NULL));
  after = before;
  after.count = 4;
  after.total += 10000;
  after.balance += 10000;
  g_assert_true (money_settle (money, &sale, 1, &after, &step, NULL));
  g_assert_cmpint (energy_books (money), ==, 36000);
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_ON_METER, 2), ==, -(156000 + 90000));
  /* The next day all of it is used, and 4 kWh on credit: owed at the price of now. */
  settle_sql (money, "INSERT INTO reading (meter, at, epoch, slot, energy_total, balance, purchased_total) SELECT 2, t, 1, t, 64000, -4000, 1010000 FROM"
              " (SELECT (site_today () + 1)::timestamp AT TIME ZONE 'Asia/Shanghai' AS t) x; DELETE FROM job");
  g_assert_cmpuint (settle_round (money, settle_after_midnight (money) + 24 * HOUR_US).discrepancies, ==, 0);
  g_assert_cmpint (energy_books (money), ==, -4000);
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_ON_METER, 2), ==, 36000);
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_REVENUE, 1), ==, -(300000 + 90000 + 36000));
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/settle-db/server-settled", test_server_settled);
  g_test_add_func ("/settle-db/arrears", test_arrears);
  g_test_add_func ("/settle-db/who-is-not-cut", test_who_is_not_cut);
  g_test_add_func ("/settle-db/operator", test_operator);
  g_test_add_func ("/settle-db/together", test_together);
  g_test_add_func ("/settle-db/meter-settled", test_meter_settled);
  g_test_add_func ("/settle-db/meter-rounds", test_meter_rounds);
  g_test_add_func ("/settle-db/read-back", test_read_back);
  g_test_add_func ("/settle-db/price-at-noon", test_price_at_noon);
  g_test_add_func ("/settle-db/discrepancy", test_discrepancy);
  g_test_add_func ("/settle-db/money-under-way", test_money_under_way);
  g_test_add_func ("/settle-db/energy-settled", test_energy_settled);
  g_test_add_func ("/settle-db/energy-discrepancy", test_energy_discrepancy);
  g_test_add_func ("/settle-db/energy-prices", test_energy_prices);
  return till_test_run ();
}
