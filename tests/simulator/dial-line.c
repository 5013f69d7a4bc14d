/* SPDX-License-Identifier: GPL-2.0-or-later
 * dial-line.c: gateways that pass the bytes of one bus through: a DTU with its registration text, or a TLS connection. */
#include "tests/simulator/link-dial.h"
#include "tests/simulator/talker.h"

#define IN_BYTES 512

typedef struct { SimDial *dial; SimTalker talker; gboolean heard; } Line;

static Line *
line_new (SimDial *dial)
{
  Line *line = g_new0 (Line, 1);

  line->dial = dial;
  sim_talker_init (&line->talker, dial->bus, dial->stream);
  line->talker.twin = sim_dial_twin;
  line->talker.data = dial;
  return line;
}

static void
say (Line *line, GBytes *bytes)
{
  gsize         n;
  const guint8 *data = g_bytes_get_data (bytes, &n);

  sim_stream_send (line->talker.stream, data, n);
}

static gpointer
dtu_begin (SimDial *dial)
{
  const SimLinkSpec *spec = dial->link->spec;
  GBytes            *registration = spec->registrations->pdata[dial->index];
  Line              *line = line_new (dial);
  SimStream         *stream = dial->stream;

  if (spec->prefix)
    line->talker.prefix = registration;
  sim_stream_hold (stream);
  say (line, registration);
  if (stream->fd < 0) /* closed before it was a session: nobody else frees it */
    {
      sim_talker_clear (&line->talker);
      g_clear_pointer (&line, g_free);
    }
  sim_stream_release (stream);
  return line;
}

static gpointer
tls_begin (SimDial *dial)
{
  return line_new (dial);
}

/* A server that asks has taken the registration, or the identity of the handshake. */
static void
line_received (gpointer session)
{
  Line *line = session;

  if (!line->heard)
    sim_dial_good (line->dial);
  line->heard = TRUE;
  sim_talker_received (&line->talker);
}

static void
line_heartbeat (gpointer session)
{
  Line *line = session;

  if (line->dial->link->spec->heartbeat)
    say (line, line->dial->link->spec->heartbeat);
}

static void
line_end (gpointer session)
{
  Line *line = session;

  sim_talker_clear (&line->talker);
  g_free (line);
}

const SimDialProto sim_dial_dtu = { FALSE, IN_BYTES, dtu_begin, line_received, line_heartbeat, NULL, NULL, line_end };
const SimDialProto sim_dial_tls = { FALSE, IN_BYTES, tls_begin, line_received, line_heartbeat, NULL, NULL, line_end };
