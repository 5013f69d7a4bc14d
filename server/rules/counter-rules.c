/* SPDX-License-Identifier: GPL-2.0-or-later
 * counter-rules.c: what the ledger believes against what the meter says. Pure. */
#include "server/rules/counter-rules.h"

gboolean
tilld_total_equal (const TilldMoneyTerms *terms, gint64 a, gint64 b)
{
  if (terms->total_modulus <= 0)
    return a == b;
  return ((a % terms->total_modulus) + terms->total_modulus) % terms->total_modulus ==
         ((b % terms->total_modulus) + terms->total_modulus) % terms->total_modulus;
}

/* The order matters: another device explains everything below it. */
TillCaseReason
tilld_counter_compare (const TilldPurse *purse, const TilldMoneyTerms *terms, const TilldMoneyReading *reading)
{
  guint32 both = purse->have & reading->have;

  g_assert (purse->has_baseline && terms->unit > 0);
  if ((both & TILLD_MONEY_SERIAL) && purse->serial[0] != '\0' && g_strcmp0 (purse->serial, reading->serial) != 0)
    return TILL_CASE_REASON_METER_SWAPPED;
  if ((both & TILLD_MONEY_COUNT) && reading->count > purse->count)
    return TILL_CASE_REASON_COUNT_AHEAD;
  if ((both & TILLD_MONEY_COUNT) && reading->count < purse->count)
    return TILL_CASE_REASON_COUNT_BEHIND;
  if ((both & TILLD_MONEY_TOTAL) && !tilld_total_equal (terms, purse->total, reading->total))
    return TILL_CASE_REASON_AMOUNT_DIFFERS;
  if ((both & TILLD_MONEY_LAST) && !(both & TILLD_MONEY_TOTAL) && purse->last_amount != reading->last_amount)
    return TILL_CASE_REASON_AMOUNT_DIFFERS;
  if ((both & TILLD_MONEY_REFUNDS) && (purse->refund_count != reading->refund_count ||
                                       !tilld_total_equal (terms, purse->refunded_total, reading->refunded_total)))
    return TILL_CASE_REASON_REFUND_DIFFERS;
  if ((both & TILLD_MONEY_BALANCE) && !(both & TILLD_MONEY_TOTAL) && reading->balance > purse->balance + terms->unit)
    return TILL_CASE_REASON_BALANCE_RISE;
  return TILL_CASE_REASON_NONE;
}

static gboolean
agrees_with_first (const TilldCounterWatch *watch, const TilldMoneyTerms *terms, const TilldMoneyReading *reading,
                   TillCaseReason reason)
{
  return watch->pending && watch->reason == reason && watch->epoch == reading->epoch && watch->count == reading->count &&
         tilld_total_equal (terms, watch->total, reading->total) && watch->refund_count == reading->refund_count &&
         tilld_total_equal (terms, watch->refunded_total, reading->refunded_total) &&
         /* the balance falls between two reads of one purse, it never rises */
         reading->balance <= watch->balance + terms->unit;
}

TilldCounterVerdict
tilld_counter_watch (TilldCounterWatch *watch, const TilldPurse *purse, const TilldMoneyTerms *terms, gboolean command_open,
                     const TilldMoneyReading *reading, TillCaseReason *ret_reason)
{
  TillCaseReason reason = TILL_CASE_REASON_NONE;
  gboolean agrees;

  *ret_reason = TILL_CASE_REASON_NONE;
  if (command_open || purse->frozen || reading->epoch != purse->epoch)
    {
      *watch = (TilldCounterWatch){ 0 };
      return TILLD_COUNTER_FINE;
    }
  /* A replacement named the new device: as long as the old one answers, nothing is adopted. */
  if (!purse->has_baseline && purse->serial[0] != '\0' && (reading->have & TILLD_MONEY_SERIAL) && g_strcmp0 (purse->serial, reading->serial) != 0)
    {
      *watch = (TilldCounterWatch){ 0 };
      return TILLD_COUNTER_FINE;
    }
  if (purse->has_baseline)
    {
      reason = tilld_counter_compare (purse, terms, reading);
      if (reason == TILL_CASE_REASON_NONE)
        {
          *watch = (TilldCounterWatch){ 0 };
          return TILLD_COUNTER_FINE;
        }
    }
  agrees = agrees_with_first (watch, terms, reading, reason);
  *watch = (TilldCounterWatch){ .pending = !agrees, .reason = reason, .epoch = reading->epoch, .count = reading->count,
                                .total = reading->total, .balance = reading->balance, .refund_count = reading->refund_count,
                                .refunded_total = reading->refunded_total };
  if (!agrees)
    return TILLD_COUNTER_READ_AGAIN;
  *ret_reason = reason;
  return purse->has_baseline ? TILLD_COUNTER_MISMATCH : TILLD_COUNTER_ADOPT;
}

void
tilld_purse_after (TilldPurse *purse, const TilldMoneyReading *reading, gint32 own_count, gint32 own_refunds)
{
  purse->has_baseline = TRUE;
  purse->have = reading->have;
  purse->count = (reading->have & TILLD_MONEY_COUNT) ? reading->count : own_count;
  purse->total = reading->total;
  purse->balance = reading->balance;
  purse->last_amount = reading->last_amount;
  purse->refund_count = (reading->have & TILLD_MONEY_REFUNDS) ? reading->refund_count : own_refunds;
  purse->refunded_total = reading->refunded_total;
  purse->at_us = reading->at_us;
  if (reading->serial[0] != '\0')
    g_strlcpy (purse->serial, reading->serial, sizeof purse->serial);
}
