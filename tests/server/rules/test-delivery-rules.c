/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-delivery-rules.c: every state x event, every row of the verdict table, quarantine. */
#include "server/rules/delivery-rules.h"

static const TilldMoneyTerms count_total_a = { .effective = TILL_METER_CLASS_A, .proof = TILLD_PROOF_COUNT_TOTAL, .unit = 100,
                                               .total_modulus = G_GINT64_CONSTANT (429496729600), .power_w = 2200,
                                               .price_max = 10000, .quarantine_ms = 5000, .settle_ms = 500 };

static TilldMoneyReading
money_group (gint32 count, gint64 total, gint64 balance)
{
  return (TilldMoneyReading){ .have = TILLD_MONEY_COUNT | TILLD_MONEY_TOTAL | TILLD_MONEY_BALANCE | TILLD_MONEY_LAST | TILLD_MONEY_REFUNDS,
                              .epoch = 1, .count = count, .total = total, .balance = balance, .at_us = 1000000 };
}

static TilldPurse
purse_of (const TilldMoneyReading *reading)
{
  return (TilldPurse){ .meter = 7, .epoch = reading->epoch, .has_baseline = TRUE, .have = reading->have, .count = reading->count,
                       .total = reading->total, .balance = reading->balance, .last_amount = reading->last_amount,
                       .refund_count = reading->refund_count, .refunded_total = reading->refunded_total };
}

static TilldDelivery
recharge (TillCommandState state)
{
  return (TilldDelivery){ .state = state, .kind = TILL_COMMAND_KIND_RECHARGE, .epoch = 1, .amount = 500000,
                          .seq = state == TILL_COMMAND_STATE_QUEUED ? 0 : 4, .attempt = state == TILL_COMMAND_STATE_QUEUED ? 0 : 1,
                          .outcome = TILL_DELIVERY_OUTCOME_OK, .baseline = money_group (3, 1000000, 200000) };
}

static void
test_edges (void)
{
  guint n;
  const TilldDeliveryEdge *edges = tilld_delivery_edges (&n);
  guint legal = 0;

  for (int from = 0; from <= TILL_COMMAND_STATE_HELD; from++)
    for (int to = 0; to <= TILL_COMMAND_STATE_HELD; to++)
      legal += tilld_delivery_edge_legal (from, to);
  g_assert_cmpuint (legal, ==, n); /* no doubled row */
  for (guint i = 0; i < n; i++)
    {
      g_assert_cmpint (edges[i].from, !=, TILL_COMMAND_STATE_VERIFIED);
      g_assert_cmpint (edges[i].from, !=, TILL_COMMAND_STATE_CANCELLED);
    }
  /* Nothing is written without the commit of `sent`, and nothing leaves `sent` but to be read back. */
  g_assert_false (tilld_delivery_edge_legal (TILL_COMMAND_STATE_QUEUED, TILL_COMMAND_STATE_VERIFIED));
  g_assert_false (tilld_delivery_edge_legal (TILL_COMMAND_STATE_SENT, TILL_COMMAND_STATE_QUEUED));
  g_assert_false (tilld_delivery_edge_legal (TILL_COMMAND_STATE_SENT, TILL_COMMAND_STATE_VERIFIED));
}

/* Each event in each state either follows a legal edge or changes nothing and says so. */
static void
test_every_state_and_event (void)
{
  TilldMoneyReading same = money_group (3, 1000000, 200000);
  TilldPurse purse = purse_of (&same);

  for (int state = 0; state <= TILL_COMMAND_STATE_HELD; state++)
    for (int event = 0; event < TILLD_EVENT_N; event++)
      {
        TilldDelivery delivery = recharge (state);
        TilldDeliveryEvent in = { .kind = event, .reading = &same, .outcome = TILL_DELIVERY_OUTCOME_OK };
        TilldDeliveryStep step = tilld_delivery_step (&delivery, &purse, &count_total_a, &in);
        gboolean queued = state == TILL_COMMAND_STATE_QUEUED, sent = state == TILL_COMMAND_STATE_SENT;
        gboolean verifying = state == TILL_COMMAND_STATE_VERIFYING;
        gboolean fits = event == TILLD_EVENT_RESTART || (queued && (event == TILLD_EVENT_READ_BEFORE || event == TILLD_EVENT_CANCEL)) ||
                        (sent && event == TILLD_EVENT_WRITTEN) || (verifying && event == TILLD_EVENT_READ_BACK);

        g_assert_cmpint (!(step.effects & TILLD_EFFECT_ILLEGAL), ==, fits);
        if (step.next != (TillCommandState) state)
          g_assert_true (tilld_delivery_edge_legal (state, step.next));
        g_assert_cmpint (!!(step.effects & TILLD_EFFECT_WRITE), ==, queued && event == TILLD_EVENT_READ_BEFORE);
      }
}

static void
test_before_write (void)
{
  TilldMoneyReading same = money_group (3, 1000000, 150000), other = money_group (4, 1500000, 650000);
  TilldPurse purse = purse_of (&same);
  TilldDelivery delivery = recharge (TILL_COMMAND_STATE_QUEUED);
  TilldDeliveryEvent in = { .kind = TILLD_EVENT_READ_BEFORE, .reading = &same };
  TilldDeliveryStep step = tilld_delivery_step (&delivery, &purse, &count_total_a, &in);

  g_assert_cmpint (step.next, ==, TILL_COMMAND_STATE_SENT);
  g_assert_cmpint (step.seq, ==, 4);
  g_assert_cmpint (step.attempt, ==, 1);

  in.reading = &other; /* seen once: read again; seen twice: held */
  step = tilld_delivery_step (&delivery, &purse, &count_total_a, &in);
  g_assert_cmpint (step.next, ==, TILL_COMMAND_STATE_QUEUED);
  g_assert_cmpuint (step.effects, ==, TILLD_EFFECT_READ_AGAIN);
  in.confirmed = TRUE;
  step = tilld_delivery_step (&delivery, &purse, &count_total_a, &in);
  g_assert_cmpint (step.next, ==, TILL_COMMAND_STATE_HELD);
  g_assert_cmpint (step.reason, ==, TILL_CASE_REASON_COUNT_AHEAD);
  g_assert_cmpuint (step.effects, ==, TILLD_EFFECT_CASE);

  in.reading = &same;
  purse.has_baseline = FALSE;
  g_assert_cmpuint (tilld_delivery_step (&delivery, &purse, &count_total_a, &in).effects, ==, TILLD_EFFECT_NEED_BASELINE);
  purse.has_baseline = TRUE;
  purse.frozen = TRUE;
  g_assert_cmpuint (tilld_delivery_step (&delivery, &purse, &count_total_a, &in).effects, ==, TILLD_EFFECT_FROZEN);
  purse.frozen = FALSE;
  same.epoch = purse.epoch = 2;
  g_assert_cmpint (tilld_delivery_step (&delivery, &purse, &count_total_a, &in).reason, ==, TILL_CASE_REASON_EPOCH_CHANGED);
  same = money_group (65535, 1, 1);
  purse = purse_of (&same);
  g_assert_cmpint (tilld_delivery_step (&delivery, &purse, &count_total_a, &in).reason, ==, TILL_CASE_REASON_COUNT_FULL);
}

/* The count of a retried command never changes; a purse that moved meanwhile is a contradiction. */
static void
test_fixed_count (void)
{
  TilldMoneyReading same = money_group (3, 1000000, 150000), moved = money_group (4, 1400000, 150000);
  TilldPurse purse = purse_of (&same);
  TilldDelivery delivery = recharge (TILL_COMMAND_STATE_QUEUED);
  TilldDeliveryEvent in = { .kind = TILLD_EVENT_READ_BEFORE, .reading = &same, .confirmed = TRUE };

  delivery.seq = 4;
  delivery.attempt = 2;
  g_assert_cmpint (tilld_delivery_step (&delivery, &purse, &count_total_a, &in).seq, ==, 4);
  purse = purse_of (&moved);
  in.reading = &moved;
  g_assert_cmpint (tilld_delivery_step (&delivery, &purse, &count_total_a, &in).reason, ==, TILL_CASE_REASON_CONTRADICTION);
}

/* A card beside an applied command is not taken over silently: seen twice, it is a case. */
static void
test_card_beside_it (void)
{
  TilldMoneyReading base = money_group (3, 1000000, 150000), now = base;
  TilldPurse purse = purse_of (&base);
  TilldDelivery delivery = recharge (TILL_COMMAND_STATE_VERIFYING);
  TilldMoneyTerms terms = count_total_a;
  TilldDeliveryEvent in = { .kind = TILLD_EVENT_READ_BACK, .reading = &now };

  base.have |= TILLD_MONEY_REFUNDS;
  purse.have = now.have = base.have;
  delivery.kind = TILL_COMMAND_KIND_DEBIT;
  delivery.amount = 40000;
  delivery.seq = 1;
  delivery.attempt = 1;
  delivery.outcome = TILL_DELIVERY_OUTCOME_OK;
  delivery.baseline = base;
  terms.proof = TILLD_PROOF_REFUNDS;
  now.refund_count++;
  now.refunded_total += 40000;
  now.balance -= 40000;
  g_assert_cmpint (tilld_delivery_step (&delivery, &purse, &terms, &in).next, ==, TILL_COMMAND_STATE_VERIFIED);
  now.count++;
  now.total += 7000;
  g_assert_cmpuint (tilld_delivery_step (&delivery, &purse, &terms, &in).effects, ==, TILLD_EFFECT_READ_AGAIN);
  in.confirmed = TRUE;
  g_assert_cmpint (tilld_delivery_step (&delivery, &purse, &terms, &in).next, ==, TILL_COMMAND_STATE_HELD);
  g_assert_cmpint (tilld_delivery_step (&delivery, &purse, &terms, &in).reason, ==, TILL_CASE_REASON_COUNT_AHEAD);
}

static void
test_outcomes (void)
{
  static const struct {
    TillDeliveryOutcome outcome;
    guint wait_ms;
    gboolean ambiguous;
  } rows[] = {
    { TILL_DELIVERY_OUTCOME_NOT_SENT, 0, FALSE }, { TILL_DELIVERY_OUTCOME_OK, 500, FALSE },
    { TILL_DELIVERY_OUTCOME_REFUSED, 500, FALSE }, { TILL_DELIVERY_OUTCOME_FAILED, 5000, TRUE },
    { TILL_DELIVERY_OUTCOME_TIMEOUT, 5000, TRUE }, { TILL_DELIVERY_OUTCOME_GARBAGE, 5000, TRUE },
    { TILL_DELIVERY_OUTCOME_LINK_LOST, 5000, TRUE }, { TILL_DELIVERY_OUTCOME_UNKNOWN, 5000, TRUE },
  };
  TilldMoneyReading same = money_group (3, 1000000, 150000);
  TilldPurse purse = purse_of (&same);
  TilldDelivery delivery = recharge (TILL_COMMAND_STATE_SENT);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    for (int class_b = 0; class_b < 2; class_b++)
      {
        TilldMoneyTerms terms = count_total_a;
        TilldDeliveryEvent in = { .kind = TILLD_EVENT_WRITTEN, .outcome = rows[i].outcome };
        TilldDeliveryStep step;

        terms.effective = class_b ? TILL_METER_CLASS_B : TILL_METER_CLASS_A;
        step = tilld_delivery_step (&delivery, &purse, &terms, &in);
        g_assert_cmpint (step.next, ==, TILL_COMMAND_STATE_VERIFYING);
        g_assert_cmpint (step.outcome, ==, rows[i].outcome);
        g_assert_cmpuint (step.wait_ms, ==, rows[i].wait_ms);
        g_assert_cmpint (!!(step.effects & TILLD_EFFECT_CLOSE_LINK), ==, class_b && rows[i].ambiguous);
        g_assert_cmpint (tilld_outcome_is_ambiguous (rows[i].outcome), ==, rows[i].ambiguous);
      }
}

/* field.md 5.4, row by row: A = 50.00 on top of count 3, total 100.00, balance 20.00. */
static void
test_verdicts (void)
{
  static const struct {
    TilldProof proof;
    gint32 count;
    gint64 total, balance, last;
    gint32 refund_count;
    gint64 refunded;
    TilldVerdict verdict;
    TillCaseReason reason;
  } rows[] = {
    { TILLD_PROOF_COUNT_TOTAL, 4, 1500000, 0, 0, 0, 0, TILLD_VERDICT_APPLIED, 0 },
    { TILLD_PROOF_COUNT_TOTAL, 3, 1000000, 0, 0, 0, 0, TILLD_VERDICT_NOT_APPLIED, 0 },
    { TILLD_PROOF_COUNT_TOTAL, 4, 1000000, 0, 0, 0, 0, TILLD_VERDICT_CONTRADICTION, TILL_CASE_REASON_AMOUNT_DIFFERS },
    { TILLD_PROOF_COUNT_TOTAL, 3, 1500000, 0, 0, 0, 0, TILLD_VERDICT_CONTRADICTION, TILL_CASE_REASON_AMOUNT_DIFFERS },
    { TILLD_PROOF_COUNT_TOTAL, 5, 2000000, 0, 0, 0, 0, TILLD_VERDICT_CONTRADICTION, TILL_CASE_REASON_COUNT_AHEAD },
    { TILLD_PROOF_COUNT_TOTAL, 0, 0, 0, 0, 0, 0, TILLD_VERDICT_CONTRADICTION, TILL_CASE_REASON_COUNT_BEHIND },
    { TILLD_PROOF_COUNT_LAST, 4, 0, 0, 500000, 0, 0, TILLD_VERDICT_APPLIED, 0 },
    { TILLD_PROOF_COUNT_LAST, 3, 0, 0, 0, 0, 0, TILLD_VERDICT_NOT_APPLIED, 0 },
    { TILLD_PROOF_COUNT_LAST, 4, 0, 0, 500100, 0, 0, TILLD_VERDICT_CONTRADICTION, TILL_CASE_REASON_AMOUNT_DIFFERS },
    { TILLD_PROOF_TOTAL, 9, 1500000, 0, 0, 0, 0, TILLD_VERDICT_APPLIED, 0 },
    { TILLD_PROOF_TOTAL, 3, 1000000, 0, 0, 0, 0, TILLD_VERDICT_NOT_APPLIED, 0 },
    { TILLD_PROOF_TOTAL, 3, 2000000, 0, 0, 0, 0, TILLD_VERDICT_CONTRADICTION, TILL_CASE_REASON_AMOUNT_DIFFERS },
    { TILLD_PROOF_REFUNDS, 3, 0, 0, 0, 1, 500000, TILLD_VERDICT_APPLIED, 0 },
    { TILLD_PROOF_REFUNDS, 3, 0, 0, 0, 0, 0, TILLD_VERDICT_NOT_APPLIED, 0 },
    { TILLD_PROOF_REFUNDS, 3, 0, 0, 0, 1, 0, TILLD_VERDICT_CONTRADICTION, TILL_CASE_REASON_REFUND_DIFFERS },
    /* balance: 10 s at 2.2 kW and 1.00 a kWh cost at most 0.0062, + 0.01 */
    { TILLD_PROOF_BALANCE, 0, 0, 700000, 0, 0, 0, TILLD_VERDICT_APPLIED, 0 },
    { TILLD_PROOF_BALANCE, 0, 0, 699900, 0, 0, 0, TILLD_VERDICT_APPLIED, 0 },
    { TILLD_PROOF_BALANCE, 0, 0, 700100, 0, 0, 0, TILLD_VERDICT_CONTRADICTION, TILL_CASE_REASON_CONTRADICTION },
    { TILLD_PROOF_BALANCE, 0, 0, 199900, 0, 0, 0, TILLD_VERDICT_NOT_APPLIED, 0 },
    { TILLD_PROOF_BALANCE, 0, 0, 450000, 0, 0, 0, TILLD_VERDICT_CONTRADICTION, TILL_CASE_REASON_CONTRADICTION },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      TilldMoneyTerms terms = count_total_a;
      TilldDelivery delivery = recharge (TILL_COMMAND_STATE_VERIFYING);
      TilldMoneyReading reading = money_group (rows[i].count, rows[i].total, rows[i].balance);
      TillCaseReason reason = TILL_CASE_REASON_NONE;

      terms.proof = rows[i].proof;
      reading.last_amount = rows[i].last;
      reading.refund_count = rows[i].refund_count;
      reading.refunded_total = rows[i].refunded;
      reading.at_us = delivery.baseline.at_us + 10 * G_USEC_PER_SEC;
      g_assert_cmpint (tilld_delivery_judge (&delivery, &terms, &reading, &reason), ==, rows[i].verdict);
      g_assert_cmpint (reason, ==, rows[i].reason);
    }
}

/* A sale smaller than what may have been used meanwhile cannot be told from no sale: both columns true is doubt. */
static void
test_balance_window_overlaps (void)
{
  TilldMoneyTerms terms = count_total_a;
  TilldDelivery delivery = recharge (TILL_COMMAND_STATE_VERIFYING);
  TilldMoneyReading reading = money_group (0, 0, 199000);
  TillCaseReason reason = TILL_CASE_REASON_NONE;

  terms.proof = TILLD_PROOF_BALANCE;
  delivery.amount = 10000;
  reading.at_us = delivery.baseline.at_us + G_GINT64_CONSTANT (3600000000); /* up to 2.20 used */
  g_assert_cmpint (tilld_delivery_judge (&delivery, &terms, &reading, &reason), ==, TILLD_VERDICT_CONTRADICTION);
}

static void
test_total_wraps (void)
{
  TilldMoneyTerms terms = count_total_a;
  TilldDelivery delivery = recharge (TILL_COMMAND_STATE_VERIFYING);
  TilldMoneyReading reading = money_group (4, 100000, 0);
  TillCaseReason reason = TILL_CASE_REASON_NONE;

  delivery.baseline.total = terms.total_modulus - 400000;
  g_assert_cmpint (tilld_delivery_judge (&delivery, &terms, &reading, &reason), ==, TILLD_VERDICT_APPLIED);
}

static void
test_record_must_agree (void)
{
  TilldMoneyTerms terms = count_total_a;
  TilldDelivery delivery = recharge (TILL_COMMAND_STATE_VERIFYING);
  TilldMoneyReading reading = money_group (4, 1500000, 0);
  TillCaseReason reason = TILL_CASE_REASON_NONE;

  terms.record = TRUE;
  reading.record_count = 4;
  reading.record_amount = 500000;
  g_assert_cmpint (tilld_delivery_judge (&delivery, &terms, &reading, &reason), ==, TILLD_VERDICT_APPLIED);
  reading.record_amount = 400000;
  g_assert_cmpint (tilld_delivery_judge (&delivery, &terms, &reading, &reason), ==, TILLD_VERDICT_CONTRADICTION);
  g_assert_cmpint (reason, ==, TILL_CASE_REASON_RECORD_DIFFERS);
}

static void
test_attempts (void)
{
  TilldMoneyReading same = money_group (3, 1000000, 150000);
  TilldPurse purse = purse_of (&same);
  TilldDeliveryEvent in = { .kind = TILLD_EVENT_READ_BACK, .reading = &same };

  for (int class_b = 0; class_b < 2; class_b++)
    for (gint32 attempt = 1; attempt <= 5; attempt++)
      {
        TilldMoneyTerms terms = count_total_a;
        TilldDelivery delivery = recharge (TILL_COMMAND_STATE_VERIFYING);
        TilldDeliveryStep step;

        terms.effective = class_b ? TILL_METER_CLASS_B : TILL_METER_CLASS_A;
        delivery.attempt = attempt;
        delivery.outcome = TILL_DELIVERY_OUTCOME_TIMEOUT;
        step = tilld_delivery_step (&delivery, &purse, &terms, &in);
        if (attempt < (class_b ? 3 : 5))
          {
            g_assert_cmpint (step.next, ==, TILL_COMMAND_STATE_QUEUED);
            g_assert_cmpint (step.seq, ==, 4);
            g_assert_cmpuint (step.wait_ms, ==, 5000 * attempt);
          }
        else
          g_assert_cmpint (step.reason, ==, TILL_CASE_REASON_ATTEMPTS);
        delivery.outcome = TILL_DELIVERY_OUTCOME_REFUSED; /* refused and not applied: people decide */
        g_assert_cmpint (tilld_delivery_step (&delivery, &purse, &terms, &in).reason, ==, TILL_CASE_REASON_REFUSED);
      }
}

/* A negative reply can still have changed the meter: a refused write that was applied is verified. */
static void
test_refused_but_applied (void)
{
  TilldMoneyReading before = money_group (3, 1000000, 150000), after = money_group (4, 1500000, 650000);
  TilldPurse purse = purse_of (&before);
  TilldDelivery delivery = recharge (TILL_COMMAND_STATE_VERIFYING);
  TilldDeliveryEvent in = { .kind = TILLD_EVENT_READ_BACK, .reading = &after };
  TilldDeliveryStep step;

  delivery.outcome = TILL_DELIVERY_OUTCOME_REFUSED;
  step = tilld_delivery_step (&delivery, &purse, &count_total_a, &in);
  g_assert_cmpint (step.next, ==, TILL_COMMAND_STATE_VERIFIED);
  g_assert_cmpuint (step.effects, ==, TILLD_EFFECT_POST | TILLD_EFFECT_PURSE);
}

static void
test_read_back_of_other_device (void)
{
  TilldMoneyReading before = money_group (3, 1000000, 150000), after = money_group (4, 1500000, 650000);
  TilldPurse purse = purse_of (&before);
  TilldDelivery delivery = recharge (TILL_COMMAND_STATE_VERIFYING);
  TilldDeliveryEvent in = { .kind = TILLD_EVENT_READ_BACK, .reading = &after };

  after.epoch = 2;
  g_assert_cmpint (tilld_delivery_step (&delivery, &purse, &count_total_a, &in).reason, ==, TILL_CASE_REASON_EPOCH_CHANGED);
  after.epoch = 1;
  after.have |= TILLD_MONEY_SERIAL;
  delivery.baseline.have |= TILLD_MONEY_SERIAL;
  g_strlcpy (after.serial, "B", sizeof after.serial);
  g_strlcpy (delivery.baseline.serial, "A", sizeof delivery.baseline.serial);
  g_assert_cmpint (tilld_delivery_step (&delivery, &purse, &count_total_a, &in).reason, ==, TILL_CASE_REASON_METER_SWAPPED);
}

static void
test_restart (void)
{
  TilldMoneyReading same = money_group (3, 1000000, 150000);
  TilldPurse purse = purse_of (&same);
  TilldDeliveryEvent in = { .kind = TILLD_EVENT_RESTART };
  TilldDelivery sent = recharge (TILL_COMMAND_STATE_SENT), verifying = recharge (TILL_COMMAND_STATE_VERIFYING);
  TilldDelivery queued = recharge (TILL_COMMAND_STATE_QUEUED), held = recharge (TILL_COMMAND_STATE_HELD);
  TilldDeliveryStep step = tilld_delivery_step (&sent, &purse, &count_total_a, &in);

  g_assert_cmpint (step.next, ==, TILL_COMMAND_STATE_VERIFYING);
  g_assert_cmpint (step.outcome, ==, TILL_DELIVERY_OUTCOME_UNKNOWN);
  g_assert_cmpuint (step.wait_ms, ==, 5000);
  step = tilld_delivery_step (&verifying, &purse, &count_total_a, &in);
  g_assert_cmpint (step.next, ==, TILL_COMMAND_STATE_VERIFYING);
  g_assert_cmpint (step.outcome, ==, TILL_DELIVERY_OUTCOME_OK); /* what is known stays known */
  g_assert_cmpuint (step.wait_ms, ==, 5000);
  g_assert_cmpuint (tilld_delivery_step (&queued, &purse, &count_total_a, &in).effects, ==, 0);
  g_assert_cmpint (tilld_delivery_step (&held, &purse, &count_total_a, &in).next, ==, TILL_COMMAND_STATE_HELD);
}

static void
test_debit (void)
{
  TilldMoneyReading same = money_group (3, 1000000, 400000);
  TilldPurse purse = purse_of (&same);
  TilldMoneyTerms terms = count_total_a;
  TilldDelivery delivery = recharge (TILL_COMMAND_STATE_QUEUED);
  TilldDeliveryEvent in = { .kind = TILLD_EVENT_READ_BEFORE, .reading = &same };

  terms.proof = TILLD_PROOF_REFUNDS;
  delivery.kind = TILL_COMMAND_KIND_DEBIT; /* more than the meter holds: nothing is written, nothing is posted */
  g_assert_cmpint (tilld_delivery_step (&delivery, &purse, &terms, &in).next, ==, TILL_COMMAND_STATE_CANCELLED);
  g_assert_cmpuint (tilld_delivery_step (&delivery, &purse, &terms, &in).effects, ==, 0);
  delivery.amount = 400000;
  g_assert_cmpint (tilld_delivery_step (&delivery, &purse, &terms, &in).seq, ==, 1);
}

static void
test_quarantine (void)
{
  g_assert_cmpuint (tilld_delivery_quarantine_ms (TILL_LINK_KIND_SERIAL, TILL_LINK_CLASS_SERIAL, TRUE, 0), ==, 1000);
  g_assert_cmpuint (tilld_delivery_quarantine_ms (TILL_LINK_KIND_RTU_TCP, TILL_LINK_CLASS_CLEAR, TRUE, 0), ==, 5000);
  g_assert_cmpuint (tilld_delivery_quarantine_ms (TILL_LINK_KIND_MODBUS_TCP, TILL_LINK_CLASS_CLEAR, FALSE, 0), ==, 30000);
  g_assert_cmpuint (tilld_delivery_quarantine_ms (TILL_LINK_KIND_DIAL_IN, TILL_LINK_CLASS_TLS, TRUE, 0), ==, 30000);
  g_assert_cmpuint (tilld_delivery_quarantine_ms (TILL_LINK_KIND_DIAL_IN, TILL_LINK_CLASS_TLS, TRUE, 120), ==, 120000);
  g_assert_cmpuint (tilld_delivery_read_back_wait_ms (0), ==, 1000);
  g_assert_cmpuint (tilld_delivery_read_back_wait_ms (3), ==, 60000);
  g_assert_cmpuint (tilld_delivery_read_back_wait_ms (4), ==, 0);
}

static void
test_sale_states (void)
{
  g_assert_cmpint (tilld_delivery_sale_state (TILL_COMMAND_STATE_QUEUED, TRUE), ==, TILL_SALE_STATE_PAID);
  g_assert_cmpint (tilld_delivery_sale_state (TILL_COMMAND_STATE_QUEUED, FALSE), ==, TILL_SALE_STATE_QUEUED);
  g_assert_cmpint (tilld_delivery_sale_state (TILL_COMMAND_STATE_SENT, TRUE), ==, TILL_SALE_STATE_SENT);
  g_assert_cmpint (tilld_delivery_sale_state (TILL_COMMAND_STATE_VERIFYING, TRUE), ==, TILL_SALE_STATE_VERIFYING);
  g_assert_cmpint (tilld_delivery_sale_state (TILL_COMMAND_STATE_VERIFIED, FALSE), ==, TILL_SALE_STATE_VERIFIED);
  g_assert_cmpint (tilld_delivery_sale_state (TILL_COMMAND_STATE_HELD, TRUE), ==, TILL_SALE_STATE_HELD);
  g_assert_cmpint (tilld_delivery_sale_state (TILL_COMMAND_STATE_CANCELLED, TRUE), ==, TILL_SALE_STATE_CANCELLED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/delivery-rules/edges", test_edges);
  g_test_add_func ("/delivery-rules/every-state-and-event", test_every_state_and_event);
  g_test_add_func ("/delivery-rules/before-write", test_before_write);
  g_test_add_func ("/delivery-rules/fixed-count", test_fixed_count);
  g_test_add_func ("/delivery-rules/outcomes", test_outcomes);
  g_test_add_func ("/delivery-rules/card-beside-it", test_card_beside_it);
  g_test_add_func ("/delivery-rules/verdicts", test_verdicts);
  g_test_add_func ("/delivery-rules/balance-window-overlaps", test_balance_window_overlaps);
  g_test_add_func ("/delivery-rules/total-wraps", test_total_wraps);
  g_test_add_func ("/delivery-rules/record-must-agree", test_record_must_agree);
  g_test_add_func ("/delivery-rules/attempts", test_attempts);
  g_test_add_func ("/delivery-rules/refused-but-applied", test_refused_but_applied);
  g_test_add_func ("/delivery-rules/other-device", test_read_back_of_other_device);
  g_test_add_func ("/delivery-rules/restart", test_restart);
  g_test_add_func ("/delivery-rules/debit", test_debit);
  g_test_add_func ("/delivery-rules/quarantine", test_quarantine);
  g_test_add_func ("/delivery-rules/sale-states", test_sale_states);
  return g_test_run ();
}
