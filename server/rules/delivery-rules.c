/* SPDX-License-Identifier: GPL-2.0-or-later
 * delivery-rules.c: the machine that moves money to a meter. Pure: no database, no clock, no bytes. Whatever it cannot
 * prove from baseline against reading ends in `held`, never in a second write. */
#include "server/rules/delivery-rules.h"

#include "server/core/bug.h"
#include "server/rules/counter-rules.h"
#include "shared/base/till-money.h"

#define COUNT_LAST_POSSIBLE 65535 /* the meter's count is 16 bits; it is re-opened under a new epoch before it wraps */

static const char *const proof_words[TILLD_PROOF_N] = {
  "none", "count+total", "count+last", "total", "refund_count+refunded_total", "balance",
};

static const TilldDeliveryEdge delivery_edges[] = {
  { TILL_COMMAND_STATE_QUEUED, TILL_COMMAND_STATE_HELD, "t1" },
  { TILL_COMMAND_STATE_QUEUED, TILL_COMMAND_STATE_SENT, "t2" },
  { TILL_COMMAND_STATE_QUEUED, TILL_COMMAND_STATE_CANCELLED, "t7" },
  { TILL_COMMAND_STATE_SENT, TILL_COMMAND_STATE_VERIFYING, "t3" },
  { TILL_COMMAND_STATE_VERIFYING, TILL_COMMAND_STATE_VERIFIED, "t4" },
  { TILL_COMMAND_STATE_VERIFYING, TILL_COMMAND_STATE_QUEUED, "t5" },
  { TILL_COMMAND_STATE_VERIFYING, TILL_COMMAND_STATE_HELD, "t6" },
  { TILL_COMMAND_STATE_HELD, TILL_COMMAND_STATE_VERIFIED, "h" },
  { TILL_COMMAND_STATE_HELD, TILL_COMMAND_STATE_QUEUED, "h" },
  { TILL_COMMAND_STATE_HELD, TILL_COMMAND_STATE_CANCELLED, "h" },
};

const char *
tilld_proof_word (TilldProof proof)
{
  return proof >= 0 && proof < TILLD_PROOF_N ? proof_words[proof] : NULL;
}

gboolean
tilld_proof_from_word (const char *word, int *ret_proof)
{
  for (int i = 0; i < TILLD_PROOF_N; i++)
    if (g_strcmp0 (word, proof_words[i]) == 0)
      {
        *ret_proof = i;
        return TRUE;
      }
  return FALSE;
}

const TilldDeliveryEdge *
tilld_delivery_edges (guint *ret_n)
{
  *ret_n = G_N_ELEMENTS (delivery_edges);
  return delivery_edges;
}

gboolean
tilld_delivery_edge_legal (TillCommandState from, TillCommandState to)
{
  for (guint i = 0; i < G_N_ELEMENTS (delivery_edges); i++)
    if (delivery_edges[i].from == from && delivery_edges[i].to == to)
      return TRUE;
  return FALSE;
}

guint
tilld_delivery_max_attempts (TillMeterClass effective)
{
  return effective == TILL_METER_CLASS_A ? 5 : 3;
}

/* After these nobody knows whether the meter got the bytes, or still will. */
gboolean
tilld_outcome_is_ambiguous (TillDeliveryOutcome outcome)
{
  switch (outcome)
    {
    case TILL_DELIVERY_OUTCOME_FAILED:
    case TILL_DELIVERY_OUTCOME_TIMEOUT:
    case TILL_DELIVERY_OUTCOME_GARBAGE:
    case TILL_DELIVERY_OUTCOME_LINK_LOST:
    case TILL_DELIVERY_OUTCOME_UNKNOWN:
      return TRUE;
    case TILL_DELIVERY_OUTCOME_NONE:
    case TILL_DELIVERY_OUTCOME_NOT_SENT:
    case TILL_DELIVERY_OUTCOME_OK:
    case TILL_DELIVERY_OUTCOME_REFUSED:
    default:
      return FALSE;
    }
}

guint
tilld_delivery_quarantine_ms (TillLinkKind link, TillLinkClass link_class, gboolean local_network, guint gateway_quarantine_s)
{
  guint own;

  if (link == TILL_LINK_KIND_SERIAL)
    own = 1000;
  else if (link_class == TILL_LINK_CLASS_VENDOR_AES)
    own = 120000; /* these gateways store and forward */
  else if (link_class == TILL_LINK_CLASS_GT3_3DES || link_class == TILL_LINK_CLASS_GT3_AES)
    own = 5000; /* time-out and life of the request (frame time at 1200 baud included) and a second */
  else if (link == TILL_LINK_KIND_DIAL_IN || link_class == TILL_LINK_CLASS_TLS || !local_network)
    own = 30000;
  else
    own = 5000;
  return MAX (own, gateway_quarantine_s * 1000);
}

guint
tilld_delivery_read_back_wait_ms (guint tries)
{
  static const guint waits[] = { 1000, 5000, 15000, 60000 };

  return tries < G_N_ELEMENTS (waits) ? waits[tries] : 0;
}

TillSaleState
tilld_delivery_sale_state (TillCommandState state, gboolean link_up)
{
  switch (state)
    {
    case TILL_COMMAND_STATE_SENT:
      return TILL_SALE_STATE_SENT;
    case TILL_COMMAND_STATE_VERIFYING:
      return TILL_SALE_STATE_VERIFYING;
    case TILL_COMMAND_STATE_VERIFIED:
      return TILL_SALE_STATE_VERIFIED;
    case TILL_COMMAND_STATE_HELD:
    case TILL_COMMAND_STATE_FAILED:
      return TILL_SALE_STATE_HELD;
    case TILL_COMMAND_STATE_CANCELLED:
    case TILL_COMMAND_STATE_SUPERSEDED:
      return TILL_SALE_STATE_CANCELLED;
    case TILL_COMMAND_STATE_QUEUED:
    default:
      return link_up ? TILL_SALE_STATE_PAID : TILL_SALE_STATE_QUEUED;
    }
}

/* ---- verdict ------------------------------------------------------------------------------------------------------- */

static guint32
values_needed (const TilldDelivery *delivery, const TilldMoneyTerms *terms)
{
  static const guint32 by_proof[TILLD_PROOF_N] = {
    [TILLD_PROOF_COUNT_TOTAL] = TILLD_MONEY_COUNT | TILLD_MONEY_TOTAL,
    [TILLD_PROOF_COUNT_LAST] = TILLD_MONEY_COUNT | TILLD_MONEY_LAST,
    [TILLD_PROOF_TOTAL] = TILLD_MONEY_TOTAL,
    [TILLD_PROOF_REFUNDS] = TILLD_MONEY_REFUNDS,
    [TILLD_PROOF_BALANCE] = TILLD_MONEY_BALANCE,
  };

  g_assert (terms->proof > TILLD_PROOF_NONE && terms->proof < TILLD_PROOF_N);
  return by_proof[terms->proof] | (terms->record ? TILLD_MONEY_RECORD : 0) |
         (delivery->kind == TILL_COMMAND_KIND_DEBIT ? TILLD_MONEY_BALANCE : 0);
}

static gboolean
risen_by (const TilldMoneyTerms *terms, gint64 from, gint64 by, gint64 to)
{
  gint64 sum;

  return till_money_add (from, by, &sum) && tilld_total_equal (terms, sum, to);
}

/* Greatest cost of consumption between two readings, + 1 raw unit. */
static gint64
consumption_window (const TilldMoneyTerms *terms, gint64 from_us, gint64 to_us)
{
  gint64 seconds = MAX ((to_us - from_us + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC, 0);
  gint64 watt_seconds, cost;

  if (!till_money_mul_div (terms->power_w, seconds, 1, TILL_ROUND_CEIL, &watt_seconds) ||
      !till_money_mul_div (watt_seconds, terms->price_max, 3600000, TILL_ROUND_CEIL, &cost) || cost > TILL_MONEY_MAX)
    cost = TILL_MONEY_MAX;
  return cost + terms->unit;
}

static void
judge_balance (const TilldDelivery *delivery, const TilldMoneyTerms *terms, const TilldMoneyReading *reading,
               gboolean *applied, gboolean *unchanged)
{
  gint64 window = consumption_window (terms, delivery->baseline.at_us, reading->at_us);
  gint64 step = delivery->kind == TILL_COMMAND_KIND_DEBIT ? -delivery->amount : delivery->amount;
  gint64 before = delivery->baseline.balance, now = reading->balance;

  *applied = now <= before + step && now >= before + step - window;
  *unchanged = now <= before && now >= before - window;
}

static TillCaseReason
contradiction_reason (const TilldDelivery *delivery, const TilldMoneyTerms *terms, const TilldMoneyReading *reading)
{
  const TilldMoneyReading *base = &delivery->baseline;

  switch ((TilldProof) terms->proof)
    {
    case TILLD_PROOF_COUNT_TOTAL:
    case TILLD_PROOF_COUNT_LAST:
      if (reading->count > base->count + 1)
        return TILL_CASE_REASON_COUNT_AHEAD;
      if (reading->count < base->count)
        return TILL_CASE_REASON_COUNT_BEHIND;
      return TILL_CASE_REASON_AMOUNT_DIFFERS;
    case TILLD_PROOF_TOTAL:
      return TILL_CASE_REASON_AMOUNT_DIFFERS;
    case TILLD_PROOF_REFUNDS:
      return TILL_CASE_REASON_REFUND_DIFFERS;
    case TILLD_PROOF_BALANCE:
    case TILLD_PROOF_NONE:
    case TILLD_PROOF_N:
    default:
      return TILL_CASE_REASON_CONTRADICTION;
    }
}

TilldVerdict
tilld_delivery_judge (const TilldDelivery *delivery, const TilldMoneyTerms *terms, const TilldMoneyReading *reading,
                      TillCaseReason *ret_reason)
{
  const TilldMoneyReading *base = &delivery->baseline;
  gboolean applied = FALSE, unchanged = FALSE;

  g_assert (delivery->amount > 0 && terms->unit > 0);
  switch ((TilldProof) terms->proof)
    {
    case TILLD_PROOF_COUNT_TOTAL:
      applied = reading->count == base->count + 1 && risen_by (terms, base->total, delivery->amount, reading->total);
      unchanged = reading->count == base->count && tilld_total_equal (terms, base->total, reading->total);
      break;
    case TILLD_PROOF_COUNT_LAST:
      applied = reading->count == base->count + 1 && reading->last_amount == delivery->amount;
      unchanged = reading->count == base->count && reading->last_amount == base->last_amount;
      break;
    case TILLD_PROOF_TOTAL:
      applied = risen_by (terms, base->total, delivery->amount, reading->total);
      unchanged = tilld_total_equal (terms, base->total, reading->total);
      break;
    case TILLD_PROOF_REFUNDS:
      applied = reading->refund_count == base->refund_count + 1 &&
                risen_by (terms, base->refunded_total, delivery->amount, reading->refunded_total);
      unchanged = reading->refund_count == base->refund_count &&
                  tilld_total_equal (terms, base->refunded_total, reading->refunded_total);
      break;
    case TILLD_PROOF_BALANCE:
      judge_balance (delivery, terms, reading, &applied, &unchanged);
      break;
    case TILLD_PROOF_NONE:
    case TILLD_PROOF_N:
    default:
      g_assert_not_reached ();
    }
  if (applied == unchanged)
    {
      *ret_reason = contradiction_reason (delivery, terms, reading);
      return TILLD_VERDICT_CONTRADICTION;
    }
  if (terms->record && (reading->record_count == delivery->seq && reading->record_amount == delivery->amount) != applied)
    {
      *ret_reason = TILL_CASE_REASON_RECORD_DIFFERS;
      return TILLD_VERDICT_CONTRADICTION;
    }
  return applied ? TILLD_VERDICT_APPLIED : TILLD_VERDICT_NOT_APPLIED;
}

/* ---- steps --------------------------------------------------------------------------------------------------------- */

static TilldDeliveryStep
stay (const TilldDelivery *delivery, guint32 effects)
{
  return (TilldDeliveryStep){ .next = delivery->state, .effects = effects, .seq = delivery->seq,
                              .attempt = delivery->attempt, .outcome = delivery->outcome };
}

static TilldDeliveryStep
hold (const TilldDelivery *delivery, TillCaseReason reason)
{
  TilldDeliveryStep step = stay (delivery, TILLD_EFFECT_CASE);

  g_assert (reason != TILL_CASE_REASON_NONE);
  step.next = TILL_COMMAND_STATE_HELD;
  step.reason = reason;
  return step;
}

static gboolean
same_device (const TilldDelivery *delivery, const TilldPurse *purse, const TilldMoneyReading *reading)
{
  if (TILLD_HAS_BUG (TILLD_BUG_EPOCH))
    return TRUE;
  return reading->epoch == delivery->epoch && purse->epoch == delivery->epoch;
}

static TilldDeliveryStep
step_read_before (const TilldDelivery *delivery, const TilldPurse *purse, const TilldMoneyTerms *terms,
                  const TilldDeliveryEvent *event)
{
  const TilldMoneyReading *reading = event->reading;
  gboolean debit = delivery->kind == TILL_COMMAND_KIND_DEBIT;
  TilldDeliveryStep step;
  TillCaseReason reason;
  gint32 seq = (debit ? purse->refund_count : purse->count) + 1;
  guint32 needed = values_needed (delivery, terms) & ~(guint32) TILLD_MONEY_RECORD; /* the newest record is evidence of a write, and none was made */

  if ((reading->have & needed) != needed)
    return stay (delivery, TILLD_EFFECT_ILLEGAL);
  if (!same_device (delivery, purse, reading))
    return hold (delivery, TILL_CASE_REASON_EPOCH_CHANGED);
  if (purse->frozen)
    return stay (delivery, TILLD_EFFECT_FROZEN);
  if (!purse->has_baseline)
    return stay (delivery, TILLD_EFFECT_NEED_BASELINE);
  reason = TILLD_HAS_BUG (TILLD_BUG_NO_SNAPSHOT) ? TILL_CASE_REASON_NONE : tilld_counter_compare (purse, terms, reading);
  if (reason == TILL_CASE_REASON_NONE && delivery->seq != 0 && delivery->seq != seq)
    reason = TILL_CASE_REASON_CONTRADICTION; /* the purse moved under a command whose count was fixed */
  if (reason != TILL_CASE_REASON_NONE)
    return event->confirmed ? hold (delivery, reason) : stay (delivery, TILLD_EFFECT_READ_AGAIN);
  if (seq > COUNT_LAST_POSSIBLE)
    return hold (delivery, TILL_CASE_REASON_COUNT_FULL);

  step = stay (delivery, 0);
  if (debit && reading->balance < delivery->amount)
    {
      step.next = TILL_COMMAND_STATE_CANCELLED; /* nothing was posted yet: money leaves only after the meter confirmed */
      return step;
    }
  step.next = TILL_COMMAND_STATE_SENT;
  step.effects = TILLD_EFFECT_WRITE;
  step.seq = seq;
  step.attempt = delivery->attempt + 1;
  step.outcome = TILL_DELIVERY_OUTCOME_NONE;
  return step;
}

static TilldDeliveryStep
step_outcome (const TilldDelivery *delivery, const TilldMoneyTerms *terms, TillDeliveryOutcome outcome)
{
  TilldDeliveryStep step = stay (delivery, TILLD_EFFECT_READ_BACK);

  g_assert (outcome != TILL_DELIVERY_OUTCOME_NONE);
  step.next = TILL_COMMAND_STATE_VERIFYING;
  step.outcome = outcome;
  if (tilld_outcome_is_ambiguous (outcome))
    {
      step.wait_ms = terms->quarantine_ms;
      /* A debit is class B on every model. */
      if (terms->effective != TILL_METER_CLASS_A || delivery->kind == TILL_COMMAND_KIND_DEBIT)
        step.effects |= TILLD_EFFECT_CLOSE_LINK;
      if (TILLD_HAS_BUG (TILLD_BUG_BLIND_RETRY))
        {
          step.next = TILL_COMMAND_STATE_QUEUED;
          step.wait_ms = 0;
        }
    }
  else if (outcome != TILL_DELIVERY_OUTCOME_NOT_SENT)
    step.wait_ms = terms->settle_ms;
  return step;
}

static TilldDeliveryStep
step_not_applied (const TilldDelivery *delivery, const TilldMoneyTerms *terms)
{
  TilldDeliveryStep step;
  TillMeterClass as = delivery->kind == TILL_COMMAND_KIND_DEBIT ? TILL_METER_CLASS_B : terms->effective;

  if (delivery->outcome == TILL_DELIVERY_OUTCOME_REFUSED)
    return hold (delivery, TILL_CASE_REASON_REFUSED);
  if (delivery->attempt >= (gint32) tilld_delivery_max_attempts (as))
    return hold (delivery, TILL_CASE_REASON_ATTEMPTS);
  step = stay (delivery, 0);
  step.next = TILL_COMMAND_STATE_QUEUED;
  step.wait_ms = 5000u * (guint) delivery->attempt;
  return step;
}

/* What else the meter shows beside an applied command: a card, a hand-held tool. The reading would become the purse, and it would be
 * taken over silently. */
static TillCaseReason
beside (const TilldDelivery *delivery, const TilldPurse *purse, const TilldMoneyTerms *terms, const TilldMoneyReading *reading)
{
  TilldPurse expected = *purse;

  if (!purse->has_baseline)
    return TILL_CASE_REASON_NONE;
  expected.balance = delivery->baseline.balance;
  if (delivery->kind == TILL_COMMAND_KIND_DEBIT)
    {
      expected.refund_count = delivery->baseline.refund_count + 1;
      if (!till_money_add (delivery->baseline.refunded_total, delivery->amount, &expected.refunded_total))
        return TILL_CASE_REASON_CONTRADICTION;
    }
  else
    {
      expected.count = delivery->baseline.count + 1;
      expected.last_amount = delivery->amount;
      if (!till_money_add (delivery->baseline.total, delivery->amount, &expected.total) ||
          !till_money_add (delivery->baseline.balance, delivery->amount, &expected.balance))
        return TILL_CASE_REASON_CONTRADICTION;
    }
  return tilld_counter_compare (&expected, terms, reading);
}

static TilldDeliveryStep
step_read_back (const TilldDelivery *delivery, const TilldPurse *purse, const TilldMoneyTerms *terms,
                const TilldDeliveryEvent *event)
{
  TillCaseReason reason = TILL_CASE_REASON_NONE;
  TilldVerdict verdict;
  TilldDeliveryStep step;

  if (!same_device (delivery, purse, event->reading))
    return hold (delivery, TILL_CASE_REASON_EPOCH_CHANGED);
  if ((event->reading->have & TILLD_MONEY_SERIAL) && (delivery->baseline.have & TILLD_MONEY_SERIAL) &&
      g_strcmp0 (event->reading->serial, delivery->baseline.serial) != 0)
    return hold (delivery, TILL_CASE_REASON_METER_SWAPPED);
  if ((event->reading->have & values_needed (delivery, terms)) != values_needed (delivery, terms))
    return stay (delivery, TILLD_EFFECT_ILLEGAL | TILLD_EFFECT_READ_BACK);
  verdict = tilld_delivery_judge (delivery, terms, event->reading, &reason);
  if (verdict == TILLD_VERDICT_APPLIED)
    {
      reason = beside (delivery, purse, terms, event->reading);
      verdict = reason == TILL_CASE_REASON_NONE ? TILLD_VERDICT_APPLIED : TILLD_VERDICT_CONTRADICTION;
    }
  if (TILLD_HAS_BUG (TILLD_BUG_NO_SNAPSHOT))
    verdict = delivery->outcome == TILL_DELIVERY_OUTCOME_OK ? TILLD_VERDICT_APPLIED : TILLD_VERDICT_NOT_APPLIED;
  if (verdict == TILLD_VERDICT_NOT_APPLIED)
    return step_not_applied (delivery, terms);
  if (verdict == TILLD_VERDICT_CONTRADICTION)
    return event->confirmed ? hold (delivery, reason) : stay (delivery, TILLD_EFFECT_READ_AGAIN);
  step = stay (delivery, TILLD_EFFECT_POST | TILLD_EFFECT_PURSE);
  step.next = TILL_COMMAND_STATE_VERIFIED;
  return step;
}

TilldDeliveryStep
tilld_delivery_step (const TilldDelivery *delivery, const TilldPurse *purse, const TilldMoneyTerms *terms,
                     const TilldDeliveryEvent *event)
{
  gboolean in_flight = delivery->state == TILL_COMMAND_STATE_SENT || delivery->state == TILL_COMMAND_STATE_VERIFYING;
  TilldDeliveryStep step = stay (delivery, TILLD_EFFECT_ILLEGAL);

  g_assert (delivery->amount > 0);
  if (event->kind == TILLD_EVENT_READ_BEFORE && delivery->state == TILL_COMMAND_STATE_QUEUED)
    step = step_read_before (delivery, purse, terms, event);
  else if (event->kind == TILLD_EVENT_WRITTEN && delivery->state == TILL_COMMAND_STATE_SENT)
    step = step_outcome (delivery, terms, event->outcome);
  else if (event->kind == TILLD_EVENT_READ_BACK && delivery->state == TILL_COMMAND_STATE_VERIFYING)
    step = step_read_back (delivery, purse, terms, event);
  else if (event->kind == TILLD_EVENT_CANCEL && delivery->state == TILL_COMMAND_STATE_QUEUED)
    {
      step.next = TILL_COMMAND_STATE_CANCELLED;
      step.effects = delivery->kind == TILL_COMMAND_KIND_RECHARGE ? TILLD_EFFECT_REVERSE : 0;
    }
  else if (event->kind == TILLD_EVENT_RESTART && in_flight)
    {
      TillDeliveryOutcome known = delivery->state == TILL_COMMAND_STATE_SENT ? TILL_DELIVERY_OUTCOME_UNKNOWN : delivery->outcome;

      step = step_outcome (delivery, terms, TILL_DELIVERY_OUTCOME_UNKNOWN);
      step.next = TILL_COMMAND_STATE_VERIFYING;
      step.wait_ms = terms->quarantine_ms;
      step.outcome = known;
    }
  else if (event->kind == TILLD_EVENT_RESTART)
    step.effects = 0; /* queued reads again, the final states stay, held stays */
  g_assert (step.next == delivery->state || tilld_delivery_edge_legal (delivery->state, step.next) ||
            TILLD_HAS_BUG (TILLD_BUG_BLIND_RETRY));
  return step;
}
