/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-reconcile.c: lines of the journal that tell of money that went back, put to books which have lost it: given up, taken back before
 * delivery, refunded by the server, paid out. What cannot be replayed is refused with a reason. The fixture asks the invariants. */
#include "server/domain/control/reconcile.h"
#include "tests/db/money-fixture.h"
#include "tests/lib/test-main.h"

#define LINE(n, event, request, amount, facts)                                                                                         \
  "INSERT INTO reconcile_line (request, event, n, at, meter, epoch, count, amount, facts) SELECT " request ", " #event ", " #n         \
  ", now (), s.meter, 1, 0, " amount ", " facts " FROM sale s WHERE s.note IS NULL AND s.kind = 0 AND s.meter = "
#define HASH     "repeat ('ab', 32)"
#define NOBODY   "'00000000-0000-0000-0000-0000000000ff'::uuid"
#define REFUND_1 "'00000000-0000-0000-0000-000000000001'::uuid"
#define REFUND_2 "'00000000-0000-0000-0000-000000000002'::uuid"
#define UNDO     "'00000000-0000-0000-0000-000000000003'::uuid"

static void
replay (Money *money)
{
  g_autoptr(GError) error = NULL;
  gboolean done = FALSE;

  test_pg_run (money->pg, "UPDATE cluster SET reconciling = true");
  tilld_reconcile_replay (money->pg->db, &done, &error);
  g_assert_no_error (error);
  g_assert_true (done);
  test_pg_run (money->pg, "UPDATE cluster SET reconciling = false");
}

static char *
why (Money *money, const char *n)
{
  g_autofree char *sql = g_strdup_printf ("SELECT state || ' ' || coalesce (why, '') FROM reconcile_line WHERE n = %s", n);

  return test_pg_ask (money->pg, sql);
}

static void
assert_why (Money *money, const char *n, const char *wanted)
{
  g_autofree char *is = why (money, n);

  g_assert_cmpstr (is, ==, wanted);
}

/* The sale is cancelled, its customer's refund stands under the id it had, and was paid out from a drawer. */
static void
test_given_up (void)
{
  g_autoptr(Money) money = money_new ();

  money_sell (money, MONEY_METER_A, 20000);
  test_pg_run (money->pg, LINE (1, 3, REFUND_1, "20000", "'1,0,,3,,,1,1,,7,'||" HASH) "1");
  test_pg_run (money->pg, LINE (2, 2, "s.id", "20000", "'1,1,,0,,,1,1,,6,'||" HASH "||','||" REFUND_1) "1");
  replay (money);
  assert_why (money, "1", "1 ");
  assert_why (money, "2", "1 ");
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT state FROM sale WHERE kind = 0"), ==, TILL_SALE_STATE_CANCELLED);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT state FROM command"), ==, TILL_COMMAND_STATE_CANCELLED);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count(*) FROM sale r JOIN sale s ON s.id = r.reverses WHERE r.id = " REFUND_1
                                               " AND r.kind = 3 AND r.paid_at IS NOT NULL AND r.drawer IS NOT NULL"), ==, 1);
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_TRANSIT, MONEY_METER_A), ==, 0);
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_REFUND_DUE, 1), ==, 0);
  replay (money); /* nothing comes twice */
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count(*) FROM tx"), ==, 3);
}

/* Whatever the copy believed to be under way: money that was taken back never reaches the meter. */
static void
test_taken_back (void)
{
  g_autoptr(Money) money = money_new ();
  TilldMoneyReading base = money_reading (3, 1000000, 200000);
  TilldDeliveryOrder order;
  TilldDeliveryStep step;

  money_adopt (money, MONEY_METER_A, &base);
  money_sell (money, MONEY_METER_A, 30000);
  g_assert_true (money_claim (money, &order));
  g_assert_true (money_sent (money, &order, &base, &step, NULL));
  test_pg_run (money->pg, LINE (1, 6, UNDO, "30000", "'1,0,,4,,,1,1,,7,'||" HASH "||','||s.id") "1");
  test_pg_run (money->pg, LINE (2, 6, NOBODY, "30000", "'1,0,,4,,,1,1,,8,'||" HASH "||','||s.id") "1");
  replay (money);
  assert_why (money, "1", "1 ");
  assert_why (money, "2", "2 its sale was taken back before");
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT state FROM command WHERE kind = 0"), ==, TILL_COMMAND_STATE_CANCELLED);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count(*) FROM tx t JOIN tx o ON o.n = t.reverses WHERE t.event = 6 AND o.event = 0"), ==, 1);
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_TRANSIT, MONEY_METER_A), ==, 0);
}

/* A balance that the server keeps: refunded and paid by a transfer; what asks for more than there is is refused, and the rest goes on. */
static void
test_server_balance (void)
{
  g_autoptr(Money) money = money_new ();

  money_sell (money, MONEY_METER_SERVER, 50000);
  test_pg_run (money->pg, LINE (1, 5, NOBODY, "10000", "'1,4,,3,,,3,1,,7,'||" HASH) "3");
  test_pg_run (money->pg, LINE (6, 3, NOBODY, "90000", "'1,4,,3,,,3,1,,7,'||" HASH) "3");
  test_pg_run (money->pg, LINE (2, 5, REFUND_2, "20000", "'1,4,,3,,,3,1,,8,'||" HASH) "3");
  test_pg_run (money->pg, LINE (3, 3, REFUND_2, "20000", "'1,4,,3,,,3,1,,8,'||" HASH) "3");
  test_pg_run (money->pg, LINE (4, 3, UNDO, "20000", "'1,4,,3,,,3,1,,9,'||" HASH) "3");
  test_pg_run (money->pg, LINE (5, 6, REFUND_1, "20000", "'1,4,,4,,,3,1,,9,'||" HASH "||','||" UNDO) "3");
  till_test_expect_warning ("*a line of the journal is refused*");
  replay (money);
  till_test_assert_warnings ();
  assert_why (money, "1", "1 ");
  assert_why (money, "6", "2 the books do not take it");
  assert_why (money, "2", "1 ");
  assert_why (money, "3", "1 ");
  assert_why (money, "4", "2 its refund is not in the books");
  assert_why (money, "5", "2 its sale is not in the books");
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_SERVER_BALANCE, 3), ==, -20000);
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_REFUND_DUE, 1), ==, -10000);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count(*) FROM sale WHERE paid_channel = 4"), ==, 1);
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/reconcile/given-up", test_given_up);
  g_test_add_func ("/reconcile/taken-back", test_taken_back);
  g_test_add_func ("/reconcile/server-balance", test_server_balance);
  return till_test_run ();
}
