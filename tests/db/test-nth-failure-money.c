/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-nth-failure-money.c: the database call number n fails, n = 1, 2, 3 .. until the verb comes through. After each failure the books
 * are right, and doing it again with the same id does it once. */
#include "tests/db/money-fixture.h"

#include "server/db/db-tx.h"
#include "shared/base/till-error.h"
#include "tests/lib/test-main.h"

#define N_MAX 40

typedef struct {
  Money   *money;
  TilldDb *lane; /* the connection of the ledger lane, whose calls fail too */
} Broken;

static Broken
broken_new (void)
{
  Broken b = { .money = money_new () };

  tilld_ledger_free (b.money->ledger);
  b.lane = test_pg_connect (b.money->pg, NULL);
  b.money->ledger = tilld_ledger_new (b.lane, NULL);
  return b;
}

static void
test_sale (void)
{
  for (int on_lane = 0; on_lane < 2; on_lane++)
    {
      Broken b = broken_new ();
      g_autoptr(Money) money = b.money;
      guint failures = 0;

      for (guint n = 1; n <= N_MAX; n++)
        {
          TilldSaleRequest request = money_request (MONEY_METER_A, 10000, TILL_CHANNEL_CASH);
          int code;

          tilld_db_fail_nth (on_lane ? b.lane : money->pg->db, n);
          code = money_try (money, &money->cashier, &request);
          tilld_db_fail_nth (on_lane ? b.lane : money->pg->db, 0);
          money_assert_invariants (money);
          if (code != -1)
            {
              failures++;
              g_assert_cmpint (code, ==, TILL_ERROR_BUSY);
              g_assert_cmpint (money_try (money, &money->cashier, &request), ==, -1);
            }
          g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM sale"), ==, n);
          if (code == -1 && n > 6)
            break;
          g_assert_cmpuint (n, <, N_MAX);
        }
      if (!on_lane)
        g_assert_cmpuint (failures, >, 0); /* the lane itself gets over one failure: it posts the items again, alone */
    }
}

/* A whole delivery, each step tried again as the courier does, with the n-th call of the connection failing. */
static guint
deliver_once (Broken *b, guint n, gboolean on_lane, gint32 count)
{
  Money *money = b->money;
  TilldDb *victim = on_lane ? b->lane : money->pg->db;
  TilldMoneyReading before = money_reading (count, 1000000 + 10000 * count, 200000), after = money_reading (count + 1, 1010000 + 10000 * count, 210000);
  TilldDeliveryOrder order;
  TilldDeliveryStep step;
  guint failures = 0;
  int code = -1;

  money_sell (money, MONEY_METER_A, 10000);
  g_assert_true (money_claim (money, &order));
  tilld_db_fail_nth (victim, n);
  while (!money_sent (money, &order, &before, &step, &code))
    {
      g_assert_cmpint (code, ==, TILL_ERROR_BUSY);
      failures++;
      money_assert_invariants (money);
    }
  while (!money_written (money, &order.id, 1, TILL_DELIVERY_OUTCOME_OK, &code))
    {
      g_assert_cmpint (code, ==, TILL_ERROR_BUSY);
      failures++;
      money_assert_invariants (money);
    }
  while (!money_settle (money, &order.id, 1, &after, &step, &code))
    {
      g_assert_cmpint (code, ==, TILL_ERROR_BUSY);
      failures++;
      money_assert_invariants (money);
    }
  tilld_db_fail_nth (victim, 0);
  g_assert_cmpint (step.next, ==, TILL_COMMAND_STATE_VERIFIED);
  money_assert_invariants (money);
  return failures;
}

static void
test_delivery (void)
{
  for (int on_lane = 0; on_lane < 2; on_lane++)
    {
      Broken b = broken_new ();
      g_autoptr(Money) money = b.money;
      TilldMoneyReading base = money_reading (3, 1030000, 200000);
      guint failures = 0;

      money_adopt (money, MONEY_METER_A, &base);
      for (guint n = 1; n <= 12; n++)
        failures += deliver_once (&b, n, on_lane, (gint32) n + 2);
      g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM tx WHERE event = 1"), ==, 12);
      g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_TRANSIT, MONEY_METER_A), ==, 0);
      if (!on_lane)
        g_assert_cmpuint (failures, >, 0);
    }
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/nth-failure-money/sale", test_sale);
  g_test_add_func ("/nth-failure-money/delivery", test_delivery);
  return till_test_run ();
}
