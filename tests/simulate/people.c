/* SPDX-License-Identifier: GPL-2.0-or-later
 * people.c: cashiers who sell, engineers who switch and replace. A till asks again until it hears an answer, always under the id it made
 * first; whether it may, the rules say. */
#include "tests/simulate/world.h"

#include "server/rules/refund-rules.h"
#include "server/rules/sale-rules.h"

#define AGAIN_US (2 * SECOND_US)
#define PRICE 5000

void
ask (World *world, Verb verb, guint meter, gint64 what, gint64 delay_us)
{
  Event *event;
  guint intent = world->n_intents;

  if (intent == G_N_ELEMENTS (world->intents))
    return;
  world->n_intents++;
  world->intents[intent] = (Intent){ 0 };
  event = event_in (world, delay_us, EVENT_TILL, NODES, meter);
  event->op = (guint8) verb;
  event->a = what;
  event->b = intent;
}

static gint
row_for (World *world, guint meter, Verb verb)
{
  guint n = world->store.n_rows, from = n == 0 ? 0 : random_below (world, n);

  for (guint i = 0; i < n; i++)
    {
      guint at = (from + i) % n;
      const Row *row = &world->store.rows[at];
      gboolean out = row->kind == TILL_SALE_KIND_REFUND || row->kind == TILL_SALE_KIND_REVERSAL;

      if (row->meter == meter && out == (verb == VERB_PAY) && !row->paid)
        return (gint) at;
    }
  return -1;
}

static void
money_out_wish (World *world, guint meter, Verb verb)
{
  gint row = row_for (world, meter, verb);

  if (row < 0)
    return;
  ask (world, verb, meter, row, 0);
  if (verb == VERB_REVERSE) /* another till has the same idea */
    ask (world, verb, meter, row, random_below (world, 8) * SECOND_US);
}

/* Somebody wants something. */
void
person (World *world)
{
  static const TillCommandKind relays[] = { TILL_COMMAND_KIND_FORCE_OFF, TILL_COMMAND_KIND_FORCE_ON, TILL_COMMAND_KIND_RESTORE_PREPAID };
  guint meter = random_below (world, METERS), what = random_below (world, 100);
  gint64 amount = (1 + random_below (world, 90)) * (meter == 2 ? 10000 : 20000);

  if (world->store.n_rows + 16 > ROWS)
    return;
  if (meter == 2 && chance (world, 60))
    amount = G_GINT64_CONSTANT (2500000000); /* a whole building pays for a year */
  if (what < 36)
    ask (world, VERB_SALE, meter, amount, 0);
  else if (what < 41)
    ask (world, VERB_SUBSIDY, meter, amount, 0);
  else if (what < 51)
    ask (world, VERB_REFUND, meter, amount / 4 - amount / 4 % 100, 0);
  else if (what < 61)
    money_out_wish (world, meter, VERB_REVERSE);
  else if (what < 72)
    money_out_wish (world, meter, VERB_PAY);
  else if (what < 76)
    ask (world, VERB_REPLACE, meter, 0, 0);
  else
    ask (world, VERB_RELAY, meter, relays[random_below (world, 3)], 0);
}

static TillMoney
waiting (const World *world, guint meter)
{
  return -world->store.balances[TILL_LEDGER_ACCOUNT_TRANSIT][meter + 1];
}

static Answer
sell (World *world, guint meter, Verb verb, gint32 id, gint64 amount)
{
  const Meter *m = &world->meters[meter];
  Record *record = &world->store.records[meter];
  gboolean server = m->meter_class == TILL_METER_CLASS_C;
  TilldSaleFacts facts = { .kind = verb == VERB_SUBSIDY ? TILL_SALE_KIND_SUBSIDY : record->account ? TILL_SALE_KIND_SALE : TILL_SALE_KIND_OPENING,
                           .channel = chance (world, 700) ? TILL_CHANNEL_CASH : TILL_CHANNEL_CARD, .amount = amount,
                           .settlement = server ? TILL_SETTLEMENT_SERVER : TILL_SETTLEMENT_METER, .purse = m->purse, .installed = TRUE, .write_allowed = TRUE,
                           .unit = m->unit, .has_account = TRUE, .account_state = TILL_ACCOUNT_STATE_OPEN, .frozen = record->purse.frozen, .link_up = TRUE,
                           .may_queue = TRUE, .has_reading = record->has_state, .reading_age_s = (world->now - record->state_at) / SECOND_US,
                           .balance = record->state.balance, .waiting = waiting (world, meter) };
  Row row = { .client_id = id, .meter = meter, .reverses = -1, .amount = amount, .has_command = !server };
  g_autoptr(GError) error = NULL;

  if (!tilld_sale_purse_amount (&facts, &(TilldEnergyWish){ FALSE, 0, PRICE }, &facts.purse_amount, &error) ||
      !tilld_sale_decide (&facts, &row.state, &error))
    return ANSWER_STALE;
  record->account = TRUE;
  row.kind = facts.kind;
  row.channel = facts.channel;
  row.purse_amount = facts.purse_amount;
  row.delivery.kind = TILL_COMMAND_KIND_RECHARGE;
  row.tx = store_post (world, &(TilldLedgerFact){ .event = verb == VERB_SUBSIDY ? TILL_LEDGER_EVENT_SUBSIDY_GIVEN : TILL_LEDGER_EVENT_SALE_PAID,
                                                  .amount = amount, .channel = row.channel, .server_settled = server, .meter = meter }, id, 0);
  store_add_row (world, &row);
  return ANSWER_DONE;
}

static Answer
relay (World *world, guint meter, TillCommandKind kind)
{
  Record *record = &world->store.records[meter];

  record->forced_on = kind == TILL_COMMAND_KIND_FORCE_ON;
  if (kind == TILL_COMMAND_KIND_FORCE_OFF)
    record->off_set |= 1u << TILLD_OFF_OPERATOR;
  else
    record->off_set &= ~(1u << TILLD_OFF_OPERATOR);
  if (world->meters[meter].meter_class == TILL_METER_CLASS_C)
    kind = tilld_relay_command (tilld_relay_wish (&(TilldRelayFacts){ record->off_set, record->forced_on, TRUE }));
  store_order (world, meter, kind);
  return ANSWER_DONE;
}

/* Bug 1 is about bytes that do not wait for a commit, and no rule sees either: it lives here. */
static void
early_bytes (World *world, guint meter, gint64 amount)
{
  const Record *record = &world->store.records[meter];
  const TilldDelivery delivery = { .amount = amount };
  TilldMbRequest request;
  guint16 words[3];
  guint8 out[64];

  if (world->meters[meter].meter_class == TILL_METER_CLASS_C || world->meters[meter].purse != TILL_PURSE_MONEY || !record->purse.has_baseline ||
      store_at (world, meter) != AT_IDLE)
    return;
  meter_money_words (&delivery, &world->meters[meter], record->purse.count + 1, words);
  tilld_mb_write (&request, (guint8) (meter + 1), 16, 0x100, words, 3);
  meter_answer (world, meter, request.pdu, request.len, 0, FALSE, out);
}

static gboolean
is_known (const World *world, gint32 id)
{
  for (guint i = 0; i < world->store.n_rows; i++)
    if (world->store.rows[i].client_id == id)
      return TRUE;
  return FALSE;
}

static Answer
carry_out (World *world, const Event *event, gint32 id)
{
  if (is_known (world, id))
    return ANSWER_DONE; /* asked before: the old answer */
  switch ((Verb) event->op)
    {
    case VERB_SALE:
    case VERB_SUBSIDY:
      return sell (world, event->meter, (Verb) event->op, id, event->a);
    case VERB_RELAY:
      return relay (world, event->meter, (TillCommandKind) event->a);
    case VERB_REFUND:
    case VERB_REVERSE:
    case VERB_PAY:
    case VERB_REPLACE:
    default:
      return verb_out (world, event->meter, (Verb) event->op, id, event->a);
    }
}

static gboolean
makes_row (const Event *event)
{
  return event->op <= VERB_REVERSE;
}

/* One request of a till; unanswered ones come again. */
void
till (World *world, const Event *event)
{
  Intent *intent = &world->intents[event->b];
  At at = store_at (world, event->meter);
  /* Bug 9 is the client's, which makes the id: it lives here. */
  gint32 id = 1 + (gint32) event->b + (TILLD_HAS_BUG (TILLD_BUG_NEW_ID) ? 1000 * event->len : 0);
  Answer answer = ANSWER_BROKEN;
  Event *more;

  if (fault (world, FAULT_COMMIT_LOST, event->meter, at))
    {
      if (TILLD_HAS_BUG (TILLD_BUG_EARLY) && event->op == VERB_SALE)
        early_bytes (world, event->meter, event->a);
    }
  else
    {
      gboolean knew = is_known (world, id);

      answer = carry_out (world, event, id);
      if (answer == ANSWER_DONE && !knew)
        store_committed (world, event->meter, at);
      check_always (world);
      if (answer == ANSWER_DONE && fault (world, FAULT_ANSWER_LOST, event->meter, at))
        answer = ANSWER_BROKEN;
    }
  if (answer != ANSWER_BROKEN)
    {
      intent->acked = answer == ANSWER_DONE && makes_row (event);
      intent->done = TRUE;
      return;
    }
  more = event_in (world, AGAIN_US, EVENT_TILL, NODES, event->meter);
  more->op = event->op;
  more->a = event->a;
  more->b = event->b;
  more->len = event->len + 1;
}
