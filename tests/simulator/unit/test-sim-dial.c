/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-sim-dial.c: gateways that call: registration texts, heartbeats, GT3 with the test as the server, breaks and new tries. */
#include <string.h>
#include "tests/simulator/gt3-keys.h"
#include "tests/simulator/unit/dial-fixture.h"

#define LINK(rest, buses) "[{\"code\":\"GW-0001\",\"kind\":\"dial_in\",\"at\":\"127.0.0.1:1\"," rest ",\"buses\":[" buses "]}]"
#define CABINET(port, more) "{\"port\":" #port more ",\"cabinets\":[{\"table\":1,\"single\":3,\"price\":\"flat\",\"balance\":\"50.00\"}]}"
#define KEY "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

/* A request to one unit and its answer come through as they are. */
static void
assert_asks (Call *call, const char *prefix)
{
  guint8 frame[8];
  gsize  lead = strlen (prefix) / 2;

  call_say (call, frame, call_unhex ("010303060002244e", frame));
  call_hear (call, lead + 9);
  g_assert_true (g_str_has_prefix (call_hex (call), prefix));
  g_assert_cmphex (sim_crc16 (call->in->data + lead, 9), ==, 0);
  g_assert_cmpmem (call->in->data + lead, 3, "\x01\x03\x04", 3);
  call_drop (call, lead + 9);
}

static void
test_dtu (void)
{
  DialFixture d;
  Call        call;

  dial_fixture_init (&d, LINK ("\"proto\":\"dtu\",\"registration\":\"DTU-7\",\"heartbeat\":{\"hex\":\"fe01\",\"every_s\":20}", CABINET (1, "")));
  dial_fixture_accept (&d, &call);
  call_hear (&call, 5);
  g_assert_cmpmem (call.in->data, call.in->len, "DTU-7", 5);
  call_drop (&call, 5);
  assert_asks (&call, "");
  assert_asks (&call, "");
  dial_fixture_run (&d, 20000);
  call_hear (&call, 2);
  g_assert_cmpstr (call_hex (&call), ==, "fe01");
  call_close (&call);
  dial_fixture_clear (&d);
}

static void
test_dtu_prefix (void)
{
  DialFixture d;
  Call        one, two;

  dial_fixture_init (&d, LINK ("\"proto\":\"dtu\",\"registration\":[\"0xa501\",\"0xa502\"],\"registration_mode\":\"prefix\"", CABINET (1, "") "," CABINET (2, "")));
  dial_fixture_accept (&d, &one);
  dial_fixture_accept (&d, &two);
  call_hear (&one, 2);
  call_hear (&two, 2);
  g_assert_cmpstr (call_hex (&one), !=, call_hex (&two) + 4); /* told apart by their text */
  g_assert_cmpint (one.in->data[0], ==, 0xa5);
  call_drop (&two, 2);
  if (one.in->data[1] == 1)
    {
      call_drop (&one, 2);
      assert_asks (&one, "a501");
      assert_asks (&two, "a502");
    }
  else
    {
      call_drop (&one, 2);
      assert_asks (&one, "a502");
      assert_asks (&two, "a501");
    }
  call_close (&one);
  call_close (&two);
  dial_fixture_clear (&d);
}

/* 1, 2, 4 .. 60 s, each up to 20 % longer. */
static void
test_back_off (void)
{
  static const guint waits[] = { 1, 2, 4, 8, 16, 32, 60, 60 };
  DialFixture        d;
  Call               call;

  dial_fixture_init (&d, LINK ("\"proto\":\"dtu\",\"registration\":\"A\"", CABINET (1, "")));
  dial_fixture_accept (&d, &call);
  for (guint i = 0; i < G_N_ELEMENTS (waits); i++)
    {
      gint64 closed, waited;

      call_close (&call);
      dial_fixture_run (&d, 2); /* it notices */
      closed = tilld_clock_boot_us (d.sim.clock);
      dial_fixture_accept (&d, &call);
      waited = (tilld_clock_boot_us (d.sim.clock) - closed) / 1000;
      g_assert_cmpint (waited, >=, waits[i] * 1000 - 5);
      g_assert_cmpint (waited, <=, waits[i] * 1200 + 25);
    }
  assert_asks (&call, "41");
  call_close (&call);
  dial_fixture_accept (&d, &call); /* once it was asked something it counts as good: 1 s again */
  call_close (&call);
  dial_fixture_clear (&d);
}

static void
test_cut (void)
{
  DialFixture d;
  Call        call;

  dial_fixture_init (&d, LINK ("\"proto\":\"dtu\",\"registration\":\"A\"", CABINET (1, "")));
  dial_fixture_accept (&d, &call);
  sim_link_cut (&d.sim.campus->links[0]);
  call_hear (&call, 2);
  g_assert_true (call.closed);
  call_close (&call);
  dial_fixture_run (&d, 70000);
  g_assert_false (dial_fixture_is_calling (&d));
  g_assert_true (sim_link_restore (&d.sim.campus->links[0], NULL));
  dial_fixture_accept (&d, &call);
  assert_asks (&call, "41");
  call_close (&call);
  dial_fixture_clear (&d);
}

/* ------------------------------------------------------------------ GT3 */

typedef struct { DialFixture d; Call call; SimGt3Identity identity; SimGt3Keys keys; guint8 suite; guint8 nonce; } Served;

static void
shake (Served *s, gboolean honest)
{
  guint8 hello[SIM_GT3_HELLO], answer[SIM_GT3_HELLO], prove[SIM_GT3_TAG];

  dial_fixture_accept (&s->d, &s->call);
  call_hear (&s->call, sizeof hello);
  memcpy (hello, s->call.in->data, sizeof hello);
  call_drop (&s->call, sizeof hello);
  g_assert_cmpmem (hello, 4, s->suite == 1 ? "GT\x01\x01" : "GT\x01\x02", 4);
  g_assert_cmpmem (hello + 4, 16, "GW-0001\0\0\0\0\0\0\0\0\0", 16);
  memcpy (answer, hello, 4);
  memset (answer + 4, s->nonce++, SIM_GT3_NONCE);
  sim_gt3_answer_tag (&s->identity, hello, answer, answer + 20);
  if (!honest)
    answer[35] ^= 1;
  call_say (&s->call, answer, sizeof answer);
  call_hear (&s->call, sizeof prove);
  if (!honest)
    return;
  sim_gt3_prove (&s->identity, hello, answer, prove);
  g_assert_cmpmem (s->call.in->data, sizeof prove, prove, sizeof prove);
  call_drop (&s->call, sizeof prove);
  sim_gt3_keys_clear (&s->keys);
  g_assert_true (sim_gt3_keys_start (&s->keys, &s->identity, s->suite, hello + 20, answer + 4));
}

static gboolean
hear (Served *s, SimGt3Plain *plain)
{
  gsize n;

  call_hear (&s->call, 2);
  if (s->call.closed)
    return FALSE;
  n = sim_gt3_frame_length (s->suite, s->call.in->data);
  g_assert_cmpuint (n, >, 0);
  call_hear (&s->call, n);
  if (!sim_gt3_open (&s->keys, &s->keys.up, s->call.in->data, n, plain))
    return FALSE;
  call_drop (&s->call, n);
  return TRUE;
}

static void
say (Served *s, guint8 type, const char *hex)
{
  SimGt3Plain plain = { .type = type };
  guint8      frame[SIM_GT3_FRAME_MAX];

  plain.n = call_unhex (hex, plain.bytes);
  call_say (&s->call, frame, sim_gt3_seal (&s->keys, &s->keys.down, &plain, NULL, frame));
}

static void
assert_hears (Served *s, guint8 type, const char *hex)
{
  SimGt3Plain plain;
  guint8      expected[64];
  gsize       n = call_unhex (hex, expected);

  g_assert_true (hear (s, &plain));
  g_test_message ("type %u, %02x%02x port %u status %u, expected %s", plain.type, plain.bytes[0], plain.bytes[1], plain.bytes[2], plain.bytes[3], hex);
  g_assert_cmpuint (plain.type, ==, type);
  g_assert_cmpmem (plain.bytes, MIN (plain.n, n), expected, n);
}

static void
begin (Served *s, guint8 suite, const char *links)
{
  guint8 master[SIM_GT3_KEY];

  memset (s, 0, sizeof *s);
  s->suite = suite;
  s->nonce = 0x31;
  call_unhex (KEY, master);
  sim_gt3_identity (&s->identity, "GW-0001", master);
  dial_fixture_init (&s->d, links);
  shake (s, TRUE);
  assert_hears (s, 5, "73657269616c3d"); /* serial= */
}

static void
end (Served *s)
{
  sim_gt3_keys_clear (&s->keys);
  call_close (&s->call);
  dial_fixture_clear (&s->d);
}

#define GT3(suite, buses) LINK ("\"proto\":\"gt3\",\"suite\":" #suite ",\"key\":\"" KEY "\",\"heartbeat\":{\"every_s\":60}", buses)
#define TIMED CABINET (1, ",\"baud\":9600,\"timing\":true") "," CABINET (2, "")

static void
test_gt3 (gconstpointer data)
{
  Served s;

  begin (&s, data ? 2 : 1, data ? GT3 (2, TIMED) : GT3 (1, TIMED));
  say (&s, 1, "0007010003e807d0010303060002244e");
  assert_hears (&s, 2, "00070100010304");
  say (&s, 1, "0008020003e807d0010303060002244e");
  assert_hears (&s, 2, "00080200010304");
  say (&s, 1, "0009030003e807d0010303060002244e"); /* no such port */
  assert_hears (&s, 2, "00090305");
  say (&s, 1, "000a020003e807d0090303060002258e"); /* nobody there, and a bad sum: silence */
  assert_hears (&s, 2, "000a0201");
  say (&s, 0x85, "00"); /* to be ignored */
  say (&s, 4, "0200000192d3b4e800012c");
  dial_fixture_run (&s.d, 60000);
  assert_hears (&s, 3, "");
  assert_hears (&s, 4, "01");
  say (&s, 8, "00");
  assert_hears (&s, 7, "01"); /* unknown type, then it closes and comes again */
  g_assert_false (hear (&s, &(SimGt3Plain){ 0 }));
  call_close (&s.call);
  shake (&s, TRUE);
  assert_hears (&s, 5, "73657269616c3d");
  end (&s);
}

static void
test_gt3_rekey (gconstpointer data)
{
  Served      s;
  SimGt3Plain plain;
  guint8      nonce[SIM_GT3_NONCE];

  begin (&s, data ? 2 : 1, data ? GT3 (2, TIMED) : GT3 (1, TIMED));
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *hex = g_strdup_printf ("01%032x", i + 1);

      if (i == 2) /* the gateway asks */
        {
          g_assert_true (s.d.sim.campus->links[0].funcs->rekey (&s.d.sim.campus->links[0]));
          assert_hears (&s, 6, "00");
        }
      say (&s, 6, hex);
      g_assert_true (hear (&s, &plain));
      g_assert_cmpuint (plain.type, ==, 6);
      g_assert_cmpuint (plain.n, ==, 17);
      g_assert_cmpint (plain.bytes[0], ==, 2);
      call_unhex (hex + 2, nonce);
      g_assert_true (sim_gt3_keys_next (&s.keys, plain.bytes + 1, nonce));
      say (&s, 1, "0007020003e807d0010303060002244e");
      assert_hears (&s, 2, "00070200010304");
    }
  say (&s, 6, "02"); /* no nonce */
  assert_hears (&s, 7, "03");
  end (&s);
}

/* A 9600 baud bus is busy for 70 ms a request: one under way, four waiting, the sixth is given back at once. */
static void
test_gt3_queue (void)
{
  Served s;

  begin (&s, 2, GT3 (2, TIMED));
  for (guint i = 1; i <= 6; i++)
    {
      g_autofree char *hex = g_strdup_printf ("%04x010003e8%s010303060002244e", i, i == 5 ? "0050" : "07d0");

      say (&s, 1, hex);
    }
  assert_hears (&s, 2, "00060104"); /* full */
  assert_hears (&s, 2, "00010100010304");
  assert_hears (&s, 2, "00020100010304");
  assert_hears (&s, 2, "00030100010304");
  assert_hears (&s, 2, "00040100010304");
  assert_hears (&s, 2, "00050103"); /* waited longer than 80 ms */
  end (&s);
}

typedef struct { const char *faults, *status; gboolean breaks; } LineFault;

static void
test_gt3_faults (void)
{
  static const LineFault rows[] = {
    { "{\"drop_reply\":1}", "0007020", FALSE },    { "{\"corrupt\":1}", "0007020", FALSE },   { "{\"truncate\":1}", "00070202", FALSE },
    { "{\"noise\":1}", "00070202", FALSE },        { "{\"split\":[1,1,5]}", "00070200", FALSE }, { "{\"dup_reply\":1}", "00070200", FALSE },
    { "{\"delay_reply\":[1,2000,2000]}", "00070201", FALSE }, { "{\"gt3_bad_tag\":1}", NULL, TRUE }, { "{\"gt3_bad_seq\":1}", NULL, TRUE },
    { "{\"conn_reset\":1}", NULL, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      Served      s;
      SimGt3Plain plain;

      begin (&s, 2, GT3 (2, TIMED));
      sim_fixture_faults (&s.d.sim, rows[i].faults);
      say (&s, 1, "0007020003e807d0010303060002244e");
      g_test_message ("%s", rows[i].faults);
      if (rows[i].breaks)
        g_assert_false (hear (&s, &plain));
      else if (strlen (rows[i].status) == 8)
        assert_hears (&s, 2, rows[i].status);
      else
        {
          g_assert_true (hear (&s, &plain));
          g_assert_cmpint (plain.bytes[3], >=, 1);
          g_assert_cmpint (plain.bytes[3], <=, 2);
        }
      end (&s);
    }
}

/* The same frame twice; and a twin that says hello while the first one lives. */
static void
test_gt3_replay_and_twin (void)
{
  Served      s;
  Call        first;
  SimGt3Plain plain;
  SimGt3Keys  old;

  begin (&s, 2, GT3 (2, TIMED));
  sim_fixture_faults (&s.d.sim, "{\"gt3_replay\":1}");
  say (&s, 1, "0007020003e807d0010303060002244e");
  g_assert_true (hear (&s, &plain));
  g_assert_false (hear (&s, &plain));
  g_assert_false (s.call.closed);
  call_close (&s.call);
  shake (&s, TRUE);
  assert_hears (&s, 5, "73657269616c3d");
  sim_fixture_faults (&s.d.sim, "{\"reconnect_twin\":1}");
  say (&s, 1, "0007020003e807d0010303060002244e");
  sim_fixture_faults (&s.d.sim, "{}");
  assert_hears (&s, 2, "00070200010304");
  first = s.call;
  old = s.keys;
  memset (&s.keys, 0, sizeof s.keys);
  shake (&s, TRUE); /* the twin */
  assert_hears (&s, 5, "73657269616c3d");
  g_assert_cmpuint (sim_link_connections (&s.d.sim.campus->links[0]), ==, 2);
  call_close (&first);
  dial_fixture_run (&s.d, 5000);
  g_assert_false (dial_fixture_is_calling (&s.d)); /* the older one does not come again */
  say (&s, 1, "0008020003e807d0010303060002244e");
  assert_hears (&s, 2, "00080200010304");
  sim_gt3_keys_clear (&old);
  end (&s);
}

/* A server that does not know the key is not proved to; silence is what a frozen gateway says. */
static void
test_gt3_distrust (void)
{
  Served      s;
  SimGt3Plain plain;
  guint8      nothing[28] = { 0, 26 };

  begin (&s, 1, GT3 (1, TIMED));
  call_close (&s.call);
  shake (&s, FALSE);
  g_assert_true (s.call.closed);
  g_assert_cmpuint (s.call.in->len, ==, 0);
  call_close (&s.call);
  shake (&s, TRUE);
  assert_hears (&s, 5, "73657269616c3d");
  call_say (&s.call, nothing, sizeof nothing);
  g_assert_false (hear (&s, &plain));
  g_assert_true (s.call.closed);
  call_close (&s.call);
  shake (&s, TRUE);
  assert_hears (&s, 5, "73657269616c3d");
  s.d.sim.campus->links[0].frozen = TRUE;
  say (&s, 1, "0007020003e807d0010303060002244e");
  dial_fixture_run (&s.d, 60100);
  g_assert_cmpuint (s.call.in->len, ==, 0);
  end (&s);
}

/* A new connection after a broken one, or in the place of a living one. */
static void
shake_again (Served *s)
{
  SimGt3Plain plain;

  call_close (&s->call);
  shake (s, TRUE);
  if (!s->call.closed)
    hear (s, &plain);
}

/* Reads with everything going wrong at the rates of the chaos set: each request is answered once at most, with its own tid, and
 * however often the connection breaks the gateway comes back. */
static void
test_gt3_chaos (gconstpointer data)
{
  g_autofree char *path = till_test_source_path ("tests/simulator/worlds/faults-chaos.json"), *text = NULL;
  guint            answered = 0, broken = 0;
  Served           s;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  begin (&s, data ? 2 : 1, data ? GT3 (2, TIMED) : GT3 (1, TIMED));
  sim_fixture_faults (&s.d.sim, text);
  for (guint tid = 1; tid <= 1500; tid++)
    {
      g_autofree char *hex = g_strdup_printf ("%04x%02x00012c0bb8010303060002244e", tid, tid % 2 + 1);
      gboolean         whole = TRUE;

      if (s.call.closed || dial_fixture_is_calling (&s.d))
        shake_again (&s);
      say (&s, 1, hex);
      for (guint ms = 0; ms < 1500 && whole; ms += 10)
        {
          SimGt3Plain plain;
          gint64      before = s.call.in->len;

          dial_fixture_run (&s.d, 10);
          call_hear (&s.call, 0);
          while (whole && (s.call.in->len > before || s.call.in->len >= 2) && (whole = hear (&s, &plain)))
            if (plain.type == 2)
              {
                guint16 heard = (guint16) (plain.bytes[0] << 8 | plain.bytes[1]);

                g_assert_cmpuint (heard, <=, tid);
                answered += heard == tid;
                ms = heard == tid ? 1500 : ms;
                before = 0;
              }
        }
      if (!whole)
        {
          broken++;
          shake_again (&s);
        }
    }
  g_test_message ("%u answered, %u broken", answered, broken);
  g_assert_cmpuint (answered, >, 1200);
  g_assert_cmpuint (answered, <=, 1500);
  g_assert_cmpuint (broken, >, 0);
  end (&s);
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/sim/dial/dtu", test_dtu);
  g_test_add_func ("/sim/dial/dtu-prefix", test_dtu_prefix);
  g_test_add_func ("/sim/dial/back-off", test_back_off);
  g_test_add_func ("/sim/dial/cut", test_cut);
  g_test_add_data_func ("/sim/dial/gt3-3des", NULL, test_gt3);
  g_test_add_data_func ("/sim/dial/gt3-aes", "2", test_gt3);
  g_test_add_data_func ("/sim/dial/gt3-rekey-3des", NULL, test_gt3_rekey);
  g_test_add_data_func ("/sim/dial/gt3-rekey-aes", "2", test_gt3_rekey);
  g_test_add_func ("/sim/dial/gt3-queue", test_gt3_queue);
  g_test_add_func ("/sim/dial/gt3-faults", test_gt3_faults);
  g_test_add_func ("/sim/dial/gt3-replay-and-twin", test_gt3_replay_and_twin);
  g_test_add_data_func ("/sim/dial/gt3-chaos-3des", NULL, test_gt3_chaos);
  g_test_add_data_func ("/sim/dial/gt3-chaos-aes", "2", test_gt3_chaos);
  g_test_add_func ("/sim/dial/gt3-distrust", test_gt3_distrust);
  return till_test_run ();
}
