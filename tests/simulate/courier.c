/* SPDX-License-Identifier: GPL-2.0-or-later
 * courier.c: carries money orders as server/field/courier.c does: reads, asks delivery-rules, has each step committed, writes once. */
#include "tests/simulate/world.h"

#define WRITE_US   (2 * SECOND_US)
#define FRESH_US   (10 * SECOND_US)
#define LINK_US    (5 * SECOND_US)
#define BASE_US    (2 * SECOND_US)
#define FROZEN_US  (60 * SECOND_US)

static void
drop (Circuit *c)
{
  c->carry = (Carry){ 0 };
}

static void
push (World *world, Node *node, guint meter, Op op)
{
  node->circuits[meter].carry.next = op;
  node_push (world, node, meter, op);
}

static void
release (World *world, Node *node, guint meter, gint64 wait)
{
  node->circuits[meter].carry.wait = wait;
  push (world, node, meter, OP_RELEASE);
}

static void
read_before (World *world, Node *node, guint meter)
{
  node_queue (world, node, meter, JOB_BEFORE);
}

static void
judge_before (World *world, Node *node, guint meter)
{
  Circuit *c = &node->circuits[meter];
  Carry *order = &c->carry;
  TilldDeliveryEvent event = { .kind = TILLD_EVENT_READ_BEFORE, .reading = &order->reading, .confirmed = order->confirmed };

  order->step = tilld_delivery_step (&order->delivery, &c->purse, &order->terms, &event);
  if (order->step.effects & TILLD_EFFECT_READ_AGAIN)
    {
      order->confirmed = TRUE;
      read_before (world, node, meter);
    }
  else if (order->step.next == TILL_COMMAND_STATE_HELD)
    {
      order->reason = order->step.reason;
      push (world, node, meter, OP_HOLD);
    }
  else if (order->step.next == TILL_COMMAND_STATE_CANCELLED)
    push (world, node, meter, OP_GIVE_UP);
  else if (order->step.next != TILL_COMMAND_STATE_SENT)
    release (world, node, meter, order->step.effects & TILLD_EFFECT_FROZEN ? FROZEN_US : BASE_US);
  else
    {
      order->session = node->session;
      order->instance = node->instance;
      order->deadline = world->now + WRITE_US;
      push (world, node, meter, OP_SENT);
      /* Bug 4 is about the order of commit and bytes, which only the courier has: it lives here. */
      if (TILLD_HAS_BUG (TILLD_BUG_SENT_LATER))
        {
          order->delivery.state = TILL_COMMAND_STATE_SENT;
          order->delivery.seq = order->step.seq;
          order->delivery.attempt = order->step.attempt;
          order->delivery.baseline = order->reading;
          order->busy = TRUE;
          node_queue (world, node, meter, JOB_WRITE);
        }
    }
}

void
courier_begin (World *world, Node *node, guint meter, guint row)
{
  Circuit *c = &node->circuits[meter];
  Carry *order = &c->carry;

  if (order->active)
    return; /* its claim runs out */
  *order = (Carry){ .active = TRUE, .row = row, .delivery = world->store.rows[row].delivery };
  order->terms = store_terms (world, meter, order->delivery.kind);
  c->purse = world->store.records[meter].purse;
  if (c->epoch != order->delivery.epoch && c->purse.epoch == order->delivery.epoch && !TILLD_HAS_BUG (TILLD_BUG_EPOCH))
    release (world, node, meter, BASE_US);
  else if (order->delivery.state == TILL_COMMAND_STATE_QUEUED)
    {
      if (c->last_at != 0 && world->now - c->last_at <= FRESH_US && c->last_instance == node->instance && node->up)
        {
          order->reading = c->last;
          judge_before (world, node, meter);
        }
      else
        read_before (world, node, meter);
    }
  else
    {
      TilldDeliveryEvent event = { .kind = TILLD_EVENT_RESTART };

      timer_in (world, node, meter, tilld_delivery_step (&order->delivery, &c->purse, &order->terms, &event).wait_ms * 1000, FALSE);
    }
}

static void
back_later (World *world, Node *node, guint meter)
{
  guint ms = tilld_delivery_read_back_wait_ms (node->circuits[meter].carry.tries++);

  timer_in (world, node, meter, ms == 0 ? POLL_US : ms * 1000, FALSE);
}

void
courier_read (World *world, Node *node, guint meter, gboolean good)
{
  Circuit *c = &node->circuits[meter];
  Carry *order = &c->carry;

  if (!order->active)
    return;
  if (!good && node->up && order->reads++ == 0)
    { /* asked again once, at once */
      node_queue (world, node, meter, order->delivery.state == TILL_COMMAND_STATE_QUEUED ? JOB_BEFORE : JOB_BACK);
      return;
    }
  order->reads = 0;
  if (order->delivery.state == TILL_COMMAND_STATE_QUEUED)
    {
      if (good)
        judge_before (world, node, meter);
      else
        release (world, node, meter, LINK_US);
    }
  else if (good)
    push (world, node, meter, OP_SETTLE);
  else
    {
      order->confirmed = FALSE;
      back_later (world, node, meter);
    }
}

void
courier_wrote (World *world, Node *node, guint meter, TillDeliveryOutcome outcome)
{
  Circuit *c = &node->circuits[meter];
  Carry *order = &c->carry;
  TilldDeliveryEvent event = { .kind = TILLD_EVENT_WRITTEN, .outcome = outcome };

  if (!order->active || order->delivery.state != TILL_COMMAND_STATE_SENT)
    return;
  order->step = tilld_delivery_step (&order->delivery, &c->purse, &order->terms, &event);
  c->last_at = 0;
  order->outcome = outcome;
  push (world, node, meter, OP_VERIFYING);
  if (order->step.effects & TILLD_EFFECT_CLOSE_LINK)
    network_close (world, node, SECOND_US);
}

static void
sent (World *world, Node *node, guint meter, Answer answer)
{
  Carry *order = &node->circuits[meter].carry;

  if (order->busy) /* bug 4: the bytes have gone */
    return;
  if (answer == ANSWER_STALE)
    {
      release (world, node, meter, 0);
      return;
    }
  order->delivery.attempt = order->step.attempt;
  order->delivery.seq = order->step.seq;
  order->delivery.baseline = order->reading;
  if (answer == ANSWER_BROKEN)
    { /* whether it was committed is unknown, but nothing was written: say so if it was */
      order->outcome = TILL_DELIVERY_OUTCOME_NOT_SENT;
      order->step.wait_ms = 0;
      push (world, node, meter, OP_VERIFYING);
      return;
    }
  order->delivery.state = TILL_COMMAND_STATE_SENT;
  node_queue (world, node, meter, JOB_WRITE);
}

static void
settled (World *world, Node *node, guint meter, Answer answer)
{
  Circuit *c = &node->circuits[meter];
  Carry *order = &c->carry;

  if (answer == ANSWER_STALE)
    drop (c);
  else if (answer == ANSWER_BROKEN)
    back_later (world, node, meter);
  else if (order->step.next == TILL_COMMAND_STATE_VERIFYING && (order->step.effects & TILLD_EFFECT_READ_AGAIN))
    {
      order->confirmed = TRUE;
      node_queue (world, node, meter, JOB_BACK);
    }
  else if (order->step.next == TILL_COMMAND_STATE_VERIFYING)
    back_later (world, node, meter);
  else
    {
      c->purse = world->store.records[meter].purse;
      drop (c);
      node_queue (world, node, meter, JOB_STATUS);
    }
}

void
courier_answer (World *world, Node *node, guint meter, Op op, Answer answer)
{
  Circuit *c = &node->circuits[meter];
  Carry *order = &c->carry;

  if (!order->active)
    return;
  if (op == OP_SENT)
    sent (world, node, meter, answer);
  else if (op == OP_VERIFYING && answer == ANSWER_BROKEN)
    timer_in (world, node, meter, SECOND_US, FALSE);
  else if (op == OP_VERIFYING && answer == ANSWER_STALE)
    release (world, node, meter, 0);
  else if (op == OP_VERIFYING)
    {
      order->delivery.state = world->store.rows[order->row].delivery.state; /* verifying */
      order->delivery.outcome = order->outcome;
      order->next = OP_SETTLE;
      timer_in (world, node, meter, order->step.wait_ms * 1000, FALSE);
    }
  else if (op == OP_SETTLE)
    settled (world, node, meter, answer);
  else
    {
      if (op == OP_HOLD && answer == ANSWER_DONE)
        c->purse.frozen = TRUE;
      drop (c);
    }
}

void
courier_timer (World *world, Node *node, guint meter)
{
  Carry *order = &node->circuits[meter].carry;

  if (!order->active)
    return;
  if (order->next == OP_VERIFYING)
    push (world, node, meter, OP_VERIFYING);
  else if (order->delivery.state == TILL_COMMAND_STATE_VERIFYING)
    node_queue (world, node, meter, JOB_BACK);
  else
    drop (&node->circuits[meter]); /* only bug 2 comes here: queued without a verdict */
}
