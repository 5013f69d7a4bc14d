/* SPDX-License-Identifier: GPL-2.0-or-later
 * peers.c: the gateways' side of the greetings and frames. */
#include "tests/field/peers.h"
#include <string.h>
#include <unistd.h>
#include "tests/lib/test-main.h"

const guint8 peer_master[32] = "master key of the test, 32 bytes";
const guint8 peer_secret[16] = "0123456789abcdef";

TilldKeyFile *
peer_keys (Caller *c)
{
  g_autofree char  *path = g_build_filename (till_test_dir (), "keys", NULL);
  g_autoptr(GError) error = NULL;
  TilldKeyFile     *keys = tilld_key_file_open (path, &error);

  g_assert_no_error (error);
  c->role.options.keys = keys;
  return keys;
}

static guint
wrap (TilldKeyFile *keys, const char *code, const guint8 *secret, gsize len, guint8 *ret, gsize size)
{
  g_autofree char  *owner = g_strdup_printf ("gateway:%s", code);
  g_autoptr(GBytes) wrapped = tilld_key_file_wrap (keys, owner, secret, len);

  g_assert_cmpuint (g_bytes_get_size (wrapped), <=, size);
  memcpy (ret, g_bytes_get_data (wrapped, NULL), g_bytes_get_size (wrapped));
  return (guint) g_bytes_get_size (wrapped);
}

void
peer_give_keys (Caller *c, TilldStation *station)
{
  TilldFieldGateway *r = &station->record;

  r->master_len = wrap (c->role.options.keys, r->code, peer_master, sizeof peer_master, r->master, sizeof r->master);
  r->vendor_len = wrap (c->role.options.keys, r->code, peer_secret, sizeof peer_secret, r->vendor, sizeof r->vendor);
  r->suites = 1 << TILLD_GT3_3DES | 1 << TILLD_GT3_AES;
}

void
world_open (World *w, guint ports)
{
  caller_start (&w->c, &tilld_greeting_limits);
  w->keys = peer_keys (&w->c);
  w->station = caller_station (&w->c, "GW-0001", ports);
  peer_give_keys (&w->c, w->station);
}

void
world_close (World *w)
{
  caller_stop (&w->c);
  tilld_key_file_free (w->keys);
}

void
world_assert_value (World *w, guint32 value)
{
  g_assert_true (w->c.done);
  g_assert_cmpint (w->c.outcome, ==, TILLD_BUS_OK);
  g_assert_cmpuint ((guint32) w->c.reply.regs[0] << 16 | w->c.reply.regs[1], ==, value);
}

gboolean
gt3_greet (Gt3Peer *p, Caller *c, const char *code, TilldGt3Suite suite, const guint8 *master)
{
  guint8 nonce[TILLD_GT3_NONCE], answer[TILLD_GT3_ANSWER], prove[TILLD_GT3_PROVE];

  memset (p, 0, sizeof *p);
  p->c = c;
  p->fd = caller_dial (c);
  tilld_random (nonce, sizeof nonce);
  g_assert_true (tilld_gt3_hello_write (&p->handshake, code, suite, nonce));
  caller_say (c, p->fd, p->handshake.hello, TILLD_GT3_HELLO);
  if (caller_hear (c, p->fd, answer, sizeof answer) != sizeof answer)
    return FALSE;
  if (!tilld_gt3_answer_read (&p->handshake, master, answer))
    memcpy (p->handshake.answer, answer, sizeof answer); /* a forger goes on all the same */
  tilld_gt3_prove_write (&p->handshake, master, prove);
  g_assert_true (tilld_gt3_session_init (&p->session, TILLD_GT3_GATEWAY, &p->handshake, master));
  caller_say (c, p->fd, prove, sizeof prove);
  caller_step_ms (c, 20);
  return !caller_is_closed (p->fd);
}

void
gt3_end (Gt3Peer *p)
{
  tilld_gt3_session_clear (&p->session);
  close (p->fd);
  caller_step_ms (p->c, 20);
}

void
gt3_say (Gt3Peer *p, guint8 type, const guint8 *plain, guint len)
{
  guint8 frame[TILLD_GT3_FRAME_MAX];
  guint  n = tilld_gt3_seal (&p->session, type, plain, len, NULL, frame);

  g_assert_cmpuint (n, >, 0);
  caller_say (p->c, p->fd, frame, n);
}

gboolean
gt3_hear (Gt3Peer *p, TilldGt3Frame *ret)
{
  gsize          used;
  TilldGt3Result result;

  if (p->in_len == 0)
    p->in_len = caller_hear (p->c, p->fd, p->in, sizeof p->in);
  if (p->in_len == 0)
    return FALSE;
  result = tilld_gt3_feed (&p->session, p->in, p->in_len, &used, ret);
  p->in_len -= (guint) used;
  memmove (p->in, p->in + used, p->in_len);
  g_assert_cmpint (result, ==, TILLD_GT3_FRAME);
  return TRUE;
}

gboolean
gt3_take (Gt3Peer *p, TilldGt3Request *ret, TilldGt3Frame *keep)
{
  if (!gt3_hear (p, keep))
    return FALSE;
  g_assert_cmpuint (keep->type, ==, TILLD_GT3_REQUEST);
  g_assert_true (tilld_gt3_request_read (keep->plain, keep->len, ret));
  return TRUE;
}

void
gt3_answer (Gt3Peer *p, const TilldGt3Request *request, guint8 status, guint32 value)
{
  guint8        adu[16], plain[TILLD_GT3_REQUEST_MAX];
  TilldGt3Reply reply = { .tid = request->tid, .port = request->port, .status = status, .adu = adu };

  reply.adu_len = caller_answer (1, value, adu);
  gt3_say (p, TILLD_GT3_REPLY, plain, tilld_gt3_reply_write (&reply, plain));
}

void
v7_say (Caller *c, int fd, guint8 cmd, const guint8 *payload, guint len)
{
  guint8 frame[TILLD_7B7B_MAX];

  caller_say (c, fd, frame, tilld_7b7b_write (cmd, payload, len, frame));
}

void
v7_register (guint8 payload[58], const char *serial)
{
  memset (payload, 0, 58);
  g_strlcpy ((char *) payload, serial, 20);
  memcpy (payload + 20, "89860000000000000001", 20);
  payload[50] = 20;
  payload[57] = 15;
}

gboolean
v1_hear (Caller *c, int fd, Tilld1f1fParser *parser, Tilld1f1fFrame *ret)
{
  guint8          bytes[4096];
  guint           len = caller_hear (c, fd, bytes, sizeof bytes);
  gsize           used = 0;
  Tilld1f1fResult result;

  if (len == 0)
    return FALSE;
  result = tilld_1f1f_feed (parser, bytes, len, &used, ret);
  g_assert_cmpint (result, ==, TILLD_1F1F_FRAME);
  g_assert_cmpuint (used, ==, len);
  return TRUE;
}

gboolean
v1_greet (Caller *c, int fd, const char *gateway, const guint8 *secret)
{
  Tilld1f1fHello         hello = { .step = TILLD_1F1F_REQUEST, .building = "B1" }, back;
  g_autoptr(GByteArray)  out = g_byte_array_new ();
  Tilld1f1fParser        parser;
  Tilld1f1fFrame         frame;
  gboolean               passed = FALSE;

  g_strlcpy (hello.gateway, gateway, sizeof hello.gateway);
  tilld_1f1f_init (&parser);
  tilld_1f1f_hello_write (&hello, out);
  caller_say (c, fd, out->data, out->len);
  if (v1_hear (c, fd, &parser, &frame))
    {
      g_assert_true (tilld_1f1f_hello_read (&frame, &back, NULL));
      g_assert_cmpint (back.step, ==, TILLD_1F1F_ASK);
      g_assert_cmpuint (strlen (back.sequence), ==, 20);
      hello.step = TILLD_1F1F_PROVE;
      tilld_1f1f_md5 (secret, back.sequence, hello.md5);
      g_byte_array_set_size (out, 0);
      tilld_1f1f_hello_write (&hello, out);
      caller_say (c, fd, out->data, out->len);
      g_assert_true (v1_hear (c, fd, &parser, &frame));
      g_assert_true (tilld_1f1f_hello_read (&frame, &back, NULL));
      g_assert_cmpint (back.step, ==, TILLD_1F1F_RESULT);
      passed = back.passed;
    }
  tilld_1f1f_clear (&parser);
  return passed;
}
