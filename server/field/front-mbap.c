/* SPDX-License-Identifier: GPL-2.0-or-later
 * front-mbap.c: Modbus TCP. A late answer is known by its dead tid, unless the gateway always answers with the same one. */
#include "server/field/bus.h"
#include "server/field/link.h"

typedef struct {
  TilldMbapFrame frame;
  guint16        tid;
} State;

static void
begin (TilldLink *link)
{
  State *s = link->front_state;

  tilld_mbap_init (&s->frame);
  s->tid = (guint16) g_random_int ();
}

static gboolean
request (TilldLink *link, TilldBus *bus, const TilldMbRequest *request, guint timeout_ms)
{
  State *s = link->front_state;
  guint8 out[TILLD_MBAP_MAX];

  bus->expecting = TRUE;
  bus->expected_unit = request->unit;
  bus->tid = ++s->tid;
  return tilld_link_send (link, out, tilld_mbap_encode (request, bus->tid, out));
}

static void
idle (TilldLink *link, TilldBus *bus)
{
  State *s = link->front_state;

  bus->expecting = FALSE;
  if (!link->front->trusted_tid)
    tilld_mbap_init (&s->frame); /* quiet time throws whole frames away, and pieces of them */
}

/* Out of step in a protocol with lengths: only a new connection helps; the request ends as lost with it. */
static gboolean
out_of_step (TilldLink *link, TilldBus *bus)
{
  if (bus->expecting && !link->front->trusted_tid)
    return tilld_bus_answered (bus, TILLD_BUS_GARBAGE, NULL, 0);
  tilld_link_close (link, "bytes that are no Modbus TCP");
  return FALSE;
}

static gboolean
take (TilldLink *link, TilldBus *bus)
{
  State *s = link->front_state;

  if (!bus->expecting || !tilld_mbap_answers (&s->frame, bus->tid, link->front->trusted_tid))
    return TRUE; /* of a request that is over */
  if (s->frame.unit != bus->expected_unit)
    return out_of_step (link, bus);
  return tilld_bus_answered (bus, TILLD_BUS_OK, s->frame.pdu, s->frame.pdu_len);
}

static void
feed (TilldLink *link, const guint8 *bytes, guint len)
{
  State    *s = link->front_state;
  TilldBus *bus = link->ports[0];
  gboolean  holds = TRUE;

  if (!link->front->trusted_tid)
    tilld_bus_heard (bus);
  while (holds && len > 0 && !tilld_bus_is_quiet (bus))
    {
      guint            used = 0;
      TilldFrameResult result = tilld_mbap_feed (&s->frame, bytes, len, &used);

      bytes += used;
      len -= used;
      if (result == TILLD_FRAME_BAD)
        holds = out_of_step (link, bus);
      else if (result == TILLD_FRAME_REPLY)
        holds = take (link, bus);
    }
}

const TilldFront tilld_front_mbap = { .name = "mbap", .state_size = sizeof (State), .pace = TILLD_PACE_LAN, .trusted_tid = TRUE, .begin = begin,
                                      .request = request, .idle = idle, .feed = feed };
const TilldFront tilld_front_mbap_fixed_tid = { .name = "mbap", .state_size = sizeof (State), .pace = TILLD_PACE_LAN, .begin = begin,
                                                .request = request, .idle = idle, .feed = feed };
