/* SPDX-License-Identifier: GPL-2.0-or-later
 * ledger-rules.c: event -> postings. Pure; the only place that knows which accounts an event touches. */
#include "server/rules/ledger-rules.h"

#include "server/core/bug.h"
#include "shared/base/till-error.h"

static TilldPosting
side (TillLedgerAccount kind, gint64 owner)
{
  return (TilldPosting){ .kind = kind, .owner = owner };
}

static TilldPosting
till_side (const TilldLedgerFact *fact)
{
  if (fact->channel == TILL_CHANNEL_CASH)
    return side (TILL_LEDGER_ACCOUNT_CASH, fact->drawer);
  return side (TILL_LEDGER_ACCOUNT_BANK, (gint64) fact->channel);
}

/* Where paid money waits: on its way to a meter, or already the account's when the server settles. */
static TilldPosting
paid_side (const TilldLedgerFact *fact)
{
  if (fact->server_settled)
    return side (TILL_LEDGER_ACCOUNT_SERVER_BALANCE, fact->account);
  return side (TILL_LEDGER_ACCOUNT_TRANSIT, fact->meter);
}

/* Who gets what a meter or the house gives up. */
static TilldPosting
due_side (const TilldLedgerFact *fact)
{
  if (fact->subsidy)
    return side (TILL_LEDGER_ACCOUNT_SUBSIDY, fact->site);
  return side (TILL_LEDGER_ACCOUNT_REFUND_DUE, fact->customer);
}

static gboolean
sides_of (const TilldLedgerFact *fact, TilldPosting ret[TILLD_POSTINGS_MAX], guint *ret_n)
{
  *ret_n = 2;
  switch (fact->event)
    {
    case TILL_LEDGER_EVENT_SALE_PAID:
      ret[0] = till_side (fact);
      ret[1] = paid_side (fact);
      return TRUE;
    case TILL_LEDGER_EVENT_SUBSIDY_GIVEN:
      ret[0] = side (TILL_LEDGER_ACCOUNT_SUBSIDY, fact->site);
      ret[1] = paid_side (fact);
      return TRUE;
    case TILL_LEDGER_EVENT_DELIVERED:
      ret[0] = side (TILL_LEDGER_ACCOUNT_TRANSIT, fact->meter);
      ret[1] = side (TILL_LEDGER_ACCOUNT_ON_METER, fact->meter);
      return TRUE;
    case TILL_LEDGER_EVENT_GIVEN_UP:
      ret[0] = side (TILL_LEDGER_ACCOUNT_TRANSIT, fact->meter);
      ret[1] = due_side (fact);
      return TRUE;
    case TILL_LEDGER_EVENT_PAID_OUT:
      ret[0] = side (TILL_LEDGER_ACCOUNT_REFUND_DUE, fact->customer);
      ret[1] = till_side (fact);
      return TRUE;
    case TILL_LEDGER_EVENT_SETTLED:
      ret[0] = fact->server_settled ? side (TILL_LEDGER_ACCOUNT_SERVER_BALANCE, fact->account)
                                    : side (TILL_LEDGER_ACCOUNT_ON_METER, fact->meter);
      ret[1] = side (TILL_LEDGER_ACCOUNT_REVENUE, fact->site);
      return TRUE;
    case TILL_LEDGER_EVENT_DEBITED:
      ret[0] = fact->server_settled ? side (TILL_LEDGER_ACCOUNT_SERVER_BALANCE, fact->account)
                                    : side (TILL_LEDGER_ACCOUNT_ON_METER, fact->meter);
      ret[1] = due_side (fact);
      return TRUE;
    case TILL_LEDGER_EVENT_REVERSED:
      ret[0] = paid_side (fact);
      ret[1] = fact->subsidy ? due_side (fact) : till_side (fact);
      return TRUE;
    case TILL_LEDGER_EVENT_REPLACED:
      ret[0] = side (TILL_LEDGER_ACCOUNT_ON_METER, fact->meter);
      ret[1] = side (TILL_LEDGER_ACCOUNT_SUSPENSE, fact->meter);
      ret[2] = side (TILL_LEDGER_ACCOUNT_SUSPENSE, fact->meter);
      ret[3] = side (TILL_LEDGER_ACCOUNT_TRANSIT, fact->meter_to);
      *ret_n = 4;
      return TRUE;
    case TILL_LEDGER_EVENT_ADOPTED:
      ret[0] = side (TILL_LEDGER_ACCOUNT_SUSPENSE, fact->meter);
      ret[1] = side (TILL_LEDGER_ACCOUNT_ON_METER, fact->meter);
      return TRUE;
    case TILL_LEDGER_EVENT_DRAWER_CLOSED:
      ret[0] = side (TILL_LEDGER_ACCOUNT_CASH, fact->drawer);
      ret[1] = side (TILL_LEDGER_ACCOUNT_OVER_SHORT, fact->drawer);
      return TRUE;
    default:
      return FALSE;
    }
}

static gboolean
may_be_negative (TillLedgerEvent event)
{
  return event == TILL_LEDGER_EVENT_ADOPTED || event == TILL_LEDGER_EVENT_SETTLED || event == TILL_LEDGER_EVENT_DRAWER_CLOSED;
}

gboolean
tilld_ledger_postings (const TilldLedgerFact *fact, TilldPosting ret_postings[TILLD_POSTINGS_MAX], guint *ret_n, GError **error)
{
  TilldPosting postings[TILLD_POSTINGS_MAX] = { 0 };
  TillMoney amount = TILLD_HAS_BUG (TILLD_BUG_MONEY_32) ? (gint32) fact->amount : fact->amount;
  gint64 sum = 0;
  guint n;

  if (!sides_of (fact, postings, &n))
    return till_fail (error, TILL_ERROR_INVALID, "ledger event %d is not known", (int) fact->event);
  if (fact->amount == 0 || (fact->amount < 0 && !may_be_negative (fact->event)) || fact->amount > TILL_MONEY_MAX ||
      fact->amount < -TILL_MONEY_MAX)
    return till_fail (error, TILL_ERROR_INVALID, "amount of a ledger event is out of range");
  for (guint i = 0; i < n; i++)
    {
      gboolean owner_may_be_zero = postings[i].kind == TILL_LEDGER_ACCOUNT_BANK; /* the owner is a channel number */

      if (postings[i].owner < 0 || (postings[i].owner == 0 && !owner_may_be_zero))
        return till_fail (error, TILL_ERROR_INVALID, "ledger event %d: owner of %s is missing", (int) fact->event,
                          till_ledger_account_word (postings[i].kind));
      postings[i].amount = i % 2 == 0 ? amount : -amount;
      sum += postings[i].amount;
    }
  g_assert (sum == 0); /* the database checks the same again */
  for (guint i = 0; i < n; i++)
    ret_postings[i] = postings[i];
  *ret_n = n;
  return TRUE;
}
