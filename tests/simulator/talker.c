/* SPDX-License-Identifier: GPL-2.0-or-later
 * talker.c: bytes to requests, answers to bytes. Judges nothing: bus.c does. */
#include "tests/simulator/talker.h"
#include <string.h>

#define SILENCE_MS 30 /* segments of one frame may arrive apart */
#define PACKET_MAX (SIM_WIRE_BYTES + 64)

static SimTimers *
timers_of (const SimTalker *talker)
{
  return talker->bus->campus->timers;
}

static void
wire_send (gpointer data, const guint8 *bytes, gsize n, guint32 faults)
{
  SimTalker *talker = data;
  SimStream *stream = talker->stream;
  guint8     packet[PACKET_MAX];
  gsize      lead;

  if (stream->deaf)
    {
      sim_stream_close (stream, FALSE);
      return;
    }
  if (!talker->prefix)
    {
      sim_stream_send (stream, bytes, n);
      return;
    }
  lead = g_bytes_get_size (talker->prefix);
  memcpy (packet, g_bytes_get_data (talker->prefix, NULL), lead);
  memcpy (packet + lead, bytes, n);
  sim_stream_send (stream, packet, lead + n);
}

static void
wire_reset (gpointer data)
{
  sim_stream_close (((SimTalker *) data)->stream, TRUE);
}

static void
wire_deafen (gpointer data)
{
  SimTalker *talker = data;

  if (talker->stream->tty) /* a line cannot be half open: only this answer is lost */
    return;
  talker->stream->deaf = TRUE;
  sim_bus_forget (talker->bus, talker);
}

static void
wire_twin (gpointer data)
{
  SimTalker *talker = data;

  if (talker->twin)
    talker->twin (talker->data);
}

static const SimWire wire = { wire_send, wire_reset, wire_deafen, wire_twin };

/* Requests out of what has arrived. silent: nothing more will come for these. */
static void
parse (SimTalker *talker, gboolean silent)
{
  SimStream *stream = talker->stream;
  SimBus    *bus = talker->bus;
  gboolean   mbap = bus->link->mbap;

  while (stream->fd >= 0 && !stream->deaf && stream->n_in > 0)
    {
      SimRequest request;
      gsize      used = 0;
      SimFrame   frame = mbap ? sim_frame_mbap (stream->in, stream->n_in, &request, &used)
                              : sim_frame_rtu (stream->in, stream->n_in, silent, &request, &used);

      if (frame == SIM_FRAME_NEED_MORE)
        break;
      if (frame == SIM_FRAME_CLOSE)
        {
          sim_bus_noise (bus);
          sim_stream_close (stream, FALSE);
          return;
        }
      sim_stream_use (stream, used);
      if (frame == SIM_FRAME_NOISE)
        sim_bus_noise (bus);
      else
        sim_bus_request (bus, &wire, talker, &request);
    }
}

static void
fell_silent (SimTimer *timer, gpointer data)
{
  SimTalker *talker = data;
  SimStream *stream = talker->stream;

  sim_stream_hold (stream);
  parse (talker, TRUE);
  sim_stream_release (stream);
}

void
sim_talker_init (SimTalker *talker, SimBus *bus, SimStream *stream)
{
  *talker = (SimTalker){ .bus = bus, .stream = stream, .quiet = { .fire = fell_silent, .data = talker } };
}

void
sim_talker_received (SimTalker *talker)
{
  SimStream *stream = talker->stream;
  gboolean   mbap = talker->bus->link->mbap;

  parse (talker, FALSE);
  if (stream->fd < 0 || mbap)
    return;
  if (stream->n_in > 0)
    sim_timers_arm (timers_of (talker), &talker->quiet, sim_timers_now (timers_of (talker)) + 1000 * SILENCE_MS);
  else
    sim_timers_disarm (timers_of (talker), &talker->quiet);
}

void
sim_talker_clear (SimTalker *talker)
{
  sim_bus_forget (talker->bus, talker);
  sim_timers_disarm (timers_of (talker), &talker->quiet);
}
