/* SPDX-License-Identifier: GPL-2.0-or-later
 * store-work.c: the transactions of the servers, each with the checks that its SQL makes under its locks (server/sql/functions). */
#include "tests/simulate/world.h"

#include "server/rules/lease-rules.h"
#include "server/rules/setting-rules.h"
#include "server/rules/tariff-rules.h"

#define CLAIM_US (300 * SECOND_US)
#define RELAY_CLAIM_US (60 * SECOND_US)

static void
recover (World *world)
{
  for (guint i = 0; i < world->store.n_rows; i++)
    {
      Row *row = &world->store.rows[i];

      if (!row->has_command)
        continue;
      row->claimed_until = 0;
      if (row->delivery.state == TILL_COMMAND_STATE_SENT)
        {
          row->delivery.state = TILL_COMMAND_STATE_VERIFYING;
          row->delivery.outcome = TILL_DELIVERY_OUTCOME_UNKNOWN;
        }
    }
}

static Answer
beat (World *world, Node *node)
{
  Store *store = &world->store;
  gboolean mine = store->owner == (gint) node->id && store->owner_life == node->life;
  TilldLeaseStep step;

  if (store->owner >= 0 && store->lease_until < world->now && !mine)
    store->owner = -1;
  if (mine && store->lease_until >= world->now)
    store->lease_until = world->now + TILLD_LEASE_US;
  else if (mine)
    store->owner = -1;
  tilld_lease_decide (&(TilldLeaseView){ .nodes = NODES, .mine = store->owner == (gint) node->id && mine, .free = store->owner < 0, .now_us = world->now }, &step);
  if (step.claim > 0 && store->owner < 0)
    {
      store->owner = (gint) node->id;
      store->owner_life = node->life;
      store->session++;
      store->lease_until = world->now + TILLD_LEASE_US;
      note (world, "node %u owns the gateway", node->id);
      recover (world);
    }
  return ANSWER_DONE;
}

/* --- claims --- */

static gboolean
open_money (const Row *row)
{
  return row->has_command && (row->delivery.state == TILL_COMMAND_STATE_QUEUED || row->delivery.state == TILL_COMMAND_STATE_SENT ||
                              row->delivery.state == TILL_COMMAND_STATE_VERIFYING || row->delivery.state == TILL_COMMAND_STATE_HELD);
}

static gint
claim_row (World *world, guint meter)
{
  for (guint i = 0; i < world->store.n_rows; i++)
    {
      Row *row = &world->store.rows[i];

      if (row->meter != meter || !open_money (row))
        continue;
      /* The head of the queue, or nothing: a younger one waits behind every open one. */
      if ((row->delivery.state != TILL_COMMAND_STATE_QUEUED && row->delivery.state != TILL_COMMAND_STATE_VERIFYING) || row->not_before > world->now ||
          row->claimed_until > world->now)
        return -1;
      row->claimed_until = world->now + CLAIM_US;
      return (gint) i;
    }
  return -1;
}

static gboolean
has_newer (const World *world, guint at)
{
  for (guint i = at + 1; i < world->store.n_orders; i++)
    if (world->store.orders[i].meter == world->store.orders[at].meter && world->store.orders[i].state != TILL_COMMAND_STATE_FAILED)
      return TRUE;
  return FALSE;
}

static gint
claim_order (World *world, guint meter, gboolean *ret_doubt)
{
  for (guint i = 0; i < world->store.n_orders; i++)
    {
      Order *order = &world->store.orders[i];

      if (order->meter != meter || (order->state != TILL_COMMAND_STATE_QUEUED && order->state != TILL_COMMAND_STATE_SENT) || order->not_before > world->now ||
          order->claimed_until > world->now || has_newer (world, i))
        continue;
      *ret_doubt = FALSE;
      for (guint k = 0; k < i; k++)
        *ret_doubt |= world->store.orders[k].meter == meter &&
                      tilld_setting_casts_doubt (world->store.orders[k].kind, world->store.orders[k].attempt, world->store.orders[k].outcome, order->kind) &&
                      world->store.orders[k].sent_at > world->now - 600 * SECOND_US;
      order->claimed_until = world->now + RELAY_CLAIM_US;
      order->state = TILL_COMMAND_STATE_QUEUED;
      return (gint) i;
    }
  return -1;
}

static Answer
claim (World *world, Node *node)
{
  if (world->store.session != node->session)
    return ANSWER_STALE;
  for (guint m = 0; m < METERS; m++)
    {
      if (node->claimed_rows[m] < 0)
        node->claimed_rows[m] = claim_row (world, m);
      if (node->claimed_orders[m] < 0)
        node->claimed_orders[m] = claim_order (world, m, &node->claimed_doubt[m]);
    }
  return ANSWER_DONE;
}

/* --- steps of money --- */

void
row_moves (World *world, Row *row, TillCommandState to)
{
  gboolean was = row->delivery.state == TILL_COMMAND_STATE_SENT || row->delivery.state == TILL_COMMAND_STATE_VERIFYING;
  gboolean is = to == TILL_COMMAND_STATE_SENT || to == TILL_COMMAND_STATE_VERIFYING;

  if (!tilld_delivery_edge_legal (row->delivery.state, to) && !TILLD_HAS_BUG (TILLD_BUG_BLIND_RETRY))
    wrong (world, "an edge that is not in the table");
  if (was && !is && world->now - MAX (row->doubt_since, world->calm_at) > 3 * POLL_US)
    wrong (world, "I11 in doubt for longer than three polls");
  if (!was && is)
    row->doubt_since = world->now;
  note (world, "row %u of meter %u: %s -> %s, attempt %d, count %d", (guint) (row - world->store.rows), row->meter,
        till_command_state_word (row->delivery.state), till_command_state_word (to), row->delivery.attempt, row->delivery.seq);
  row->delivery.state = to;
  row->state = tilld_delivery_sale_state (to, TRUE);
}

static Answer
sent (World *world, const Node *node, Row *row, const Carry *order)
{
  Record *record = &world->store.records[row->meter];
  gint32 count = row->delivery.kind == TILL_COMMAND_KIND_DEBIT ? record->purse.refund_count : record->purse.count;

  /* delivery_sent () */
  if (row->delivery.state != TILL_COMMAND_STATE_QUEUED || row->delivery.attempt != order->step.attempt - 1 ||
      (row->delivery.seq != 0 && row->delivery.seq != order->step.seq) || record->purse.frozen || !record->purse.has_baseline ||
      record->purse.epoch != row->delivery.epoch || order->step.seq != count + 1 || world->store.session != node->session)
    return ANSWER_STALE;
  if (order->reading.epoch != row->delivery.epoch)
    wrong (world, "I5 a reading of another epoch is the baseline of a delivery");
  row->delivery.seq = order->step.seq;
  row->delivery.attempt = order->step.attempt;
  row->delivery.baseline = order->reading;
  row->delivery.outcome = TILL_DELIVERY_OUTCOME_NONE;
  row_moves (world, row, TILL_COMMAND_STATE_SENT);
  return ANSWER_DONE;
}

static Answer
verifying (World *world, Row *row, const Carry *order)
{
  gboolean blind = order->step.next == TILL_COMMAND_STATE_QUEUED; /* bug 2 */

  if (row->delivery.state != TILL_COMMAND_STATE_SENT || row->delivery.attempt != order->delivery.attempt)
    return ANSWER_STALE;
  row->delivery.outcome = order->outcome;
  if (blind)
    row->claimed_until = 0;
  row_moves (world, row, blind ? TILL_COMMAND_STATE_QUEUED : TILL_COMMAND_STATE_VERIFYING);
  return ANSWER_DONE;
}

static void
verified (World *world, Row *row, const TilldMoneyReading *reading)
{
  Record *record = &world->store.records[row->meter];
  gboolean debit = row->delivery.kind == TILL_COMMAND_KIND_DEBIT;
  gboolean subsidy = debit && row->reverses >= 0 && world->store.rows[row->reverses].kind == TILL_SALE_KIND_SUBSIDY;

  row_moves (world, row, TILL_COMMAND_STATE_VERIFIED);
  store_post (world, &(TilldLedgerFact){ .event = debit ? TILL_LEDGER_EVENT_DEBITED : TILL_LEDGER_EVENT_DELIVERED, .amount = row->amount, .meter = row->meter,
                                         .subsidy = subsidy }, row->client_id, debit && row->reverses >= 0 ? world->store.rows[row->reverses].tx : 0);
  record->net[record->device_of[row->delivery.epoch]] += debit ? -row->purse_amount : row->purse_amount;
  tilld_purse_after (&record->purse, reading, debit ? record->purse.count : row->delivery.seq, debit ? row->delivery.seq : record->purse.refund_count);
}

/* Without a card, a guess of people or a delivery that was held, nothing but commands that were sent moves a counter. */
static void
counter_moved (World *world, guint meter, TillCaseReason reason)
{
  const Record *record = &world->store.records[meter];

  if (reason >= TILL_CASE_REASON_COUNT_AHEAD && reason <= TILL_CASE_REASON_BALANCE_RISE && record->held == 0 && record->guesses == 0 &&
      world->meters[meter].devices[world->meters[meter].device].from_card == 0)
    wrong (world, "I5 a counter moved without a command that was sent");
}

void
row_held (World *world, Row *row, TillCaseReason reason, const TilldMoneyReading *reading, gint64 energy)
{
  Record *record = &world->store.records[row->meter];

  if (row->delivery.state == TILL_COMMAND_STATE_QUEUED)
    counter_moved (world, row->meter, reason);
  row_moves (world, row, TILL_COMMAND_STATE_HELD);
  row->claimed_until = 0;
  record->seen_at = 0;
  if (reading != NULL)
    {
      record->seen = *reading;
      record->seen_at = world->now;
      record->seen_energy = energy;
    }
  store_dispute (world, row->meter, (gint) (row - world->store.rows), reason);
}

static Answer
settle (World *world, Row *row, Circuit *circuit)
{
  Carry *order = &circuit->carry;
  TilldDeliveryEvent event = { .kind = TILLD_EVENT_READ_BACK, .reading = &order->reading, .confirmed = order->confirmed };
  Record *record = &world->store.records[row->meter];

  if (row->delivery.state != TILL_COMMAND_STATE_VERIFYING || row->delivery.attempt != order->delivery.attempt)
    return ANSWER_STALE;
  order->step = tilld_delivery_step (&row->delivery, &record->purse, &order->terms, &event);
  if (order->step.next != row->delivery.state && order->reading.epoch != row->delivery.epoch && order->step.reason != TILL_CASE_REASON_EPOCH_CHANGED)
    wrong (world, "I5 a verdict from a reading of another epoch");
  if (order->step.next == TILL_COMMAND_STATE_VERIFIED)
    verified (world, row, &order->reading);
  else if (order->step.next == TILL_COMMAND_STATE_HELD)
    row_held (world, row, order->step.reason, &order->reading, circuit->pending_energy);
  else if (order->step.next == TILL_COMMAND_STATE_QUEUED)
    {
      row_moves (world, row, TILL_COMMAND_STATE_QUEUED);
      row->claimed_until = 0;
      row->not_before = world->now + order->step.wait_ms * 1000;
    }
  return ANSWER_DONE;
}

static Answer
give_up (World *world, Row *row)
{
  if (row->delivery.state != TILL_COMMAND_STATE_QUEUED)
    return ANSWER_STALE;
  row_moves (world, row, TILL_COMMAND_STATE_CANCELLED);
  if (row->reverses >= 0)
    world->store.rows[row->reverses].reversed = FALSE; /* it came to nothing, so it may be tried again */
  return ANSWER_DONE;
}

/* --- readings --- */

void
order_what_is_wanted (World *world, guint meter)
{
  Record *record = &world->store.records[meter];
  TilldRelayWish wish = tilld_relay_wish (&(TilldRelayFacts){ record->off_set, record->forced_on, world->meters[meter].meter_class == TILL_METER_CLASS_C });

  if (wish != TILLD_RELAY_LEAVE && (gint) tilld_relay_command (wish) != (record->ordered == -1 ? (gint) TILL_COMMAND_KIND_FORCE_ON : record->ordered) &&
      tilld_relay_may_operate (world->now, record->ordered_at, &record->hour_from, &record->in_hour))
    {
      record->ordered_at = world->now;
      store_order (world, meter, tilld_relay_command (wish));
    }
}

/* A class C meter: the server charges, cuts at the overdraft, and lifts after payment. */
static void
charge_account (World *world, guint meter, gint64 energy)
{
  static const TilldTariff tariff = { .n_tiers = 1, .price = { { 5000, 5000, 5000, 5000, 5000 } } };
  Record *record = &world->store.records[meter];
  TilldArrearsFacts facts = { .overdraft = 20000, .has_account = record->account, .has_reading = TRUE };
  TillMoney charge = 0;
  const char *why;

  if (energy > record->settled_energy)
    tilld_exact_round (tilld_tariff_cost (&tariff, (TillRate) 0, record->settled_energy, 0, energy - record->settled_energy), &charge);
  if (charge > 0 && record->account)
    {
      store_post (world, &(TilldLedgerFact){ .event = TILL_LEDGER_EVENT_SETTLED, .amount = charge, .meter = meter, .server_settled = TRUE }, 0, 0);
      record->charged += charge;
    }
  record->settled_energy = MAX (energy, record->settled_energy);
  facts.balance = -world->store.balances[TILL_LEDGER_ACCOUNT_SERVER_BALANCE][1];
  facts.cut = (record->off_set & 1u << TILLD_OFF_ARREARS) != 0;
  switch (tilld_relay_arrears (&facts, &why))
    {
    case TILLD_ARREARS_CUT:
      record->off_set |= 1u << TILLD_OFF_ARREARS;
      break;
    case TILLD_ARREARS_LIFT:
      record->off_set &= ~(1u << TILLD_OFF_ARREARS);
      break;
    case TILLD_ARREARS_STAY:
    case TILLD_ARREARS_WAIT:
    default:
      break;
    }
  order_what_is_wanted (world, meter);
}

static gboolean
in_flight (const World *world, guint meter)
{
  At at = store_at (world, meter);

  return at == AT_SENT || at == AT_VERIFYING;
}

static Answer
status (World *world, guint meter, const Circuit *c)
{
  Record *record = &world->store.records[meter];

  if (c->pending.epoch != record->epoch)
    return ANSWER_STALE;
  record->has_state = TRUE;
  record->state = c->pending;
  record->state_at = world->now;
  if (world->meters[meter].meter_class == TILL_METER_CLASS_C)
    charge_account (world, meter, c->pending_energy);
  else if (record->purse.frozen && !c->carry.active)
    {
      record->seen = c->pending;
      record->seen_at = world->now;
      record->seen_energy = c->pending_energy;
    }
  else if (record->purse.has_baseline && !record->purse.frozen)
    store_settle_meter (world, meter, c->pending_energy);
  return ANSWER_DONE;
}

/* What a purse has lost to energy since the device came. */
gint64
used_by (const Meter *meter, gint64 energy)
{
  return meter->purse == TILL_PURSE_ENERGY ? energy : 5 * energy;
}

static Answer
adopt (World *world, guint meter, const Circuit *c)
{
  Record *record = &world->store.records[meter];

  if (record->purse.epoch != c->pending.epoch || record->purse.has_baseline)
    return ANSWER_STALE;
  tilld_purse_after (&record->purse, &c->pending, 0, 0);
  record->settled_energy = c->pending_energy;
  record->net[record->device_of[record->epoch]] += c->pending.balance + used_by (&world->meters[meter], c->pending_energy);
  if (world->meters[meter].purse == TILL_PURSE_MONEY && c->pending.balance != 0)
    store_post (world, &(TilldLedgerFact){ .event = TILL_LEDGER_EVENT_ADOPTED, .amount = c->pending.balance, .meter = meter }, 0, 0);
  return ANSWER_DONE;
}

/* What was compared is still what the books believe; a process that was stopped may not know. */
static gboolean
believes (const TilldPurse *a, const TilldPurse *b)
{
  return a->epoch == b->epoch && a->count == b->count && a->total == b->total && a->balance == b->balance && a->refund_count == b->refund_count &&
         a->refunded_total == b->refunded_total;
}

static Answer
mismatch (World *world, guint meter, const Circuit *c)
{
  Record *record = &world->store.records[meter];

  if (record->purse.frozen || in_flight (world, meter) || c->pending.epoch != record->purse.epoch || !believes (&record->purse, &c->believed))
    return ANSWER_STALE;
  counter_moved (world, meter, c->reason);
  record->seen = c->pending;
  record->seen_at = world->now;
  record->seen_energy = c->pending_energy;
  store_dispute (world, meter, -1, c->reason);
  return ANSWER_DONE;
}

/* --- relay --- */

static Answer
relay_sent (World *world, Order *order, guint at)
{
  if (order->state != TILL_COMMAND_STATE_QUEUED || has_newer (world, at))
    return ANSWER_STALE;
  order->state = TILL_COMMAND_STATE_SENT;
  order->attempt++;
  order->sent_at = world->now;
  return ANSWER_DONE;
}

static Answer
relay_done (World *world, Order *order, guint at, const Setting *s)
{
  if (order->state != TILL_COMMAND_STATE_QUEUED && order->state != TILL_COMMAND_STATE_SENT)
    return ANSWER_STALE;
  order->state = s->end == TILL_COMMAND_STATE_QUEUED && has_newer (world, at) ? TILL_COMMAND_STATE_SUPERSEDED : s->end;
  order->outcome = tilld_setting_remember (order->outcome, s->outcome);
  order->refusals += s->refused;
  order->claimed_until = 0;
  order->not_before = world->now + (gint64) s->wait_s * SECOND_US;
  note (world, "order %u: %s", at, till_command_state_word (order->state));
  if (order->state == TILL_COMMAND_STATE_VERIFIED)
    world->verified_generation[order->meter] = MAX (world->verified_generation[order->meter], (gint64) at);
  for (guint i = 0; i < at && (s->end == TILL_COMMAND_STATE_VERIFIED || s->end == TILL_COMMAND_STATE_FAILED); i++)
    if (world->store.orders[i].meter == order->meter && (world->store.orders[i].state == TILL_COMMAND_STATE_QUEUED || world->store.orders[i].state == TILL_COMMAND_STATE_SENT))
      world->store.orders[i].state = TILL_COMMAND_STATE_SUPERSEDED;
  return ANSWER_DONE;
}

static Answer
release (World *world, Row *row, const Carry *order)
{
  if (row->delivery.state != TILL_COMMAND_STATE_QUEUED && row->delivery.state != TILL_COMMAND_STATE_VERIFYING)
    return ANSWER_STALE;
  row->claimed_until = 0;
  row->not_before = world->now + order->wait;
  return ANSWER_DONE;
}

static Answer
work (World *world, Node *node, guint meter, Op op)
{
  Circuit *c = &node->circuits[meter];
  Row *row = &world->store.rows[c->carry.row];
  Order *order = &world->store.orders[c->setting.order];

  switch (op)
    {
    case OP_BEAT:
      return beat (world, node);
    case OP_CLAIM:
      return claim (world, node);
    case OP_RELEASE:
      return release (world, row, &c->carry);
    case OP_HOLD:
      if (row->delivery.state != TILL_COMMAND_STATE_QUEUED)
        return ANSWER_STALE;
      row_held (world, row, c->carry.reason, &c->carry.reading, c->pending_energy);
      return ANSWER_DONE;
    case OP_GIVE_UP:
      return give_up (world, row);
    case OP_SENT:
      return sent (world, node, row, &c->carry);
    case OP_VERIFYING:
      return verifying (world, row, &c->carry);
    case OP_SETTLE:
      return settle (world, row, c);
    case OP_ADOPT:
      return adopt (world, meter, c);
    case OP_MISMATCH:
      return mismatch (world, meter, c);
    case OP_STATUS:
      return status (world, meter, c);
    case OP_RELAY_SENT:
      return relay_sent (world, order, c->setting.order);
    case OP_RELAY_DONE:
      return relay_done (world, order, c->setting.order, &c->setting);
    case OP_N:
    default:
      g_assert_not_reached ();
    }
}

Answer
store_work (World *world, Node *node, guint meter, Op op)
{
  static const At at[OP_N] = { [OP_SENT] = AT_QUEUED, [OP_VERIFYING] = AT_SENT, [OP_SETTLE] = AT_VERIFYING };
  Answer answer = work (world, node, meter, op);

  if (answer == ANSWER_DONE && op > OP_RELEASE)
    store_committed (world, meter, at[op]);
  if (answer == ANSWER_DONE && op > OP_CLAIM)
    check_always (world);
  return answer;
}
