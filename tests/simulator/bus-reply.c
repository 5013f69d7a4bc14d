/* SPDX-License-Identifier: GPL-2.0-or-later
 * bus-reply.c: what a line does to an answer. Behind a Modbus TCP gateway broken bytes of the line never arrive as such:
 * the gateway's own checksum catches them and it reports exception 0B. */
#include "tests/simulator/bus-reply.h"
#include <string.h>
#include "tests/simulator/seed.h"

#define TARGET_FAILED 0x0b

/* A read with one register less than asked; a shorter echo of a write. */
static void
shorten (SimReply *reply)
{
  if ((reply->pdu[0] == 3 || reply->pdu[0] == 4) && reply->n_pdu > 4)
    {
      reply->n_pdu -= 2;
      reply->pdu[1] = (guint8) (reply->pdu[1] - 2);
    }
  else if (reply->n_pdu > 2)
    reply->n_pdu--;
}

static gsize
with_noise (guint8 *bytes, gsize n, guint64 draw)
{
  gsize extra = 1 + draw % 12;

  memmove (bytes + extra, bytes, n);
  for (gsize i = 0; i < extra; i++)
    bytes[i] = (guint8) sim_splitmix64 (draw + i);
  return n + extra;
}

gsize
sim_reply_bytes (const SimReply *given, guint32 faults, guint64 draw, guint8 *bytes)
{
  SimReply reply = *given;
  gsize    n;

  if (reply.mbap && (faults & (SIM_FAULT_BIT (CORRUPT) | SIM_FAULT_BIT (NOISE))))
    reply.n_pdu = sim_slave_exception (reply.pdu[0] & 0x7f, TARGET_FAILED, reply.pdu);
  if (faults & SIM_FAULT_BIT (OTHER_UNIT))
    reply.unit = (guint8) (reply.unit % 247 + 1);
  if (faults & SIM_FAULT_BIT (WRONG_COUNT))
    shorten (&reply);
  n = sim_frame_wrap (reply.mbap, reply.tid, reply.unit, reply.pdu, reply.n_pdu, bytes);
  if (!reply.mbap && (faults & SIM_FAULT_BIT (CORRUPT)))
    bytes[draw % n] ^= (guint8) (1 << (draw >> 32) % 8);
  if (faults & SIM_FAULT_BIT (TRUNCATE))
    n = MAX (n / 2, 1);
  if (faults & (SIM_FAULT_BIT (DUP_REPLY) | SIM_FAULT_BIT (DUP_REQUEST)))
    {
      memcpy (bytes + n, bytes, n);
      n *= 2;
    }
  if (!reply.mbap && (faults & SIM_FAULT_BIT (NOISE)))
    n = with_noise (bytes, n, draw);
  return n;
}
