/* SPDX-License-Identifier: GPL-2.0-or-later
 * transport-serial.c: a link over a tty of this machine: its transport opens and closes the tty, its front hands requests to the tty's
 * thread. The thread keeps the quiet time itself, so that a late answer never meets the next request. */
#include <errno.h>
#include <limits.h>
#include "server/core/clock.h"
#include "server/field/recorder.h"
#include "server/field/serial-bus.h"
#include "server/field/transport.h"

#define THREAD_EXTRA_MS 5000 /* the frame itself, and at most 3 s until the line is silent */

static void
answered (TilldLink *link, const TilldSerialEvent *event)
{
  if (event->pdu_len > 0)
    {
      link->heard_us = tilld_clock_boot_us (tilld_reactor_get_clock (link->reactor));
      link->bytes_in += event->pdu_len + 3;
    }
  tilld_bus_answered (link->ports[0], event->outcome, event->pdu_len > 0 ? event->pdu : NULL, event->pdu_len);
}

static void
event_came (TilldSerialBus *serial, const TilldSerialEvent *event, gpointer data)
{
  TilldLink *link = data;

  switch (event->kind)
    {
    case TILLD_SERIAL_OPENED:
      if (link->state == TILLD_LINK_CONNECTING)
        tilld_link_set_state (link, TILLD_LINK_UP);
      return;
    case TILLD_SERIAL_LOST:
      tilld_link_close (link, g_strerror (event->status));
      return;
    case TILLD_SERIAL_ANSWERED:
      if (link->state == TILLD_LINK_UP)
        answered (link, event);
      return;
    }
  g_assert_not_reached ();
}

static void
dial (TilldLink *link)
{
  const TilldBus   *bus = link->ports[0];
  TilldSerialLine   line = { .baud = bus->timing.baud, .parity = bus->parity };
  g_autoptr(GError) error = NULL;

  g_strlcpy (line.path, link->host, sizeof line.path);
  tilld_link_set_state (link, TILLD_LINK_CONNECTING);
  link->silence_ms = INT_MAX; /* a tty has no other end that could be gone: it fails, or it is there */
  link->transport_state = tilld_serial_bus_new (link->reactor, &line, event_came, link, &error);
  if (link->transport_state == NULL)
    tilld_link_close (link, error->message);
  else
    tilld_serial_bus_open (link->transport_state);
}

static void
drop (TilldLink *link)
{
  g_clear_pointer ((TilldSerialBus **) &link->transport_state, tilld_serial_bus_free);
}

static gboolean
request (TilldLink *link, TilldBus *bus, const TilldMbRequest *request, guint timeout_ms)
{
  link->bytes_out += request->len + 3;
  tilld_serial_bus_send (link->transport_state, request, timeout_ms);
  return TRUE;
}

/* The thread counts its own connection time; nothing comes as a stream. */
const TilldTransport tilld_transport_serial = { "serial", dial, NULL, drop };
const TilldFront tilld_front_serial = { .name = "serial", .pace = TILLD_PACE_SERIAL, .trusted_tid = TRUE, .request = request,
                                        .extra_ms = THREAD_EXTRA_MS };
