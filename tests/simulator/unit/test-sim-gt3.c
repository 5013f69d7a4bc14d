/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-sim-gt3.c: the gateway's side of the GT3 envelope against the published vectors, byte for byte. */
#include <string.h>
#include "tests/simulator/gt3-keys.h"
#include "tests/simulator/unit/sim-fixture.h"

#define CODE  "GW-0001"
#define FROM(first) { first, first + 1, first + 2, first + 3, first + 4, first + 5, first + 6, first + 7, first + 8, first + 9, first + 10, \
                      first + 11, first + 12, first + 13, first + 14, first + 15 }

static const guint8 nonce_g[16] = FROM (0xa0), nonce_s[16] = FROM (0xb0), next_g[16] = FROM (0xd0), next_s[16] = FROM (0xc0);

static gsize
unhex (const char *hex, guint8 *bytes)
{
  gsize n = strlen (hex) / 2;

  for (gsize i = 0; i < n; i++)
    bytes[i] = (guint8) (g_ascii_xdigit_value (hex[2 * i]) << 4 | g_ascii_xdigit_value (hex[2 * i + 1]));
  return n;
}

static void
assert_hex (const guint8 *bytes, gsize n, const char *expected)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (gsize i = 0; i < n; i++)
    g_string_append_printf (text, "%02x", bytes[i]);
  g_assert_cmpstr (text->str, ==, expected);
}

static void
identity_of (SimGt3Identity *identity)
{
  guint8 master[SIM_GT3_KEY];

  for (guint i = 0; i < sizeof master; i++)
    master[i] = (guint8) i;
  sim_gt3_identity (identity, CODE, master);
}

static const char *const hellos[] = { "4754010147572d30303031000000000000000000a0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
                                      "4754010247572d30303031000000000000000000a0a1a2a3a4a5a6a7a8a9aaabacadaeaf" };
static const char *const answers[] = { "47540101b0b1b2b3b4b5b6b7b8b9babbbcbdbebfbf34d01d6c84914b434fb43e194925c7",
                                       "47540102b0b1b2b3b4b5b6b7b8b9babbbcbdbebfa4c8862f710989ef2d456d39061d0a05" };
static const char *const proves[] = { "2c30da2a2646d5de8e603dc0921279de", "e57a2235dd7b24e14e8ea7ce3e320402" };

static void
test_handshake (void)
{
  SimGt3Identity identity;
  guint8         psk[SIM_GT3_KEY];

  identity_of (&identity);
  assert_hex (identity.auth, sizeof identity.auth, "70c40d8db3a2d7050c6d7ae23f2bcaa3ac33b2de35d1a2b3a9061d5cab0b678e");
  sim_gt3_psk (identity.master, CODE, psk);
  assert_hex (psk, sizeof psk, "a8142d3ce10f1a0b9727b442e84abf3d77424ed786ced909a6ccd3625b8bab4d");
  for (guint8 suite = 1; suite <= 2; suite++)
    {
      guint8 hello[SIM_GT3_HELLO], answer[SIM_GT3_HELLO], tag[SIM_GT3_TAG];

      sim_gt3_hello (&identity, suite, nonce_g, hello);
      assert_hex (hello, sizeof hello, hellos[suite - 1]);
      unhex (answers[suite - 1], answer);
      sim_gt3_answer_tag (&identity, hello, answer, tag);
      assert_hex (tag, sizeof tag, answers[suite - 1] + 40);
      sim_gt3_prove (&identity, hello, answer, tag);
      assert_hex (tag, sizeof tag, proves[suite - 1]);
    }
}

typedef struct { guint8 suite, dir, type; const char *plain; guint8 iv; const char *frame; gboolean rekeyed; } Vector;

#define REQUEST   "0001010003e807d0010303060002244e"
#define REPLY     "00010100010304000186a0c9eb"
#define RECHARGE  "0002010003e807d00110050d000306000027100001ac07"
#define HEARTBEAT "00015180b9"

/* In the order of their sequence numbers. */
static const Vector vectors[] = {
  { 1, 'S', 1, REQUEST, 0x10, "00390100000000000000001011121314151617d4480027e6dbf86454f747f15947f85b23fbd5fa27cd8117204c5e79da93b71d467feaa830be0899", FALSE },
  { 1, 'G', 2, REPLY, 0x18, "003102000000000000000018191a1b1c1d1e1f725a15e95bcd5d9cf2b941b4b043e6bb0155ce000e9f5fa1495cc9089724bfb5", FALSE },
  { 1, 'S', 1, RECHARGE, 0x20, "00390100000000000000012021222324252627c5a9f1c2bc4d7ba1a0c8e5978449ff9b30ecc4640372333dd6f3bc3c27c8ed5a5bf2daf8f107386b", FALSE },
  { 1, 'G', 3, HEARTBEAT, 0x28, "002903000000000000000128292a2b2c2d2e2f86181b80ab2704397f85fb1d4ad7f46ff70755f32339a8c3", FALSE },
  { 1, 'S', 6, "01c0c1c2c3c4c5c6c7c8c9cacbcccdcecf", 0x30, "003906000000000000000230313233343536377c6542b164dad5edf7082ce2d03c3536c578a3db7a360edbde825fea47ad6728351b07e03a0531f0", FALSE },
  { 1, 'G', 6, "02d0d1d2d3d4d5d6d7d8d9dadbdcdddedf", 0x38, "003906000000000000000238393a3b3c3d3e3fa8bb0a2ee6eab8b87ec5b34b658f55037fb6d6c40dc23e2a4b3e5c2be55e6fa46b705bc673d9d655", FALSE },
  { 1, 'S', 1, REQUEST, 0x40, "00390100000000000000004041424344454647ae578d674a9fd7a96a5a5744da51a3e3a9866e41d21bad95fbef306ddb49a7760ee48ca08ae03721", TRUE },
  { 2, 'S', 1, REQUEST, 0, "002901000000000000000051c0576cfdc4b9c71590210454445bc6b9c9aa312e9ca88f8aea9e922e451b2a", FALSE },
  { 2, 'G', 2, REPLY, 0, "002602000000000000000046ff119b4045d6db356e87fdc12b213e64f7e365068e0cf1d6a13b1d05", FALSE },
  { 2, 'S', 1, RECHARGE, 0, "003001000000000000000150700f8b07507f4578acbba18c8ae613096dc7194dd5216397be7a12da0100afe0c22349a3396b", FALSE },
  { 2, 'S', 1, REQUEST, 0, "0029010000000000000000e1dc08149395f270e05bab5fe60fb6ab2b5321e16d420592bde94b31834dcd4e", TRUE },
};

static void
start (SimGt3Keys *keys, guint8 suite)
{
  SimGt3Identity identity;

  memset (keys, 0, sizeof *keys);
  identity_of (&identity);
  g_assert_true (sim_gt3_keys_start (keys, &identity, suite, nonce_g, nonce_s));
  assert_hex (keys->prk, sizeof keys->prk, "417e7502c38837c356dc6d3f1c84cfac0efea0e929628cb89ce52f74716620ad");
}

static void
test_keys (void)
{
  SimGt3Keys keys;

  start (&keys, 1);
  assert_hex (keys.up.enc, 24, "03547cd5b01ff875a20ce6f15120cdf451a183c1a3c036a8");
  assert_hex (keys.up.mac, 32, "a5aa5ad1f1dbc5a1a6c79b8dd38fd13a12959f9e70da06728838e8278c43d81b");
  assert_hex (keys.down.enc, 24, "41e89b056d850baf557f88719cbdf43a6b6a5bce439449cf");
  assert_hex (keys.down.mac, 32, "a7e21e46e260016f88a107fe619e90af801d6a70d3c6bda8a1b7126fdadad78b");
  g_assert_true (sim_gt3_keys_next (&keys, next_g, next_s));
  assert_hex (keys.prk, 32, "9baea5a0f062ae22117e34867883dfc2235ba3fe47767d09595cc1266c355e36");
  assert_hex (keys.down.enc, 24, "8fe267dec91d2d84df7d62839ce2f46f116273c86eed5993");
  assert_hex (keys.down.mac, 32, "6b659ed72e19be9f6cdd7fc329859b0b87a0bccd1bac07b92468bae040944b15");
  sim_gt3_keys_clear (&keys);
  start (&keys, 2);
  assert_hex (keys.up.enc, 32, "bc702cdab66a5c3b56de665bcb3d839c8a12326e20a43dc77906c70d8bf11199");
  assert_hex (keys.up.mac, 12, "4fcd196b8ccebf0f46d72a2a");
  assert_hex (keys.down.enc, 32, "ae8913cff8e3b3d55cd659a8c60a4efa6e71fadcb3e920922f21aac6c4eb30e7");
  assert_hex (keys.down.mac, 12, "ece1a3f984c03321f8356437");
  g_assert_true (sim_gt3_keys_next (&keys, next_g, next_s));
  assert_hex (keys.down.enc, 32, "fd16332d2a2a6212bbb01f14813c35e30254037d653308fe17f3ee2ac2bf289f");
  assert_hex (keys.down.mac, 12, "241851c7e1c3032cde112918");
  sim_gt3_keys_clear (&keys);
}

/* Every frame as published, made and opened; each single bit of it changed is refused. */
static void
test_frames (void)
{
  SimGt3Keys keys = { 0 };
  gboolean   rekeyed = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (vectors); i++)
    {
      const Vector *v = &vectors[i];
      SimGt3Way    *way = v->dir == 'G' ? &keys.up : &keys.down;
      SimGt3Plain   plain = { .type = v->type }, back;
      guint8        frame[SIM_GT3_FRAME_MAX], iv[8];
      gsize         n;

      if (i == 0 || v->suite != vectors[i - 1].suite)
        {
          sim_gt3_keys_clear (&keys);
          start (&keys, v->suite);
        }
      else if (v->rekeyed && !rekeyed)
        g_assert_true (sim_gt3_keys_next (&keys, next_g, next_s));
      rekeyed = v->rekeyed;
      for (guint k = 0; k < sizeof iv; k++)
        iv[k] = (guint8) (v->iv + k);
      plain.n = unhex (v->plain, plain.bytes);
      n = sim_gt3_seal (&keys, way, &plain, iv, frame);
      assert_hex (frame, n, v->frame);
      way->seq--;
      for (gsize bit = 0; bit < 8 * n; bit++)
        {
          frame[bit / 8] ^= (guint8) (1 << bit % 8);
          g_assert_false (sim_gt3_open (&keys, way, frame, n, &back));
          frame[bit / 8] ^= (guint8) (1 << bit % 8);
        }
      g_assert_true (sim_gt3_open (&keys, way, frame, n, &back));
      g_assert_cmpuint (back.type, ==, v->type);
      g_assert_cmpmem (back.bytes, back.n, plain.bytes, plain.n);
      g_assert_false (sim_gt3_open (&keys, way, frame, n, &back)); /* its number is used up */
    }
  sim_gt3_keys_clear (&keys);
}

static void
test_lengths (void)
{
  for (guint suite = 1; suite <= 2; suite++)
    for (guint len = 0; len <= 1100; len++)
      {
        guint8   bytes[2] = { (guint8) (len >> 8), (guint8) len };
        gboolean good = suite == 1 ? len >= 41 && len <= 1065 && len % 8 == 1 : len >= 26 && len <= 1049;

        g_assert_cmpuint (sim_gt3_frame_length ((guint8) suite, bytes), ==, good ? len + 2 : 0);
      }
}

/* The longest plaintext fits, both ways. */
static void
test_longest (void)
{
  for (guint8 suite = 1; suite <= 2; suite++)
    {
      SimGt3Keys  keys;
      SimGt3Plain plain = { .type = 2, .n = SIM_GT3_PLAIN_MAX }, back;
      guint8      frame[SIM_GT3_FRAME_MAX];
      gsize       n;

      start (&keys, suite);
      memset (plain.bytes, 0x5a, plain.n);
      n = sim_gt3_seal (&keys, &keys.up, &plain, NULL, frame);
      keys.up.seq = 0;
      g_assert_true (sim_gt3_open (&keys, &keys.up, frame, n, &back));
      g_assert_cmpmem (back.bytes, back.n, plain.bytes, plain.n);
      sim_gt3_keys_clear (&keys);
    }
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/sim/gt3/handshake", test_handshake);
  g_test_add_func ("/sim/gt3/keys", test_keys);
  g_test_add_func ("/sim/gt3/frames", test_frames);
  g_test_add_func ("/sim/gt3/lengths", test_lengths);
  g_test_add_func ("/sim/gt3/longest", test_longest);
  return till_test_run ();
}
