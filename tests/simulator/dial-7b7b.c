/* SPDX-License-Identifier: GPL-2.0-or-later
 * dial-7b7b.c: a meter with its own 4G module: registers by its serial number, passes requests through, pushes readings. */
#include <string.h>
#include "shared/base/till-time.h"
#include "tests/simulator/link-dial.h"
#include "tests/simulator/port.h"
#include "tests/simulator/vendor-frame.h"

#define SERIAL     20
#define ICCID      30
#define IN_BYTES   (2 * SIM_7B_MAX)
#define TIMEOUT_MS 1000

enum { CMD_REGISTER = 0x84, CMD_HEARTBEAT = 0x94, CMD_TIME = 0x93, CMD_UPLOAD = 0x91, CMD_THROUGH = 0x90 };

typedef struct { SimDial *dial; SimStream *stream; char serial[SERIAL]; gboolean registered; SimPort port; } Session;

static void
say (Session *session, guint8 cmd, const guint8 *payload, gsize n)
{
  guint8 frame[SIM_7B_MAX];

  sim_stream_send (session->stream, frame, sim_7b_wrap (cmd, payload, n, frame));
}

/* The serial alone says that the meter did not answer. */
static void
answered (SimPort *port, const SimPortAnswer *answer, gpointer data)
{
  Session *session = data;
  guint8   payload[SERIAL + SIM_ADU_MAX];

  if (sim_dial_is_silent (session->dial))
    return;
  memcpy (payload, session->serial, SERIAL);
  if (answer->n > 0)
    memcpy (payload + SERIAL, answer->adu, answer->n);
  say (session, CMD_THROUGH, payload, SERIAL + answer->n);
}

static void
port_reset (gpointer data)
{
  sim_dial_break (((Session *) data)->dial);
}

static void
port_deafen (gpointer data)
{
  sim_dial_deafen (((Session *) data)->dial);
}

static void
port_twin (gpointer data)
{
  sim_dial_twin (((Session *) data)->dial);
}

static const SimPortFuncs port_funcs = { answered, port_reset, port_deafen, port_twin };

static void
say_register (Session *session)
{
  const SimLinkSpec *spec = session->dial->link->spec;
  guint8             payload[SERIAL + ICCID + 8] = { 0 };
  static const guint8 firmware[6] = { 0x01, 0x00, 0x01, 0x02, 0x01, 0x03 };

  memcpy (payload, session->serial, SERIAL);
  g_snprintf ((char *) payload + SERIAL, ICCID, "8986%016" G_GUINT64_FORMAT, session->dial->bus->path % G_GUINT64_CONSTANT (10000000000000000));
  payload[SERIAL + ICCID] = 24;
  memcpy (payload + SERIAL + ICCID + 1, firmware, sizeof firmware);
  payload[SERIAL + ICCID + 7] = (guint8) CLAMP (spec->upload_s / 60, 1, 255);
  say (session, CMD_REGISTER, payload, sizeof payload);
}

static void
take_through (Session *session, const Sim7b *frame)
{
  SimPortJob job = { .timeout_ms = TIMEOUT_MS, .n = frame->n };

  if (frame->n < 4 || frame->n > 3 + SIM_PDU_MAX || sim_dial_is_silent (session->dial))
    return;
  memcpy (job.adu, frame->payload, frame->n);
  sim_port_ask (&session->port, &job);
}

static void
take_frame (Session *session, const Sim7b *frame)
{
  if (frame->cmd == CMD_REGISTER && !session->registered)
    {
      session->registered = TRUE;
      sim_dial_good (session->dial);
      say (session, CMD_TIME, (const guint8 *) session->serial, SERIAL);
    }
  else if (frame->cmd == CMD_THROUGH && session->registered)
    take_through (session, frame);
}

static void
sevenb_received (gpointer data)
{
  Session   *session = data;
  SimStream *stream = session->stream;

  while (stream->fd >= 0 && stream->n_in > 0)
    {
      guint8 copy[SIM_7B_MAX];
      Sim7b  frame;
      gsize  used = sim_7b_next (stream->in, stream->n_in, &frame);

      if (used == 0)
        return;
      memcpy (copy, stream->in, MIN (used, sizeof copy));
      frame.payload = copy + 3;
      sim_stream_use (stream, used);
      if (frame.cmd != 0)
        take_frame (session, &frame);
    }
}

static void
sevenb_heartbeat (gpointer data)
{
  say (data, CMD_HEARTBEAT, NULL, 0);
}

/* The block of registers this model pushes, as the reply to a read that nobody sent. */
static void
sevenb_upload (gpointer data)
{
  Session       *session = data;
  SimBus        *bus = session->dial->bus;
  SimMeter      *meter = &bus->meters[0];
  const SimModel *model = meter->model;
  guint8         at_hi = (guint8) (model->upload_at >> 8), at_lo = (guint8) model->upload_at;
  SimRequest     request = { .n_pdu = 5, .pdu = { model->read_fc, at_hi, at_lo, 0, (guint8) (model->upload_bytes / 2) } };
  guint8         payload[SIM_7B_MAX], pdu[SIM_PDU_MAX];
  SimEffect      effect;
  gsize          n, at = SERIAL;

  if (!session->registered || bus->n_meters == 0 || model->upload_bytes == 0 || meter->off)
    return;
  request.unit = meter->unit;
  sim_meter_advance (meter, sim_campus_now (bus->campus) / TILL_SECOND);
  n = sim_slave_answer (meter, &request, pdu, &effect);
  memcpy (payload, session->serial, SERIAL);
  at += (gsize) g_snprintf ((char *) payload + at, 16, "[[%03u((", meter->unit);
  at += sim_frame_wrap (FALSE, 0, meter->unit, pdu, n, payload + at);
  memcpy (payload + at, "))]]", 4);
  say (session, CMD_UPLOAD, payload, at + 4);
}

static void
sevenb_end (gpointer data)
{
  Session *session = data;

  sim_port_clear (&session->port);
  g_free (session);
}

/* Its identity is the registration of the world, or the number of its meter. */
static void
fill_serial (Session *session)
{
  GPtrArray *texts = session->dial->link->spec->registrations;

  if (texts->len > 0)
    memcpy (session->serial, g_bytes_get_data (texts->pdata[0], NULL), MIN (g_bytes_get_size (texts->pdata[0]), SERIAL));
  else if (session->dial->bus->n_meters > 0)
    {
      const char *serial = sim_meter_serial (&session->dial->bus->meters[0]);

      memcpy (session->serial, serial, MIN (strlen (serial), SERIAL));
    }
}

static gpointer
sevenb_begin (SimDial *dial)
{
  Session   *session = g_new0 (Session, 1);
  SimStream *stream = dial->stream;

  session->dial = dial;
  session->stream = stream;
  sim_port_init (&session->port, dial->bus, &port_funcs, session);
  fill_serial (session);
  sim_stream_hold (stream);
  say_register (session);
  if (stream->fd < 0) /* closed before it was a session: nobody else frees it */
    {
      sevenb_end (session);
      session = NULL;
    }
  sim_stream_release (stream);
  return session;
}

const SimDialProto sim_dial_7b7b = { FALSE, IN_BYTES, sevenb_begin, sevenb_received, sevenb_heartbeat, sevenb_upload, NULL, sevenb_end };
