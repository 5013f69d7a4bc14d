/* SPDX-License-Identifier: GPL-2.0-or-later
 * front-rtu.c: transparent RTU over a byte stream of one line: dialled, or dialled in by a DTU or over TLS. */
#include "server/field/bus.h"
#include "server/field/link.h"

static void
begin (TilldLink *link)
{
  tilld_rtu_init (link->front_state, link->heartbeat, link->heartbeat_len);
  tilld_rtu_set_prefix (link->front_state, link->prefix, link->prefix_len);
}

static gboolean
request (TilldLink *link, TilldBus *bus, const TilldMbRequest *request, guint timeout_ms)
{
  guint8 out[TILLD_RTU_MAX];

  bus->expecting = TRUE;
  tilld_rtu_expect (link->front_state, request);
  return tilld_link_send (link, out, tilld_rtu_encode (request, out));
}

static void
idle (TilldLink *link, TilldBus *bus)
{
  bus->expecting = FALSE;
  tilld_rtu_expect (link->front_state, NULL);
}

static void
feed (TilldLink *link, const guint8 *bytes, guint len)
{
  TilldBus        *bus = link->ports[0];
  TilldRtuFrame   *frame = link->front_state;
  TilldFrameResult result;

  tilld_bus_heard (bus);
  if (tilld_bus_is_quiet (bus))
    return;
  result = tilld_rtu_feed (frame, bytes, len);
  if (result == TILLD_FRAME_BAD)
    tilld_bus_answered (bus, TILLD_BUS_GARBAGE, NULL, 0);
  else if (result == TILLD_FRAME_REPLY)
    tilld_bus_answered (bus, TILLD_BUS_OK, frame->pdu, frame->pdu_len);
}

const TilldFront tilld_front_rtu = { .name = "rtu", .state_size = sizeof (TilldRtuFrame), .pace = TILLD_PACE_LAN, .begin = begin,
                                     .request = request, .idle = idle, .feed = feed };
const TilldFront tilld_front_stream = { .name = "rtu", .state_size = sizeof (TilldRtuFrame), .pace = TILLD_PACE_MOBILE, .begin = begin,
                                        .request = request, .idle = idle, .feed = feed };
