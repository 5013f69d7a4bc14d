/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-gt3-vectors.c: every published byte of the gateway envelope, both suites, both directions, new keys included. */
#include <string.h>
#include "server/wire/gt3-frame.h"
#include "server/wire/gt3-message.h"
#include "tests/lib/test-main.h"
#include "tests/server/wire/hex-bytes.h"

#define RTU_READ  "010303060002244e"
#define RTU_REPLY "010304000186a0c9eb"
#define RECHARGE  "0110050d000306000027100001ac07"

typedef struct {
  TilldGt3Suite suite;
  const char   *hello, *answer, *prove, *up_enc, *up_mac, *down_enc, *down_mac, *next_enc, *next_mac;
  struct { char from; guint8 type; guint8 iv; const char *plain, *frame; } frames[9];
} Vectors;

/* A rekey is where type is 06: the 01 of the server, then the 02 of the gateway, then the sequence begins anew. */
static const Vectors vectors[] = {
  { TILLD_GT3_3DES,
    "4754010147572d30303031000000000000000000a0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
    "47540101b0b1b2b3b4b5b6b7b8b9babbbcbdbebfbf34d01d6c84914b434fb43e194925c7", "2c30da2a2646d5de8e603dc0921279de",
    "03547cd5b01ff875a20ce6f15120cdf451a183c1a3c036a8", "a5aa5ad1f1dbc5a1a6c79b8dd38fd13a12959f9e70da06728838e8278c43d81b",
    "41e89b056d850baf557f88719cbdf43a6b6a5bce439449cf", "a7e21e46e260016f88a107fe619e90af801d6a70d3c6bda8a1b7126fdadad78b",
    "8fe267dec91d2d84df7d62839ce2f46f116273c86eed5993", "6b659ed72e19be9f6cdd7fc329859b0b87a0bccd1bac07b92468bae040944b15",
    { { 'S', 1, 0x10, "0001010003e807d0" RTU_READ,
        "00390100000000000000001011121314151617d4480027e6dbf86454f747f15947f85b23fbd5fa27cd8117204c5e79da93b71d467feaa830be0899" },
      { 'G', 2, 0x18, "00010100" RTU_REPLY,
        "003102000000000000000018191a1b1c1d1e1f725a15e95bcd5d9cf2b941b4b043e6bb0155ce000e9f5fa1495cc9089724bfb5" },
      { 'S', 1, 0x20, "0002010003e807d0" RECHARGE,
        "00390100000000000000012021222324252627c5a9f1c2bc4d7ba1a0c8e5978449ff9b30ecc4640372333dd6f3bc3c27c8ed5a5bf2daf8f107386b" },
      { 'G', 3, 0x28, "00015180b9", "002903000000000000000128292a2b2c2d2e2f86181b80ab2704397f85fb1d4ad7f46ff70755f32339a8c3" },
      { 'S', 6, 0x30, "01c0c1c2c3c4c5c6c7c8c9cacbcccdcecf",
        "003906000000000000000230313233343536377c6542b164dad5edf7082ce2d03c3536c578a3db7a360edbde825fea47ad6728351b07e03a0531f0" },
      { 'G', 6, 0x38, "02d0d1d2d3d4d5d6d7d8d9dadbdcdddedf",
        "003906000000000000000238393a3b3c3d3e3fa8bb0a2ee6eab8b87ec5b34b658f55037fb6d6c40dc23e2a4b3e5c2be55e6fa46b705bc673d9d655" },
      { 'S', 1, 0x40, "0001010003e807d0" RTU_READ,
        "00390100000000000000004041424344454647ae578d674a9fd7a96a5a5744da51a3e3a9866e41d21bad95fbef306ddb49a7760ee48ca08ae03721" } } },
  { TILLD_GT3_AES,
    "4754010247572d30303031000000000000000000a0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
    "47540102b0b1b2b3b4b5b6b7b8b9babbbcbdbebfa4c8862f710989ef2d456d39061d0a05", "e57a2235dd7b24e14e8ea7ce3e320402",
    "bc702cdab66a5c3b56de665bcb3d839c8a12326e20a43dc77906c70d8bf11199", "4fcd196b8ccebf0f46d72a2a",
    "ae8913cff8e3b3d55cd659a8c60a4efa6e71fadcb3e920922f21aac6c4eb30e7", "ece1a3f984c03321f8356437",
    "fd16332d2a2a6212bbb01f14813c35e30254037d653308fe17f3ee2ac2bf289f", "241851c7e1c3032cde112918",
    { { 'S', 1, 0, "0001010003e807d0" RTU_READ, "002901000000000000000051c0576cfdc4b9c71590210454445bc6b9c9aa312e9ca88f8aea9e922e451b2a" },
      { 'G', 2, 0, "00010100" RTU_REPLY, "002602000000000000000046ff119b4045d6db356e87fdc12b213e64f7e365068e0cf1d6a13b1d05" },
      { 'S', 1, 0, "0002010003e807d0" RECHARGE,
        "003001000000000000000150700f8b07507f4578acbba18c8ae613096dc7194dd5216397be7a12da0100afe0c22349a3396b" },
      { 'S', 6, 0, "01c0c1c2c3c4c5c6c7c8c9cacbcccdcecf", NULL },
      { 'G', 6, 0, "02d0d1d2d3d4d5d6d7d8d9dadbdcdddedf", NULL },
      { 'S', 1, 0, "0001010003e807d0" RTU_READ, "0029010000000000000000e1dc08149395f270e05bab5fe60fb6ab2b5321e16d420592bde94b31834dcd4e" } } },
};

static guint8 master[32];

/* Key of a direction as the session derives it: what HKDF gives for the label of the specification. */
static void
assert_key (const guint8 *prk, TilldGt3Suite suite, const char *direction, const char *purpose, const char *wanted)
{
  guint8     info[32] = "gt3/1", key[32];
  g_autoptr (GByteArray) right = hex_bytes (wanted);

  info[5] = (guint8) suite;
  memcpy (info + 6, direction, 3);
  memcpy (info + 9, purpose, 3);
  memcpy (info + 12, "GW-0001", 8);
  tilld_hkdf_expand (prk, info, 28, key, right->len);
  g_assert_cmpmem (key, right->len, right->data, right->len);
}

static void
assert_keys (const Vectors *v, const TilldGt3Session *session, gboolean next)
{
  const char *second = v->suite == TILLD_GT3_3DES ? "mac" : "niv";
  const guint8 *held = v->suite == TILLD_GT3_3DES ? session->out.mac : session->out.niv;
  const char *wanted = next ? v->next_mac : v->down_mac;

  assert_key (session->prk, v->suite, "s2g", "enc", next ? v->next_enc : v->down_enc);
  assert_key (session->prk, v->suite, "s2g", second, wanted);
  hex_assert (held, strlen (wanted) / 2, wanted);
  if (next)
    return;
  assert_key (session->prk, v->suite, "g2s", "enc", v->up_enc);
  assert_key (session->prk, v->suite, "g2s", second, v->up_mac);
}

static void
handshake (const Vectors *v, TilldGt3Session *gateway, TilldGt3Session *server)
{
  TilldGt3Handshake g, s;
  guint8            nonce_g[16], nonce_s[16], prove[16];
  char              code[17];

  for (guint8 i = 0; i < 16; i++)
    {
      nonce_g[i] = (guint8) (0xa0 + i);
      nonce_s[i] = (guint8) (0xb0 + i);
    }
  g_assert_true (tilld_gt3_hello_write (&g, "GW-0001", v->suite, nonce_g));
  hex_assert (g.hello, sizeof g.hello, v->hello);
  g_assert_true (tilld_gt3_hello_read (g.hello, &s, code));
  g_assert_cmpstr (code, ==, "GW-0001");
  g_assert_cmpint (tilld_gt3_suite (&s), ==, v->suite);
  tilld_gt3_answer_write (&s, master, nonce_s);
  hex_assert (s.answer, sizeof s.answer, v->answer);
  g_assert_true (tilld_gt3_answer_read (&g, master, s.answer));
  tilld_gt3_prove_write (&g, master, prove);
  hex_assert (prove, sizeof prove, v->prove);
  g_assert_true (tilld_gt3_prove_check (&s, master, prove));
  g_assert_true (tilld_gt3_session_init (gateway, TILLD_GT3_GATEWAY, &g, master));
  g_assert_true (tilld_gt3_session_init (server, TILLD_GT3_SERVER, &s, master));
  hex_assert (server->prk, 32, "417e7502c38837c356dc6d3f1c84cfac0efea0e929628cb89ce52f74716620ad");
  assert_keys (v, server, FALSE);
}

/* One byte a segment at the receiver. */
static void
carry (TilldGt3Session *to, const guint8 *frame, guint len, TilldGt3Frame *ret)
{
  gsize used;

  for (guint i = 0; i < len; i++)
    {
      TilldGt3Result result = tilld_gt3_feed (to, frame + i, 1, &used, ret);

      g_assert_cmpuint (used, ==, 1);
      g_assert_cmpint (result, ==, i + 1 < len ? TILLD_GT3_NEED_MORE : TILLD_GT3_FRAME);
    }
}

static void
test_vectors (gconstpointer data)
{
  const Vectors  *v = data;
  TilldGt3Session gateway, server;
  guint8          nonce_s[16] = { 0 };

  handshake (v, &gateway, &server);
  for (guint i = 0; i < G_N_ELEMENTS (v->frames) && v->frames[i].plain != NULL; i++)
    {
      g_autoptr (GByteArray) plain = hex_bytes (v->frames[i].plain);
      gboolean         down = v->frames[i].from == 'S', rekey = v->frames[i].type == 6;
      TilldGt3Session *from = down ? &server : &gateway, *to = down ? &gateway : &server;
      guint8           iv[8], frame[TILLD_GT3_FRAME_MAX];
      TilldGt3Frame    got;
      guint            len;

      for (guint8 k = 0; k < 8; k++)
        iv[k] = (guint8) (v->frames[i].iv + k);
      if (rekey && down)
        len = tilld_gt3_rekey_begin (from, plain->data + 1, iv, frame);
      else if (rekey)
        len = tilld_gt3_rekey_answer (from, nonce_s, plain->data + 1, iv, frame);
      else
        len = tilld_gt3_seal (from, v->frames[i].type, plain->data, plain->len, iv, frame);
      if (v->frames[i].frame != NULL)
        hex_assert (frame, len, v->frames[i].frame);
      carry (to, frame, len, &got);
      g_assert_cmpuint (got.type, ==, v->frames[i].type);
      g_assert_cmpmem (got.plain, got.len, plain->data, plain->len);
      if (rekey && down)
        {
          memcpy (nonce_s, got.plain + 1, 16);
          g_assert_cmpuint (tilld_gt3_seal (from, 3, plain->data, 4, NULL, frame), ==, 0); /* nothing until the 02 */
        }
      else if (rekey)
        {
          g_assert_true (tilld_gt3_rekey_end (&server, got.plain + 1));
          hex_assert (server.prk, 32, "9baea5a0f062ae22117e34867883dfc2235ba3fe47767d09595cc1266c355e36");
          assert_keys (v, &server, TRUE);
        }
    }
  tilld_gt3_session_clear (&gateway);
  tilld_gt3_session_clear (&server);
}

static void
test_messages (void)
{
  g_autoptr (GByteArray) read = hex_bytes (RTU_READ), answer = hex_bytes (RTU_REPLY), recharge = hex_bytes (RECHARGE);
  TilldGt3Request request = { .tid = 1, .port = 1, .timeout_ms = 1000, .ttl_ms = 2000, .adu = read->data, .adu_len = read->len }, got;
  TilldGt3Reply   reply = { .tid = 1, .port = 1, .adu = answer->data, .adu_len = answer->len }, back;
  guint8          out[TILLD_GT3_REQUEST_MAX];
  guint32         uptime;
  gint64          ms;
  gint16          east;
  gint8           dbm;
  char            text[TILLD_GT3_TEXT_MAX + 1];
  guint8          code;
  guint           len;

  len = tilld_gt3_request_write (&request, out);
  hex_assert (out, len, "0001010003e807d0" RTU_READ);
  g_assert_true (tilld_gt3_request_read (out, len, &got));
  g_assert_cmpmem (got.adu, got.adu_len, read->data, read->len);
  g_assert_cmpuint (got.timeout_ms, ==, 1000);
  g_assert_cmpuint (got.ttl_ms, ==, 2000);
  request.tid = 2;
  request.adu = recharge->data;
  request.adu_len = recharge->len;
  hex_assert (out, tilld_gt3_request_write (&request, out), "0002010003e807d0" RECHARGE);
  len = tilld_gt3_reply_write (&reply, out);
  hex_assert (out, len, "00010100" RTU_REPLY);
  g_assert_true (tilld_gt3_reply_read (out, len, &back));
  g_assert_cmpmem (back.adu, back.adu_len, answer->data, answer->len);
  hex_assert (out, tilld_gt3_heartbeat_write (86400, -71, out), "00015180b9");
  g_assert_true (tilld_gt3_heartbeat_read (out, 5, &uptime, &dbm));
  g_assert_cmpuint (uptime, ==, 86400);
  g_assert_cmpint (dbm, ==, -71);
  len = tilld_gt3_time_write (G_GINT64_CONSTANT (1788264000123), -480, out);
  hex_assert (out, len, "02 000001a05cd72a7b fe20");
  g_assert_true (tilld_gt3_time_read (out, len, &ms, &east));
  g_assert_cmpint (ms, ==, G_GINT64_CONSTANT (1788264000123));
  g_assert_cmpint (east, ==, -480);
  len = tilld_gt3_error_write (TILLD_GT3_ERROR_REPLACED, "replaced", out);
  g_assert_true (tilld_gt3_error_read (out, len, &code, text));
  g_assert_cmpuint (code, ==, 5);
  g_assert_cmpstr (text, ==, "replaced");
}

static void
test_psk (void)
{
  guint8 psk[32];

  g_assert_true (tilld_gt3_psk ("GW-0001", master, psk));
  hex_assert (psk, sizeof psk, "a8142d3ce10f1a0b9727b442e84abf3d77424ed786ced909a6ccd3625b8bab4d");
  g_assert_false (tilld_gt3_psk ("", master, psk));
  g_assert_false (tilld_gt3_psk ("GW 1", master, psk));
  g_assert_false (tilld_gt3_psk ("GW-0001-is-too-long", master, psk));
}

int
main (int argc, char **argv)
{
  for (guint8 i = 0; i < 32; i++)
    master[i] = i;
  till_test_init (&argc, &argv);
  g_test_add_data_func ("/gt3/vectors/suite-1", &vectors[0], test_vectors);
  g_test_add_data_func ("/gt3/vectors/suite-2", &vectors[1], test_vectors);
  g_test_add_func ("/gt3/messages", test_messages);
  g_test_add_func ("/gt3/psk", test_psk);
  return till_test_run ();
}
