/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-sale.c: taking money once: ids, limits, states, drawers, lists, days. */
#include "tests/db/money-fixture.h"

#include <string.h>
#include "server/domain/money/drawer.h"
#include "shared/base/till-error.h"
#include "tests/lib/test-main.h"

static void
test_sells (void)
{
  g_autoptr(Money) money = money_new ();
  g_autoptr(GError) error = NULL;
  g_auto(TilldSale) sale = { 0 }, got = { 0 };
  TilldSaleRequest request = money_request (MONEY_METER_A, 500000, TILL_CHANNEL_CASH);

  g_assert_true (tilld_sale_create (money->ledger, money->pg->db, money->profiles, &money->cashier, &request, &sale, &error));
  g_assert_no_error (error);
  g_assert_false (sale.replayed);
  g_assert_cmpint (sale.number, ==, 1);
  g_assert_cmpint (sale.state, ==, TILL_SALE_STATE_PAID);
  g_assert_cmpint (sale.drawer, ==, 1);
  g_assert_cmpint (sale.balance_before, ==, 200000);
  g_assert_cmpint (sale.price, ==, 6000);
  g_assert_cmpstr (sale.operator_name, ==, "Anna");
  g_assert_true (tilld_sale_get (money->pg->db, &money->cashier, &request.id, &got, &error));
  g_assert_cmpint (got.created_at, ==, sale.created_at);
  g_assert_cmpstr (got.room, ==, sale.room);
  g_assert_cmpstr (got.account_code, ==, "A-1");
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_CASH, 1), ==, 500000);
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_TRANSIT, MONEY_METER_A), ==, -500000);
  /* Sale, command, log and feed came in that one transaction. */
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM sale s JOIN command c ON c.id = s.id AND c.state = 0 AND c.amount = s.amount"), ==, 1);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (DISTINCT x) FROM (SELECT xmin::text AS x FROM sale UNION ALL SELECT xmin::text FROM command"
                                               " UNION ALL SELECT xmin::text FROM tx UNION ALL SELECT xmin::text FROM audit UNION ALL SELECT xmin::text FROM feed) q"), ==, 1);
  money_sell (money, MONEY_METER_B, 100);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT max (number) FROM sale"), ==, 2);
}

static void
test_same_id (void)
{
  g_autoptr(Money) money = money_new ();
  g_autoptr(GError) error = NULL;
  g_auto(TilldSale) first = { 0 }, second = { 0 };
  TilldSaleRequest request = money_request (MONEY_METER_A, 500000, TILL_CHANNEL_CASH);

  g_assert_true (tilld_sale_create (money->ledger, money->pg->db, money->profiles, &money->cashier, &request, &first, &error));
  /* The first answer stands, whatever became of the meter since. */
  test_pg_run (money->pg, "UPDATE gateway_session SET online = false");
  g_assert_true (tilld_sale_create (money->ledger, money->pg->db, money->profiles, &money->cashier, &request, &second, &error));
  g_assert_no_error (error);
  g_assert_true (second.replayed);
  g_assert_cmpint (second.number, ==, first.number);
  request.amount = 600000;
  g_assert_cmpint (money_try (money, &money->cashier, &request), ==, TILL_ERROR_CONFLICT);
  request.amount = 500000;
  request.meter = MONEY_METER_B;
  g_assert_cmpint (money_try (money, &money->cashier, &request), ==, TILL_ERROR_CONFLICT);
  request.meter = MONEY_METER_A;
  g_assert_cmpint (money_try (money, &money->second, &request), ==, TILL_ERROR_CONFLICT);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM sale"), ==, 1);
}

static void
test_bad_amounts (void)
{
  static const struct { TillMoney amount; int code; } rows[] = {
    { 0, TILL_ERROR_INVALID }, { -10000, TILL_ERROR_INVALID }, { 10, TILL_ERROR_INVALID }, { 10001, TILL_ERROR_INVALID },
    { G_MAXINT64, TILL_ERROR_INVALID }, { G_MININT64, TILL_ERROR_INVALID }, { TILL_MONEY_MAX, TILL_ERROR_LIMIT },
    { 1000000000, TILL_ERROR_LIMIT },  /* more than the write holds */
    { 49800100, TILL_ERROR_LIMIT },    /* with the balance beyond the hoard limit */
    { 49800000, -1 },
  };
  g_autoptr(Money) money = money_new ();

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      TilldSaleRequest request = money_request (MONEY_METER_A, rows[i].amount, TILL_CHANNEL_CARD);

      g_test_message ("amount %" G_GINT64_FORMAT, rows[i].amount);
      g_assert_cmpint (money_try (money, &money->cashier, &request), ==, rows[i].code);
    }
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM request"), ==, 1);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM drawer"), ==, 0);
}

static void
test_refusals (void)
{
  g_autoptr(Money) money = money_new ();
  TilldSaleRequest request = money_request (MONEY_METER_DOWN, 10000, TILL_CHANNEL_CASH);

  g_assert_cmpint (money_try (money, &money->cashier, &request), ==, TILL_ERROR_OFFLINE);
  request.meter = MONEY_METER_CLOSED;
  g_assert_cmpint (money_try (money, &money->cashier, &request), ==, TILL_ERROR_CONFLICT);
  request.meter = MONEY_METER_BARE; /* the proof stands for simulated gateways only */
  g_assert_cmpint (money_try (money, &money->cashier, &request), ==, TILL_ERROR_UNSUPPORTED);
  request.meter = 99;
  g_assert_cmpint (money_try (money, &money->cashier, &request), ==, TILL_ERROR_NOT_FOUND);
  request.meter = MONEY_METER_A;
  request.amount = 1000100;
  g_assert_cmpint (money_try (money, &money->limited, &request), ==, TILL_ERROR_LIMIT);
  request.drawer = 77;
  g_assert_cmpint (money_try (money, &money->cashier, &request), ==, TILL_ERROR_CONFLICT);
  request.drawer = 0;
  request.kind = TILL_SALE_KIND_SUBSIDY;
  g_assert_cmpint (money_try (money, &money->cashier, &request), ==, TILL_ERROR_FORBIDDEN);
  request.kind = TILL_SALE_KIND_SALE;
  test_pg_run (money->pg, "INSERT INTO meter_purse (meter, epoch, frozen) VALUES (1, 1, true)");
  g_assert_cmpint (money_try (money, &money->cashier, &request), ==, TILL_ERROR_DISPUTE);
  test_pg_run (money->pg, "UPDATE meter_purse SET frozen = false");
  test_pg_run (money->pg, "UPDATE meter_state SET read_at = now () - interval '10 minutes'");
  g_assert_cmpint (money_try (money, &money->cashier, &request), ==, TILL_ERROR_OFFLINE);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT (SELECT count (*) FROM request) + (SELECT count (*) FROM tx) + (SELECT count (*) FROM posting)"), ==, 0);
}

static void
test_area_scope (void)
{
  g_autoptr(Money) money = money_new ();
  TilldSaleRequest request = money_request (MONEY_METER_A, 10000, TILL_CHANNEL_CARD);
  gint64 elsewhere = 2, campus = 1;

  money->second.areas = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_array_append_val (money->second.areas, elsewhere);
  g_assert_cmpint (money_try (money, &money->second, &request), ==, TILL_ERROR_NOT_FOUND);
  g_array_append_val (money->second.areas, campus);
  g_assert_cmpint (money_try (money, &money->second, &request), ==, -1);
}

static void
test_queued_when_the_site_allows (void)
{
  g_autoptr(Money) money = money_new ();
  g_autoptr(GError) error = NULL;
  g_auto(TilldSale) sale = { 0 };
  TilldSaleRequest request = money_request (MONEY_METER_DOWN, 10000, TILL_CHANNEL_CASH);

  test_pg_run (money->pg, "UPDATE site SET sell_offline = true");
  g_assert_true (tilld_sale_create (money->ledger, money->pg->db, money->profiles, &money->cashier, &request, &sale, &error));
  g_assert_cmpint (sale.state, ==, TILL_SALE_STATE_QUEUED);
}

static void
test_server_settled (void)
{
  g_autoptr(Money) money = money_new ();
  TillId id = money_sell (money, MONEY_METER_SERVER, 300000);
  g_auto(TilldSale) sale = { 0 };
  TilldSaleRequest request = money_request (MONEY_METER_SERVER, 49800000, TILL_CHANNEL_CARD);

  g_assert_true (tilld_sale_get (money->pg->db, &money->cashier, &id, &sale, NULL));
  g_assert_cmpint (sale.state, ==, TILL_SALE_STATE_VERIFIED);
  g_assert_cmpint (sale.verified_at, ==, sale.created_at);
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_SERVER_BALANCE, 3), ==, -300000);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM command"), ==, 0);
  g_assert_cmpint (money_try (money, &money->cashier, &request), ==, TILL_ERROR_LIMIT);
}

static void
test_drawers (void)
{
  g_autoptr(Money) money = money_new ();
  TilldSaleRequest one = money_request (MONEY_METER_A, 10000, TILL_CHANNEL_CASH), two = money_request (MONEY_METER_B, 20000, TILL_CHANNEL_CASH);
  TilldSaleRequest other = money_request (MONEY_METER_A, 30000, TILL_CHANNEL_CASH), card = money_request (MONEY_METER_A, 40000, TILL_CHANNEL_CARD);

  g_assert_cmpint (money_try (money, &money->cashier, &one), ==, -1);
  g_assert_cmpint (money_try (money, &money->cashier, &two), ==, -1);
  g_assert_cmpint (money_try (money, &money->second, &other), ==, -1);
  g_assert_cmpint (money_try (money, &money->cashier, &card), ==, -1);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM drawer"), ==, 2);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT sum (p.amount)::bigint FROM posting p JOIN ledger_account a ON a.id = p.account JOIN drawer d"
                                               " ON a.kind = 0 AND a.owner = d.id WHERE d.operator = 1"), ==, 30000);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM sale WHERE drawer IS NULL"), ==, 1);
}

/* An operator sees the own box; who may see all, all. */
static void
test_drawer_list (void)
{
  g_autoptr(Money) money = money_new ();
  TilldSaleRequest one = money_request (MONEY_METER_A, 10000, TILL_CHANNEL_CASH), other = money_request (MONEY_METER_A, 30000, TILL_CHANNEL_CASH);
  TillJsonWrite *w = till_json_write_new ();
  g_autofree char *text = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_cmpint (money_try (money, &money->cashier, &one), ==, -1);
  g_assert_cmpint (money_try (money, &money->second, &other), ==, -1);
  money->second.permissions |= G_GUINT64_CONSTANT (1) << TILL_PERMISSION_DRAWER_ALL;
  till_json_write_begin_object (w, NULL);
  till_json_write_begin_object (w, "own");
  g_assert_true (tilld_drawer_list (money->pg->db, &money->cashier, NULL, w, &error));
  till_json_write_end_object (w);
  till_json_write_begin_object (w, "all");
  g_assert_true (tilld_drawer_list (money->pg->db, &money->second, NULL, w, &error));
  till_json_write_end_object (w);
  till_json_write_end_object (w);
  text = till_json_write_free_to_text (w, NULL);
  g_assert_true (g_str_has_prefix (text, "{\"own\":{\"total\":1,\"items\":[{\"id\":1,\"operator\":1,\"operator_name\":\"Anna\""));
  g_assert_nonnull (strstr (text, "\"taken\":\"1.0000\""));
  g_assert_nonnull (strstr (text, "\"all\":{\"total\":2,"));
}

static GHashTable *
query (const char *first, ...)
{
  GHashTable *table = g_hash_table_new (g_str_hash, g_str_equal);
  const char *name = first;
  va_list args;

  va_start (args, first);
  while (name != NULL)
    {
      g_hash_table_insert (table, (gpointer) name, va_arg (args, gpointer));
      name = va_arg (args, const char *);
    }
  va_end (args);
  return table;
}

static void
expect_list (Money *money, GHashTable *filters, gint64 total, TillMoney amount)
{
  g_autoptr(GHashTable) owned = filters;
  g_autoptr(GArray) sales = NULL;
  g_autoptr(GError) error = NULL;
  gint64 got_total = -1;
  TillMoney got_amount = -1;

  tilld_sale_list (money->pg->db, &money->cashier, owned, FALSE, &sales, &got_total, &got_amount, &error);
  g_assert_no_error (error);
  g_assert_cmpint (got_total, ==, total);
  g_assert_cmpint (got_amount, ==, amount);
  g_assert_cmpuint (sales->len, <=, total);
}

static void
test_list (void)
{
  g_autoptr(Money) money = money_new ();
  g_autoptr(GError) error = NULL;
  g_autoptr(GHashTable) wrong = query ("colour", "red", NULL);
  g_autoptr(GArray) sales = NULL;
  gint64 total;
  TillMoney amount;

  money_sell (money, MONEY_METER_A, 10000);
  money_sell (money, MONEY_METER_B, 20000);
  money_sell (money, MONEY_METER_SERVER, 40000);
  expect_list (money, query (NULL), 3, 70000);
  expect_list (money, query ("state", "verified", NULL), 1, 40000);
  expect_list (money, query ("state", "paid,queued", "sort", "-amount", NULL), 2, 30000);
  expect_list (money, query ("meter", "1,3", NULL), 2, 50000);
  expect_list (money, query ("channel", "cash", NULL), 0, 0);
  expect_list (money, query ("q", "M-B", NULL), 1, 20000);
  expect_list (money, query ("q", "\xe5\xbc\xa0", NULL), 3, 70000);
  expect_list (money, query ("area", "2", NULL), 0, 0);
  expect_list (money, query ("area", "1", "limit", "1", "offset", "1", NULL), 3, 70000);
  expect_list (money, query ("operator", "1", "kind", "sale", NULL), 3, 70000);
  expect_list (money, query ("from", "2020-01-01T00:00:00Z", "to", "2021-01-01T00:00:00Z", NULL), 0, 0);
  g_assert_false (tilld_sale_list (money->pg->db, &money->cashier, wrong, FALSE, &sales, &total, &amount, &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_INVALID);
}

/* A sale at 00:30 in Shanghai is still yesterday in UTC; the day of the report is the site's. */
static void
test_days_equal_the_raw_sums (void)
{
  g_autoptr(Money) money = money_new ();
  g_autoptr(GArray) days = NULL;
  g_autoptr(GError) error = NULL;
  TillDay from, to;
  gint64 count = 0;
  TillMoney sum = 0;

  money_sell (money, MONEY_METER_A, 10000);
  money_sell (money, MONEY_METER_B, 20000);
  money_sell (money, MONEY_METER_SERVER, 40000);
  test_pg_run (money->pg, "UPDATE sale SET created_at = '2026-03-01 16:30:00Z' WHERE meter = 1");
  test_pg_run (money->pg, "UPDATE sale SET created_at = '2026-03-01 15:59:59.999999Z' WHERE meter = 2");
  test_pg_run (money->pg, "UPDATE sale SET created_at = '2026-03-02 16:00:00Z' WHERE meter = 3");
  g_assert_true (till_day_make (2026, 3, 1, &from) && till_day_make (2026, 3, 2, &to));
  g_assert_true (tilld_sales_daily (money->pg->db, &money->cashier, from, to, 0, &days, &error));
  g_assert_cmpuint (days->len, ==, 2);
  g_assert_cmpint (g_array_index (days, TilldSalesDay, 0).day, ==, from);
  g_assert_cmpint (g_array_index (days, TilldSalesDay, 0).amount, ==, 20000);
  g_assert_cmpint (g_array_index (days, TilldSalesDay, 1).day, ==, to);
  g_assert_cmpint (g_array_index (days, TilldSalesDay, 1).amount, ==, 10000);
  /* The list by days takes the same ones, the last day included. */
  expect_list (money, query ("from", "2026-03-01", "to", "2026-03-02", NULL), 2, 30000);
  expect_list (money, query ("from", "2026-03-02", "to", "2026-03-02", NULL), 1, 10000);
  expect_list (money, query ("date", "2026-03-03", NULL), 1, 40000);
  g_clear_pointer (&days, g_array_unref);
  g_assert_true (tilld_sales_daily (money->pg->db, &money->cashier, from, to + 1, 0, &days, &error));
  for (guint i = 0; i < days->len; i++)
    {
      count += g_array_index (days, TilldSalesDay, i).count;
      sum += g_array_index (days, TilldSalesDay, i).amount;
    }
  g_assert_cmpint (count, ==, 3);
  g_assert_cmpint (sum, ==, test_pg_ask_int (money->pg, "SELECT sum (amount)::bigint FROM sale"));
}

/* A purse of energy: the customer pays money, the command carries Wh, the books money. */
static void
test_energy (void)
{
  g_autoptr(Money) money = money_new ();
  TilldSaleRequest request = money_request (MONEY_METER_B, 60000, TILL_CHANNEL_CARD);

  test_pg_run (money->pg, "UPDATE meter SET model = 'gridtill-generic-kwh', purse = 2, hoard_limit = 0 WHERE id = 2");
  g_assert_cmpint (money_try (money, &money->cashier, &request), ==, -1);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT c.amount FROM command c JOIN sale s ON s.id = c.id AND s.energy = c.amount"), ==, 10000); /* 6.00 at 0.60 */
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_TRANSIT, MONEY_METER_B), ==, -60000);
  request = money_request (MONEY_METER_B, 60000, TILL_CHANNEL_CARD);
  request.has_energy = TRUE;
  request.energy = 20000;
  g_assert_cmpint (money_try (money, &money->cashier, &request), ==, TILL_ERROR_INVALID);
  request.energy = 10000;
  g_assert_cmpint (money_try (money, &money->cashier, &request), ==, -1);
  request = money_request (MONEY_METER_A, 60000, TILL_CHANNEL_CARD);
  request.has_energy = TRUE;
  request.energy = 10000;
  g_assert_cmpint (money_try (money, &money->cashier, &request), ==, TILL_ERROR_INVALID);
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/sale/sells", test_sells);
  g_test_add_func ("/sale/same-id", test_same_id);
  g_test_add_func ("/sale/bad-amounts", test_bad_amounts);
  g_test_add_func ("/sale/refusals", test_refusals);
  g_test_add_func ("/sale/area-scope", test_area_scope);
  g_test_add_func ("/sale/queued", test_queued_when_the_site_allows);
  g_test_add_func ("/sale/server-settled", test_server_settled);
  g_test_add_func ("/sale/drawers", test_drawers);
  g_test_add_func ("/sale/drawer-list", test_drawer_list);
  g_test_add_func ("/sale/list", test_list);
  g_test_add_func ("/sale/days", test_days_equal_the_raw_sums);
  g_test_add_func ("/sale/energy", test_energy);
  return till_test_run ();
}
