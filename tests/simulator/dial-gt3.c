/* SPDX-License-Identifier: GPL-2.0-or-later
 * dial-gt3.c: a gateway inside the GT3 envelope: handshake, sealed frames, several ports, new keys, the duties of a gateway. */
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string.h>
#include "tests/simulator/gt3-keys.h"
#include "tests/simulator/link-dial.h"
#include "tests/simulator/port.h"

#define IN_BYTES     4096
#define REQUEST_HEAD 8 /* tid, port, flags, timeout, ttl */
#define REPLY_HEAD   4
#define INFO_BYTES   1000

enum { TYPE_REQUEST = 1, TYPE_REPLY, TYPE_HEARTBEAT, TYPE_TIME, TYPE_INFO, TYPE_REKEY, TYPE_ERROR };
enum { ERROR_TYPE = 1, ERROR_PLAIN = 2, ERROR_REKEY = 3 };
typedef enum { AWAIT_ANSWER, OPEN } Stage;

typedef struct {
  SimDial       *dial;
  SimStream     *stream;
  Stage          stage;
  SimGt3Identity identity;
  SimGt3Keys     keys;
  guint8         hello[SIM_GT3_HELLO];
  guint32        faults;  /* of the frame that leaves next */
  gint64         since_us;
  guint          n_ports;
  SimPort        ports[];
} Session;

static guint16
get_u16 (const guint8 *at)
{
  return (guint16) (at[0] << 8 | at[1]);
}

static void
put_u16 (guint8 *at, guint16 value)
{
  at[0] = (guint8) (value >> 8);
  at[1] = (guint8) value;
}

static void
put_u32 (guint8 *at, guint32 value)
{
  put_u16 (at, (guint16) (value >> 16));
  put_u16 (at + 2, (guint16) value);
}

static gint64
now_us (const Session *session)
{
  return sim_timers_now (session->dial->link->campus->timers);
}

/* Seals and sends; what the fault set says goes wrong with this frame. */
static void
say (Session *session, const SimGt3Plain *plain)
{
  guint8     frame[SIM_GT3_FRAME_MAX];
  SimStream *stream = session->stream;
  guint32    faults = session->faults;
  gsize      n;

  session->faults = 0;
  if (faults & SIM_FAULT_BIT (GT3_BAD_SEQ))
    session->keys.up.seq++;
  n = sim_gt3_seal (&session->keys, &session->keys.up, plain, NULL, frame);
  if (faults & SIM_FAULT_BIT (GT3_BAD_TAG))
    frame[n - 1] ^= 1;
  sim_stream_hold (stream);
  sim_stream_send (stream, frame, n);
  if (faults & SIM_FAULT_BIT (GT3_REPLAY))
    sim_stream_send (stream, frame, n);
  sim_stream_release (stream);
}

static void
say_error (Session *session, guint8 code, const char *text)
{
  SimGt3Plain plain = { .type = TYPE_ERROR, .n = 1 + strlen (text) };
  SimStream  *stream = session->stream;

  plain.bytes[0] = code;
  memcpy (plain.bytes + 1, text, plain.n - 1);
  sim_stream_hold (stream);
  say (session, &plain);
  sim_stream_close (stream, FALSE);
  sim_stream_release (stream);
}

static void
answered (SimPort *port, const SimPortAnswer *answer, gpointer data)
{
  Session    *session = data;
  SimGt3Plain plain = { .type = TYPE_REPLY, .n = REPLY_HEAD + answer->n };

  if (sim_dial_is_silent (session->dial))
    return;
  put_u16 (plain.bytes, answer->tag);
  plain.bytes[2] = (guint8) port->bus->port;
  plain.bytes[3] = (guint8) answer->status;
  if (answer->n > 0)
    memcpy (plain.bytes + REPLY_HEAD, answer->adu, answer->n);
  session->faults = answer->faults;
  say (session, &plain);
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

/* serial, maker and the ports with their lines, as text. */
static void
say_info (Session *session)
{
  const SimLinkSpec  *spec = session->dial->link->spec;
  g_autoptr (GString) text = g_string_new (NULL);
  SimGt3Plain         plain = { .type = TYPE_INFO };

  g_string_printf (text, "serial=SIM-%s\nvendor=Gridtill\nmodel=gridtill-sim\nfw=1.0\nports=", spec->code);
  for (guint i = 0; i < session->n_ports; i++)
    g_string_append_printf (text, "%s%u:%u:N", i > 0 ? "," : "", session->ports[i].bus->port, session->ports[i].bus->baud);
  g_string_append_c (text, '\n');
  plain.n = MIN (text->len, INFO_BYTES);
  memcpy (plain.bytes, text->str, plain.n);
  say (session, &plain);
}

/* Version, suite and tag of the server first; only then this side proves who it is. */
static gsize
take_answer (Session *session)
{
  const guint8 *answer = session->stream->in;
  guint8        tag[SIM_GT3_TAG], prove[SIM_GT3_TAG];
  SimStream    *stream = session->stream;

  if (stream->n_in < SIM_GT3_HELLO)
    return 0;
  sim_gt3_answer_tag (&session->identity, session->hello, answer, tag);
  if (memcmp (answer, session->hello, 4) != 0 || gnutls_memcmp (answer + 20, tag, sizeof tag) != 0 ||
      !sim_gt3_keys_start (&session->keys, &session->identity, session->hello[3], session->hello + 20, answer + 4))
    {
      sim_stream_close (stream, FALSE);
      return 0;
    }
  sim_gt3_prove (&session->identity, session->hello, answer, prove);
  session->stage = OPEN;
  sim_stream_send (stream, prove, sizeof prove);
  if (stream->fd >= 0)
    {
      sim_dial_good (session->dial);
      say_info (session);
    }
  return SIM_GT3_HELLO;
}

static void
take_request (Session *session, const SimGt3Plain *plain)
{
  SimPortJob  job = { .tag = get_u16 (plain->bytes) };
  SimGt3Plain none = { .type = TYPE_REPLY, .n = REPLY_HEAD };

  if (plain->n < REQUEST_HEAD + 4 || plain->n > REQUEST_HEAD + 3 + SIM_PDU_MAX)
    {
      say_error (session, ERROR_PLAIN, "request");
      return;
    }
  job.timeout_ms = MAX (get_u16 (plain->bytes + 4), 1);
  job.ttl_ms = get_u16 (plain->bytes + 6);
  job.n = plain->n - REQUEST_HEAD;
  memcpy (job.adu, plain->bytes + REQUEST_HEAD, job.n);
  if (sim_dial_is_silent (session->dial))
    return;
  for (guint i = 0; i < session->n_ports; i++)
    if (session->ports[i].bus->port == plain->bytes[2])
      {
        sim_port_ask (&session->ports[i], &job);
        return;
      }
  memcpy (none.bytes, plain->bytes, 3);
  none.bytes[3] = SIM_PORT_NONE;
  say (session, &none);
}

/* The server's nonce; ours is the last frame under the old keys. */
static void
take_rekey (Session *session, const SimGt3Plain *plain)
{
  SimGt3Plain ours = { .type = TYPE_REKEY, .n = 1 + SIM_GT3_NONCE, .bytes = { 2 } };
  SimStream  *stream = session->stream;

  if (plain->n != 1 + SIM_GT3_NONCE || plain->bytes[0] != 1)
    {
      say_error (session, ERROR_REKEY, "rekey");
      return;
    }
  g_assert (gnutls_rnd (GNUTLS_RND_RANDOM, ours.bytes + 1, SIM_GT3_NONCE) == 0);
  say (session, &ours);
  if (stream->fd >= 0 && !sim_gt3_keys_next (&session->keys, ours.bytes + 1, plain->bytes + 1))
    sim_stream_close (stream, FALSE);
}

static void
take_plain (Session *session, const SimGt3Plain *plain)
{
  switch (plain->type)
    {
    case TYPE_REQUEST:
      take_request (session, plain);
      break;
    case TYPE_REKEY:
      take_rekey (session, plain);
      break;
    case TYPE_HEARTBEAT: /* the echo of ours; nothing depends on it */
      break;
    case TYPE_TIME: /* a gateway without a clock of its own has no use for it, but checks it */
      if (plain->n != 11 || plain->bytes[0] != 2)
        say_error (session, ERROR_PLAIN, "time");
      break;
    case TYPE_ERROR:
      sim_stream_close (session->stream, FALSE);
      break;
    default:
      if (plain->type < 0x80)
        say_error (session, ERROR_TYPE, "type");
    }
}

static gsize
take_frame (Session *session)
{
  SimStream  *stream = session->stream;
  SimGt3Plain plain;
  gsize       n;

  if (stream->n_in < 2)
    return 0;
  n = sim_gt3_frame_length (session->keys.suite, stream->in);
  if (n > 0 && stream->n_in < n)
    return 0;
  if (n > 0 && sim_gt3_open (&session->keys, &session->keys.down, stream->in, n, &plain))
    {
      take_plain (session, &plain);
      return n;
    }
  sim_stream_close (stream, FALSE);
  return 0;
}

static void
gt3_received (gpointer data)
{
  Session   *session = data;
  SimStream *stream = session->stream;

  for (gsize used = 1; stream->fd >= 0 && used > 0;)
    {
      used = session->stage == OPEN ? take_frame (session) : take_answer (session);
      if (stream->fd >= 0)
        sim_stream_use (stream, used);
    }
}

static void
gt3_heartbeat (gpointer data)
{
  Session    *session = data;
  SimGt3Plain plain = { .type = TYPE_HEARTBEAT, .n = 5 }, time = { .type = TYPE_TIME, .n = 1, .bytes = { 1 } };
  SimStream  *stream = session->stream;

  if (session->stage != OPEN)
    return;
  put_u32 (plain.bytes, (guint32) ((now_us (session) - session->since_us) / G_USEC_PER_SEC));
  plain.bytes[4] = (guint8) (gint8) -71;
  sim_stream_hold (stream);
  say (session, &plain);
  if (stream->fd >= 0)
    say (session, &time);
  sim_stream_release (stream);
}

static void
gt3_rekey (gpointer data)
{
  SimGt3Plain plain = { .type = TYPE_REKEY, .n = 1 };

  if (((Session *) data)->stage == OPEN)
    say (data, &plain);
}

static void
gt3_end (gpointer data)
{
  Session *session = data;

  for (guint i = 0; i < session->n_ports; i++)
    sim_port_clear (&session->ports[i]);
  sim_gt3_keys_clear (&session->keys);
  gnutls_memset (&session->identity, 0, sizeof session->identity);
  g_free (session);
}

static gpointer
gt3_begin (SimDial *dial)
{
  SimLink   *link = dial->link;
  Session   *session = g_malloc0 (sizeof *session + link->n_buses * sizeof *session->ports);
  SimStream *stream = dial->stream;
  guint8     nonce[SIM_GT3_NONCE];

  session->dial = dial;
  session->stream = stream;
  session->n_ports = link->n_buses;
  session->since_us = now_us (session);
  for (guint i = 0; i < session->n_ports; i++)
    sim_port_init (&session->ports[i], &link->buses[i], &port_funcs, session);
  sim_gt3_identity (&session->identity, link->spec->code, link->spec->key);
  g_assert (gnutls_rnd (GNUTLS_RND_NONCE, nonce, sizeof nonce) == 0);
  sim_gt3_hello (&session->identity, (guint8) link->spec->suite, nonce, session->hello);
  sim_stream_hold (stream);
  sim_stream_send (stream, session->hello, sizeof session->hello);
  if (stream->fd < 0) /* closed before it was a session: nobody else frees it */
    {
      gt3_end (session);
      session = NULL;
    }
  sim_stream_release (stream);
  return session;
}

const SimDialProto sim_dial_gt3 = { TRUE, IN_BYTES, gt3_begin, gt3_received, gt3_heartbeat, NULL, gt3_rekey, gt3_end };
