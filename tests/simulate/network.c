/* SPDX-License-Identifier: GPL-2.0-or-later
 * network.c: bytes between the servers and the line, and what happens to them on the way: lost, late, twice, changed, in pieces, held back,
 * or gone with the connection. Whatever comes, comes within the quiet time of the line. A stream keeps its order; a gateway with
 * transaction numbers may answer out of turn. */
#include "tests/simulate/world.h"

#include <string.h>

#define LATE_MS (QUIET_MS - 600)

static At
frame_at (const World *world, const Node *node)
{
  static const At at[JOB_N] = { [JOB_BEFORE] = AT_QUEUED, [JOB_WRITE] = AT_SENT, [JOB_BACK] = AT_VERIFYING, [JOB_RELAY] = AT_RELAY_SENT,
                                [JOB_RELAY_BACK] = AT_RELAY_SENT };

  return node->job == JOB_STATUS || node->job == JOB_SECOND ? store_at (world, node->meter) : at[node->job];
}

/* When a frame that leaves now arrives. */
static gint64
arrival (World *world, Node *node, gboolean out, At at)
{
  gint64 *last = out ? &node->last_out : &node->last_in;
  gint64 us = world->now + (5 + random_below (world, 25)) * 1000;

  if (world->mbap && ((!out && node->job == JOB_BEFORE && fault (world, FAULT_REORDER, node->meter, at)) || fault (world, FAULT_REORDER, node->meter, at)))
    return us + (1400 + random_below (world, 400)) * 1000; /* those that follow pass it */
  if (fault (world, FAULT_LATE, node->meter, at))
    us += random_below (world, LATE_MS) * 1000;
  if (out && node->clogged_until <= world->now && fault (world, FAULT_CLOG, node->meter, at))
    node->clogged_until = world->now + random_below (world, LATE_MS) * 1000;
  if (out)
    us = MAX (us, node->clogged_until);
  *last = us = MAX (us, *last);
  return us;
}

static void
put_on_way (World *world, Node *node, EventKind kind, gint64 at_us, const guint8 *bytes, guint len)
{
  Event *event = event_in (world, at_us - world->now, kind, node->id, node->meter);

  g_assert (len <= sizeof event->bytes);
  event->len = (guint8) len;
  event->a = node->job == JOB_RELAY ? (gint64) node->circuits[node->meter].setting.order : 0;
  event->b = node->instance;
  event->op = node->job;
  memcpy (event->bytes, bytes, len);
}

/* The bytes of the request in flight. */
void
network_send (World *world, Node *node)
{
  At at = frame_at (world, node);
  guint8 bytes[64];
  guint len = world->mbap ? tilld_mbap_encode (&node->request, node->tid, bytes) : tilld_rtu_encode (&node->request, bytes);
  gint64 arrives;

  if (fault (world, FAULT_LOST, node->meter, at))
    return;
  if (fault (world, FAULT_CORRUPT, node->meter, at))
    { /* a line with checksums, or a gateway that sees that its meter did not understand */
      bytes[random_below (world, len)] ^= (guint8) (1 + random_below (world, 255));
      if (world->mbap)
        return;
    }
  arrives = arrival (world, node, TRUE, at);
  put_on_way (world, node, EVENT_TO_METER, arrives, bytes, len);
  if (fault (world, FAULT_DUPLICATE, node->meter, at))
    put_on_way (world, node, EVENT_TO_METER, arrives + random_below (world, 200) * 1000, bytes, len);
  if (fault (world, FAULT_RECONNECT, node->meter, at))
    network_close (world, node, (500 + random_below (world, 4000)) * 1000);
}

static guint
wrap_reply (World *world, const Event *event, guint8 *pdu, guint n, guint8 *ret)
{
  TilldMbRequest reply = { .unit = (guint8) (event->meter + 1), .len = (guint16) n };

  memcpy (reply.pdu, pdu, n);
  return world->mbap ? tilld_mbap_encode (&reply, (guint16) (event->bytes[0] << 8 | event->bytes[1]), ret) : tilld_rtu_encode (&reply, ret);
}

/* A frame at the line: the meter executes it, and answers on the connection it came by. */
void
network_meter (World *world, const Event *event)
{
  Node *node = &world->nodes[event->node];
  guint head = world->mbap ? 7 : 1, tail = world->mbap ? 0 : 2, n;
  guint8 pdu[64], out[64];
  At at = store_at (world, event->meter);
  gboolean write = event->bytes[head] == 16;
  guint16 crc = tilld_rtu_crc (event->bytes, event->len - 2u);

  if (!world->mbap && (event->bytes[event->len - 2] != (crc & 0xff) || event->bytes[event->len - 1] != crc >> 8))
    return;
  if (event->op == JOB_RELAY || event->op == JOB_RELAY_BACK)
    at = AT_RELAY_SENT;
  else if (event->op == JOB_WRITE)
    at = AT_SENT;
  n = meter_answer (world, event->meter, event->bytes + head, event->len - head - tail, event->a,
                    write && fault (world, FAULT_REFUSED, event->meter, at), pdu);
  if (node->instance != event->b || fault (world, FAULT_REPLY_LOST, event->meter, at))
    return;
  n = wrap_reply (world, event, pdu, n, out);
  if (fault (world, FAULT_CORRUPT, event->meter, at))
    {
      if (world->mbap)
        n = wrap_reply (world, event, (guint8[]){ event->bytes[head] | 0x80, 11 }, 2, out);
      else
        out[random_below (world, n)] ^= (guint8) (1 + random_below (world, 255));
    }
  put_on_way (world, node, EVENT_TO_NODE, arrival (world, node, FALSE, at), out, n);
}

static void
take_rtu (World *world, Node *node, const guint8 *bytes, guint len)
{
  TilldFrameResult result = tilld_rtu_feed (&node->rtu, bytes, len);
  TilldMbReply reply;

  if (result == TILLD_FRAME_NEED_MORE)
    return;
  if (result == TILLD_FRAME_BAD)
    {
      node_done (world, node, TILL_DELIVERY_OUTCOME_GARBAGE, NULL);
      return;
    }
  tilld_mb_decode (&node->request, node->rtu.pdu, node->rtu.pdu_len, &reply);
  node_done (world, node, TILL_DELIVERY_OUTCOME_OK, &reply);
}

static void
take_mbap (World *world, Node *node, const guint8 *bytes, guint len)
{
  gint64 instance = node->instance;

  while (len > 0 && node->instance == instance)
    {
      guint used = 0;
      TilldFrameResult result = tilld_mbap_feed (&node->mbap, bytes, len, &used);
      TilldMbReply reply;

      bytes += used;
      len -= used;
      if (result == TILLD_FRAME_NEED_MORE)
        continue;
      if (result == TILLD_FRAME_BAD)
        {
          network_close (world, node, SECOND_US);
          return;
        }
      if (!node->flying || !tilld_mbap_answers (&node->mbap, node->tid, TRUE) || node->mbap.unit != node->request.unit)
        continue;
      tilld_mb_decode (&node->request, node->mbap.pdu, node->mbap.pdu_len, &reply);
      node_done (world, node, reply.kind == TILLD_MB_BAD ? TILL_DELIVERY_OUTCOME_GARBAGE : TILL_DELIVERY_OUTCOME_OK, &reply);
    }
}

void
network_node (World *world, Node *node, const Event *event)
{
  guint step = event->len;

  if (node->instance != event->b || !node->up)
    return;
  if (world->now < node->quiet_until)
    {
      node->quiet_until = world->now + SECOND_US * 3 / 10;
      return;
    }
  if (fault (world, FAULT_SPLIT, event->meter, frame_at (world, node)))
    step = 1;
  for (guint i = 0; i < event->len && node->instance == event->b && world->now >= node->quiet_until; i += step)
    {
      if (world->mbap)
        take_mbap (world, node, event->bytes + i, MIN (step, event->len - i));
      else if (node->flying)
        take_rtu (world, node, event->bytes + i, MIN (step, event->len - i));
    }
}

/* Ends the connection; what has left stays on its way. */
void
network_close (World *world, Node *node, gint64 again_us)
{
  if (!node->up)
    return;
  note (world, "node %u: connection closed", node->id);
  node->up = FALSE;
  node->instance = 0;
  node->clogged_until = node->quiet_until = 0;
  event_in (world, again_us, EVENT_LINK, node->id, 0);
  if (node->flying)
    node_done (world, node, TILL_DELIVERY_OUTCOME_LINK_LOST, NULL);
  while (node->n_queue > 0)
    {
      Job job = (Job) node->queue_job[0];
      guint meter = node->queue_meter[0];

      node->n_queue--;
      memmove (node->queue_job, node->queue_job + 1, node->n_queue);
      memmove (node->queue_meter, node->queue_meter + 1, node->n_queue);
      node->job = (guint8) job;
      node->meter = (guint8) meter;
      node_done (world, node, TILL_DELIVERY_OUTCOME_NOT_SENT, NULL);
    }
}
