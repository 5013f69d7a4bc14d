/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-ledger-rules.c: the accounts of every event; sums; what is refused. */
#include "server/rules/ledger-rules.h"

#define L(kind) TILL_LEDGER_ACCOUNT_##kind

static const TilldLedgerFact whole = { .amount = 12345600, .channel = TILL_CHANNEL_WECHAT, .site = 1, .meter = 2, .meter_to = 3,
                                       .account = 4, .customer = 5, .drawer = 6 };

static void
test_every_event (void)
{
  static const struct {
    TillLedgerEvent event;
    TillChannel channel;
    gboolean server;
    TilldPosting want[TILLD_POSTINGS_MAX];
  } rows[] = {
    { TILL_LEDGER_EVENT_SALE_PAID, TILL_CHANNEL_CASH, FALSE, { { L (CASH), 6, 1 }, { L (TRANSIT), 2, -1 } } },
    { TILL_LEDGER_EVENT_SALE_PAID, TILL_CHANNEL_WECHAT, FALSE, { { L (BANK), 2, 1 }, { L (TRANSIT), 2, -1 } } },
    { TILL_LEDGER_EVENT_SALE_PAID, TILL_CHANNEL_CARD, TRUE, { { L (BANK), 1, 1 }, { L (SERVER_BALANCE), 4, -1 } } },
    { TILL_LEDGER_EVENT_SUBSIDY_GIVEN, TILL_CHANNEL_CASH, FALSE, { { L (SUBSIDY), 1, 1 }, { L (TRANSIT), 2, -1 } } },
    { TILL_LEDGER_EVENT_DELIVERED, TILL_CHANNEL_CASH, FALSE, { { L (TRANSIT), 2, 1 }, { L (ON_METER), 2, -1 } } },
    { TILL_LEDGER_EVENT_GIVEN_UP, TILL_CHANNEL_CASH, FALSE, { { L (TRANSIT), 2, 1 }, { L (REFUND_DUE), 5, -1 } } },
    { TILL_LEDGER_EVENT_PAID_OUT, TILL_CHANNEL_CASH, FALSE, { { L (REFUND_DUE), 5, 1 }, { L (CASH), 6, -1 } } },
    { TILL_LEDGER_EVENT_SETTLED, TILL_CHANNEL_CASH, FALSE, { { L (ON_METER), 2, 1 }, { L (REVENUE), 1, -1 } } },
    { TILL_LEDGER_EVENT_SETTLED, TILL_CHANNEL_CASH, TRUE, { { L (SERVER_BALANCE), 4, 1 }, { L (REVENUE), 1, -1 } } },
    { TILL_LEDGER_EVENT_DEBITED, TILL_CHANNEL_CASH, FALSE, { { L (ON_METER), 2, 1 }, { L (REFUND_DUE), 5, -1 } } },
    { TILL_LEDGER_EVENT_REVERSED, TILL_CHANNEL_CASH, FALSE, { { L (TRANSIT), 2, 1 }, { L (CASH), 6, -1 } } },
    { TILL_LEDGER_EVENT_REPLACED, TILL_CHANNEL_CASH, FALSE,
      { { L (ON_METER), 2, 1 }, { L (SUSPENSE), 2, -1 }, { L (SUSPENSE), 2, 1 }, { L (TRANSIT), 3, -1 } } },
    { TILL_LEDGER_EVENT_ADOPTED, TILL_CHANNEL_CASH, FALSE, { { L (SUSPENSE), 2, 1 }, { L (ON_METER), 2, -1 } } },
    { TILL_LEDGER_EVENT_DRAWER_CLOSED, TILL_CHANNEL_CASH, FALSE, { { L (CASH), 6, 1 }, { L (OVER_SHORT), 6, -1 } } },
  };
  guint32 seen = 0;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr(GError) error = NULL;
      TilldLedgerFact fact = whole;
      TilldPosting got[TILLD_POSTINGS_MAX];
      gint64 sum = 0;
      guint n;

      fact.event = rows[i].event;
      fact.channel = rows[i].channel;
      fact.server_settled = rows[i].server;
      seen |= 1u << rows[i].event;
      g_assert_true (tilld_ledger_postings (&fact, got, &n, &error));
      g_assert_no_error (error);
      for (guint p = 0; p < n; p++)
        {
          g_assert_cmpint (got[p].kind, ==, rows[i].want[p].kind);
          g_assert_cmpint (got[p].owner, ==, rows[i].want[p].owner);
          g_assert_cmpint (got[p].amount, ==, rows[i].want[p].amount * fact.amount);
          sum += got[p].amount;
        }
      g_assert_cmpint (sum, ==, 0);
      if (n < TILLD_POSTINGS_MAX)
        g_assert_cmpint (rows[i].want[n].owner, ==, 0);
    }
  for (int event = 0; till_ledger_event_word (event) != NULL; event++)
    g_assert_true (seen & (1u << event));
}

static void
test_refused (void)
{
  static const gint64 amounts[] = { 0, -100, TILL_MONEY_MAX + 1, G_MININT64, G_MAXINT64 };

  for (guint i = 0; i < G_N_ELEMENTS (amounts); i++)
    {
      g_autoptr(GError) error = NULL;
      TilldLedgerFact fact = whole;
      TilldPosting got[TILLD_POSTINGS_MAX];
      guint n = 99;

      fact.event = TILL_LEDGER_EVENT_SALE_PAID;
      fact.amount = amounts[i];
      g_assert_false (tilld_ledger_postings (&fact, got, &n, &error));
      g_assert_nonnull (error);
      g_assert_cmpuint (n, ==, 99);
    }
}

static void
test_owner_missing (void)
{
  g_autoptr(GError) error = NULL;
  TilldLedgerFact fact = whole;
  TilldPosting got[TILLD_POSTINGS_MAX];
  guint n;

  fact.event = TILL_LEDGER_EVENT_SALE_PAID;
  fact.channel = TILL_CHANNEL_CASH;
  fact.drawer = 0;
  g_assert_false (tilld_ledger_postings (&fact, got, &n, &error));
  g_assert_nonnull (error);
}

/* Any amount, any event: sums to zero and moves exactly the amount, beyond 32 bits as well. */
static void
test_sums (void)
{
  for (int round = 0; round < 20000; round++)
    {
      g_autoptr(GError) error = NULL;
      TilldLedgerFact fact = whole;
      TilldPosting got[TILLD_POSTINGS_MAX];
      gint64 sum = 0;
      guint n;

      fact.event = g_test_rand_int_range (0, TILL_LEDGER_EVENT_DRAWER_CLOSED + 1);
      fact.amount = 1 + (gint64) ((((guint64) (guint32) g_test_rand_int () << 32) | (guint32) g_test_rand_int ()) %
                                  (guint64) (TILL_MONEY_MAX - 1));
      g_assert_true (tilld_ledger_postings (&fact, got, &n, &error));
      for (guint p = 0; p < n; p++)
        {
          g_assert_cmpint (ABS (got[p].amount), ==, fact.amount);
          sum += got[p].amount;
        }
      g_assert_cmpint (sum, ==, 0);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ledger-rules/every-event", test_every_event);
  g_test_add_func ("/ledger-rules/refused", test_refused);
  g_test_add_func ("/ledger-rules/owner-missing", test_owner_missing);
  g_test_add_func ("/ledger-rules/sums", test_sums);
  return g_test_run ();
}
