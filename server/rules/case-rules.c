/* SPDX-License-Identifier: GPL-2.0-or-later
 * case-rules.c: decisions of two persons about a case. Pure. People may know better than a reading, but never against it without saying
 * so: a decision that the reading contradicts needs the meter's values accepted in the same breath. */
#include "server/rules/case-rules.h"

#include "server/rules/counter-rules.h"
#include "shared/base/till-error.h"
#include "shared/base/till-money.h"

static const char *const decision_words[TILLD_DECIDE_N] = { "applied", "send_again", "return", "accept_meter", "explained" };

const char *
tilld_case_decision_word (TilldCaseDecision decision)
{
  return decision_words[decision];
}

gboolean
tilld_case_decision_from_word (const char *word, int *ret_decision)
{
  for (int i = 0; i < TILLD_DECIDE_N; i++)
    if (g_strcmp0 (word, decision_words[i]) == 0)
      {
        *ret_decision = i;
        return TRUE;
      }
  return FALSE;
}

/* The purse as the command leaves it when nobody could read the meter. */
static void
add_command (TilldPurse *purse, const TilldDelivery *delivery)
{
  if (delivery->kind == TILL_COMMAND_KIND_DEBIT)
    {
      purse->refund_count = delivery->seq;
      purse->refunded_total += delivery->amount;
      purse->balance = delivery->baseline.balance - delivery->amount;
      return;
    }
  purse->count = delivery->seq;
  purse->total += delivery->amount;
  purse->last_amount = delivery->amount;
  purse->balance = delivery->baseline.balance + delivery->amount;
}

/* How the reading stands to the command: its own proof, and everything else as the ledger believes. What came besides is no part of this
 * delivery and would be taken over silently: it needs the meter's values accepted, with the difference in the books. */
static TilldVerdict
verdict_of (const TilldCaseFacts *facts)
{
  TilldPurse expected = facts->purse;
  TillCaseReason reason;
  TilldVerdict verdict;

  if (facts->reading->epoch != facts->delivery.epoch || facts->terms.proof == TILLD_PROOF_NONE || !facts->purse.has_baseline)
    return TILLD_VERDICT_CONTRADICTION;
  verdict = tilld_delivery_judge (&facts->delivery, &facts->terms, facts->reading, &reason);
  if (verdict == TILLD_VERDICT_APPLIED)
    add_command (&expected, &facts->delivery);
  if (verdict != TILLD_VERDICT_CONTRADICTION && tilld_counter_compare (&expected, &facts->terms, facts->reading) != TILL_CASE_REASON_NONE)
    return TILLD_VERDICT_CONTRADICTION;
  return verdict;
}

static void
take_reading (TilldPurse *purse, const TilldMoneyReading *reading)
{
  purse->has_baseline = TRUE;
  purse->have = reading->have;
  if (reading->have & TILLD_MONEY_COUNT)
    purse->count = reading->count;
  purse->total = reading->total;
  purse->balance = reading->balance;
  purse->last_amount = reading->last_amount;
  if (reading->have & TILLD_MONEY_REFUNDS)
    {
      purse->refund_count = reading->refund_count;
      purse->refunded_total = reading->refunded_total;
    }
  purse->at_us = reading->at_us;
  if (reading->serial[0] != '\0')
    g_strlcpy (purse->serial, reading->serial, sizeof purse->serial);
}

/* The short way round a total that wraps. */
static gint64
risen (const TilldMoneyTerms *terms, gint64 from, gint64 to)
{
  gint64 by = to - from;

  if (terms->total_modulus > 0)
    {
      by %= terms->total_modulus;
      if (by > terms->total_modulus / 2)
        by -= terms->total_modulus;
      else if (by < - terms->total_modulus / 2)
        by += terms->total_modulus;
    }
  return by;
}

/* What the meter was given or lost besides what we know. With totals that go on: their difference, and what was consumed stays for
 * settlement. A meter that began anew has no memory: then the balance itself is compared with the books. */
static gint64
difference (const TilldCaseFacts *facts, const TilldPurse *expected, gint64 expected_on_meter)
{
  const TilldMoneyReading *reading = facts->reading;
  guint32 both = expected->have & reading->have;
  gint64 given, taken = 0;

  if (!(both & TILLD_MONEY_TOTAL) || ((both & TILLD_MONEY_COUNT) && reading->count < expected->count))
    return reading->balance - expected_on_meter;
  given = risen (&facts->terms, expected->total, reading->total);
  if (given < 0)
    return reading->balance - expected_on_meter;
  if (both & TILLD_MONEY_REFUNDS)
    taken = risen (&facts->terms, expected->refunded_total, reading->refunded_total);
  return given - taken;
}

static gboolean
accept_meter (const TilldCaseFacts *facts, gboolean applied, TilldCaseOutcome *out, GError **error)
{
  TilldPurse expected = facts->purse;
  gint64 on_meter = facts->on_meter;

  if (facts->reading == NULL)
    return till_fail (error, TILL_ERROR_CONFLICT, "The meter's values can only be accepted when they were read: read the meter first.");
  if (applied)
    {
      add_command (&expected, &facts->delivery);
      on_meter += facts->delivery.kind == TILL_COMMAND_KIND_DEBIT ? - facts->delivery.amount : facts->delivery.amount;
    }
  out->difference = difference (facts, &expected, on_meter);
  out->new_epoch = TRUE;
  take_reading (&out->purse, facts->reading);
  out->purse.epoch = facts->purse.epoch + 1;
  return TRUE;
}

static gboolean
decide_applied (const TilldCaseFacts *facts, TilldCaseOutcome *out, GError **error)
{
  if (facts->delivery.attempt == 0)
    return till_fail (error, TILL_ERROR_CONFLICT, "It was never sent to the meter: send it again, or return it.");
  out->command_moves = TRUE;
  out->command_next = TILL_COMMAND_STATE_VERIFIED;
  if (facts->accept)
    return accept_meter (facts, TRUE, out, error);
  if (facts->reading == NULL)
    add_command (&out->purse, &facts->delivery);
  else if (verdict_of (facts) == TILLD_VERDICT_APPLIED)
    take_reading (&out->purse, facts->reading);
  else
    return till_fail (error, TILL_ERROR_CONFLICT, "The reading shows something else than this one delivery: accept the meter's values with it.");
  return TRUE;
}

/* What was never sent can be sent whatever the meter says, once its values are accepted. */
static gboolean
decide_send_again (const TilldCaseFacts *facts, TilldCaseOutcome *out, GError **error)
{
  out->command_moves = TRUE;
  out->command_next = TILL_COMMAND_STATE_QUEUED;
  if (facts->accept && facts->delivery.attempt == 0)
    return accept_meter (facts, FALSE, out, error);
  if (facts->accept || facts->reading == NULL || verdict_of (facts) != TILLD_VERDICT_NOT_APPLIED)
    return till_fail (error, TILL_ERROR_CONFLICT, "It is only sent again when a fresh reading shows the meter as it was before.");
  return TRUE;
}

static gboolean
decide_return (const TilldCaseFacts *facts, TilldCaseOutcome *out, GError **error)
{
  out->command_moves = TRUE;
  out->command_next = TILL_COMMAND_STATE_CANCELLED;
  if (facts->accept)
    return accept_meter (facts, FALSE, out, error);
  if (facts->reading == NULL)
    return TRUE;
  if (verdict_of (facts) != TILLD_VERDICT_NOT_APPLIED)
    return till_fail (error, TILL_ERROR_CONFLICT, "The reading does not show that the money is missing: accept the meter's values with it.");
  take_reading (&out->purse, facts->reading);
  return TRUE;
}

gboolean
tilld_case_decide (const TilldCaseFacts *facts, TilldCaseOutcome *ret_outcome, GError **error)
{
  TilldCaseOutcome out = { .purse = facts->purse };
  gboolean about_command = facts->decision == TILLD_DECIDE_APPLIED || facts->decision == TILLD_DECIDE_SEND_AGAIN || facts->decision == TILLD_DECIDE_RETURN;
  gboolean good;

  out.purse.frozen = FALSE;
  if (about_command && !facts->has_command)
    return till_fail (error, TILL_ERROR_INVALID, "No delivery is in doubt here: accept the meter's values.");
  if (!about_command && facts->has_command)
    return till_fail (error, TILL_ERROR_INVALID, "A delivery is in doubt: decide whether it was applied, is sent again or returned.");
  if (facts->decision == TILLD_DECIDE_EXPLAINED && facts->reason != TILL_CASE_REASON_DISCREPANCY)
    return till_fail (error, TILL_ERROR_INVALID, "Only a difference of the books is explained; counters are accepted.");
  switch (facts->decision)
    {
    case TILLD_DECIDE_APPLIED:
      good = decide_applied (facts, &out, error);
      break;
    case TILLD_DECIDE_SEND_AGAIN:
      good = decide_send_again (facts, &out, error);
      break;
    case TILLD_DECIDE_RETURN:
      good = decide_return (facts, &out, error);
      break;
    case TILLD_DECIDE_ACCEPT:
      good = accept_meter (facts, FALSE, &out, error);
      break;
    case TILLD_DECIDE_EXPLAINED:
      good = TRUE;
      break;
    case TILLD_DECIDE_N:
    default:
      g_assert_not_reached ();
    }
  if (good)
    *ret_outcome = out;
  return good;
}

guint
tilld_case_entries (const TilldCaseFacts *facts, const TilldCaseOutcome *outcome, TillMoney sold, gboolean in_books,
                    TilldCaseEntry ret[TILLD_CASE_ENTRIES])
{
  gboolean debit = facts->delivery.kind == TILL_COMMAND_KIND_DEBIT;
  guint n = 0;

  if (outcome->command_moves && outcome->command_next == TILL_COMMAND_STATE_VERIFIED)
    ret[n++] = (TilldCaseEntry){ debit ? TILL_LEDGER_EVENT_DEBITED : TILL_LEDGER_EVENT_DELIVERED, sold };
  if (outcome->command_moves && outcome->command_next == TILL_COMMAND_STATE_CANCELLED && !debit)
    ret[n++] = (TilldCaseEntry){ TILL_LEDGER_EVENT_GIVEN_UP, sold };
  if (outcome->difference != 0 && in_books)
    ret[n++] = (TilldCaseEntry){ TILL_LEDGER_EVENT_ADOPTED, outcome->difference };
  return n;
}
