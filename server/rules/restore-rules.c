/* SPDX-License-Identifier: GPL-2.0-or-later
 * restore-rules.c: RECONCILE after a restore: when it begins, and what a meter's counters say of what the journal told. Pure. */
#include "server/rules/restore-rules.h"
#include "server/rules/counter-rules.h"

const char *
tilld_restore_reason_word (TilldRestoreReason reason)
{
  static const char *const words[TILLD_RESTORE_N] = { "none", "epoch", "older", "system", "timeline", "journal" };

  g_return_val_if_fail (reason < TILLD_RESTORE_N, "none");
  return words[reason];
}

TilldRestoreReason
tilld_restore_reason (const TilldRestoreView *v)
{
  if (v->has_file && !v->known_epoch)
    return TILLD_RESTORE_EPOCH;
  if (v->has_file && v->file_mark > v->mark)
    return TILLD_RESTORE_OLDER;
  if (g_strcmp0 (v->system, v->live_system) != 0)
    return TILLD_RESTORE_SYSTEM;
  if (v->timeline != v->live_timeline)
    return TILLD_RESTORE_TIMELINE;
  return v->journal_ahead > 0 ? TILLD_RESTORE_JOURNAL : TILLD_RESTORE_NONE;
}

gboolean
tilld_restore_agree (const TilldMoneyTerms *terms, const TilldMoneyReading *first, const TilldMoneyReading *second)
{
  guint32 what = TILLD_MONEY_COUNT | TILLD_MONEY_TOTAL | TILLD_MONEY_BALANCE | TILLD_MONEY_REFUNDS;

  return first->epoch == second->epoch && (first->have & what) == (second->have & what) && first->count == second->count &&
         tilld_total_equal (terms, first->total, second->total) && first->refund_count == second->refund_count &&
         tilld_total_equal (terms, first->refunded_total, second->refunded_total) && second->balance <= first->balance + terms->unit;
}

static gboolean
is_debit (const TilldRestoreOrder *order)
{
  return order->kind == TILL_COMMAND_KIND_DEBIT;
}

static guint
count_of (const TilldRestoreOrder *orders, guint n, gboolean debits, gboolean delivered)
{
  guint seen = 0, found = 0;

  for (guint i = 0; i < n; i++)
    if (is_debit (&orders[i]) == debits)
      {
        seen++;
        if (!delivered || orders[i].delivered)
          found = seen; /* up to the last one: older ones were sent before it */
      }
  return found;
}

static TilldPurse
after (const TilldPurse *purse, const TilldRestoreOrder *orders, guint n, guint recharges, guint debits)
{
  TilldPurse p = *purse;
  guint r = 0, d = 0;

  for (guint i = 0; i < n; i++)
    if (is_debit (&orders[i]) && d < debits)
      {
        d++;
        p.refund_count++;
        p.refunded_total += orders[i].amount;
        p.balance -= orders[i].amount;
      }
    else if (!is_debit (&orders[i]) && r < recharges)
      {
        r++;
        p.count++;
        p.total += orders[i].amount;
        p.balance += orders[i].amount;
        p.last_amount = orders[i].amount;
      }
  return p;
}

void
tilld_restore_judge (const TilldPurse *purse, const TilldMoneyTerms *terms, const TilldRestoreOrder *orders, guint n,
                     const TilldMoneyReading *reading, TilldRestoreVerdict *ret)
{
  guint must = count_of (orders, n, FALSE, TRUE), must_debit = count_of (orders, n, TRUE, TRUE);
  guint all = count_of (orders, n, FALSE, FALSE), all_debit = count_of (orders, n, TRUE, FALSE);

  for (guint d = must_debit; d <= all_debit; d++)
    for (guint r = must; r <= all; r++)
      {
        *ret = (TilldRestoreVerdict){ r, d, TILL_CASE_REASON_NONE, after (purse, orders, n, r, d) };
        /* A meter without counts and totals cannot tell what it has got: no order is taken as done for a balance. */
        if (r + d > must + must_debit && !(purse->have & reading->have & (TILLD_MONEY_COUNT | TILLD_MONEY_TOTAL)))
          continue;
        if (tilld_counter_compare (&ret->purse, terms, reading) == TILL_CASE_REASON_NONE)
          return;
      }
  *ret = (TilldRestoreVerdict){ must, must_debit, TILL_CASE_REASON_NONE, after (purse, orders, n, must, must_debit) };
  ret->reason = tilld_counter_compare (&ret->purse, terms, reading);
}
