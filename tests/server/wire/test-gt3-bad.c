/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-gt3-bad.c: what must not pass as a frame or as a greeting of the gateway envelope: every length with good and bad tags, every
 * trick with sequence, direction, suite and padding, greetings that were heard before. Each ends the session, none the process. */
#include <string.h>
#include "server/wire/gt3-frame.h"
#include "server/wire/gt3-message.h"
#include "tests/lib/test-main.h"

typedef struct {
  TilldGt3Session gateway, server;
} Pair;

static guint8 master[32] = "0123456789abcdef0123456789abcdef";

static void
pair_open (Pair *p, TilldGt3Suite suite)
{
  TilldGt3Handshake h, s;
  guint8            nonce[16] = "nonce of gateway", prove[16];
  char              code[17];

  g_assert_true (tilld_gt3_hello_write (&h, "GW-0001", suite, nonce));
  g_assert_true (tilld_gt3_hello_read (h.hello, &s, code));
  tilld_random (nonce, sizeof nonce);
  tilld_gt3_answer_write (&s, master, nonce);
  g_assert_true (tilld_gt3_answer_read (&h, master, s.answer));
  tilld_gt3_prove_write (&h, master, prove);
  g_assert_true (tilld_gt3_prove_check (&s, master, prove));
  g_assert_true (tilld_gt3_session_init (&p->gateway, TILLD_GT3_GATEWAY, &h, master));
  g_assert_true (tilld_gt3_session_init (&p->server, TILLD_GT3_SERVER, &s, master));
}

static void
pair_close (Pair *p)
{
  tilld_gt3_session_clear (&p->gateway);
  tilld_gt3_session_clear (&p->server);
}

/* A frame of any announced length with whatever the caller puts into it, and a tag that fits if asked for: what a peer with the right
 * keys and bad intentions could send. body: after the IV (suite 1: ciphertext; suite 2: plaintext). */
typedef struct {
  guint8        direction, type;
  guint64       seq;
  guint         announced; /* 0 = as the layout wants it */
  const guint8 *body;
  guint         body_len;
  gboolean      bad_tag;
} Craft;

static guint
craft (TilldGt3Session *from, const Craft *c, guint8 *ret)
{
  gboolean first = from->suite == TILLD_GT3_3DES;
  guint    len = c->announced != 0 ? c->announced : (first ? 33 : 25) + c->body_len, at = 12;
  guint8   work[1300] = { c->direction, (guint8) (len >> 8), (guint8) len, c->type }, tag[32], nonce[12] = { 0 };
  guint64  seq = GUINT64_TO_BE (c->seq);

  memcpy (work + 4, &seq, 8);
  if (first)
    {
      memset (work + at, 0x5a, 8);
      at += 8;
      if (c->body_len > 0)
        memcpy (work + at, c->body, c->body_len);
      at += c->body_len;
      tilld_hmac (from->out.mac, 32, work, at, tag);
      memcpy (work + at, tag, 16);
    }
  else
    {
      memcpy (nonce + 4, &seq, 8);
      for (guint i = 0; i < 12; i++)
        nonce[i] ^= from->out.niv[i];
      tilld_gcm_seal (from->out.gcm, nonce, (TilldBytes){ work, 12 }, (TilldBytes){ c->body, c->body_len }, work + at);
      at += c->body_len;
    }
  at += 16;
  work[at - 1] ^= c->bad_tag ? 1 : 0;
  memcpy (ret, work + 1, at - 1);
  return at - 1;
}

/* Plaintext with its padding, encrypted: body of a frame of suite 1. */
static void
encrypt (TilldGt3Session *from, guint8 *body, guint len)
{
  guint8 iv[8];

  memset (iv, 0x5a, sizeof iv);
  g_assert_true (tilld_des_encrypt (from->out.des, iv, body, len, NULL));
}

static TilldGt3Result
feed_all (TilldGt3Session *to, const guint8 *bytes, gsize len, TilldGt3Frame *ret)
{
  gsize          used;
  TilldGt3Result result = tilld_gt3_feed (to, bytes, len, &used, ret);

  g_assert_cmpuint (used, <=, len);
  return result;
}

/* Each length 0..1,100: those that are not allowed fall on their two bytes, the others on the tag unless it is good. */
static void
test_lengths (gconstpointer data)
{
  TilldGt3Suite suite = (TilldGt3Suite) GPOINTER_TO_INT (data);
  guint         head = suite == TILLD_GT3_3DES ? 33 : 25;

  for (guint len = 0; len <= 1100; len++)
    for (guint bad_tag = 0; bad_tag < 2; bad_tag++)
      {
        guint8         body[1100] = { 0 }, frame[1300];
        TilldGt3Frame  got;
        TilldGt3Result wanted, result;
        Pair           p;
        gboolean       allowed = suite == TILLD_GT3_3DES ? len >= 41 && len <= 1065 && (len - 33) % 8 == 0 : len >= 26 && len <= 1049;

        pair_open (&p, suite);
        if (allowed && suite == TILLD_GT3_3DES)
          {
            tilld_pkcs7_pad (body, len - head - 8 + (len == 1065 ? 0 : 5), 8);
            encrypt (&p.gateway, body, len - head);
          }
        wanted = !allowed ? TILLD_GT3_BAD_LENGTH : bad_tag ? TILLD_GT3_BAD_TAG : TILLD_GT3_FRAME;
        if (len >= head)
          craft (&p.gateway, &(Craft){ .direction = 'G', .type = 3, .body = body, .body_len = len - head, .bad_tag = bad_tag }, frame);
        else
          {
            memset (frame, 0, sizeof frame);
            frame[1] = (guint8) len;
          }
        if (!allowed)
          result = feed_all (&p.server, frame, 2, &got); /* nothing behind it is needed */
        else
          result = feed_all (&p.server, frame, 2 + len, &got);
        g_assert_cmpint (result, ==, wanted);
        g_assert_true (p.server.over == (wanted != TILLD_GT3_FRAME));
        g_assert_null (p.server.buf);
        pair_close (&p);
      }
}

static const struct { const char *name; gint64 seq; char direction; gboolean bad_tag; TilldGt3Result wanted; } tricks[] = {
  { "as it should be", 1, 'G', FALSE, TILLD_GT3_FRAME },
  { "the same sequence again", 0, 'G', FALSE, TILLD_GT3_BAD_SEQUENCE },
  { "one skipped", 2, 'G', FALSE, TILLD_GT3_BAD_SEQUENCE },
  { "the greatest sequence", -1, 'G', FALSE, TILLD_GT3_BAD_SEQUENCE },
  { "tag of the other direction", 1, 'S', FALSE, TILLD_GT3_BAD_TAG },
  { "one bit of the tag", 1, 'G', TRUE, TILLD_GT3_BAD_TAG },
};

static void
test_tricks (gconstpointer data)
{
  TilldGt3Suite suite = (TilldGt3Suite) GPOINTER_TO_INT (data);

  for (guint i = 0; i < G_N_ELEMENTS (tricks); i++)
    {
      guint8        body[16] = "0123456", frame[1300];
      TilldGt3Frame got;
      guint         len;
      Pair          p;

      pair_open (&p, suite);
      len = tilld_gt3_seal (&p.gateway, 3, body, 5, NULL, frame);
      g_assert_cmpint (feed_all (&p.server, frame, len, &got), ==, TILLD_GT3_FRAME);
      if (suite == TILLD_GT3_3DES)
        {
          tilld_pkcs7_pad (body, 5, 8);
          encrypt (&p.gateway, body, 8);
        }
      len = craft (&p.gateway,
                   &(Craft){ .direction = (guint8) tricks[i].direction, .type = 3, .seq = (guint64) tricks[i].seq, .body = body,
                             .body_len = 8, .bad_tag = tricks[i].bad_tag },
                   frame);
      g_test_message ("%s", tricks[i].name);
      g_assert_cmpint (feed_all (&p.server, frame, len, &got), ==, tricks[i].wanted);
      g_assert_true (p.server.over == (tricks[i].wanted != TILLD_GT3_FRAME));
      pair_close (&p);
    }
}

/* Each of its bits: no frame with one turned passes. */
static void
test_bits (gconstpointer data)
{
  Pair   p;
  guint8 frame[1300], plain[] = { 0, 1, 1, 0, 1, 3, 2, 0, 7, 1, 1 };
  guint  len;

  pair_open (&p, (TilldGt3Suite) GPOINTER_TO_INT (data));
  len = tilld_gt3_seal (&p.gateway, 2, plain, sizeof plain, NULL, frame);
  for (guint bit = 0; bit < len * 8; bit++)
    {
      TilldGt3Frame got;

      frame[bit / 8] ^= (guint8) (1u << bit % 8);
      g_assert_cmpint (feed_all (&p.server, frame, len, &got), !=, TILLD_GT3_FRAME);
      frame[bit / 8] ^= (guint8) (1u << bit % 8);
      p.server.over = FALSE; /* as if it had not been: the sequence has not moved */
      g_clear_pointer (&p.server.buf, g_free);
      p.server.len = 0;
    }
  g_assert_cmpint (feed_all (&p.server, frame, len, &(TilldGt3Frame){ 0 }), ==, TILLD_GT3_FRAME);
  pair_close (&p);
}

/* Behind a good tag: padding 0, 9, one that is not all alike, nothing but padding, 1,025 bytes. */
static void
test_padding (void)
{
  static const struct { guint len, last, other; TilldGt3Result wanted; } rows[] = {
    { 8, 1, 1, TILLD_GT3_FRAME },         { 8, 0, 0, TILLD_GT3_BAD_PADDING },    { 8, 9, 9, TILLD_GT3_BAD_PADDING },
    { 16, 3, 2, TILLD_GT3_BAD_PADDING },  { 8, 8, 8, TILLD_GT3_BAD_PADDING },    { 16, 8, 8, TILLD_GT3_FRAME },
    { 1032, 7, 7, TILLD_GT3_BAD_PADDING }, { 1032, 8, 8, TILLD_GT3_FRAME },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      guint8        body[1032], frame[1300];
      TilldGt3Frame got;
      guint         len;
      Pair          p;

      pair_open (&p, TILLD_GT3_3DES);
      memset (body, (int) rows[i].other, sizeof body);
      body[rows[i].len - 1] = (guint8) rows[i].last;
      encrypt (&p.gateway, body, rows[i].len);
      len = craft (&p.gateway, &(Craft){ .direction = 'G', .type = 3, .body = body, .body_len = rows[i].len }, frame);
      g_assert_cmpint (feed_all (&p.server, frame, len, &got), ==, rows[i].wanted);
      pair_close (&p);
    }
}

/* A frame of the other suite under its own keys. */
static void
test_other_suite (void)
{
  static const TilldGt3Suite suites[] = { TILLD_GT3_3DES, TILLD_GT3_AES };

  for (guint i = 0; i < 2; i++)
    {
      Pair          right, other;
      guint8        frame[1300];
      TilldGt3Frame got;
      guint         len;

      pair_open (&right, suites[i]);
      pair_open (&other, suites[1 - i]);
      len = tilld_gt3_seal (&other.gateway, 3, (const guint8 *) "0123456", 7, NULL, frame);
      g_assert_cmpint (feed_all (&right.server, frame, len, &got), !=, TILLD_GT3_FRAME);
      pair_close (&right);
      pair_close (&other);
    }
}

/* The 02 without an 01 changes nothing; frames of old keys do not pass afterwards; limits. */
static void
test_rekey (gconstpointer data)
{
  Pair          p;
  guint8        frame[1300], kept[1300], nonce[16] = "new nonces......";
  TilldGt3Frame got;
  guint         len, kept_len;

  pair_open (&p, (TilldGt3Suite) GPOINTER_TO_INT (data));
  g_assert_false (tilld_gt3_rekey_end (&p.server, nonce));
  kept_len = tilld_gt3_seal (&p.gateway, 3, nonce, 5, NULL, kept);
  g_assert_cmpint (feed_all (&p.server, kept, kept_len, &got), ==, TILLD_GT3_FRAME);
  len = tilld_gt3_rekey_begin (&p.server, nonce, NULL, frame);
  g_assert_cmpint (feed_all (&p.gateway, frame, len, &got), ==, TILLD_GT3_FRAME);
  len = tilld_gt3_rekey_answer (&p.gateway, got.plain + 1, nonce, NULL, frame);
  g_assert_cmpint (feed_all (&p.server, frame, len, &got), ==, TILLD_GT3_FRAME);
  g_assert_true (tilld_gt3_rekey_end (&p.server, got.plain + 1));
  g_assert_false (tilld_gt3_rekey_end (&p.server, got.plain + 1));
  g_assert_cmpint (feed_all (&p.server, kept, kept_len, &got), ==, TILLD_GT3_BAD_TAG); /* sequence 0 again, other keys */
  pair_close (&p);
}

/* What is left when a key is used up: the last error frame, whatever is asked before it, and nothing behind it. */
static void
assert_last_word (TilldGt3Session *from, TilldGt3Session *to)
{
  guint8        frame[1300], more[1300], code = 0;
  char          text[TILLD_GT3_TEXT_MAX + 1] = "";
  TilldGt3Frame got;
  guint         len;

  len = tilld_gt3_seal_limit (from, NULL, frame);
  g_assert_cmpuint (len, >, 0);
  g_assert_true (from->over);
  g_assert_cmpuint (tilld_gt3_seal (from, 3, (const guint8 *) text, 1, NULL, more), ==, 0);
  if (to->over) /* it came to its own limit */
    return;
  g_assert_cmpint (feed_all (to, frame, len, &got), ==, TILLD_GT3_FRAME);
  g_assert_cmpuint (got.type, ==, TILLD_GT3_ERROR);
  g_assert_true (tilld_gt3_error_read (got.plain, got.len, &code, text));
  g_assert_cmpuint (code, ==, TILLD_GT3_ERROR_LIMIT);
  g_assert_cmpstr (text, !=, "");
}

/* Near the end of a counter: how many more frames of eight bytes pass, out of the server and into it; then the last word. */
static void
test_limits (void)
{
  enum { BLOCKS, FRAMES, SEQUENCE };
  /* Suite 1 keeps 26 blocks for the last word, each of these frames is two; both keep its number. */
  static const struct { TilldGt3Suite suite; int counter; guint64 out, in; guint passes; } rows[] = {
    { TILLD_GT3_3DES, BLOCKS, TILLD_GT3_LAST_BLOCK - 26 - 6, TILLD_GT3_LAST_BLOCK - 6, 3 },
    { TILLD_GT3_3DES, BLOCKS, TILLD_GT3_LAST_BLOCK - 26 - 1, TILLD_GT3_LAST_BLOCK - 1, 0 },
    { TILLD_GT3_3DES, SEQUENCE, G_MAXUINT64 - 3, G_MAXUINT64 - 2, 2 },
    { TILLD_GT3_AES, FRAMES, TILLD_GT3_LAST_FRAME - 3, TILLD_GT3_LAST_FRAME - 2, 2 },
    { TILLD_GT3_AES, FRAMES, TILLD_GT3_LAST_FRAME - 1, TILLD_GT3_LAST_FRAME, 0 },
    { TILLD_GT3_AES, SEQUENCE, G_MAXUINT64 - 2, G_MAXUINT64 - 1, 1 },
  };

  for (guint i = 0; i < 2 * G_N_ELEMENTS (rows); i++)
    {
      Pair             p;
      guint            row = i / 2, len, passed = 0;
      TilldGt3Session *from, *to;
      TilldGt3Half    *half;
      guint8           frame[1300], plain[8] = { 0 };
      TilldGt3Frame    got;
      TilldGt3Result   result = TILLD_GT3_FRAME;
      gboolean         incoming = i % 2 == 1;
      guint64          value = incoming ? rows[row].in : rows[row].out;

      pair_open (&p, rows[row].suite);
      from = incoming ? &p.gateway : &p.server;
      to = incoming ? &p.server : &p.gateway;
      half = incoming ? &to->in : &from->out;
      *(rows[row].counter == BLOCKS ? &half->blocks : rows[row].counter == FRAMES ? &half->frames : &half->seq) = value;
      if (rows[row].counter == SEQUENCE)
        from->out.seq = to->in.seq = value;
      g_assert_cmpint (tilld_gt3_wants_rekey (&p.server), ==, rows[row].counter != SEQUENCE);
      while ((len = tilld_gt3_seal (from, 3, plain, 8, NULL, frame)) > 0 && (result = feed_all (to, frame, len, &got)) == TILLD_GT3_FRAME)
        passed++;
      g_test_message ("row %u %s", row, incoming ? "into the server" : "out of it");
      /* Into it the number 2^64 - 2 is kept by the sender for its own last word. */
      g_assert_cmpuint (passed, ==, rows[row].passes - (incoming && rows[row].counter == SEQUENCE ? 1 : 0));
      g_assert_cmpint (result, ==, incoming && rows[row].counter != SEQUENCE ? TILLD_GT3_BAD_LIMIT : TILLD_GT3_FRAME);
      assert_last_word (&p.server, &p.gateway);
      pair_close (&p);
    }
}

/* A peer that keeps no room for a last word comes to the last number there is. The 01 is out, and the key is used up: said all the same. */
static void
test_limits_rekeying (gconstpointer data)
{
  Pair          p;
  guint8        frame[1300], nonce[16] = "new nonces......";
  TilldGt3Frame got;
  guint         len;

  pair_open (&p, (TilldGt3Suite) GPOINTER_TO_INT (data));
  p.server.in.seq = G_MAXUINT64;
  p.gateway.out.seq = G_MAXUINT64 - 2;
  len = tilld_gt3_seal (&p.gateway, 3, nonce, 5, NULL, frame);
  memset (frame + 3, 0xff, 8);
  g_assert_cmpint (feed_all (&p.server, frame, len, &got), ==, TILLD_GT3_BAD_LIMIT);
  pair_close (&p);
  pair_open (&p, (TilldGt3Suite) GPOINTER_TO_INT (data));
  len = tilld_gt3_rekey_begin (&p.server, nonce, NULL, frame);
  g_assert_cmpint (feed_all (&p.gateway, frame, len, &got), ==, TILLD_GT3_FRAME);
  p.server.in.blocks = TILLD_GT3_LAST_BLOCK;
  p.server.in.frames = TILLD_GT3_LAST_FRAME;
  len = tilld_gt3_seal (&p.gateway, 3, nonce, 5, NULL, frame);
  g_assert_cmpint (feed_all (&p.server, frame, len, &got), ==, TILLD_GT3_BAD_LIMIT);
  assert_last_word (&p.server, &p.gateway);
  pair_close (&p);
}

static void
test_wants_rekey (void)
{
  Pair   p;
  guint8 frame[1300], plain[8] = { 0 };

  pair_open (&p, TILLD_GT3_3DES);
  g_assert_false (tilld_gt3_wants_rekey (&p.server));
  p.server.in.blocks = TILLD_GT3_REKEY_BLOCKS;
  g_assert_true (tilld_gt3_wants_rekey (&p.server));
  pair_close (&p);
  pair_open (&p, TILLD_GT3_AES);
  p.server.out.frames = TILLD_GT3_REKEY_FRAMES - 1;
  g_assert_false (tilld_gt3_wants_rekey (&p.server));
  g_assert_cmpuint (tilld_gt3_seal (&p.server, 3, plain, 8, NULL, frame), >, 0);
  g_assert_true (tilld_gt3_wants_rekey (&p.server));
  pair_close (&p);
}

/* One greeting recorded, sent 10,000 times: each answer has another nonce, the proof that was heard fits none. */
static void
test_replay (gconstpointer data)
{
  TilldGt3Handshake g, s;
  guint8            nonce[16], prove[16], other[32] = { 1 };
  char              code[17];

  tilld_random (nonce, sizeof nonce);
  g_assert_true (tilld_gt3_hello_write (&g, "GW-0001", (TilldGt3Suite) GPOINTER_TO_INT (data), nonce));
  s = g;
  tilld_random (nonce, sizeof nonce);
  tilld_gt3_answer_write (&s, master, nonce);
  g_assert_true (tilld_gt3_answer_read (&g, master, s.answer));
  tilld_gt3_prove_write (&g, master, prove);
  g_assert_true (tilld_gt3_prove_check (&s, master, prove));
  g_assert_false (tilld_gt3_prove_check (&s, other, prove));
  g_assert_false (tilld_gt3_prove_check (&s, master, s.answer + 20)); /* the server's own tag sent back */
  for (guint i = 0; i < 10000; i++)
    {
      g_assert_true (tilld_gt3_hello_read (g.hello, &s, code));
      tilld_random (nonce, sizeof nonce);
      tilld_gt3_answer_write (&s, master, nonce);
      g_assert_false (tilld_gt3_prove_check (&s, master, prove));
    }
}

static void
test_hellos (void)
{
  static const struct { guint at; guint8 value; gboolean good; } rows[] = {
    { 0, 'G', TRUE }, { 0, 'X', FALSE }, { 1, 'X', FALSE }, { 2, 2, FALSE }, { 3, 0, FALSE }, { 3, 3, FALSE },  { 4, 0, FALSE },
    { 4, ' ', FALSE }, { 6, '/', FALSE }, { 6, 0, FALSE },  { 11, 0, TRUE }, { 11, 1, FALSE }, { 19, 'x', FALSE }, { 35, 0xff, TRUE },
  };
  TilldGt3Handshake g, s;
  guint8            nonce[16] = { 0 }, answer[36];
  char              code[17];

  g_assert_false (tilld_gt3_hello_write (&g, "GW 0001", TILLD_GT3_AES, nonce));
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_assert_true (tilld_gt3_hello_write (&g, "GW-0001", TILLD_GT3_AES, nonce));
      g.hello[rows[i].at] = rows[i].value;
      g_assert_cmpint (tilld_gt3_hello_read (g.hello, &s, code), ==, rows[i].good);
    }
  g_assert_true (tilld_gt3_hello_write (&g, "0123456789abcdef", TILLD_GT3_AES, nonce));
  g_assert_true (tilld_gt3_hello_read (g.hello, &s, code));
  g_assert_cmpstr (code, ==, "0123456789abcdef");
  tilld_gt3_answer_write (&s, master, nonce);
  for (guint bit = 0; bit < 36 * 8; bit++)
    {
      memcpy (answer, s.answer, 36);
      answer[bit / 8] ^= (guint8) (1u << bit % 8);
      g_assert_false (tilld_gt3_answer_read (&g, master, answer));
    }
  g_assert_true (tilld_gt3_answer_read (&g, master, s.answer));
}

static void
test_plaintexts (void)
{
  static const struct { const char *bytes; guint len; gboolean good; } replies[] = {
    { "\0\1\1\0\1\3\2\0", 8, TRUE },   { "\0\1\1\0\1\3\2", 7, FALSE }, { "\0\1\0\0\1\3\2\0", 8, FALSE }, { "\0\1\1\1", 4, TRUE },
    { "\0\1\1\1\1\3\2\0", 8, FALSE },  { "\0\1\1\5", 4, TRUE },        { "\0\1\1\6", 4, FALSE },          { "\0\1\1", 3, FALSE },
    { "\0\1\1\0", 4, FALSE },
  };
  static const struct { const char *text; guint len; gboolean good; } infos[] = {
    { "serial=1\nvendor=x\n", 0, TRUE }, { "serial", 0, FALSE }, { "=x", 0, FALSE },      { "serial=\x01", 0, FALSE },
    { "serial=\xff", 0, FALSE },         { "a\0b=c", 5, FALSE }, { "color=blue", 0, TRUE }, { "", 0, FALSE },
  };
  TilldGt3Reply   reply;
  TilldGt3Request request;
  TilldGt3Info    info;
  guint8          big[1001];
  const char     *known = "serial=S1\nvendor=Gridtill\nmodel=M\nfw=1.2\nports=1:9600:N,2:4800:E,x,3:1:N\niccid=8986\nimei=1234567890123456789012345678901234567890";

  for (guint i = 0; i < G_N_ELEMENTS (replies); i++)
    g_assert_cmpint (tilld_gt3_reply_read ((const guint8 *) replies[i].bytes, replies[i].len, &reply), ==, replies[i].good);
  for (guint i = 0; i < G_N_ELEMENTS (infos); i++)
    g_assert_cmpint (tilld_gt3_info_read ((const guint8 *) infos[i].text, infos[i].len > 0 ? infos[i].len : (guint) strlen (infos[i].text), &info),
                     ==, infos[i].good);
  memset (big, 'a', sizeof big);
  big[1] = '=';
  g_assert_true (tilld_gt3_info_read (big, 1000, &info));
  g_assert_false (tilld_gt3_info_read (big, 1001, &info));
  g_assert_false (tilld_gt3_request_read (big, 8, &request));
  g_assert_false (tilld_gt3_request_read (big, 8 + 257, &request));
  g_assert_true (tilld_gt3_info_read ((const guint8 *) known, (guint) strlen (known), &info));
  g_assert_cmpstr (info.serial, ==, "S1");
  g_assert_cmpstr (info.fw, ==, "1.2");
  g_assert_cmpuint (strlen (info.imei), ==, 32);
  g_assert_cmpuint (info.n_ports, ==, 2);
  g_assert_cmpuint (info.ports[1].baud, ==, 4800);
  g_assert_cmpint (info.ports[1].parity, ==, 'E');
}

int
main (int argc, char **argv)
{
  static const struct { const char *name; GTestDataFunc func; } both[] = {
    { "bits", test_bits }, { "lengths", test_lengths }, { "rekey", test_rekey }, { "replay", test_replay }, { "tricks", test_tricks },
  };

  till_test_init (&argc, &argv);
  for (guint i = 0; i < G_N_ELEMENTS (both); i++)
    for (guint suite = TILLD_GT3_3DES; suite <= TILLD_GT3_AES; suite++)
      {
        g_autofree char *path = g_strdup_printf ("/gt3/bad/%s/suite-%u", both[i].name, suite);

        g_test_add_data_func (path, GINT_TO_POINTER (suite), both[i].func);
      }
  g_test_add_func ("/gt3/bad/hellos", test_hellos);
  g_test_add_func ("/gt3/bad/limits", test_limits);
  g_test_add_data_func ("/gt3/bad/limits/rekeying/suite-1", GINT_TO_POINTER (TILLD_GT3_3DES), test_limits_rekeying);
  g_test_add_data_func ("/gt3/bad/limits/rekeying/suite-2", GINT_TO_POINTER (TILLD_GT3_AES), test_limits_rekeying);
  g_test_add_func ("/gt3/bad/wants-rekey", test_wants_rekey);
  g_test_add_func ("/gt3/bad/other-suite", test_other_suite);
  g_test_add_func ("/gt3/bad/padding", test_padding);
  g_test_add_func ("/gt3/bad/plaintexts", test_plaintexts);
  return till_test_run ();
}
