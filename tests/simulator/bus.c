/* SPDX-License-Identifier: GPL-2.0-or-later
 * bus.c: a request from its arrival to the last byte of its answer. No answer leaves before the journal holds its effect. */
#include "tests/simulator/bus.h"
#include <string.h>
#include "tests/simulator/bus-reply.h"
#include "tests/simulator/seed.h"

#define QUEUE_MAX       64 /* requests of one bus on their way, delayed ones included */
#define FAST_BAUD       19200 /* above it the silence is 1.75 ms */
#define FAST_SILENCE_US 1750

#define PACE_BYTES_S    500   /* bytes of a tty leave in about so many pieces a second */

typedef enum { STAGE_EXECUTE, STAGE_REPLY, STAGE_DELIVER, STAGE_SPLIT, STAGE_AFTERWARDS } Stage;

typedef struct {
  SimTimer       timer;
  GList          place;
  GSList         spare;
  SimBus        *bus;
  const SimWire *wire;
  gpointer       conn; /* NULL: gone */
  Stage          stage;
  guint32        faults;
  guint          ms[SIM_N_FAULTS];
  guint64        k;
  gsize          n_bytes, sent, piece; /* while it leaves in pieces */
  gint64         gap_us;
  SimRequest     request;
  SimReply       reply;
  guint8         bytes[SIM_WIRE_BYTES];
} Exchange;

static void exchange_fire (SimTimer *timer, gpointer data);

gint64
sim_bus_time_us (guint baud, gsize n)
{
  gint64 silence_us = baud > FAST_BAUD ? FAST_SILENCE_US : 35000000 / baud;

  return (gint64) n * 10000000 / baud + silence_us;
}

static gint64
now_us (const SimBus *bus)
{
  return sim_timers_now (bus->campus->timers);
}

static gboolean
has (const Exchange *exchange, guint32 bit)
{
  return (exchange->faults & bit) != 0;
}

static void
arm (Exchange *exchange, Stage stage, gint64 due_us)
{
  exchange->stage = stage;
  sim_timers_arm (exchange->bus->campus->timers, &exchange->timer, due_us);
}

static void
exchange_end (Exchange *exchange)
{
  SimBus *bus = exchange->bus;

  if (bus->late == exchange)
    bus->late = NULL;
  sim_timers_disarm (bus->campus->timers, &exchange->timer);
  g_queue_unlink (&bus->exchanges, &exchange->place);
  exchange->spare.data = exchange;
  exchange->spare.next = bus->campus->spare;
  bus->campus->spare = &exchange->spare;
}

/* One that was used before, or a new one; the requests and bytes in it are not cleared. */
static Exchange *
take_exchange (SimCampus *campus)
{
  Exchange *exchange = campus->spare ? campus->spare->data : NULL;

  if (!exchange)
    return g_new0 (Exchange, 1);
  campus->spare = campus->spare->next;
  memset (exchange, 0, offsetof (Exchange, request));
  return exchange;
}

static Exchange *
exchange_new (SimBus *bus, const SimWire *wire, gpointer conn, const SimRequest *request)
{
  Exchange *exchange = take_exchange (bus->campus);

  exchange->timer = (SimTimer){ .fire = exchange_fire, .data = exchange };
  exchange->place.data = exchange;
  exchange->bus = bus;
  exchange->wire = wire;
  exchange->conn = conn;
  exchange->request = *request;
  g_queue_push_tail_link (&bus->exchanges, &exchange->place);
  return exchange;
}

static void
decide (Exchange *exchange)
{
  SimBus    *bus = exchange->bus;
  SimCampus *campus = bus->campus;
  SimFrameId frame = { campus->place.seed, bus->path, bus->link->spec->code, exchange->k, now_us (bus) - campus->boot_us };

  for (int fault = 0; campus->faults && fault < SIM_N_FAULTS; fault++)
    if (sim_faults_hit (campus->faults, &frame, (SimFault) fault, &exchange->ms[fault]))
      exchange->faults |= 1u << fault;
  campus->stats.faults += exchange->faults != 0;
}

static gint64
rtt_us (const Exchange *exchange)
{
  const SimLinkSpec *spec = exchange->bus->link->spec;

  return 1000 * sim_draw_range (exchange->bus->campus->place.seed, exchange->bus->path, "rtt", exchange->k, spec->rtt_lo_ms, spec->rtt_hi_ms);
}

/* Half a Modbus TCP frame leaves no way back into the stream: such a gateway starts anew. */
static void
finish_bytes (Exchange *exchange)
{
  if (exchange->conn && exchange->reply.mbap && has (exchange, SIM_FAULT_BIT (TRUNCATE)))
    exchange->wire->reset (exchange->conn);
  exchange_end (exchange);
}

/* Another answer is on its way byte by byte. */
static gboolean
must_wait (const Exchange *exchange)
{
  for (GList *at = exchange->bus->exchanges.head; at; at = at->next)
    if (at->data != exchange && ((Exchange *) at->data)->stage == STAGE_SPLIT)
      return TRUE;
  return FALSE;
}

static void
send_piece (Exchange *exchange)
{
  gsize n = MIN (exchange->piece, exchange->n_bytes - exchange->sent);

  if (exchange->conn && n > 0)
    exchange->wire->send (exchange->conn, exchange->bytes + exchange->sent, n, exchange->faults);
  exchange->sent += n;
  if (!exchange->conn || exchange->sent == exchange->n_bytes)
    finish_bytes (exchange);
  else
    arm (exchange, STAGE_SPLIT, now_us (exchange->bus) + exchange->gap_us);
}

/* The bytes of an answer go out, now or piece by piece, never among those of another. */
static void
deliver (Exchange *exchange)
{
  SimBus *bus = exchange->bus;
  guint64 draw = sim_draw (bus->campus->place.seed, bus->path, "mangle", exchange->k);

  if (must_wait (exchange))
    {
      arm (exchange, STAGE_DELIVER, now_us (bus) + 1000);
      return;
    }
  if (!sim_campus_commit (bus->campus) || !exchange->conn || bus->link->frozen)
    {
      exchange_end (exchange);
      return;
    }
  exchange->n_bytes = sim_reply_bytes (&exchange->reply, exchange->faults, draw, exchange->bytes);
  bus->campus->stats.answers++;
  bus->campus->stats.exceptions += (exchange->reply.pdu[0] & 0x80) != 0;
  exchange->piece = exchange->n_bytes;
  if (bus->timing && bus->link->paced)
    {
      exchange->piece = MAX (bus->baud / 10 / PACE_BYTES_S, 1);
      exchange->gap_us = (gint64) exchange->piece * 10000000 / bus->baud;
    }
  if (has (exchange, SIM_FAULT_BIT (SPLIT)))
    {
      exchange->piece = 1;
      exchange->gap_us = 1000 * (gint64) exchange->ms[SIM_FAULT_SPLIT];
    }
  send_piece (exchange);
}

/* Keeps this answer as the stale one of the next request, or takes the one before. */
static void
swap_stale (Exchange *exchange)
{
  SimBus  *bus = exchange->bus;
  SimReply fresh = exchange->reply;

  if (has (exchange, SIM_FAULT_BIT (STALE_REPLY)) && bus->last[1] > 0)
    {
      exchange->reply.tid = bus->last_tid;
      exchange->reply.unit = bus->last[0];
      exchange->reply.n_pdu = bus->last[1];
      memcpy (exchange->reply.pdu, bus->last + 2, bus->last[1]);
    }
  bus->last_tid = fresh.tid;
  bus->last[0] = fresh.unit;
  bus->last[1] = (guint8) fresh.n_pdu;
  memcpy (bus->last + 2, fresh.pdu, fresh.n_pdu);
}

static void
reply_stage (Exchange *exchange)
{
  SimBus *bus = exchange->bus;

  if (exchange->conn && has (exchange, SIM_FAULT_BIT (CONN_RESET)))
    exchange->wire->reset (exchange->conn);
  if (exchange->conn && has (exchange, SIM_FAULT_BIT (HALF_OPEN)))
    exchange->wire->deafen (exchange->conn);
  if (has (exchange, SIM_FAULT_BIT (DROP_REPLY) | SIM_FAULT_BIT (CONN_RESET) | SIM_FAULT_BIT (HALF_OPEN)))
    {
      bus->campus->stats.silent++;
      sim_campus_commit (bus->campus);
      exchange_end (exchange);
      return;
    }
  swap_stale (exchange);
  if (has (exchange, SIM_FAULT_BIT (LATE)) && !bus->late)
    bus->late = exchange; /* leaves when the next request comes */
  else
    deliver (exchange);
}

static void
answer (Exchange *exchange, SimMeter *meter)
{
  SimEffect effect;

  exchange->reply.n_pdu = sim_slave_answer (meter, &exchange->request, exchange->reply.pdu, &effect);
  sim_campus_record (exchange->bus->campus, meter, &effect, &exchange->request);
}

static void
answer_with_faults (Exchange *exchange, SimMeter *meter)
{
  guint8 function = exchange->request.pdu[0];

  if (has (exchange, SIM_FAULT_BIT (EXCEPTION_04) | SIM_FAULT_BIT (EXCEPTION_THEN_APPLIED)))
    exchange->reply.n_pdu = sim_slave_exception (function, SIM_DEVICE_FAILURE, exchange->reply.pdu);
  else if (has (exchange, SIM_FAULT_BIT (EXCEPTION_06)))
    exchange->reply.n_pdu = sim_slave_exception (function, SIM_DEVICE_BUSY, exchange->reply.pdu);
  else
    answer (exchange, meter);
  if (has (exchange, SIM_FAULT_BIT (DUP_REQUEST) | SIM_FAULT_BIT (GATEWAY_RETRY)))
    answer (exchange, meter);
  if (has (exchange, SIM_FAULT_BIT (APPLIED_THEN_EXCEPTION)))
    exchange->reply.n_pdu = sim_slave_exception (function, SIM_DEVICE_FAILURE, exchange->reply.pdu);
  if (has (exchange, SIM_FAULT_BIT (EXCEPTION_THEN_APPLIED)))
    {
      Exchange *again = exchange_new (exchange->bus, exchange->wire, NULL, &exchange->request);

      arm (again, STAGE_AFTERWARDS, now_us (exchange->bus) + 1000 * exchange->ms[SIM_FAULT_EXCEPTION_THEN_APPLIED]);
    }
}

static SimMeter *
meter_of (const Exchange *exchange)
{
  SimBus   *bus = exchange->bus;
  guint8    unit = exchange->request.unit;
  SimMeter *meter = unit <= 247 && bus->by_unit[unit] > 0 ? &bus->meters[bus->by_unit[unit] - 1] : NULL;

  if (!meter || meter->off || meter->back_us > now_us (bus))
    return NULL;
  sim_meter_advance (meter, sim_campus_now (bus->campus) / TILL_SECOND);
  return meter;
}

static void
execute_stage (Exchange *exchange)
{
  SimBus   *bus = exchange->bus;
  SimMeter *meter = meter_of (exchange);
  gint64    at_once = now_us (bus);
  /* The line does not wait for this process: what fired late does not make it slower. */
  gint64    due_us = exchange->timer.due_us > 0 ? exchange->timer.due_us : at_once;

  if (!meter || exchange->request.n_pdu == 0)
    {
      bus->campus->stats.silent++;
      exchange_end (exchange);
      return;
    }
  exchange->reply.mbap = bus->link->mbap;
  exchange->reply.tid = exchange->request.tid;
  exchange->reply.unit = exchange->request.unit;
  answer_with_faults (exchange, meter);
  if (bus->timing)
    {
      gint64 line_us = sim_bus_time_us (bus->baud, exchange->reply.n_pdu + 3);

      due_us += 1000 * meter->model->turnaround_ms;
      bus->busy_until_us = MAX (bus->busy_until_us, due_us + line_us);
      if (!bus->link->paced) /* else its bytes take their time below */
        due_us += line_us;
    }
  due_us += rtt_us (exchange) / 2 + 1000 * (gint64) meter->quirks->slow_ms + 1000 * (gint64) exchange->ms[SIM_FAULT_DELAY_REPLY];
  due_us = MAX (due_us, bus->clogged_until_us);
  /* With something to flush the answer waits for the end of this turn, so that several share one flush. */
  if (due_us > at_once || (bus->campus->journal && sim_journal_is_pending (bus->campus->journal)))
    arm (exchange, STAGE_REPLY, due_us);
  else
    reply_stage (exchange);
}

static void
afterwards_stage (Exchange *exchange)
{
  SimMeter *meter = meter_of (exchange);

  if (meter)
    answer (exchange, meter);
  sim_campus_commit (exchange->bus->campus);
  exchange_end (exchange);
}

static void
exchange_fire (SimTimer *timer, gpointer data)
{
  Exchange *exchange = data;

  switch (exchange->stage)
    {
    case STAGE_EXECUTE:
      execute_stage (exchange);
      break;
    case STAGE_REPLY:
      reply_stage (exchange);
      break;
    case STAGE_DELIVER:
      deliver (exchange);
      break;
    case STAGE_SPLIT:
      send_piece (exchange);
      break;
    case STAGE_AFTERWARDS:
      afterwards_stage (exchange);
      break;
    }
}

/* Two talkers on one pair of wires: neither is understood. */
static gboolean
garbles (SimBus *bus)
{
  if (!bus->timing || bus->link->mbap || now_us (bus) >= bus->busy_until_us)
    return FALSE;
  for (GList *at = bus->exchanges.head; at; at = at->next)
    {
      Exchange *other = at->data;

      other->faults |= SIM_FAULT_BIT (CORRUPT);
      if (other->stage == STAGE_SPLIT && other->sent < other->n_bytes)
        other->bytes[other->sent] ^= 0x55;
    }
  return TRUE;
}

static gboolean
is_lost (SimBus *bus, Exchange *exchange)
{
  if (has (exchange, SIM_FAULT_BIT (RECONNECT_TWIN)) && exchange->wire->twin && exchange->conn)
    exchange->wire->twin (exchange->conn);
  for (guint i = 0; i < bus->link->n_buses; i++) /* it is the gateway that stops, with all its ports */
    {
      SimBus *other = &bus->link->buses[i];

      if (has (exchange, SIM_FAULT_BIT (FREEZE)))
        other->frozen_until_us = now_us (bus) + 1000 * (gint64) exchange->ms[SIM_FAULT_FREEZE];
      if (has (exchange, SIM_FAULT_BIT (CLOG)))
        other->clogged_until_us = now_us (bus) + 1000 * (gint64) exchange->ms[SIM_FAULT_CLOG];
    }
  return bus->link->frozen || now_us (bus) < bus->frozen_until_us || has (exchange, SIM_FAULT_BIT (DROP_REQUEST)) || garbles (bus) ||
         bus->exchanges.length > QUEUE_MAX + 1;
}

/* With nothing in the way the answer to a read leaves at once, and nothing is remembered of it. */
static gboolean
answer_at_once (SimBus *bus, const SimWire *wire, gpointer conn, const SimRequest *request)
{
  SimCampus *campus = bus->campus;
  guint8     bytes[SIM_ADU_MAX], pdu[SIM_PDU_MAX], unit = request->unit;
  SimMeter  *meter = unit <= 247 && bus->by_unit[unit] > 0 ? &bus->meters[bus->by_unit[unit] - 1] : NULL;
  SimEffect  effect;
  gsize      n;

  if (campus->faults || campus->broken || bus->timing || bus->exchanges.head || bus->link->frozen || bus->link->spec->rtt_hi_ms > 0 ||
      !meter || meter->off || meter->back_us > 0 || meter->quirks->slow_ms > 0 || request->n_pdu == 0 || (request->pdu[0] != 3 && request->pdu[0] != 4) ||
      (campus->journal && sim_journal_is_pending (campus->journal)))
    return FALSE;
  sim_meter_advance (meter, sim_campus_now (campus) / TILL_SECOND);
  n = sim_slave_answer (meter, request, pdu, &effect);
  bus->frames++;
  campus->stats.requests++;
  campus->stats.answers++;
  campus->stats.exceptions += (pdu[0] & 0x80) != 0;
  n = sim_frame_wrap (bus->link->mbap, request->tid, unit, pdu, n, bytes);
  wire->send (conn, bytes, n, 0);
  return TRUE;
}

void
sim_bus_request (SimBus *bus, const SimWire *wire, gpointer conn, const SimRequest *request)
{
  Exchange *exchange;
  gint64    now = now_us (bus), start_us;

  if (answer_at_once (bus, wire, conn, request))
    return;
  exchange = exchange_new (bus, wire, conn, request);
  exchange->k = bus->frames++;
  bus->campus->stats.requests++;
  decide (exchange);
  if (bus->late)
    {
      Exchange *late = bus->late;

      bus->late = NULL;
      deliver (late);
    }
  if (bus->campus->broken || is_lost (bus, exchange))
    {
      bus->campus->stats.silent++;
      exchange_end (exchange);
      return;
    }
  start_us = now + rtt_us (exchange) / 2 + 1000 * (gint64) exchange->ms[SIM_FAULT_DELAY_REQUEST];
  if (bus->timing)
    {
      start_us = MAX (start_us, bus->busy_until_us) + sim_bus_time_us (bus->baud, request->n_pdu + 3u);
      bus->busy_until_us = start_us;
    }
  if (start_us > now)
    arm (exchange, STAGE_EXECUTE, start_us);
  else
    execute_stage (exchange);
}

void
sim_bus_noise (SimBus *bus)
{
  bus->campus->stats.noise++;
}

void
sim_bus_forget (SimBus *bus, gpointer conn)
{
  for (GList *at = bus->exchanges.head; at; at = at->next)
    if (((Exchange *) at->data)->conn == conn)
      ((Exchange *) at->data)->conn = NULL;
}

void
sim_bus_clear (SimBus *bus)
{
  while (bus->exchanges.head)
    exchange_end (bus->exchanges.head->data);
}
