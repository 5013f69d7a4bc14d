/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-ledger-post.c: the lane: batches, items that fall out alone, the chain, guards that SQL cannot go round, the database away. */
#include "tests/db/money-fixture.h"

#include "server/domain/money/ledger-verify.h"
#include "shared/base/till-error.h"
#include "tests/lib/test-main.h"

#define CROWD 40

typedef struct {
  Money           *money;
  TilldSaleRequest request;
  int              code;
} Seller;

static gpointer
sell_in_thread (gpointer data)
{
  Seller *seller = data;
  g_autoptr(TilldDb) db = test_pg_connect (seller->money->pg, NULL);
  g_auto(TilldSale) sale = { 0 };
  g_autoptr(GError) error = NULL;

  seller->code = tilld_sale_create (seller->money->ledger, db, seller->money->profiles, &seller->money->cashier, &seller->request, &sale, &error)
                   ? -1 : error->code;
  return NULL;
}

static void
run_crowd (Seller *sellers, guint n)
{
  GThread *threads[CROWD];

  for (guint i = 0; i < n; i++)
    threads[i] = g_thread_new ("seller", sell_in_thread, &sellers[i]);
  for (guint i = 0; i < n; i++)
    g_thread_join (threads[i]);
}

/* Forty at once, many of one meter: every one has its own transaction, numbers without gap, one drawer. */
static void
test_crowd (void)
{
  g_autoptr(Money) money = money_new ();
  Seller sellers[CROWD];
  TilldLedgerStats stats;

  for (guint i = 0; i < CROWD; i++)
    sellers[i] = (Seller){ money, money_request (i % 2 == 0 ? MONEY_METER_A : MONEY_METER_B, 100 * (i + 1), TILL_CHANNEL_CASH), 99 };
  run_crowd (sellers, CROWD);
  for (guint i = 0; i < CROWD; i++)
    g_assert_cmpint (sellers[i].code, ==, -1);
  tilld_ledger_stats (money->ledger, &stats);
  g_assert_cmpuint (stats.items, ==, CROWD);
  g_assert_cmpuint (stats.refused, ==, 0);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT max (number) FROM sale"), ==, CROWD);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM drawer"), ==, 1);
  g_assert_cmpint (money_balance (money, TILL_LEDGER_ACCOUNT_CASH, 1), ==, 100 * CROWD * (CROWD + 1) / 2);
}

/* A balance limit that only some of the crowd fit under: what is sold never exceeds it. */
static void
test_crowd_under_a_limit (void)
{
  g_autoptr(Money) money = money_new ();
  Seller sellers[20];
  guint sold = 0;

  for (guint i = 0; i < 20; i++) /* balance 20.00, limit 5000.00: four of 1000.00 fit */
    sellers[i] = (Seller){ money, money_request (MONEY_METER_A, 10000000, TILL_CHANNEL_CARD), 99 };
  run_crowd (sellers, 20);
  for (guint i = 0; i < 20; i++)
    {
      sold += sellers[i].code == -1;
      g_assert_true (sellers[i].code == -1 || sellers[i].code == TILL_ERROR_LIMIT);
    }
  g_assert_cmpuint (sold, ==, 4);
}

static TilldLedgerItem
item_of (TilldSaleRequest *request)
{
  TilldLedgerFact fact = { .event = TILL_LEDGER_EVENT_SALE_PAID, .amount = request->amount, .channel = request->channel, .site = 1, .meter = request->meter };
  TilldLedgerItem item = { .kind = TILLD_ITEM_SALE, .request = request->id, .site = 1, .actor = 1, .address = "", .request_text = "", .event = fact.event,
                           .meter = request->meter, .epoch = 1, .balance_limit = G_MAXINT64, .amount = request->amount, .purse_amount = request->amount,
                           .channel = request->channel, .account = 1, .customer = 1, .area = 1 };
  g_autoptr(GError) error = NULL;

  tilld_ledger_postings (&fact, item.postings, &item.n_postings, &error);
  g_assert_no_error (error);
  return item;
}

typedef struct { GMutex lock; GCond changed; guint done; int codes[8]; } Answers;
typedef struct { Answers *answers; guint index; } Slot;

static void
note (gpointer data, const TilldLedgerAnswer *answer, const GError *error)
{
  Slot *slot = data;

  g_mutex_lock (&slot->answers->lock);
  slot->answers->codes[slot->index] = error != NULL ? error->code : -1;
  slot->answers->done++;
  g_cond_signal (&slot->answers->changed);
  g_mutex_unlock (&slot->answers->lock);
}

/* One item that raises an unforeseen error takes nobody with it. */
static void
test_culprit_alone (void)
{
  g_autoptr(Money) money = money_new ();
  TilldSaleRequest requests[8];
  TilldLedgerItem items[8];
  Answers answers = { 0 };
  Slot slots[8];

  g_mutex_init (&answers.lock);
  g_cond_init (&answers.changed);
  for (guint i = 0; i < 8; i++)
    {
      requests[i] = money_request (1 + i % 5, 10000, TILL_CHANNEL_CARD);
      items[i] = item_of (&requests[i]);
      slots[i] = (Slot){ &answers, i };
    }
  items[2].area = 1;
  items[2].amount = 12345;       /* not whole fen: a CHECK of the table, which the lane did not foresee */
  items[5].meter = 4711;         /* no such meter: a foreign key */
  items[5].postings[1].owner = 4711;
  for (guint i = 0; i < 8; i++)
    g_assert_true (tilld_ledger_submit (money->ledger, &items[i], note, &slots[i], NULL));
  g_mutex_lock (&answers.lock);
  while (answers.done < 8)
    g_cond_wait (&answers.changed, &answers.lock);
  g_mutex_unlock (&answers.lock);
  for (guint i = 0; i < 8; i++)
    if (i == 2 || i == 5)
      g_assert_cmpint (answers.codes[i], !=, -1);
    else
      g_assert_cmpint (answers.codes[i], ==, -1);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM sale"), ==, 6);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM tx"), ==, 6);
}

/* Runs it and takes it back in any case. */
static gboolean
sql_fails (Money *money, const char *sql)
{
  g_autofree char *ask = g_strdup_printf ("SELECT probe ($q$%s$q$)", sql);
  g_autofree char *verdict = test_pg_ask (money->pg, ask);

  return g_str_equal (verdict, "refused");
}

static void
test_guards (void)
{
  static const char *const forbidden[] = {
    "INSERT INTO posting SELECT site, n, 3, account, 100 FROM posting LIMIT 1",                       /* does not sum to zero */
    "INSERT INTO posting SELECT site, n + 1000, line, account, amount FROM posting",                 /* of no transaction */
    "WITH r AS (INSERT INTO request VALUES (gen_random_uuid (), sha256 ('')) RETURNING id)"
    " INSERT INTO command (id, meter, epoch, kind, state, operator, generation) SELECT id, 4711, 1, 5, 0, 0, 1 FROM r", /* of no meter */
    "INSERT INTO command (id, meter, epoch, kind, state, operator, generation) SELECT gen_random_uuid (), meter, 1, 5, 0, 0, 1 FROM sale", /* of no request */
    "INSERT INTO tx SELECT site, n + k, at, 2, gen_random_uuid (), actor, 1, hash FROM tx, generate_series (1, 2) k",           /* reversed twice */
    "DELETE FROM meter WHERE id = (SELECT meter FROM sale)",
    "INSERT INTO request VALUES ((SELECT id FROM request LIMIT 1), sha256 (''))",                    /* an id twice */
    "INSERT INTO tx SELECT site, n + 1, at, event, request, actor, NULL, hash FROM tx LIMIT 1",      /* an event of a request twice */
    "UPDATE ledger_account SET debits = credits + 1 WHERE kind = 2",                                 /* transit below zero */
    "UPDATE command SET state = 3",                                                                  /* verified without being sent */
    "UPDATE command SET state = 1",                                                                  /* sent without baseline and count */
    "UPDATE sale SET amount = - amount",
    "INSERT INTO drawer (site, operator) VALUES (1, 1)",                                             /* a second open one */
    "UPDATE chain_head SET hash = ''",
  };
  g_autoptr(Money) money = money_new ();
  TilldSaleRequest request = money_request (MONEY_METER_A, 10000, TILL_CHANNEL_CASH);

  g_assert_cmpint (money_try (money, &money->cashier, &request), ==, -1);
  test_pg_run (money->pg, "CREATE FUNCTION probe (t text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN EXECUTE t; RAISE EXCEPTION 'x' USING ERRCODE = 'ZZ001';"
                          " EXCEPTION WHEN SQLSTATE 'ZZ001' THEN RETURN 'through'; WHEN OTHERS THEN RETURN 'refused'; END $$");
  g_assert_false (sql_fails (money, "UPDATE sale SET note = 'fine'"));
  g_assert_false (sql_fails (money, "WITH r AS (INSERT INTO request VALUES (gen_random_uuid (), sha256 ('')) RETURNING id)"
                                    " INSERT INTO command (id, meter, epoch, kind, state, operator, generation) SELECT r.id, s.meter, 1, 5, 0, 0, 1 FROM r, sale s"));
  for (guint i = 0; i < G_N_ELEMENTS (forbidden); i++)
    {
      g_test_message ("%s", forbidden[i]);
      g_assert_true (sql_fails (money, forbidden[i]));
    }
}

static char *
export_of (Money *money)
{
  GString *text = g_string_new (NULL);
  g_autoptr(GError) error = NULL;

  tilld_ledger_export (money->pg->db, 1, text, &error);
  g_assert_no_error (error);
  return g_string_free (text, FALSE);
}

static gboolean
verifies (const char *text, gsize len)
{
  g_autoptr(GError) error = NULL;
  TilldLedgerVerdict verdict;
  gboolean whole = tilld_ledger_verify (text, len, &verdict, &error);

  if (!whole)
    g_test_message ("%s", error->message);
  return whole;
}

/* A line that is gone, came twice or changed its place, whichever it is, the last and the head among them. */
static void
assert_lines_count (const char *text)
{
  g_auto(GStrv) lines = g_strsplit (text, "\n", -1); /* the last is empty: behind the last newline */

  for (guint i = 0; lines[i] != NULL && lines[i][0] != '\0'; i++)
    for (guint edit = 0; edit < 3; edit++)
      {
        g_autoptr(GString) edited = g_string_new (NULL);

        for (guint k = 0; lines[k] != NULL && lines[k][0] != '\0'; k++)
          {
            const char *line = lines[k];

            if (edit == 2 && (k == i || k == i + 1) && lines[i + 1][0] != '\0')
              line = lines[k == i ? i + 1 : i];
            if (edit != 0 || k != i)
              g_string_append_printf (edited, "%s\n", line);
            if (edit == 1 && k == i)
              g_string_append_printf (edited, "%s\n", line);
          }
        if (verifies (edited->str, edited->len) && !g_str_equal (edited->str, text)) /* the last has no neighbour to change with */
          g_error ("line %u, edit %u stayed unseen", i + 1, edit);
      }
}

/* The offline verifier needs the export alone, and finds every single changed byte. */
static void
test_export_and_verify (void)
{
  g_autoptr(Money) money = money_new ();
  g_autofree char *text = NULL;
  gsize len;
  TilldLedgerVerdict verdict;
  g_autoptr(GError) error = NULL;

  for (guint i = 0; i < 12; i++)
    money_sell (money, 1 + i % 3, 10000 * (i + 1));
  text = export_of (money);
  len = strlen (text);
  g_assert_true (tilld_ledger_verify (text, len, &verdict, &error));
  g_assert_no_error (error);
  g_assert_cmpint (verdict.transactions, ==, 12);
  for (gsize at = 0; at < len; at++)
    {
      char was = text[at];

      text[at] = was == '9' ? '0' : was + 1;
      if (verifies (text, len))
        g_error ("a changed byte at %" G_GSIZE_FORMAT " stayed unseen", at);
      text[at] = was;
    }
  assert_lines_count (text);
  g_assert_true (verifies (text, len));
  g_assert_false (verifies (text, len - 40)); /* the end cut off */
  /* A row changed in the database by somebody with all rights: both verifiers see it. */
  test_pg_run (money->pg, "BEGIN; SET LOCAL session_replication_role = replica; UPDATE posting SET amount = amount * 2 WHERE n = 5; COMMIT");
  g_free (text);
  text = export_of (money);
  g_assert_false (verifies (text, strlen (text)));
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM ledger_violations () WHERE invariant LIKE 'I10%'"), >, 0);
  test_pg_run (money->pg, "BEGIN; SET LOCAL session_replication_role = replica; UPDATE posting SET amount = amount / 2 WHERE n = 5; COMMIT");
}

static void
test_database_away (void)
{
  g_autoptr(Money) money = money_new ();
  TilldSaleRequest request = money_request (MONEY_METER_A, 10000, TILL_CHANNEL_CARD);
  TilldLedgerItem item = item_of (&request);
  TilldLedgerAnswer answer;
  g_autoptr(GError) error = NULL;

  money_sell (money, MONEY_METER_B, 10000);
  test_pg_stop ();
  g_assert_false (tilld_ledger_post (money->ledger, &item, &answer, &error));
  g_assert_error (error, TILL_ERROR, TILL_ERROR_BUSY);
  g_clear_error (&error);
  test_pg_start ();
  tilld_db_disconnect (money->pg->db);
  g_assert_true (tilld_ledger_post (money->ledger, &item, &answer, &error)); /* the same id again: now it happens, once */
  g_assert_no_error (error);
  g_assert_true (tilld_ledger_post (money->ledger, &item, &answer, &error));
  g_assert_true (answer.replayed);
  g_assert_cmpint (test_pg_ask_int (money->pg, "SELECT count (*) FROM sale"), ==, 2);
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/ledger-post/crowd", test_crowd);
  g_test_add_func ("/ledger-post/crowd-under-a-limit", test_crowd_under_a_limit);
  g_test_add_func ("/ledger-post/culprit-alone", test_culprit_alone);
  g_test_add_func ("/ledger-post/guards", test_guards);
  g_test_add_func ("/ledger-post/export-and-verify", test_export_and_verify);
  g_test_add_func ("/ledger-post/database-away", test_database_away);
  return till_test_run ();
}
