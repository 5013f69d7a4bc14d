/* SPDX-License-Identifier: GPL-2.0-or-later
 * main.c: one number, one history. Compiled again with planted bugs, each of which must be caught within 1,000 numbers. */
#include "tests/simulate/world.h"

#include <string.h>

#define FAULTY_US (480 * SECOND_US)
#define END_US    (2 * 3600 * SECOND_US)

static guint64 sales;

static World *
world_new (guint32 seed, gboolean trace)
{
  World *world = g_new0 (World, 1);

  world->seed = seed;
  world->random = seed;
  world->trace_on = trace;
  world->events = g_new (Event, EVENTS);
  world->nodes = g_new0 (Node, NODES);
  for (guint i = 0; i < EVENTS; i++)
    world->free_[world->n_free++] = i;
  world->now = 1000 * SECOND_US;
  world->calm_at = world->now + FAULTY_US;
  world->mbap = chance (world, 500);
  world->store.owner = -1;
  world->store.lines = g_string_new (NULL);
  {
    g_autoptr(GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
    gsize n = sizeof world->store.hash;

    g_checksum_get_digest (sum, world->store.hash, &n);
  }
  meters_make (world);
  for (guint m = 0; m < METERS; m++)
    {
      world->store.records[m].epoch = world->store.records[m].purse.epoch = 1;
      world->store.records[m].ordered = world->store.records[m].case_row = -1;
      g_strlcpy (world->store.records[m].purse.serial, "S0", sizeof world->store.records[m].purse.serial);
    }
  for (guint i = 0; i < NODES; i++)
    {
      world->nodes[i].id = i;
      for (guint m = 0; m < METERS; m++)
        world->nodes[i].claimed_rows[m] = world->nodes[i].claimed_orders[m] = -1;
      event_in (world, random_below (world, 8) * SECOND_US, EVENT_START, i, 0);
    }
  for (guint n = 10 + random_below (world, 14); n > 0; n--)
    event_in (world, random_below (world, (guint32) (FAULTY_US / 1000)) * 1000, EVENT_PERSON, NODES, 0);
  for (guint n = random_below (world, 7); n > 0; n--)
    event_in (world, random_below (world, (guint32) (FAULTY_US / 1000)) * 1000, EVENT_CHAOS, NODES, 0);
  return world;
}

static void
world_free (World *world)
{
  g_string_free (world->store.lines, TRUE);
  g_free (world->events);
  g_free (world->nodes);
  g_free (world);
}

/* --- what strikes the servers --- */

static void
stall (World *world, Node *node)
{
  node->stalled_until = world->now + (2 + random_below (world, 90)) * SECOND_US;
  if (chance (world, 500))
    { /* somebody sets its clock back meanwhile */
      fault_everywhere (world, FAULT_WALL);
      world->wall[node->id] -= (10 + random_below (world, 110)) * SECOND_US;
    }
}

static void
card (World *world)
{
  guint meter = random_below (world, 2);
  Meter *m = &world->meters[meter];
  Device *d = meter_device (world, meter);

  if (m->proof == TILLD_PROOF_BALANCE)
    return; /* a purse of which only the balance is known cannot tell a card from nothing */
  fault_everywhere (world, FAULT_CARD);
  d->count++;
  d->total = (d->total + 7 * m->unit) % m->modulus;
  d->balance += 7 * m->unit;
  d->last_amount = 7 * m->unit;
  d->from_card += 7 * m->unit;
}

static void
chaos (World *world)
{
  Node *node = &world->nodes[world->store.owner >= 0 ? (guint) world->store.owner : 0];
  guint what = random_below (world, 10);

  if (!node->alive || world->now >= world->calm_at)
    return;
  if (what < 3)
    {
      fault_everywhere (world, FAULT_CRASH);
      node_crash (world, node);
    }
  else if (what < 6)
    {
      fault_everywhere (world, FAULT_STALL);
      stall (world, node);
    }
  else if (what < 7)
    {
      fault_everywhere (world, FAULT_WALL);
      world->wall[node->id] += ((gint64) random_below (world, 240) - 120) * SECOND_US;
    }
  else if (what < 8)
    {
      fault_everywhere (world, FAULT_RECONNECT);
      network_close (world, node, random_below (world, 5000) * 1000);
    }
  else
    card (world);
}

/* The short moments between two steps: hit on purpose, or they would hardly ever be. */
static gboolean
strikes (World *world, Node *node, const Event *event)
{
  guint per_mille = event->op == OP_RELAY_SENT ? 40 : event->op == OP_SENT || event->op == OP_VERIFYING ? 12 : 0;

  if (event->kind != EVENT_ANSWER || world->now >= world->calm_at || !chance (world, per_mille))
    return FALSE;
  if (chance (world, 400))
    {
      fault_everywhere (world, FAULT_CRASH);
      node_crash (world, node);
      return TRUE;
    }
  fault_everywhere (world, FAULT_STALL);
  stall (world, node);
  if (event->op == OP_RELAY_SENT) /* nothing happens, so somebody orders something else */
    ask (world, VERB_RELAY, event->meter, TILL_COMMAND_KIND_FORCE_ON + random_below (world, 3), (15 + random_below (world, 40)) * SECOND_US);
  return FALSE;
}

/* --- the run --- */

static void
transact (World *world, const Event *event)
{
  static const At own[OP_N] = { [OP_RELEASE] = AT_QUEUED, [OP_HOLD] = AT_QUEUED, [OP_GIVE_UP] = AT_QUEUED, [OP_SENT] = AT_QUEUED, [OP_VERIFYING] = AT_SENT,
                                [OP_SETTLE] = AT_VERIFYING, [OP_RELAY_SENT] = AT_RELAY_QUEUED, [OP_RELAY_DONE] = AT_RELAY_SENT };
  Node *node = &world->nodes[event->node];
  At at = own[event->op] == AT_IDLE ? store_at (world, event->meter) : own[event->op];
  gboolean faulty = event->op > OP_CLAIM;
  Answer answer = ANSWER_BROKEN;
  Event *back;

  if ((event->op == OP_RELAY_SENT || event->op == OP_RELAY_DONE) && event->b != (gint64) node->circuits[event->meter].setting.order)
    return; /* overtaken: nobody waits for it */
  if (!faulty || !fault (world, FAULT_COMMIT_LOST, event->meter, at))
    answer = store_work (world, node, event->meter, (Op) event->op);
  if (faulty && answer == ANSWER_DONE && fault (world, FAULT_ANSWER_LOST, event->meter, at))
    answer = ANSWER_BROKEN;
  back = event_in (world, (1 + random_below (world, 5)) * 1000, EVENT_ANSWER, event->node, event->meter);
  back->op = event->op;
  back->a = answer;
  back->b = event->b;
}

static void
to_node (World *world, Event *event)
{
  Node *node = &world->nodes[event->node];
  Event *later;

  if (event->life != node->life || (!node->alive && event->kind != EVENT_START))
    return;
  if (node->alive && strikes (world, node, event))
    return;
  if (node->stalled_until > world->now)
    { /* stopped: it will see this when it wakes */
      later = event_in (world, node->stalled_until - world->now, event->kind, event->node, event->meter);
      event->at = later->at;
      event->serial = later->serial;
      *later = *event;
      return;
    }
  node_event (world, node, event);
}

static void
happen (World *world, Event *event)
{
  switch (event->kind)
    {
    case EVENT_TO_METER:
      network_meter (world, event);
      break;
    case EVENT_STORE:
      if (event->life == world->nodes[event->node].life)
        transact (world, event);
      break;
    case EVENT_PERSON:
      person (world);
      break;
    case EVENT_TILL:
      till (world, event);
      break;
    case EVENT_DECIDE:
      decide (world, event->meter);
      break;
    case EVENT_CHAOS:
      chaos (world);
      break;
    case EVENT_TO_NODE:
    case EVENT_TIMEOUT:
    case EVENT_LINK:
    case EVENT_BEAT:
    case EVENT_ANSWER:
    case EVENT_TIMER:
    case EVENT_POLL:
    case EVENT_START:
    case EVENT_KICK:
    default:
      to_node (world, event);
      break;
    }
}

static const char *
run (guint32 seed, gboolean trace)
{
  World *world = world_new (seed, trace);
  const char *bad;
  Event event;

  while (world->wrong == NULL && event_next (world, &event) && world->now < 1000 * SECOND_US + END_US)
    {
      happen (world, &event);
      if (event.kind == EVENT_BEAT && is_settled (world))
        break;
    }
  if (world->wrong == NULL)
    check_end (world);
  if (trace)
    for (guint i = world->n_trace > TRACE ? world->n_trace - TRACE : 0; i < world->n_trace; i++)
      g_print ("  %s\n", world->trace[i % TRACE]);
  else
    sales += world->store.n_rows;
  bad = world->wrong;
  world_free (world);
  return bad;
}

static gboolean
read_seeds (const char *text, guint64 *from, guint64 *to)
{
  g_auto(GStrv) parts = g_strsplit (text, "..", 2);

  return g_strv_length (parts) == 2 && g_ascii_string_to_unsigned (parts[0], 10, 0, G_MAXUINT32, from, NULL) &&
         g_ascii_string_to_unsigned (parts[1], 10, *from, G_MAXUINT32, to, NULL);
}

int
main (int argc, char **argv)
{
  guint64 from = 0, to = 19999, violations = 0;
  gboolean full;

  if (argc > 1 && (argc != 3 || !g_str_equal (argv[1], "--seeds") || !read_seeds (argv[2], &from, &to)))
    {
      g_printerr ("usage: simulate [--seeds A..B]\n");
      return 2;
    }
  for (guint64 seed = from; seed <= to; seed++)
    {
      const char *bad = run ((guint32) seed, FALSE);

      if (bad == NULL || violations++ >= 10)
        continue;
      g_print ("seed %" G_GUINT64_FORMAT ": %s\n", seed, bad);
      if (violations <= 3)
        run ((guint32) seed, TRUE);
    }
  full = faults_print (to - from >= 19999);
  g_print ("%" G_GUINT64_FORMAT " seeds, %" G_GUINT64_FORMAT " sales, %" G_GUINT64_FORMAT " violations\n", to - from + 1, sales, violations);
  return violations == 0 && full ? 0 : 1;
}
