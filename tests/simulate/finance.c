/* SPDX-License-Identifier: GPL-2.0-or-later
 * finance.c: money that goes out, devices that are replaced, cases that two persons decide. */
#include "tests/simulate/world.h"

#include <string.h>

#include "server/rules/refund-rules.h"

#define PRICE 5000
#define FRESH_US (60 * SECOND_US)

static TilldPurseFacts
purse_facts (const World *world, guint meter)
{
  const Meter *m = &world->meters[meter];
  const Record *record = &world->store.records[meter];
  gboolean server = m->meter_class == TILL_METER_CLASS_C;
  TilldPurseFacts facts = { .settlement = server ? TILL_SETTLEMENT_SERVER : TILL_SETTLEMENT_METER, .purse = m->purse, .installed = TRUE, .has_debit = TRUE,
                            .debit_allowed = TRUE, .unit = m->unit, .debit_min = m->unit, .has_account = record->account, .frozen = record->purse.frozen,
                            .has_baseline = record->purse.has_baseline, .link_up = TRUE, .has_reading = record->has_state,
                            .reading_age_s = (world->now - record->state_at) / SECOND_US, .price = PRICE };

  facts.balance = server ? -world->store.balances[TILL_LEDGER_ACCOUNT_SERVER_BALANCE][1] : record->state.balance;
  for (guint i = 0; i < world->store.n_rows; i++)
    {
      const Row *row = &world->store.rows[i];

      if (row->meter == meter && row->has_command && row->delivery.kind == TILL_COMMAND_KIND_DEBIT && row->delivery.state != TILL_COMMAND_STATE_VERIFIED &&
          row->delivery.state != TILL_COMMAND_STATE_CANCELLED)
        facts.going_out += row->purse_amount;
    }
  return facts;
}

static Answer
refund (World *world, guint meter, gint32 id, TillMoney amount)
{
  TilldPurseFacts facts = purse_facts (world, meter);
  Row row = { .client_id = id, .meter = meter, .kind = TILL_SALE_KIND_REFUND, .reverses = -1, .amount = amount };
  g_autoptr(GError) error = NULL;

  if (!tilld_refund_purse_amount (&facts, amount, &row.purse_amount, &error) ||
      !tilld_refund_decide (&facts, amount, row.purse_amount, &row.state, &error))
    return ANSWER_STALE;
  row.has_command = row.state == TILL_SALE_STATE_QUEUED;
  row.delivery.kind = TILL_COMMAND_KIND_DEBIT;
  if (!row.has_command)
    store_post (world, &(TilldLedgerFact){ .event = TILL_LEDGER_EVENT_DEBITED, .amount = amount, .server_settled = TRUE, .meter = meter }, id, 0);
  store_add_row (world, &row);
  return ANSWER_DONE;
}

/* Not on the meter: transit, or the account, gives it back at once. */
static Answer
give_back (World *world, Row *sale, Row *row, TilldReversalWay way)
{
  if (way == TILLD_REVERSE_CANCEL)
    row_moves (world, sale, TILL_COMMAND_STATE_CANCELLED);
  row->state = TILL_SALE_STATE_VERIFIED;
  row->paid = TRUE;
  store_post (world, &(TilldLedgerFact){ .event = TILL_LEDGER_EVENT_REVERSED, .amount = row->amount, .channel = sale->channel,
                                         .subsidy = sale->kind == TILL_SALE_KIND_SUBSIDY, .server_settled = way == TILLD_REVERSE_SERVER, .meter = sale->meter },
              row->client_id, sale->tx);
  store_add_row (world, row);
  return ANSWER_DONE;
}

static Answer
reverse (World *world, gint32 id, gint of)
{
  Row *sale = &world->store.rows[of];
  TilldPurseFacts facts = purse_facts (world, sale->meter);
  const TilldReversalFacts asked = { .kind = sale->kind, .state = sale->state, .reversed = sale->reversed, .has_command = sale->has_command,
                                     .command_state = sale->delivery.state };
  Row row = { .client_id = id, .meter = sale->meter, .kind = TILL_SALE_KIND_REVERSAL, .reverses = of, .amount = sale->amount, .channel = sale->channel };
  g_autoptr(GError) error = NULL;
  TilldReversalWay way;

  if (!tilld_reversal_decide (&asked, &way, &error))
    return ANSWER_STALE;
  if (way != TILLD_REVERSE_CANCEL)
    {
      gboolean energy = world->meters[sale->meter].purse == TILL_PURSE_ENERGY;

      row.amount = tilld_reversal_amount (&facts, sale->amount, energy ? sale->purse_amount : 0, &row.purse_amount);
      if (row.amount <= 0 || !tilld_refund_decide (&facts, row.amount, row.purse_amount, &row.state, &error))
        return ANSWER_STALE;
    }
  sale->reversed = TRUE;
  if (way != TILLD_REVERSE_DEBIT)
    return give_back (world, sale, &row, way);
  row.has_command = TRUE;
  row.delivery.kind = TILL_COMMAND_KIND_DEBIT;
  store_add_row (world, &row);
  return ANSWER_DONE;
}

static Answer
pay (World *world, gint of)
{
  Row *row = &world->store.rows[of];
  const TilldPayFacts facts = { row->kind, row->state, row->paid, TRUE,
                                row->reverses >= 0 && world->store.rows[row->reverses].kind == TILL_SALE_KIND_SUBSIDY };
  g_autoptr(GError) error = NULL;
  gboolean replayed;

  if (!tilld_refund_may_pay (&facts, &replayed, &error) || replayed)
    return ANSWER_STALE;
  if (row->state != TILL_SALE_STATE_VERIFIED)
    wrong (world, "I3 money left the drawer before the meter gave it");
  row->paid = TRUE;
  store_post (world, &(TilldLedgerFact){ .event = TILL_LEDGER_EVENT_PAID_OUT, .amount = row->amount, .channel = TILL_CHANNEL_CASH, .meter = row->meter },
              row->client_id, 0);
  return ANSWER_DONE;
}

/* --- another device --- */

static gboolean
is_free (World *world, guint meter, gboolean typed)
{
  for (guint i = 0; i < world->store.n_rows; i++)
    {
      Row *row = &world->store.rows[i];

      if (row->meter != meter || !row->has_command)
        continue;
      if (row->delivery.state == TILL_COMMAND_STATE_HELD || (row->delivery.state == TILL_COMMAND_STATE_QUEUED && row->delivery.kind == TILL_COMMAND_KIND_DEBIT))
        return FALSE;
      if (row->delivery.state != TILL_COMMAND_STATE_SENT && row->delivery.state != TILL_COMMAND_STATE_VERIFYING)
        continue;
      if (typed && row->delivery.state == TILL_COMMAND_STATE_SENT)
        row_moves (world, row, TILL_COMMAND_STATE_VERIFYING);
      if (typed) /* a delivery that nobody can finish any more */
        row_held (world, row, TILL_CASE_REASON_EPOCH_CHANGED, NULL, 0);
      return FALSE;
    }
  return TRUE;
}

static Answer
replace (World *world, guint meter, gint32 id)
{
  Meter *m = &world->meters[meter];
  Record *record = &world->store.records[meter];
  TilldPurseFacts facts = purse_facts (world, meter);
  gboolean typed = chance (world, 500);
  gint64 balance = typed ? meter_device (world, meter)->balance : record->state.balance;
  Row row = { .client_id = id, .meter = meter, .kind = TILL_SALE_KIND_TRANSFER, .state = TILL_SALE_STATE_QUEUED, .reverses = -1, .has_command = TRUE };

  if (m->n_devices + 1 >= DEVICES || m->meter_class == TILL_METER_CLASS_C || record->purse.frozen || !record->purse.has_baseline || !is_free (world, meter, typed) ||
      (!typed && world->now - record->state_at > FRESH_US) || !tilld_refund_carry (&facts, balance, &row.amount, &row.purse_amount, NULL))
    return ANSWER_STALE;
  meter_take_new (world, meter);
  store_new_epoch (world, meter);
  record->purse = (TilldPurse){ .meter = meter, .epoch = record->epoch };
  g_snprintf (record->purse.serial, sizeof record->purse.serial, "S%u", m->device);
  record->has_state = FALSE;
  record->settled_energy = 0;
  if (row.amount > 0)
    {
      store_post (world, &(TilldLedgerFact){ .event = TILL_LEDGER_EVENT_REPLACED, .amount = row.amount, .meter = meter, .meter_to = meter }, id, 0);
      store_add_row (world, &row);
    }
  record->residue = store_on_meter (world, meter);
  note (world, "meter %u is replaced, %" G_GINT64_FORMAT " goes with it", meter, row.amount);
  return ANSWER_DONE;
}

Answer
verb_out (World *world, guint meter, Verb verb, gint32 id, gint64 what)
{
  switch (verb)
    {
    case VERB_REFUND:
      return refund (world, meter, id, what);
    case VERB_REVERSE:
      return reverse (world, id, (gint) what);
    case VERB_PAY:
      return pay (world, (gint) what);
    case VERB_REPLACE:
      return replace (world, meter, id);
    case VERB_SALE:
    case VERB_SUBSIDY:
    case VERB_RELAY:
    default:
      g_assert_not_reached ();
    }
}

/* --- cases --- */

static void
take_command (const World *world, guint meter, TilldCaseFacts *facts)
{
  const Record *record = &world->store.records[meter];
  const Row *row = record->case_row >= 0 ? &world->store.rows[record->case_row] : NULL;

  facts->terms = store_terms (world, meter, TILL_COMMAND_KIND_RECHARGE);
  if (row == NULL || row->delivery.state != TILL_COMMAND_STATE_HELD)
    return;
  facts->has_command = TRUE;
  facts->delivery = row->delivery;
  facts->terms = store_terms (world, meter, row->delivery.kind);
  if (row->delivery.attempt > 0)
    return;
  /* Held before its first byte: the baseline is what the books believed then. */
  facts->delivery.seq = (row->delivery.kind == TILL_COMMAND_KIND_DEBIT ? record->purse.refund_count : record->purse.count) + 1;
  facts->delivery.baseline = (TilldMoneyReading){ .have = record->purse.have, .epoch = record->purse.epoch, .count = record->purse.count,
                                                  .total = record->purse.total, .balance = record->purse.balance, .last_amount = record->purse.last_amount,
                                                  .refund_count = record->purse.refund_count, .refunded_total = record->purse.refunded_total,
                                                  .at_us = record->purse.at_us };
}

/* Two persons agree on the first that the rules let them, in an order of their own. */
static gboolean
agree (World *world, TilldCaseFacts *facts, TilldCaseOutcome *outcome)
{
  static const struct { TilldCaseDecision decision; gboolean accept; } ways[] = {
    { TILLD_DECIDE_APPLIED, FALSE }, { TILLD_DECIDE_SEND_AGAIN, FALSE }, { TILLD_DECIDE_RETURN, FALSE }, { TILLD_DECIDE_ACCEPT, FALSE },
    { TILLD_DECIDE_APPLIED, TRUE }, { TILLD_DECIDE_SEND_AGAIN, TRUE }, { TILLD_DECIDE_RETURN, TRUE },
  };
  guint from = random_below (world, 3);

  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      guint at = i < 3 ? (from + i) % 3 : i;
      g_autoptr(GError) error = NULL;

      facts->decision = ways[at].decision;
      facts->accept = ways[at].accept;
      if (tilld_case_decide (facts, outcome, &error))
        return TRUE;
    }
  return FALSE;
}

/* Without totals, or behind them, the balance itself was compared. */
static gboolean
by_balance (const TilldCaseFacts *facts, const TilldCaseOutcome *outcome)
{
  gint64 base = facts->on_meter;

  if (facts->has_command && outcome->command_next == TILL_COMMAND_STATE_VERIFIED && outcome->command_moves)
    base += facts->delivery.kind == TILL_COMMAND_KIND_DEBIT ? -facts->delivery.amount : facts->delivery.amount;
  return outcome->new_epoch && outcome->difference == facts->reading->balance - base;
}

static void
book (World *world, guint meter, const TilldCaseFacts *facts, const TilldCaseOutcome *outcome)
{
  Record *record = &world->store.records[meter];
  Row *row = facts->has_command ? &world->store.rows[record->case_row] : NULL;
  gboolean debit = row != NULL && row->delivery.kind == TILL_COMMAND_KIND_DEBIT;
  gint64 *net = &record->net[world->meters[meter].device];
  TilldCaseEntry says[TILLD_CASE_ENTRIES];
  guint n = tilld_case_entries (facts, outcome, row != NULL ? row->amount : 0, world->meters[meter].purse == TILL_PURSE_MONEY, says);

  for (guint i = 0; i < n; i++)
    {
      gboolean of_subsidy = row != NULL && (debit ? row->reverses >= 0 && world->store.rows[row->reverses].kind == TILL_SALE_KIND_SUBSIDY : row->kind == TILL_SALE_KIND_SUBSIDY);
      Row owed = { .meter = meter, .kind = TILL_SALE_KIND_REFUND, .state = TILL_SALE_STATE_VERIFIED, .reverses = -1, .amount = says[i].amount };

      store_post (world, &(TilldLedgerFact){ .event = says[i].event, .amount = says[i].amount, .meter = meter,
                                             .subsidy = of_subsidy && (debit || says[i].event == TILL_LEDGER_EVENT_GIVEN_UP) }, row != NULL ? row->client_id : 0,
                  says[i].event == TILL_LEDGER_EVENT_DEBITED && row->reverses >= 0 ? world->store.rows[row->reverses].tx : 0);
      if (says[i].event == TILL_LEDGER_EVENT_GIVEN_UP && !of_subsidy)
        store_add_row (world, &owed);
    }
  if (row != NULL && outcome->command_moves && outcome->command_next == TILL_COMMAND_STATE_VERIFIED)
    *net += debit ? -row->purse_amount : row->purse_amount;
  if (by_balance (facts, outcome))
    {
      *net = facts->reading->balance + used_by (&world->meters[meter], record->seen_energy);
      record->settled_energy = record->seen_energy;
    }
  else
    *net += outcome->difference;
}

static void
carry_out (World *world, guint meter, const TilldCaseFacts *facts, const TilldCaseOutcome *outcome)
{
  Record *record = &world->store.records[meter];

  note (world, "case of meter %u decided: %s%s, difference %" G_GINT64_FORMAT, meter, tilld_case_decision_word (facts->decision),
        facts->accept ? " and accepted" : "", outcome->difference);
  record->guesses += facts->reading == NULL;
  book (world, meter, facts, outcome);
  record->purse = outcome->purse;
  record->open_case = FALSE;
  world->decided_at = world->now;
  if (outcome->command_moves)
    {
      Row *row = &world->store.rows[record->case_row];

      row->claimed_until = row->not_before = 0;
      row_moves (world, row, outcome->command_next);
      if (outcome->command_next == TILL_COMMAND_STATE_CANCELLED && row->delivery.kind == TILL_COMMAND_KIND_DEBIT && row->reverses >= 0)
        world->store.rows[row->reverses].reversed = FALSE;
    }
  if (outcome->new_epoch)
    store_new_epoch (world, meter);
  store_bell (world);
}

void
decide (World *world, guint meter)
{
  Record *record = &world->store.records[meter];
  Node *node = world->store.owner >= 0 ? &world->nodes[world->store.owner] : NULL;
  TilldCaseFacts facts = { .reason = record->reason, .purse = record->purse, .on_meter = store_on_meter (world, meter) - record->residue };
  gboolean guess = (world->meters[meter].have & TILLD_MONEY_TOTAL) && world->meters[meter].purse == TILL_PURSE_MONEY && record->case_row >= 0 && chance (world, 50);
  TilldCaseOutcome outcome;

  if (!record->open_case || world->store.n_rows + 2 > ROWS || record->epoch + 2 >= (gint) G_N_ELEMENTS (record->device_of))
    return;
  take_command (world, meter, &facts);
  if (!guess && record->seen_at != 0 && world->now - record->seen_at <= FRESH_US)
    facts.reading = &record->seen;
  else if (!guess && node != NULL && node->alive && node->up && node->stalled_until <= world->now)
    node_queue (world, node, meter, JOB_STATUS);
  if ((facts.reading != NULL || guess) && !fault (world, FAULT_COMMIT_LOST, meter, AT_HELD) && agree (world, &facts, &outcome))
    {
      carry_out (world, meter, &facts, &outcome);
      store_committed (world, meter, AT_HELD);
      check_always (world);
      return;
    }
  event_in (world, 5 * SECOND_US, EVENT_DECIDE, NODES, meter);
}
