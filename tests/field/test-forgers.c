/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-forgers.c: ten thousand forged or replayed greetings: none is accepted, the gateway that is up goes on, and the process is as
 * large as before. First as an address without limits would be let in, then as the product does it. */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "server/core/clock.h"
#include "tests/field/peers.h"
#include "tests/lib/test-main.h"

#define FORGERS  10000
#define WARM_UP  500
#ifdef __SANITIZE_ADDRESS__
#define GROWN_KB (512 * 1024) /* it holds freed memory back, and finds leaks itself */
#else
#define GROWN_KB 2048 /* what the allocator may hold back; a leak of 300 bytes a forger would be 3 MB */
#endif

static gsize
resident_kb (void)
{
  g_autofree char *text = NULL;
  g_auto (GStrv)   words = NULL;

  g_assert_true (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL));
  words = g_strsplit (text, " ", 3);
  return g_ascii_strtoull (words[1], NULL, 10) * (gsize) sysconf (_SC_PAGESIZE) / 1024;
}

typedef struct {
  Caller             c;
  TilldKeyFile      *keys;
  TilldStation      *station;
  guint8             hello[2][TILLD_GT3_HELLO], prove[2][TILLD_GT3_PROVE]; /* heard on a good greeting, each suite */
  gint64             instance;
  guint              accepted, answers;
} Scene;

/* A good greeting is heard by the forger, and the connection is over. */
static void
overhear (Scene *w, TilldGt3Suite suite)
{
  Gt3Peer p;

  g_assert_true (gt3_greet (&p, &w->c, "GW-0001", suite, peer_master));
  memcpy (w->hello[suite - 1], p.handshake.hello, TILLD_GT3_HELLO);
  tilld_gt3_prove_write (&p.handshake, peer_master, w->prove[suite - 1]);
  gt3_end (&p);
}

/* i % 6: replayed greeting and proof; forged proof; proof of another suite; half a greeting; registration of a vendor's meter with the
 * code; a vendor's gateway with a made-up md5. */
static void
forge (Scene *w, guint i)
{
  static const Tilld1f1fHello request = { .step = TILLD_1F1F_REQUEST, .gateway = "GW-0001" };
  Tilld1f1fHello        prove = { .step = TILLD_1F1F_PROVE, .gateway = "GW-0001", .md5 = "00000000000000000000000000000000" };
  int                   fd = caller_dial (&w->c);
  guint                 kind = i % 6, suite = i / 6 % 2;
  guint8                bytes[600], payload[58];
  g_autoptr(GByteArray) out = g_byte_array_new ();

  if (kind < 4)
    {
      caller_say (&w->c, fd, w->hello[suite], kind == 3 ? 20 : TILLD_GT3_HELLO);
      tilld_random (bytes, TILLD_GT3_PROVE);
      if (kind == 0)
        memcpy (bytes, w->prove[suite], TILLD_GT3_PROVE);
      else if (kind == 2)
        memcpy (bytes, w->prove[1 - suite], TILLD_GT3_PROVE);
      if (kind != 3)
        caller_say (&w->c, fd, bytes, TILLD_GT3_PROVE);
    }
  else if (kind == 4)
    {
      v7_register (payload, "GW-0001");
      v7_say (&w->c, fd, TILLD_7B7B_REGISTER, payload, 58);
    }
  else
    {
      tilld_1f1f_hello_write (&request, out);
      caller_say (&w->c, fd, out->data, out->len);
      g_byte_array_set_size (out, 0);
      tilld_1f1f_hello_write (&prove, out);
      caller_say (&w->c, fd, out->data, out->len);
    }
  w->answers += recv (fd, bytes, sizeof bytes, MSG_DONTWAIT) > 0;
  close (fd);
  caller_step_ms (&w->c, 5);
}

static void
count (Scene *w)
{
  if (tilld_line_instance (w->station->lines[0]) != w->instance)
    w->accepted++;
}

static void
run (Scene *w, const TilldGreetingLimits *limits)
{
  Gt3Peer         p;
  TilldGt3Request request;
  TilldGt3Frame   frame;
  gsize           before = 0, after;
  guint8          plain[5];

  memset (w, 0, sizeof *w);
  caller_start (&w->c, limits);
  w->keys = peer_keys (&w->c);
  w->station = caller_station (&w->c, "GW-0001", 1);
  peer_give_keys (&w->c, w->station);
  w->station->record.allow_clear = FALSE;
  overhear (w, TILLD_GT3_3DES);
  overhear (w, TILLD_GT3_AES);
  g_assert_true (gt3_greet (&p, &w->c, "GW-0001", TILLD_GT3_AES, peer_master));
  w->instance = tilld_line_instance (w->station->lines[0]);
  for (guint i = 0; i < WARM_UP + FORGERS; i++)
    {
      if (i == WARM_UP)
        before = resident_kb ();
      forge (w, i);
      count (w);
      if (i % 200 == 0)
        {
          gt3_say (&p, TILLD_GT3_HEARTBEAT, plain, tilld_gt3_heartbeat_write (i, 0, plain));
          g_assert_true (gt3_hear (&p, &frame));
        }
    }
  after = resident_kb ();
  g_test_message ("%u forgers, %u accepted, %u answers, %" G_GSIZE_FORMAT " KB before, %" G_GSIZE_FORMAT " KB after", FORGERS, w->accepted,
                  w->answers, before, after);
  g_assert_cmpuint (w->accepted, ==, 0);
  g_assert_cmpuint (after, <=, before + GROWN_KB);
  g_assert_cmpuint (tilld_greeter_links (w->c.greeter), ==, 1);
  /* Still the same connection, and it works. */
  caller_ask (&w->c, w->station->lines[0]);
  g_assert_true (gt3_take (&p, &request, &frame));
  gt3_answer (&p, &request, 0, 4711);
  g_assert_true (w->c.done);
  g_assert_cmpuint (w->c.reply.regs[1], ==, 4711);
  gt3_end (&p);
}

static void
test_unlimited (void)
{
  TilldGreetingLimits limits = tilld_greeting_limits;
  Scene               w;

  limits.address_failures = G_MAXUINT;
  run (&w, &limits);
  g_assert_cmpuint (w.answers, >, FORGERS / 2); /* they were listened to: answers to greetings, which prove nothing */
  g_assert_cmpuint (w.c.attacks, >, 0);
  caller_stop (&w.c);
  tilld_key_file_free (w.keys);
}

static void
test_limited (void)
{
  Scene w;

  run (&w, &tilld_greeting_limits);
  g_assert_cmpuint (w.answers, <, FORGERS / 2);
  caller_stop (&w.c);
  tilld_key_file_free (w.keys);
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/forgers/unlimited", test_unlimited);
  g_test_add_func ("/forgers/limited", test_limited);
  return till_test_run ();
}
