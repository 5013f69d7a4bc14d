/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-journal.c: the journal on the other disk has a line of everything that was acknowledged, in order, chained; a byte that was changed
 * is found with its line, a half line of a crash is cut off. */
#include <glib/gstdio.h>
#include <string.h>
#include "server/domain/money/journal.h"
#include "tests/db/money-fixture.h"
#include "tests/lib/test-main.h"

typedef struct { guint n; TilldJournalLine lines[16]; } Read;

static gboolean
keep (const TilldJournalLine *line, gpointer data, GError **error)
{
  Read *read = data;

  g_assert_cmpuint (read->n, <, G_N_ELEMENTS (read->lines));
  read->lines[read->n++] = *line;
  return TRUE;
}

static char *
new_path (void)
{
  g_autofree char *folder = g_dir_make_tmp ("till-journal-XXXXXX", NULL);

  return g_build_filename (folder, "journal", NULL);
}

static void
remove_path (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path);

  g_remove (path);
  g_rmdir (folder);
}

static void
test_acknowledged (void)
{
  g_autofree char *path = new_path ();
  g_autoptr(Money) money = money_new ();
  TilldMoneyReading base = money_reading (3, 1000000, 200000), after = money_reading (4, 1010000, 210000);
  TilldSaleRequest refused = money_request (MONEY_METER_BARE, 100, TILL_CHANNEL_CASH);
  g_autoptr(GError) error = NULL;
  TilldDeliveryOrder order;
  TilldDeliveryStep step;
  Read read = { 0 };
  TillId sale;
  gint64 n;

  tilld_ledger_set_journal (money->ledger, tilld_journal_open (path, &error));
  g_assert_no_error (error);
  money_adopt (money, MONEY_METER_A, &base);
  sale = money_sell (money, MONEY_METER_A, 10000);
  g_assert_cmpint (money_try (money, &money->cashier, &refused), !=, -1);
  g_assert_true (money_claim (money, &order));
  g_assert_true (money_sent (money, &order, &base, &step, NULL));
  g_assert_true (money_written (money, &sale, 1, TILL_DELIVERY_OUTCOME_OK, NULL));
  g_assert_true (money_settle (money, &sale, 1, &after, &step, NULL));
  g_assert_true (tilld_journal_read (path, keep, &read, &n, &error));
  g_assert_cmpint (n, ==, 2);
  g_assert_cmpint (read.lines[0].event, ==, TILL_LEDGER_EVENT_SALE_PAID);
  g_assert_cmpint (read.lines[0].amount, ==, 10000);
  g_assert_true (till_id_equal (&read.lines[0].request, &sale));
  g_assert_cmpint (read.lines[1].event, ==, TILL_LEDGER_EVENT_DELIVERED);
  g_assert_cmpint (read.lines[1].count, ==, 4);
  remove_path (path);
}

/* A process died between the two flushes, the client asked again: what is acknowledged then is in the journal too, once. */
static void
test_died_between (void)
{
  g_autofree char *path = new_path ();
  g_autoptr(Money) money = money_new ();
  TilldMoneyReading base = money_reading (3, 1000000, 200000);
  TilldSaleRequest again = money_request (MONEY_METER_A, 10000, TILL_CHANNEL_CASH);
  g_autoptr(GError) error = NULL;
  Read read = { 0 }, later = { 0 };
  TilldSale sale = { 0 };
  TillId other;
  gint64 n;

  money_adopt (money, MONEY_METER_A, &base);
  g_assert_cmpint (money_try (money, &money->cashier, &again), ==, -1);
  tilld_ledger_set_journal (money->ledger, tilld_journal_open (path, &error));
  g_assert_no_error (error);
  g_assert_true (tilld_sale_create (money->ledger, money->pg->db, money->profiles, &money->cashier, &again, &sale, &error));
  g_assert_true (sale.replayed);
  tilld_sale_clear (&sale);
  g_assert_true (tilld_journal_read (path, keep, &read, &n, &error));
  g_assert_cmpint (n, ==, 1);
  g_assert_true (till_id_equal (&read.lines[0].request, &again.id));
  g_assert_cmpint (read.lines[0].amount, ==, 10000);
  other = money_sell (money, MONEY_METER_A, 20000);
  g_assert_true (tilld_journal_read (path, keep, &later, &n, &error));
  g_assert_cmpint (n, ==, 2);
  g_assert_true (till_id_equal (&later.lines[1].request, &other));
  remove_path (path);
}

/* Lines that were added late stand behind younger ones: what stands before them is known all the same. */
static void
test_late_line (void)
{
  g_autofree char *path = new_path ();
  g_autoptr(Money) money = money_new ();
  TilldMoneyReading base = money_reading (3, 1000000, 200000);
  TilldSaleRequest again = money_request (MONEY_METER_A, 10000, TILL_CHANNEL_CASH);
  g_autoptr(GError) error = NULL;
  TilldJournal *journal = tilld_journal_open (path, &error);
  TilldSale sale = { 0 };
  TillTime at;
  gint64 n;

  money_adopt (money, MONEY_METER_A, &base);
  g_assert_cmpint (money_try (money, &money->cashier, &again), ==, -1);
  at = test_pg_ask_int (money->pg, "SELECT (extract (epoch FROM max (at)) * 1000000)::bigint FROM tx WHERE event = 0");
  for (guint i = 0; i < 3; i++)
    {
      static const gint64 later_ms[] = { 0, -29000, 29500 };
      TilldJournalLine line = { .at = at + later_ms[i] * 1000, .event = TILL_LEDGER_EVENT_SALE_PAID, .request = again.id, .meter = MONEY_METER_A, .epoch = 1,
                                .amount = 10000 };

      if (i > 0)
        till_id_new (&line.request, line.at / 1000);
      g_assert_true (tilld_journal_append (journal, &line, 1, &error));
    }
  tilld_ledger_set_journal (money->ledger, journal);
  g_assert_true (tilld_sale_create (money->ledger, money->pg->db, money->profiles, &money->cashier, &again, &sale, &error));
  g_assert_true (sale.replayed);
  tilld_sale_clear (&sale);
  g_assert_true (tilld_journal_read (path, NULL, NULL, &n, &error));
  g_assert_cmpint (n, ==, 3);
  remove_path (path);
}

typedef struct { Money *money; TilldDb *db; gint ended; } Beside;

static gpointer
complete_on_and_on (gpointer data)
{
  Beside *beside = data;

  while (!g_atomic_int_get (&beside->ended))
    tilld_ledger_missed (beside->money->ledger, beside->db);
  return NULL;
}

static gboolean
keep_once (const TilldJournalLine *line, gpointer data, GError **error)
{
  if (!g_hash_table_add (data, tilld_journal_key (line->event, &line->request)))
    g_error ("line %" G_GINT64_FORMAT " says again what another one says", line->n);
  return TRUE;
}

/* Verbs that post beside the lane complete the journal while the lane has committed and not written yet: each line once. */
static void
test_completed_beside (void)
{
  g_autofree char *path = new_path ();
  g_autoptr(Money) money = money_new ();
  g_autoptr(TilldDb) db = test_pg_connect (money->pg, NULL);
  g_autoptr(GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr(GError) error = NULL;
  Beside beside = { money, db, FALSE };
  GThread *thread;
  gint64 n;

  tilld_ledger_set_journal (money->ledger, tilld_journal_open (path, &error));
  g_assert_no_error (error);
  thread = g_thread_new ("beside", complete_on_and_on, &beside);
  for (guint i = 0; i < 150; i++)
    money_sell (money, MONEY_METER_SERVER, 100);
  g_atomic_int_set (&beside.ended, TRUE);
  g_thread_join (thread);
  g_assert_true (tilld_journal_read (path, keep_once, seen, &n, &error));
  g_assert_cmpint (n, ==, 150);
  remove_path (path);
}

static void
append (const char *path, gint64 amount)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(TilldJournal) journal = tilld_journal_open (path, &error);
  TilldJournalLine line = { .at = 1790000000000000, .event = TILL_LEDGER_EVENT_SALE_PAID, .meter = 1, .epoch = 1, .amount = amount };

  g_assert_no_error (error);
  till_id_new (&line.request, 1790000000000);
  g_assert_true (tilld_journal_append (journal, &line, 1, &error));
}

static void
test_changed_byte (void)
{
  g_autofree char *path = new_path (), *text = NULL;
  gsize len;
  gint64 n;

  for (guint i = 0; i < 3; i++)
    append (path, 100 * (i + 1));
  g_assert_true (g_file_get_contents (path, &text, &len, NULL));
  for (gsize i = 0; i + 1 < len; i++)
    {
      g_autofree char *edited = g_memdup2 (text, len);
      g_autoptr(GError) error = NULL;

      edited[i] = edited[i] == '7' ? '8' : '7';
      g_assert_true (g_file_set_contents (path, edited, (gssize) len, NULL));
      g_assert_false (tilld_journal_read (path, NULL, NULL, &n, &error));
      g_assert_nonnull (strstr (error->message, "line "));
      g_clear_error (&error);
      g_assert_null (tilld_journal_open (path, &error)); /* nothing is appended to a journal that somebody changed */
    }
  remove_path (path);
}

static void
test_half_line (void)
{
  g_autofree char *path = new_path (), *text = NULL;
  g_autoptr(GError) error = NULL;
  gsize len;
  gint64 n;

  append (path, 100);
  append (path, 200);
  g_assert_true (g_file_get_contents (path, &text, &len, NULL));
  g_assert_true (g_file_set_contents (path, text, (gssize) len - 20, NULL)); /* power went while the second was written */
  append (path, 300);
  g_assert_true (tilld_journal_read (path, NULL, NULL, &n, &error));
  g_assert_cmpint (n, ==, 2);
  remove_path (path);
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/journal/acknowledged", test_acknowledged);
  g_test_add_func ("/journal/died-between", test_died_between);
  g_test_add_func ("/journal/late-line", test_late_line);
  g_test_add_func ("/journal/completed-beside", test_completed_beside);
  g_test_add_func ("/journal/changed-byte", test_changed_byte);
  g_test_add_func ("/journal/half-line", test_half_line);
  return till_test_run ();
}
