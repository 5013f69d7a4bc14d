/* SPDX-License-Identifier: GPL-2.0-or-later
 * setter.c: relay orders as server/field/setter.c and setter-run.c carry them: written, read back, again later; a newer one overtakes. */
#include "tests/simulate/world.h"

#include "server/rules/setting-rules.h"

#define SETTLE_US     (SECOND_US / 2)
#define MONEY_WAIT_S  5

static void
end (World *world, Node *node, guint meter, TillCommandState state, guint wait_s)
{
  Setting *s = &node->circuits[meter].setting;

  s->end = state;
  s->wait_s = wait_s;
  node_push (world, node, meter, OP_RELAY_DONE);
}

static void
again (World *world, Node *node, guint meter)
{
  const Setting *s = &node->circuits[meter].setting;
  const Order *order = &world->store.orders[s->order];
  const TilldSettingTry done = { order->attempt, order->refusals, world->now - order->created, s->refused };
  guint wait_s = 0;

  if (tilld_setting_again (&done, &wait_s))
    end (world, node, meter, TILL_COMMAND_STATE_QUEUED, wait_s);
  else
    end (world, node, meter, TILL_COMMAND_STATE_FAILED, 0);
}

void
setter_begin (World *world, Node *node, guint meter, guint order, gboolean doubt)
{
  Circuit *c = &node->circuits[meter];
  Setting older = c->setting;
  TillCommandKind kind = world->store.orders[order].kind;

  if (older.active && older.order >= order)
    return;
  if (older.active)
    { /* what has not left must not leave; what may have left casts doubt on this one */
      for (guint i = 0; i < node->n_queue; i++)
        if (node->queue_meter[i] == meter && (node->queue_job[i] == JOB_RELAY || node->queue_job[i] == JOB_RELAY_BACK))
          node->queue_job[i] = JOB_STATUS;
      if ((node->flying && node->job == JOB_RELAY && node->meter == meter) || tilld_outcome_is_ambiguous (older.outcome))
        doubt |= tilld_setting_casts_doubt (older.kind, 1, TILL_DELIVERY_OUTCOME_NONE, kind);
      note (world, "node %u: order %u overtakes %u", node->id, order, older.order);
    }
  c->setting = (Setting){ .active = TRUE, .order = order, .kind = kind, .doubt = doubt };
  if (c->carry.active && kind != TILL_COMMAND_KIND_FORCE_ON)
    end (world, node, meter, TILL_COMMAND_STATE_QUEUED, MONEY_WAIT_S);
  else if (!node->up)
    again (world, node, meter);
  else
    node_push (world, node, meter, OP_RELAY_SENT);
}

void
setter_answer (World *world, Node *node, guint meter, Op op, Answer answer)
{
  Setting *s = &node->circuits[meter].setting;

  if (!s->active)
    return;
  if (op == OP_RELAY_DONE || answer != ANSWER_DONE)
    *s = (Setting){ 0 }; /* what was not recorded: the claim runs out and it is said again */
  else
    node_queue (world, node, meter, JOB_RELAY);
}

static void
stands (World *world, Node *node, guint meter)
{
  Setting *s = &node->circuits[meter].setting;

  if (!s->doubt || s->second)
    {
      end (world, node, meter, TILL_COMMAND_STATE_VERIFIED, 0);
      return;
    }
  s->second = TRUE;
  timer_in (world, node, meter, QUIET_MS * 1000, TRUE);
}

guint
order_wish (TillCommandKind kind)
{
  return kind == TILL_COMMAND_KIND_FORCE_ON ? TILLD_RELAY_CLOSE : kind == TILL_COMMAND_KIND_FORCE_OFF ? TILLD_RELAY_OPEN : TILLD_RELAY_AUTO;
}

static void
look (World *world, Node *node, guint meter, const TilldMbReply *reply)
{
  Setting *s = &node->circuits[meter].setting;

  if (reply->regs[10] == order_wish (s->kind))
    stands (world, node, meter);
  else
    again (world, node, meter);
}

void
setter_job (World *world, Node *node, guint meter, Job job, TillDeliveryOutcome outcome, const TilldMbReply *reply)
{
  Setting *s = &node->circuits[meter].setting;

  if (!s->active)
    return;
  if (job == JOB_RELAY_BACK)
    {
      if (outcome == TILL_DELIVERY_OUTCOME_OK)
        look (world, node, meter, reply);
      else
        again (world, node, meter);
      return;
    }
  s->refused = outcome == TILL_DELIVERY_OUTCOME_REFUSED;
  s->outcome = tilld_setting_remember (s->outcome, outcome);
  if (outcome == TILL_DELIVERY_OUTCOME_NOT_SENT || outcome == TILL_DELIVERY_OUTCOME_LINK_LOST)
    again (world, node, meter);
  else
    {
      s->settling = TRUE;
      timer_in (world, node, meter, tilld_outcome_is_ambiguous (outcome) ? QUIET_MS * 1000 : SETTLE_US, TRUE);
    }
}

void
setter_timer (World *world, Node *node, guint meter)
{
  Setting *s = &node->circuits[meter].setting;

  if (!s->active)
    return;
  if (s->settling)
    {
      s->settling = FALSE;
      node_queue (world, node, meter, JOB_RELAY_BACK);
    }
  else if (s->second)
    node_queue (world, node, meter, JOB_RELAY);
}
