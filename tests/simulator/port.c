/* SPDX-License-Identifier: GPL-2.0-or-later
 * port.c: the RTU master inside a gateway. It never repeats a request by itself and polls nothing. */
#include "tests/simulator/port.h"
#include <string.h>

#define SILENCE_US 30000 /* after the first byte of a reply: then what is there is all of it */

static void begin (SimPort *port);

static gint64
now_us (const SimPort *port)
{
  return sim_timers_now (port->bus->campus->timers);
}

/* Length of a reply by its function; 0 = not yet known. */
static gsize
reply_length (const guint8 *bytes, gsize n)
{
  if (n < 3)
    return 0;
  if (bytes[1] & 0x80)
    return 5;
  return bytes[1] == 3 || bytes[1] == 4 ? 5u + bytes[2] : 8;
}

static gboolean
is_whole (const guint8 *bytes, gsize n)
{
  guint16 crc = n >= 4 ? sim_crc16 (bytes, n - 2) : 0;

  return n >= 4 && bytes[n - 2] == (guint8) crc && bytes[n - 1] == (guint8) (crc >> 8);
}

/* The job under way is done; the next one begins. The answer may end the connection and with it this port. */
static void
finish (SimPort *port, const SimPortAnswer *answer)
{
  gboolean gone = FALSE, *outer = port->gone;

  sim_bus_forget (port->bus, port);
  sim_timers_disarm (port->bus->campus->timers, &port->timer);
  port->n_jobs--;
  memmove (port->jobs, port->jobs + 1, port->n_jobs * sizeof *port->jobs);
  memmove (port->since_us, port->since_us + 1, port->n_jobs * sizeof *port->since_us);
  port->n_in = 0;
  port->gone = &gone;
  port->funcs->answered (port, answer, port->data);
  if (gone)
    {
      if (outer)
        *outer = TRUE;
      return;
    }
  port->gone = outer;
  if (port->n_jobs > 0)
    begin (port);
}

static void
wire_send (gpointer data, const guint8 *bytes, gsize n, guint32 faults)
{
  SimPort *port = data;
  gsize    length;

  if (port->n_jobs == 0 || port->n_in + n > sizeof port->in)
    return;
  memcpy (port->in + port->n_in, bytes, n);
  port->n_in += n;
  length = reply_length (port->in, port->n_in);
  if (length > 0 && port->n_in >= length && is_whole (port->in, length))
    {
      guint8        adu[SIM_ADU_MAX];
      SimPortAnswer answer = { port->jobs[0].tag, SIM_PORT_REPLY, adu, length, faults };

      memcpy (adu, port->in, length);
      finish (port, &answer);
      return;
    }
  sim_timers_arm (port->bus->campus->timers, &port->timer, MIN (now_us (port) + SILENCE_US, port->limit_us));
}

static void
wire_reset (gpointer data)
{
  SimPort *port = data;

  port->funcs->reset (port->data);
}

static void
wire_deafen (gpointer data)
{
  SimPort *port = data;

  port->funcs->deafen (port->data);
}

static void
wire_twin (gpointer data)
{
  SimPort *port = data;

  port->funcs->twin (port->data);
}

static const SimWire wire = { wire_send, wire_reset, wire_deafen, wire_twin };

static void
timed_out (SimTimer *timer, gpointer data)
{
  SimPort      *port = data;
  SimPortAnswer answer = { port->jobs[0].tag, port->n_in > 0 ? SIM_PORT_GARBAGE : SIM_PORT_SILENT, NULL, 0, 0 };

  finish (port, &answer);
}

/* Requests that waited too long are given back; the next one goes out. */
static void
begin (SimPort *port)
{
  SimRequest  request = { .tid = 0 };
  SimPortJob *job = &port->jobs[0];

  if (job->ttl_ms > 0 && now_us (port) - port->since_us[0] > 1000 * (gint64) job->ttl_ms)
    {
      SimPortAnswer answer = { job->tag, SIM_PORT_EXPIRED, NULL, 0, 0 };

      finish (port, &answer);
      return;
    }
  port->limit_us = now_us (port) + 1000 * (gint64) job->timeout_ms;
  sim_timers_arm (port->bus->campus->timers, &port->timer, port->limit_us);
  if (job->n < 4 || job->n > 3 + SIM_PDU_MAX || !is_whole (job->adu, job->n)) /* no meter understands it: silence follows */
    return;
  request.unit = job->adu[0];
  request.n_pdu = (guint8) (job->n - 3);
  memcpy (request.pdu, job->adu + 1, request.n_pdu);
  sim_bus_request (port->bus, &wire, port, &request);
}

void
sim_port_init (SimPort *port, SimBus *bus, const SimPortFuncs *funcs, gpointer data)
{
  memset (port, 0, offsetof (SimPort, jobs));
  port->bus = bus;
  port->funcs = funcs;
  port->data = data;
  port->timer = (SimTimer){ .fire = timed_out, .data = port };
  port->n_in = 0;
}

void
sim_port_ask (SimPort *port, const SimPortJob *job)
{
  SimPortAnswer full = { job->tag, SIM_PORT_FULL, NULL, 0, 0 };

  if (port->n_jobs == G_N_ELEMENTS (port->jobs))
    {
      port->funcs->answered (port, &full, port->data);
      return;
    }
  port->jobs[port->n_jobs] = *job;
  port->since_us[port->n_jobs++] = now_us (port);
  if (port->n_jobs == 1)
    begin (port);
}

void
sim_port_clear (SimPort *port)
{
  sim_bus_forget (port->bus, port);
  sim_timers_disarm (port->bus->campus->timers, &port->timer);
  port->n_jobs = 0;
  if (port->gone)
    *port->gone = TRUE;
}
