/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-front-gt3.c: gateways that speak the envelope, both suites, over real sockets: values are right, a recharge leaves as the bytes it
 * must be, promises of the gateway become outcomes, keys change while it runs, strangers get nothing. */
#include <string.h>
#include <unistd.h>
#include "server/core/clock.h"
#include "tests/field/peers.h"
#include "tests/lib/test-main.h"

static void
exchange (World *w, Gt3Peer *p, guint line, guint32 value)
{
  TilldGt3Request request;
  TilldGt3Frame   frame;

  caller_ask (&w->c, w->station->lines[line]);
  g_assert_true (gt3_take (p, &request, &frame));
  g_assert_cmpuint (request.port, ==, line + 1);
  gt3_answer (p, &request, TILLD_GT3_STATUS_OK, value);
  world_assert_value (w, value);
}

static void
test_gt3_reads (gconstpointer data)
{
  static const guint8  recharge[] = { 0x01, 0x10, 0x05, 0x0d, 0x00, 0x03, 0x06, 0x00, 0x00, 0x27, 0x10, 0x00, 0x01, 0xac, 0x07 };
  static const guint16 words[] = { 0, 10000, 1 };
  TilldGt3Suite        suite = (TilldGt3Suite) GPOINTER_TO_INT (data);
  World                w;
  Gt3Peer              p;
  TilldGt3Request      request;
  TilldGt3Frame        frame;

  world_open (&w, 3);
  g_assert_true (gt3_greet (&p, &w.c, "GW-0001", suite, peer_master));
  g_assert_cmpint (tilld_station_link_class (w.station), ==, suite == TILLD_GT3_3DES ? TILL_LINK_CLASS_GT3_3DES : TILL_LINK_CLASS_GT3_AES);
  for (guint i = 0; i < 12; i++)
    exchange (&w, &p, i % 3, 100000 + i);
  /* A recharge: those bytes, once, with room for the gateway's own waiting. */
  w.c.done = FALSE;
  tilld_mb_write (&w.c.job.request, 1, 16, 0x050d, words, 3);
  tilld_bus_queue (&w.station->lines[1]->bus, &w.c.job, TILLD_BUS_MONEY);
  g_assert_true (gt3_take (&p, &request, &frame));
  g_assert_cmpmem (request.adu, request.adu_len, recharge, sizeof recharge);
  g_assert_cmpuint (request.port, ==, 2);
  g_assert_cmpuint (request.timeout_ms, >=, 1000);
  g_assert_cmpuint (request.ttl_ms, ==, 2000);
  g_assert_false (gt3_hear (&p, &frame));
  /* Silence becomes ambiguous after timeout + ttl + 2 s, and its tid is dead then. */
  caller_step_ms (&w.c, request.timeout_ms + request.ttl_ms + 1700u);
  g_assert_false (w.c.done);
  caller_step_ms (&w.c, 400);
  g_assert_true (w.c.done);
  g_assert_cmpint (w.c.outcome, ==, TILLD_BUS_TIMEOUT);
  gt3_answer (&p, &request, TILLD_GT3_STATUS_OK, 1);
  exchange (&w, &p, 1, 4711);
  gt3_end (&p);
  g_assert_false (tilld_station_is_up (w.station));
  world_close (&w);
}

/* What the gateway says of its line; the last three promise that no byte reached it. */
static void
test_gt3_status (void)
{
  static const struct { guint8 status; TilldBusOutcome outcome; } rows[] = {
    { 1, TILLD_BUS_TIMEOUT }, { 2, TILLD_BUS_GARBAGE }, { 3, TILLD_BUS_NOT_SENT }, { 4, TILLD_BUS_NOT_SENT }, { 5, TILLD_BUS_NOT_SENT },
  };
  World           w;
  Gt3Peer         p;
  TilldGt3Request request;
  TilldGt3Frame   frame;
  guint8          plain[TILLD_GT3_REQUEST_MAX], adu[16];

  world_open (&w, 2);
  g_assert_true (gt3_greet (&p, &w.c, "GW-0001", TILLD_GT3_AES, peer_master));
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      caller_ask (&w.c, w.station->lines[0]);
      g_assert_true (gt3_take (&p, &request, &frame));
      gt3_answer (&p, &request, rows[i].status, 0);
      g_assert_true (w.c.done);
      g_assert_cmpint (w.c.outcome, ==, rows[i].outcome);
      caller_step_ms (&w.c, 1100);
    }
  /* Another unit, a wrong CRC: garbage. Another port, another tid: nobody's. */
  for (guint i = 0; i < 4; i++)
    {
      TilldGt3Reply reply = { .adu = adu };

      caller_ask (&w.c, w.station->lines[0]);
      g_assert_true (gt3_take (&p, &request, &frame));
      reply.tid = (guint16) (request.tid + (i == 3 ? 1 : 0));
      reply.port = i == 2 ? 2 : 1;
      reply.adu_len = caller_answer (i == 0 ? 2 : 1, 666, adu);
      if (i == 1)
        adu[8] ^= 1;
      gt3_say (&p, TILLD_GT3_REPLY, plain, tilld_gt3_reply_write (&reply, plain));
      g_assert_cmpint (w.c.done, ==, i < 2);
      if (i < 2)
        g_assert_cmpint (w.c.outcome, ==, TILLD_BUS_GARBAGE);
      else
        gt3_answer (&p, &request, 0, i);
      if (i >= 2)
        world_assert_value (&w, i);
    }
  gt3_end (&p);
  world_close (&w);
}

/* Heartbeats are echoed, time is told in the site's zone, facts are kept. */
static void
test_gt3_talk (void)
{
  static const char info[] = "serial=S1\nvendor=Gridtill\nmodel=M\nfw=1.2\niccid=8986\nimei=86\n";
  World             w;
  Gt3Peer           p;
  TilldGt3Frame     frame;
  guint8            plain[5];
  gint64            ms;
  gint16            east;

  world_open (&w, 1);
  g_time_zone_unref (w.station->zone);
  w.station->zone = g_time_zone_new_identifier ("Asia/Shanghai");
  g_assert_true (gt3_greet (&p, &w.c, "GW-0001", TILLD_GT3_3DES, peer_master));
  gt3_say (&p, TILLD_GT3_HEARTBEAT, plain, tilld_gt3_heartbeat_write (86400, -71, plain));
  g_assert_true (gt3_hear (&p, &frame));
  g_assert_cmpuint (frame.type, ==, TILLD_GT3_HEARTBEAT);
  g_assert_cmpmem (frame.plain, frame.len, "\0\1\x51\x80", 4);
  gt3_say (&p, TILLD_GT3_TIME, (const guint8 *) "\1", 1);
  g_assert_true (gt3_hear (&p, &frame));
  g_assert_true (tilld_gt3_time_read (frame.plain, frame.len, &ms, &east));
  g_assert_cmpint (ABS (ms - G_GINT64_CONSTANT (1788264000000)), <, 10000);
  g_assert_cmpint (east, ==, 480);
  gt3_say (&p, TILLD_GT3_INFO, (const guint8 *) info, sizeof info - 1);
  gt3_say (&p, 0x80, (const guint8 *) "?", 1); /* ignored */
  exchange (&w, &p, 0, 5);
  g_assert_cmpstr (w.station->facts.serial, ==, "S1");
  g_assert_cmpstr (w.station->facts.firmware, ==, "1.2");
  g_assert_cmpstr (w.station->facts.imei, ==, "86");
  g_assert_cmpint (w.station->facts.rssi_dbm, ==, -71);
  gt3_end (&p);
  world_close (&w);
}

static void
renew (World *w, Gt3Peer *p, const TilldGt3Frame *asked)
{
  guint8 nonce[TILLD_GT3_NONCE], frame[TILLD_GT3_FRAME_MAX];
  guint  n;

  g_assert_cmpuint (asked->type, ==, TILLD_GT3_REKEY);
  g_assert_cmpuint (asked->len, ==, 17);
  tilld_random (nonce, sizeof nonce);
  n = tilld_gt3_rekey_answer (&p->session, asked->plain + 1, nonce, NULL, frame);
  g_assert_cmpuint (n, >, 0);
  caller_say (&w->c, p->fd, frame, n);
}

/* New keys because the gateway asks, and after 12 hours; never while something is in flight; what is asked meanwhile waits. */
static void
test_gt3_rekey (gconstpointer data)
{
  World           w;
  Gt3Peer         p;
  TilldGt3Request request;
  TilldGt3Frame   frame;
  guint8          plain[5];

  world_open (&w, 2);
  g_assert_true (gt3_greet (&p, &w.c, "GW-0001", (TilldGt3Suite) GPOINTER_TO_INT (data), peer_master));
  gt3_say (&p, TILLD_GT3_REKEY, (const guint8 *) "\0", 1);
  g_assert_true (gt3_hear (&p, &frame));
  /* Nothing leaves until the 02; the request of that moment was promised not to have left. */
  caller_ask (&w.c, w.station->lines[0]);
  g_assert_true (w.c.done);
  g_assert_cmpint (w.c.outcome, ==, TILLD_BUS_NOT_SENT);
  gt3_say (&p, TILLD_GT3_HEARTBEAT, plain, tilld_gt3_heartbeat_write (1, 0, plain));
  g_assert_cmpuint (caller_hear (&w.c, p.fd, p.in, sizeof p.in), ==, 0);
  renew (&w, &p, &frame);
  g_assert_true (gt3_hear (&p, &frame)); /* the echo, under the new keys */
  g_assert_cmpuint (frame.type, ==, TILLD_GT3_HEARTBEAT);
  caller_step_ms (&w.c, 1100);
  exchange (&w, &p, 0, 77);
  /* In flight: the wish waits for the answer. */
  caller_ask (&w.c, w.station->lines[1]);
  g_assert_true (gt3_take (&p, &request, &frame));
  gt3_say (&p, TILLD_GT3_REKEY, (const guint8 *) "\0", 1);
  g_assert_false (gt3_hear (&p, &frame));
  gt3_answer (&p, &request, 0, 78);
  world_assert_value (&w, 78);
  g_assert_true (gt3_hear (&p, &frame));
  renew (&w, &p, &frame);
  exchange (&w, &p, 1, 79);
  /* No 02: closed after ten seconds. */
  gt3_say (&p, TILLD_GT3_REKEY, (const guint8 *) "\0", 1);
  g_assert_true (gt3_hear (&p, &frame));
  caller_step_ms (&w.c, 9000);
  g_assert_false (caller_is_closed (p.fd));
  caller_step_ms (&w.c, 1200);
  g_assert_true (caller_is_closed (p.fd));
  gt3_end (&p);
  world_close (&w);
}

static void
test_gt3_twelve_hours (void)
{
  World         w;
  Gt3Peer       p;
  TilldGt3Frame frame;
  guint8        plain[5];
  guint         minute;
  gboolean      asked = FALSE;

  world_open (&w, 1);
  g_assert_true (gt3_greet (&p, &w.c, "GW-0001", TILLD_GT3_AES, peer_master));
  for (minute = 0; minute < 730 && !asked; minute++)
    {
      tilld_clock_fake_advance (w.c.clock, 60 * TILL_SECOND);
      gt3_say (&p, TILLD_GT3_HEARTBEAT, plain, tilld_gt3_heartbeat_write (60 * minute, 0, plain));
      while (!asked && gt3_hear (&p, &frame))
        asked = frame.type == TILLD_GT3_REKEY;
    }
  g_assert_true (asked);
  g_assert_cmpuint (minute, >=, 715);
  g_assert_cmpuint (minute, <=, 721);
  renew (&w, &p, &frame);
  while (gt3_hear (&p, &frame))
    g_assert_cmpuint (frame.type, ==, TILLD_GT3_HEARTBEAT);
  exchange (&w, &p, 0, 12);
  gt3_end (&p);
  world_close (&w);
}

/* What ends a session: error of that code, then closed. code 0: closed without a word. */
static void
test_gt3_ends (void)
{
  static const struct { const char *name; guint8 type; const char *plain; guint len; guint8 code; } rows[] = {
    { "request from a gateway", 1, "\0\1\1\0\3\350\7\320\1\3\3\6\0\2\x24\x4e", 16, 1 },
    { "type 00", 0, "x", 1, 1 },
    { "type 08", 8, "x", 1, 1 },
    { "a reply of three bytes", 2, "\0\1\1", 3, 2 },
    { "a heartbeat of four bytes", 3, "\0\1\1\1", 4, 2 },
    { "a wish for the time that is none", 4, "\2", 1, 2 },
    { "facts without =", 5, "serial", 6, 2 },
    { "02 without 01", 6, "\2----------------", 17, 3 },
    { "new keys of five bytes", 6, "\2----", 5, 2 },
    { "error of the gateway", 7, "\4stopping", 9, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      World         w;
      Gt3Peer       p;
      TilldGt3Frame frame;
      gboolean      heard;

      world_open (&w, 1);
      g_assert_true (gt3_greet (&p, &w.c, "GW-0001", i % 2 == 0 ? TILLD_GT3_AES : TILLD_GT3_3DES, peer_master));
      gt3_say (&p, rows[i].type, (const guint8 *) rows[i].plain, rows[i].len);
      heard = gt3_hear (&p, &frame);
      g_test_message ("%s", rows[i].name);
      g_assert_cmpint (heard, ==, rows[i].code != 0);
      if (heard)
        {
          g_assert_cmpuint (frame.type, ==, TILLD_GT3_ERROR);
          g_assert_cmpuint (frame.plain[0], ==, rows[i].code);
        }
      g_assert_true (caller_is_closed (p.fd));
      g_assert_false (tilld_station_is_up (w.station));
      gt3_end (&p);
      world_close (&w);
    }
}

/* A key is used up and no new one was agreed, or a number is left for no further frame: error 6, then closed. The gateway says heartbeats
 * and passes over what the server asks; where only a request of the server would be one too many, that one ends it. */
static void
test_gt3_limits (gconstpointer data)
{
  enum { BLOCKS, FRAMES, SEQUENCE };
  static const struct { TilldGt3Suite suite; gboolean incoming; int counter; guint64 value; gboolean asks; } rows[] = {
    { TILLD_GT3_3DES, TRUE, BLOCKS, TILLD_GT3_LAST_BLOCK - 5, FALSE },  { TILLD_GT3_3DES, FALSE, BLOCKS, TILLD_GT3_LAST_BLOCK - 26 - 3, FALSE },
    { TILLD_GT3_3DES, FALSE, BLOCKS, TILLD_GT3_LAST_BLOCK - 26, TRUE }, { TILLD_GT3_3DES, FALSE, SEQUENCE, G_MAXUINT64 - 4, FALSE },
    { TILLD_GT3_3DES, FALSE, SEQUENCE, G_MAXUINT64 - 1, TRUE },         { TILLD_GT3_AES, TRUE, FRAMES, TILLD_GT3_LAST_FRAME - 5, FALSE },
    { TILLD_GT3_AES, FALSE, FRAMES, TILLD_GT3_LAST_FRAME - 2, FALSE },  { TILLD_GT3_AES, FALSE, FRAMES, TILLD_GT3_LAST_FRAME - 1, TRUE },
    { TILLD_GT3_AES, FALSE, SEQUENCE, G_MAXUINT64 - 4, FALSE },         { TILLD_GT3_AES, FALSE, SEQUENCE, G_MAXUINT64 - 1, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      World            w;
      Gt3Peer          p;
      TilldGt3Frame    frame = { 0 };
      TilldGt3Session *server;
      TilldGt3Half    *half;
      guint8           plain[5];
      gboolean         heard = FALSE;

      if (rows[i].suite != (TilldGt3Suite) GPOINTER_TO_INT (data))
        continue;
      g_test_message ("row %u", i);
      world_open (&w, 1);
      g_assert_true (gt3_greet (&p, &w.c, "GW-0001", rows[i].suite, peer_master));
      server = tilld_front_gt3_session (w.station->lines[0]->bus.link);
      half = rows[i].incoming ? &server->in : &server->out;
      *(rows[i].counter == BLOCKS ? &half->blocks : rows[i].counter == FRAMES ? &half->frames : &half->seq) = rows[i].value;
      if (rows[i].counter == SEQUENCE)
        p.session.in.seq = rows[i].value;
      if (rows[i].asks)
        caller_ask (&w.c, w.station->lines[0]);
      for (guint said = 0; said < 10 && !heard; said++)
        {
          if (!rows[i].asks)
            gt3_say (&p, TILLD_GT3_HEARTBEAT, plain, tilld_gt3_heartbeat_write (said, 0, plain));
          while (!heard && gt3_hear (&p, &frame))
            heard = frame.type == TILLD_GT3_ERROR;
        }
      g_assert_true (heard);
      g_assert_cmpuint (frame.plain[0], ==, TILLD_GT3_ERROR_LIMIT);
      g_assert_cmpuint (frame.len, >, 1);
      g_assert_true (caller_is_closed (p.fd));
      g_assert_false (tilld_station_is_up (w.station));
      if (rows[i].asks)
        g_assert_cmpint (w.c.outcome, ==, TILLD_BUS_LINK_LOST);
      gt3_end (&p);
      world_close (&w);
    }
}

/* The server stops: error 4, then closed. */
static void
test_gt3_farewell (void)
{
  World         w;
  Gt3Peer       p;
  TilldGt3Frame frame;

  world_open (&w, 1);
  g_assert_true (gt3_greet (&p, &w.c, "GW-0001", TILLD_GT3_3DES, peer_master));
  tilld_greeter_close_all (w.c.greeter);
  g_assert_true (gt3_hear (&p, &frame));
  g_assert_cmpuint (frame.type, ==, TILLD_GT3_ERROR);
  g_assert_cmpuint (frame.plain[0], ==, TILLD_GT3_ERROR_STOPPING);
  g_assert_true (caller_is_closed (p.fd));
  gt3_end (&p);
  world_close (&w);
}

/* A newer connection that proves itself takes over; the old one hears error 5, its request is lost. A frame said twice, one bit: closed. */
static void
test_gt3_replaced (void)
{
  World           w;
  Gt3Peer         old, new;
  TilldGt3Request request;
  TilldGt3Frame   frame;
  guint8          bytes[TILLD_GT3_FRAME_MAX], plain[5] = { 0 };
  guint           n;

  world_open (&w, 2);
  g_assert_true (gt3_greet (&old, &w.c, "GW-0001", TILLD_GT3_AES, peer_master));
  caller_ask (&w.c, w.station->lines[0]);
  g_assert_true (gt3_take (&old, &request, &frame));
  g_assert_true (gt3_greet (&new, &w.c, "GW-0001", TILLD_GT3_AES, peer_master));
  g_assert_true (w.c.done);
  g_assert_cmpint (w.c.outcome, ==, TILLD_BUS_LINK_LOST);
  g_assert_true (gt3_hear (&old, &frame));
  g_assert_cmpuint (frame.type, ==, TILLD_GT3_ERROR);
  g_assert_cmpuint (frame.plain[0], ==, TILLD_GT3_ERROR_REPLACED);
  g_assert_true (caller_is_closed (old.fd));
  exchange (&w, &new, 1, 3);
  n = tilld_gt3_seal (&new.session, TILLD_GT3_HEARTBEAT, plain, 5, NULL, bytes);
  caller_say (&w.c, new.fd, bytes, n);
  g_assert_true (gt3_hear (&new, &frame));
  caller_say (&w.c, new.fd, bytes, n);
  g_assert_true (caller_is_closed (new.fd)); /* heard before: without a word */
  gt3_end (&old);
  gt3_end (&new);
  world_close (&w);
}

/* Other key, other suite than the record allows, no key, unknown code, half a greeting: nothing, or an answer that proves nothing. */
static void
test_gt3_refused (void)
{
  static const guint8 other[32] = "another key";
  static const guint8 zero[32] = { 0 };
  World               w;
  Gt3Peer             p;
  guint8              more[200] = { 0 };

  world_open (&w, 1);
  g_assert_false (gt3_greet (&p, &w.c, "GW-0001", TILLD_GT3_AES, other));
  gt3_end (&p);
  g_assert_false (gt3_greet (&p, &w.c, "GW-0002", TILLD_GT3_AES, peer_master));
  g_assert_cmpuint (w.c.unknown->len, ==, 1);
  g_assert_cmpstr (w.c.unknown->pdata[0], ==, "gt3 GW-0002");
  gt3_end (&p);
  w.station->record.suites = 1 << TILLD_GT3_AES;
  g_assert_false (gt3_greet (&p, &w.c, "GW-0001", TILLD_GT3_3DES, peer_master));
  gt3_end (&p);
  w.station->record.best_class = TILL_LINK_CLASS_GT3_AES;
  w.station->record.suites = 1 << TILLD_GT3_3DES;
  g_assert_false (gt3_greet (&p, &w.c, "GW-0001", TILLD_GT3_3DES, peer_master)); /* it was stronger before */
  gt3_end (&p);
  w.station->record.best_class = TILL_LINK_CLASS_NONE;
  w.station->record.master_len = 0;
  g_assert_false (gt3_greet (&p, &w.c, "GW-0001", TILLD_GT3_3DES, zero));
  gt3_end (&p);
  peer_give_keys (&w.c, w.station);
  p.fd = caller_dial (&w.c);
  g_assert_true (tilld_gt3_hello_write (&p.handshake, "GW-0001", TILLD_GT3_AES, zero));
  caller_say (&w.c, p.fd, p.handshake.hello, 20);
  caller_step_ms (&w.c, 15100);
  g_assert_true (caller_is_closed (p.fd));
  close (p.fd);
  p.fd = caller_dial (&w.c);
  memcpy (more, p.handshake.hello, TILLD_GT3_HELLO); /* a greeting and a proof in one breath */
  caller_say (&w.c, p.fd, more, sizeof more);
  caller_step_ms (&w.c, 50);
  g_assert_cmpuint (tilld_greeter_links (w.c.greeter), ==, 0);
  close (p.fd);
  g_assert_false (tilld_station_is_up (w.station));
  world_close (&w);
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  for (guint suite = TILLD_GT3_3DES; suite <= TILLD_GT3_AES; suite++)
    {
      g_autofree char *reads = g_strdup_printf ("/front/gt3/reads/suite-%u", suite), *rekey = g_strdup_printf ("/front/gt3/rekey/suite-%u", suite);
      g_autofree char *limits = g_strdup_printf ("/front/gt3/limits/suite-%u", suite);

      g_test_add_data_func (reads, GINT_TO_POINTER (suite), test_gt3_reads);
      g_test_add_data_func (limits, GINT_TO_POINTER (suite), test_gt3_limits);
      g_test_add_data_func (rekey, GINT_TO_POINTER (suite), test_gt3_rekey);
    }
  g_test_add_func ("/front/gt3/ends", test_gt3_ends);
  g_test_add_func ("/front/gt3/farewell", test_gt3_farewell);
  g_test_add_func ("/front/gt3/refused", test_gt3_refused);
  g_test_add_func ("/front/gt3/replaced", test_gt3_replaced);
  g_test_add_func ("/front/gt3/status", test_gt3_status);
  g_test_add_func ("/front/gt3/talk", test_gt3_talk);
  g_test_add_func ("/front/gt3/twelve-hours", test_gt3_twelve_hours);
  return till_test_run ();
}
