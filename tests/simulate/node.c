/* SPDX-License-Identifier: GPL-2.0-or-later
 * node.c: a server process: its lease, its line with one request in flight, polls and what they show of counters. It may crash, or be
 * stopped and wake up without knowing. */
#include "tests/simulate/world.h"

#include <string.h>

#include "server/rules/lease-rules.h"

#define TIMEOUT_US SECOND_US
#define QUIET_US   (SECOND_US * 3 / 10)

/* The product asks the boot clock (server/field/field.c, server/app/heartbeat.c); lease-rules get numbers only, so bug 11 lives here. */
gint64
lease_clock (const World *world, const Node *node)
{
  return world->now + (TILLD_HAS_BUG (TILLD_BUG_WALL_LEASE) ? world->wall[node->id] : 0);
}

gboolean
may_write (const World *world, const Node *node)
{
  return tilld_lease_may_write (node->renewed, lease_clock (world, node));
}

/* A transaction on a lane: it happens some milliseconds from now, the answer comes after it. */
void
node_push (World *world, Node *node, guint meter, Op op)
{
  Event *event = event_in (world, (1 + random_below (world, 20)) * 1000, EVENT_STORE, node->id, meter);

  event->op = (guint8) op;
  event->b = op == OP_RELAY_SENT || op == OP_RELAY_DONE ? (gint64) node->circuits[meter].setting.order : 0;
}

void
timer_in (World *world, Node *node, guint meter, gint64 us, gboolean relay)
{
  Event *event = event_in (world, us, EVENT_TIMER, node->id, meter);

  event->op = relay;
  event->b = (gint64) node->circuits[meter].setting.order;
}

void
node_forget (World *world, Node *node)
{
  for (guint m = 0; m < METERS; m++)
    node->circuits[m] = (Circuit){ .epoch = world->store.records[m].epoch };
  node->n_queue = 0;
  node->flying = FALSE;
  node->up = FALSE;
  node->instance = node->quiet_until = 0;
  node->token++;
  node->life++;
}

/* --- the line --- */

static void
prepare (World *world, Node *node, const guint16 *money, guint n)
{
  Circuit *c = &node->circuits[node->meter];
  guint8 unit = (guint8) (node->meter + 1);

  switch ((Job) node->job)
    {
    case JOB_WRITE:
      tilld_mb_write (&node->request, unit, 16, c->carry.delivery.kind == TILL_COMMAND_KIND_DEBIT ? 0x110 : 0x100, money, n);
      break;
    case JOB_RELAY:
      tilld_mb_write (&node->request, unit, 16, 0x120, money, n);
      break;
    case JOB_STATUS:
      tilld_mb_read (&node->request, unit, 3, 0x10, 18);
      break;
    default: /* the odd length rule: two reads in a row that decide about money differ */
      c->odd = !c->odd;
      tilld_mb_read (&node->request, unit, 3, 0x10, c->odd ? 15 : 14);
      break;
    }
}

static gboolean
may_leave (World *world, Node *node)
{
  const Circuit *c = &node->circuits[node->meter];

  if (node->job == JOB_WRITE)
    return world->now < c->carry.deadline && may_write (world, node) && c->carry.instance == node->instance;
  return node->job != JOB_RELAY || (may_write (world, node) && !c->setting.overtaken);
}

static void
leave (World *world, Node *node)
{
  Circuit *c = &node->circuits[node->meter];
  guint16 words[3] = { 0 };

  if (node->job == JOB_WRITE)
    meter_money_words (&c->carry.delivery, &world->meters[node->meter], c->carry.delivery.seq, words);
  else if (node->job == JOB_RELAY)
    {
      words[0] = (guint16) order_wish (c->setting.kind);
      if ((gint64) c->setting.order < world->sent_generation[node->meter])
        wrong (world, "I9 an older relay order leaves after a newer one");
      world->sent_generation[node->meter] = (gint64) c->setting.order;
    }
  prepare (world, node, words, node->job == JOB_RELAY ? 1 : 3);
  node->tid++;
  node->flying = TRUE;
  node->flying_order = c->setting.order;
  tilld_rtu_expect (&node->rtu, &node->request);
  note (world, "node %u: job %u meter %u leaves", node->id, node->job, node->meter);
  event_in (world, TIMEOUT_US, EVENT_TIMEOUT, node->id, node->meter)->a = ++node->token;
  network_send (world, node);
}

void
node_kick (World *world, Node *node)
{
  while (node->up && !node->flying && node->n_queue > 0)
    {
      guint at = 0;

      if (world->now < node->quiet_until)
        {
          event_in (world, node->quiet_until - world->now, EVENT_KICK, node->id, 0);
          return;
        }
      for (guint i = 1; i < node->n_queue; i++)
        if (node->queue_job[i] > node->queue_job[at])
          at = i; /* relay before money before polls */
      node->job = node->queue_job[at];
      node->meter = node->queue_meter[at];
      node->n_queue--;
      memmove (node->queue_job + at, node->queue_job + at + 1, node->n_queue - at);
      memmove (node->queue_meter + at, node->queue_meter + at + 1, node->n_queue - at);
      if (may_leave (world, node))
        leave (world, node);
      else
        node_done (world, node, TILL_DELIVERY_OUTCOME_NOT_SENT, NULL);
    }
}

void
node_queue (World *world, Node *node, guint meter, Job job)
{
  for (guint i = 0; i < node->n_queue; i++)
    if (node->queue_job[i] == job && node->queue_meter[i] == meter)
      return;
  g_assert (node->n_queue < QUEUE);
  node->queue_job[node->n_queue] = (guint8) job;
  node->queue_meter[node->n_queue++] = (guint8) meter;
  if (node->up)
    event_in (world, 0, EVENT_KICK, node->id, 0);
  else
    {
      Event *event = event_in (world, 0, EVENT_TIMEOUT, node->id, meter); /* not up: comes back at once, but never from within */

      event->a = -1;
      event->op = (guint8) job;
    }
}

/* --- polls --- */

static TilldCounterVerdict
judge (World *world, Circuit *c, guint meter, const TilldMoneyReading *reading)
{
  TilldMoneyTerms terms = store_terms (world, meter, TILL_COMMAND_KIND_RECHARGE);

  c->believed = c->purse;
  return tilld_counter_watch (&c->watch, &c->purse, &terms, c->carry.active, reading, &c->reason);
}

static void
polled (World *world, Node *node, guint meter, const TilldMoneyReading *reading, gboolean second)
{
  Circuit *c = &node->circuits[meter];
  TilldCounterVerdict verdict;

  c->pending = *reading;
  if (!second)
    node_push (world, node, meter, OP_STATUS);
  if (world->meters[meter].meter_class == TILL_METER_CLASS_C || !c->known || (c->second && !second))
    return;
  c->second = FALSE;
  if (c->purse.frozen)
    return;
  verdict = judge (world, c, meter, reading);
  if (verdict == TILLD_COUNTER_ADOPT)
    node_push (world, node, meter, OP_ADOPT);
  else if (verdict == TILLD_COUNTER_MISMATCH)
    node_push (world, node, meter, OP_MISMATCH);
  else if (verdict == TILLD_COUNTER_READ_AGAIN && !second)
    {
      c->second = TRUE;
      node_queue (world, node, meter, JOB_SECOND);
    }
}

static void
take_reading (World *world, Node *node, const TilldMbReply *reply, guint meter, Job job)
{
  Circuit *c = &node->circuits[meter];
  TilldMoneyReading r = meter_decode (&world->meters[meter], reply->regs, &c->pending_energy);

  r.epoch = c->epoch;
  r.at_us = world->now + world->wall[node->id];
  c->last = r;
  c->last_at = world->now;
  c->last_instance = node->instance;
  if (job == JOB_STATUS || job == JOB_SECOND)
    polled (world, node, meter, &r, job == JOB_SECOND);
  else
    {
      c->carry.reading = r;
      courier_read (world, node, meter, TRUE);
    }
}

void
node_done (World *world, Node *node, TillDeliveryOutcome outcome, const TilldMbReply *reply)
{
  guint meter = node->meter;
  Job job = (Job) node->job;
  gboolean overtaken = FALSE;

  if (node->flying && !world->mbap && (outcome == TILL_DELIVERY_OUTCOME_TIMEOUT || outcome == TILL_DELIVERY_OUTCOME_GARBAGE))
    node->quiet_until = world->now + QUIET_US;
  if (node->flying)
    {
      overtaken = (job == JOB_RELAY || job == JOB_RELAY_BACK) && node->flying_order != node->circuits[meter].setting.order;
      node->flying = FALSE;
      node->token++;
      tilld_rtu_expect (&node->rtu, NULL);
    }
  if (reply != NULL && reply->kind == TILLD_MB_EXCEPTION)
    outcome = reply->exception <= 3 ? TILL_DELIVERY_OUTCOME_REFUSED : TILL_DELIVERY_OUTCOME_FAILED;
  note (world, "node %u: job %u meter %u outcome %s", node->id, job, meter, till_delivery_outcome_word (outcome));
  if (job == JOB_WRITE)
    courier_wrote (world, node, meter, outcome);
  else if (overtaken)
    note (world, "node %u: of an order that was overtaken", node->id);
  else if (job == JOB_RELAY || job == JOB_RELAY_BACK)
    setter_job (world, node, meter, job, outcome, reply);
  else if (outcome == TILL_DELIVERY_OUTCOME_OK)
    take_reading (world, node, reply, meter, job);
  else if (job == JOB_SECOND)
    node->circuits[meter].second = FALSE;
  else if (job != JOB_STATUS)
    courier_read (world, node, meter, FALSE);
  if (node->up)
    event_in (world, 0, EVENT_KICK, node->id, 0);
}

/* --- life --- */

static void
beaten (World *world, Node *node, Answer answer)
{
  gboolean mine = world->store.owner == (gint) node->id && world->store.owner_life == node->life;

  if (answer != ANSWER_DONE)
    return;
  if (mine)
    node->renewed = node->asked;
  if (mine && !node->mine)
    {
      node->mine = TRUE;
      node->session = world->store.session;
      event_in (world, 50000, EVENT_LINK, node->id, 0);
    }
  else if (node->mine && (!mine || node->session != world->store.session)) /* another's, or another's in between */
    {
      note (world, "node %u: the lease is another's", node->id);
      node->mine = FALSE;
      node_forget (world, node);
      event_in (world, TILLD_LEASE_BEAT_US, EVENT_BEAT, node->id, 0);
      event_in (world, POLL_US, EVENT_POLL, node->id, 0);
    }
  if (node->mine)
    node_push (world, node, 0, OP_CLAIM);
}

/* Transactions that were asked for and not answered may have been committed, or not. */
void
node_crash (World *world, Node *node)
{
  note (world, "node %u crashes", node->id);
  for (guint i = 0; i < world->n_events; i++)
    {
      Event *event = &world->events[world->heap[i]];

      if (event->kind == EVENT_STORE && event->node == node->id && event->life == node->life && event->op != OP_BEAT && event->op != OP_CLAIM && chance (world, 500))
        {
          store_work (world, node, event->meter, (Op) event->op);
          event->life--; /* done */
        }
    }
  node_forget (world, node);
  node->alive = node->mine = FALSE;
  node->stalled_until = 0;
  event_in (world, (1000 + random_below (world, 9000)) * 1000, EVENT_START, node->id, 0);
}

static void
reload (World *world, Node *node, guint meter)
{
  Circuit *c = &node->circuits[meter];
  Record *record = &world->store.records[meter];

  /* The plant of another epoch is built anew; with bug 5 nobody looks. */
  if (c->epoch != record->epoch && !c->carry.active && !c->setting.active)
    {
      Circuit fresh = { .epoch = record->epoch };

      if (TILLD_HAS_BUG (TILLD_BUG_EPOCH))
        {
          fresh.last = c->last;
          fresh.last_at = c->last_at;
          fresh.last_instance = c->last_instance;
        }
      *c = fresh;
    }
  if (!c->carry.active)
    c->purse = record->purse;
  c->known = c->epoch == record->epoch;
}

static void
claimed (World *world, Node *node)
{
  for (guint m = 0; m < METERS; m++)
    {
      reload (world, node, m);
      if (node->claimed_orders[m] >= 0)
        setter_begin (world, node, m, (guint) node->claimed_orders[m], node->claimed_doubt[m]);
      if (node->claimed_rows[m] >= 0)
        courier_begin (world, node, m, (guint) node->claimed_rows[m]);
      node->claimed_orders[m] = node->claimed_rows[m] = -1;
    }
}

static void
answered (World *world, Node *node, const Event *event)
{
  Answer answer = (Answer) event->a;
  Circuit *c = &node->circuits[event->meter];

  switch ((Op) event->op)
    {
    case OP_BEAT:
      beaten (world, node, answer);
      break;
    case OP_CLAIM:
      if (answer == ANSWER_DONE)
        claimed (world, node);
      break;
    case OP_STATUS:
    case OP_ADOPT:
    case OP_MISMATCH:
      if (answer == ANSWER_DONE && !c->carry.active && c->epoch == world->store.records[event->meter].epoch)
        c->purse = world->store.records[event->meter].purse;
      break;
    case OP_RELAY_SENT:
    case OP_RELAY_DONE:
      if (event->b == (gint64) c->setting.order)
        setter_answer (world, node, event->meter, (Op) event->op, answer);
      break;
    default:
      courier_answer (world, node, event->meter, (Op) event->op, answer);
      break;
    }
}

static void
link_comes (World *world, Node *node)
{
  if (node->up || !node->mine)
    return;
  node->up = TRUE;
  node->instance = (gint64) ++world->serial;
  node->last_in = node->last_out = world->now;
  node->tid = (guint16) random_below (world, 65536);
  tilld_rtu_init (&node->rtu, NULL, 0);
  tilld_mbap_init (&node->mbap);
  for (guint m = 0; m < METERS; m++)
    node_queue (world, node, m, JOB_STATUS);
}

static void
timed_out (World *world, Node *node, const Event *event)
{
  if (event->a == -1)
    {
      for (guint i = 0; i < node->n_queue && !node->up; i++)
        if (node->queue_job[i] == event->op && node->queue_meter[i] == event->meter)
          {
            node->n_queue--;
            memmove (node->queue_job + i, node->queue_job + i + 1, node->n_queue - i);
            memmove (node->queue_meter + i, node->queue_meter + i + 1, node->n_queue - i);
            node->job = event->op;
            node->meter = event->meter;
            node_done (world, node, TILL_DELIVERY_OUTCOME_NOT_SENT, NULL);
            return;
          }
    }
  else if (node->flying && event->a == node->token)
    node_done (world, node, TILL_DELIVERY_OUTCOME_TIMEOUT, NULL);
}

void
node_event (World *world, Node *node, const Event *event)
{
  switch (event->kind)
    {
    case EVENT_START:
      node->alive = TRUE;
      G_GNUC_FALLTHROUGH;
    case EVENT_BEAT:
      node->asked = lease_clock (world, node);
      node_push (world, node, 0, OP_BEAT);
      event_in (world, TILLD_LEASE_BEAT_US, EVENT_BEAT, node->id, 0);
      if (event->kind == EVENT_START)
        event_in (world, POLL_US / 3, EVENT_POLL, node->id, 0);
      break;
    case EVENT_POLL:
      for (guint m = 0; m < METERS && node->up; m++)
        node_queue (world, node, m, JOB_STATUS);
      event_in (world, POLL_US, EVENT_POLL, node->id, 0);
      break;
    case EVENT_LINK:
      link_comes (world, node);
      break;
    case EVENT_TO_NODE:
      network_node (world, node, event);
      break;
    case EVENT_TIMEOUT:
      timed_out (world, node, event);
      break;
    case EVENT_KICK:
      node_kick (world, node);
      break;
    case EVENT_ANSWER:
      answered (world, node, event);
      break;
    case EVENT_TIMER:
    default:
      if (event->op && event->b == (gint64) node->circuits[event->meter].setting.order)
        setter_timer (world, node, event->meter);
      else if (!event->op)
        courier_timer (world, node, event->meter);
      break;
    }
}
