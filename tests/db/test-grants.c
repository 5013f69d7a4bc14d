/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-grants.c: the roles of running processes. Money works under them; the books cannot be changed by any of them. */
#include "tests/db/money-fixture.h"

#include "tests/lib/test-main.h"

static const char *const roles[] = { "gridtill_api", "gridtill_field", "gridtill_notify", "gridtill_report", "gridtill_audit", "gridtill_server" };

/* A connection with the rights of the running server. */
static TilldDb *
as_server (Money *money)
{
  TilldDb *db = test_pg_connect (money->pg, NULL);
  g_autoptr(GError) error = NULL;

  tilld_db_command (db, "SET ROLE gridtill_server", &error);
  g_assert_no_error (error);
  return db;
}

static void
test_books_are_only_added_to (void)
{
  static const char *const tables[] = { "tx", "posting", "request", "audit" };
  g_autoptr(Money) money = money_new ();

  for (guint r = 0; r < G_N_ELEMENTS (roles); r++)
    for (guint t = 0; t < G_N_ELEMENTS (tables); t++)
      {
        g_autofree char *sql = g_strdup_printf ("SELECT (has_table_privilege ('%s', '%s', 'UPDATE') OR has_any_column_privilege ('%s', '%s', 'UPDATE')"
                                                " OR has_table_privilege ('%s', '%s', 'DELETE') OR has_table_privilege ('%s', '%s', 'TRUNCATE'))::int",
                                                roles[r], tables[t], roles[r], tables[t], roles[r], tables[t], roles[r], tables[t]);

        g_test_message ("%s on %s", roles[r], tables[t]);
        g_assert_cmpint (test_pg_ask_int (money->pg, sql), ==, 0);
      }
  for (guint r = 0; r < G_N_ELEMENTS (roles); r++)
    {
      g_autofree char *sql = g_strdup_printf ("SELECT count (*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public'"
                                              " AND c.relkind IN ('r', 'p') AND (c.relname IN ('sale', 'command', 'command_attempt', 'ledger_account',"
                                              " 'meter_purse', 'dispute_case', 'drawer', 'chain_head'))"
                                              " AND has_table_privilege ('%s', c.oid, 'DELETE')", roles[r]);

      g_assert_cmpint (test_pg_ask_int (money->pg, sql), ==, 0);
    }
}

static void
test_denied_in_deed (void)
{
  static const TilldStatement attempts[] = {
    { .name = "grants-1", .sql = "UPDATE posting SET amount = - amount" },
    { .name = "grants-2", .sql = "DELETE FROM tx" },
    { .name = "grants-3", .sql = "DELETE FROM audit" },
    { .name = "grants-4", .sql = "UPDATE request SET body_hash = sha256 ('')" },
    { .name = "grants-5", .sql = "DELETE FROM sale" },
    { .name = "grants-6", .sql = "DROP TABLE posting" },
    { .name = "grants-7", .sql = "ALTER TABLE posting DISABLE TRIGGER ALL" },
    { .name = "grants-8", .sql = "DELETE FROM delivery_edge" },
    { .name = "grants-9", .sql = "INSERT INTO delivery_edge VALUES (0, 3, 'x')" },
  };
  g_autoptr(Money) money = money_new ();
  g_autoptr(TilldDb) db = as_server (money);

  money_sell (money, MONEY_METER_A, 10000);
  for (guint i = 0; i < G_N_ELEMENTS (attempts); i++)
    {
      g_autoptr(GError) error = NULL;

      g_test_message ("%s", attempts[i].sql);
      g_assert_false (tilld_db_exec (db, &attempts[i], NULL, 0, NULL, &error));
      g_assert_nonnull (error);
    }
}

/* The whole way of a sale with the rights of the server and no others. */
static void
test_money_works (void)
{
  g_autoptr(Money) money = money_new ();
  TilldMoneyReading base = money_reading (3, 1000000, 200000), after = money_reading (4, 1010000, 210000);
  TilldDeliveryOrder order;
  TilldDeliveryStep step;
  TilldDb *owner = money->pg->db;

  tilld_ledger_free (money->ledger);
  money->ledger = tilld_ledger_new (as_server (money), NULL);
  money->pg->db = as_server (money);
  money_adopt (money, MONEY_METER_A, &base);
  money_sell (money, MONEY_METER_A, 10000);
  g_assert_true (money_claim (money, &order));
  g_assert_true (money_sent (money, &order, &base, &step, NULL));
  g_assert_true (money_written (money, &order.id, 1, TILL_DELIVERY_OUTCOME_OK, NULL));
  g_assert_true (money_settle (money, &order.id, 1, &after, &step, NULL));
  g_assert_cmpint (step.next, ==, TILL_COMMAND_STATE_VERIFIED);
  tilld_db_free (money->pg->db);
  money->pg->db = owner;
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/grants/books-are-only-added-to", test_books_are_only_added_to);
  g_test_add_func ("/grants/denied-in-deed", test_denied_in_deed);
  g_test_add_func ("/grants/money-works", test_money_works);
  return till_test_run ();
}
