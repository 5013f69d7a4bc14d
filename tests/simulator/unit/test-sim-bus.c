/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-sim-bus.c: frames, answers, the time of bytes on a line, every fault, bad fault files. */
#include <string.h>
#include "tests/simulator/bus-reply.h"
#include "tests/simulator/control.h"
#include "tests/simulator/seed.h"
#include "tests/simulator/unit/sim-fixture.h"

#define CABINET(kind, rest)                                                                                                     \
  "[{\"code\":\"GW-0001\",\"kind\":\"" kind "\",\"at\":\"127.0.0.1:7501\",\"buses\":[{" rest "\"cabinets\":[{\"table\":1,"      \
  "\"single\":3,\"price\":\"flat\",\"balance\":\"50.00\"}]}]}]"
#define READ_COUNT "03030e0001" /* the purchase count, one register */

static gsize
bytes_of (const char *hex, guint8 *bytes)
{
  gsize n = strlen (hex) / 2;

  for (gsize i = 0; i < n; i++)
    bytes[i] = (guint8) (g_ascii_xdigit_value (hex[2 * i]) << 4 | g_ascii_xdigit_value (hex[2 * i + 1]));
  return n;
}

/* Frames published in the description of the field layer. */
static void
test_vectors (void)
{
  static const char *const frames[] = { "010303060002244e", "0110050d000306000027100001ac07" };

  for (guint i = 0; i < G_N_ELEMENTS (frames); i++)
    {
      guint8     frame[64], again[SIM_ADU_MAX];
      gsize      n = bytes_of (frames[i], frame), used;
      SimRequest request;

      for (gsize part = 0; part < n; part++)
        g_assert_cmpint (sim_frame_rtu (frame, part, FALSE, &request, &used), ==, SIM_FRAME_NEED_MORE);
      g_assert_cmpint (sim_frame_rtu (frame, n, FALSE, &request, &used), ==, SIM_FRAME_READY);
      g_assert_cmpuint (used, ==, n);
      g_assert_cmpuint (request.unit, ==, 1);
      g_assert_cmpuint (sim_frame_wrap (FALSE, 0, 1, request.pdu, request.n_pdu, again), ==, n);
      g_assert_cmpmem (again, n, frame, n);
      frame[n - 1] ^= 1;
      g_assert_cmpint (sim_frame_rtu (frame, n, FALSE, &request, &used), ==, SIM_FRAME_NEED_MORE);
      g_assert_cmpint (sim_frame_rtu (frame, n, TRUE, &request, &used), ==, SIM_FRAME_NOISE);
    }
}

static void
test_mbap (void)
{
  static const struct { const char *hex; SimFrame frame; } rows[] = {
    { "00010000000601030306", SIM_FRAME_NEED_MORE }, { "000100000006010303060002", SIM_FRAME_READY },
    { "00010001000601", SIM_FRAME_CLOSE },           { "00010000000001", SIM_FRAME_CLOSE },
    { "00010000000101", SIM_FRAME_CLOSE },           { "0001000000ff01", SIM_FRAME_CLOSE },
    { "0001000000fe01", SIM_FRAME_NEED_MORE },       { "000100", SIM_FRAME_NEED_MORE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      guint8     bytes[64];
      gsize      used = 0;
      SimRequest request;

      g_assert_cmpint (sim_frame_mbap (bytes, bytes_of (rows[i].hex, bytes), &request, &used), ==, rows[i].frame);
    }
}

static void
test_answers (void)
{
  SimFixture       f;
  g_autofree char *expected = NULL;

  sim_fixture_init (&f, CABINET ("modbus_tcp", ""), NULL);
  expected = g_strdup_printf ("12340000000501030200%02x", sim_fixture_meter (&f, 1)->count);
  sim_fixture_ask (&f, 1, READ_COUNT);
  g_assert_cmpstr (sim_fixture_hex (&f), ==, expected);
  sim_fixture_ask (&f, 1, "0404000001"); /* this model reads with function 3 */
  g_assert_cmpstr (sim_fixture_hex (&f), ==, "123400000003018401");
  sim_fixture_ask (&f, 1, "2b0e0100");
  g_assert_cmpstr (sim_fixture_hex (&f), ==, "12340000000301ab01");
  sim_fixture_ask (&f, 1, "0303"); /* cut short */
  g_assert_cmpstr (sim_fixture_hex (&f), ==, "123400000003018303");
  sim_fixture_ask (&f, 1, "1005010002040000"); /* byte count and bytes disagree */
  g_assert_cmpstr (sim_fixture_hex (&f), ==, "123400000003019003");
  sim_fixture_ask (&f, 4, READ_COUNT); /* nobody there */
  g_assert_cmpstr (sim_fixture_hex (&f), ==, "");
  sim_fixture_meter (&f, 1)->off = TRUE;
  sim_fixture_ask (&f, 1, READ_COUNT);
  g_assert_cmpstr (sim_fixture_hex (&f), ==, "");
  sim_fixture_clear (&f);
}

/* 9600 baud: 8 + 3.5 characters, 50 ms of thinking, 7 + 3.5 characters: 73 ms; a second talker spoils both. */
static void
test_timing (void)
{
  SimFixture f;

  sim_fixture_init (&f, CABINET ("rtu_tcp", "\"timing\":true,"), NULL);
  sim_fixture_ask (&f, 1, READ_COUNT);
  sim_fixture_step (&f, 72);
  g_assert_cmpuint (f.sends, ==, 0);
  sim_fixture_step (&f, 2);
  g_assert_cmpuint (f.sends, ==, 1);
  g_assert_cmphex (sim_crc16 (f.sent->data, f.sent->len), ==, 0);
  sim_fixture_ask (&f, 1, READ_COUNT);
  sim_fixture_step (&f, 20);
  sim_fixture_ask (&f, 2, READ_COUNT);
  sim_fixture_step (&f, 500);
  g_assert_cmpuint (f.sends, ==, 1);
  g_assert_cmphex (sim_crc16 (f.sent->data, f.sent->len), !=, 0);
  sim_fixture_clear (&f);
}

typedef struct { const char *faults; guint sends, resets, deafs, effects; const char *hex; } FaultCase;

/* A recharge of 1.00 with the right count;  RTU, so that all faults show. */
static const FaultCase fault_cases[] = {
  { "{\"drop_request\":1}", 0, 0, 0, 0, "" },
  { "{\"drop_reply\":1}", 0, 0, 0, 1, "" },
  { "{\"delay_request\":[1,100,100]}", 1, 0, 0, 1, "0110050d0003*" },
  { "{\"delay_reply\":[1,100,100]}", 1, 0, 0, 1, "0110050d0003*" },
  { "{\"dup_request\":1}", 1, 0, 0, 1, "0110050d0003????0110050d0003????" },
  { "{\"dup_reply\":1}", 1, 0, 0, 1, "0110050d0003????0110050d0003????" },
  { "{\"gateway_retry\":1}", 1, 0, 0, 1, "0110050d0003????" },
  { "{\"truncate\":1}", 1, 0, 0, 1, "0110050d" },
  { "{\"noise\":1}", 1, 0, 0, 1, "*0110050d0003????" },
  { "{\"split\":[1,1,1]}", 8, 0, 0, 1, "0110050d0003????" },
  { "{\"late\":1}", 0, 0, 0, 1, "" },
  { "{\"conn_reset\":1}", 0, 1, 0, 1, "" },
  { "{\"half_open\":1}", 0, 0, 1, 1, "" },
  { "{\"other_unit\":1}", 1, 0, 0, 1, "0210050d0003????" },
  { "{\"wrong_count\":1}", 1, 0, 0, 1, "0110050d00????" },
  { "{\"exception_04\":1}", 1, 0, 0, 0, "019004????" },
  { "{\"exception_06\":1}", 1, 0, 0, 0, "019006????" },
  { "{\"applied_then_exception\":1}", 1, 0, 0, 1, "019004????" },
  { "{\"exception_then_applied\":[1,50,50]}", 1, 0, 0, 1, "019004????" },
  { "{\"freeze\":[1,1000,1000]}", 0, 0, 0, 0, "" },
  { "{\"clog\":[1,100,100]}", 1, 0, 0, 1, "0110050d0003????" },
};

static void
test_faults (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (fault_cases); i++)
    {
      const FaultCase *row = &fault_cases[i];
      SimFixture       f;
      g_autofree char *pdu = NULL;

      sim_fixture_init (&f, CABINET ("rtu_tcp", ""), NULL);
      sim_fixture_faults (&f, row->faults);
      pdu = g_strdup_printf ("10050d00030600000064%04x", sim_fixture_meter (&f, 1)->count + 1);
      sim_fixture_ask (&f, 1, pdu);
      sim_fixture_step (&f, 200);
      g_test_message ("%s: %u sends %s", row->faults, f.sends, sim_fixture_hex (&f));
      g_assert_cmpuint (f.sends, ==, row->sends);
      g_assert_cmpuint (f.resets, ==, row->resets);
      g_assert_cmpuint (f.deafs, ==, row->deafs);
      g_assert_cmpuint (f.campus->stats.effects, ==, row->effects);
      g_assert_true (g_pattern_match_simple (row->hex, sim_fixture_hex (&f)));
      sim_fixture_clear (&f);
    }
}

/* A late answer leaves when the next request comes; a stale one takes the place of the right one. */
static void
test_old_answers (void)
{
  SimFixture       f;
  g_autofree char *first = NULL;

  sim_fixture_init (&f, CABINET ("modbus_tcp", ""), NULL);
  sim_fixture_ask (&f, 1, READ_COUNT);
  first = g_strdup (sim_fixture_hex (&f));
  sim_fixture_faults (&f, "{\"late\":1}");
  sim_fixture_ask (&f, 1, READ_COUNT);
  g_assert_cmpuint (f.sends, ==, 0);
  sim_fixture_faults (&f, "{}");
  sim_fixture_ask (&f, 2, READ_COUNT);
  g_assert_cmpuint (f.sends, ==, 2);
  g_assert_true (g_str_has_prefix (sim_fixture_hex (&f), first));
  sim_fixture_faults (&f, "{\"stale_reply\":1}");
  sim_fixture_ask (&f, 1, "0303000001");
  g_assert_true (g_str_has_prefix (sim_fixture_hex (&f), "123400000005020302"));
  sim_fixture_clear (&f);
}

/* What the bus only passes on: faults of the envelope reach the wire, a twin is asked for; a gateway stops with all its ports. */
static void
test_gateway_faults (void)
{
  static const char *const envelope[] = { "{\"gt3_bad_tag\":1}", "{\"gt3_bad_seq\":1}", "{\"gt3_replay\":1}" };
  static const guint32     bits[] = { SIM_FAULT_BIT (GT3_BAD_TAG), SIM_FAULT_BIT (GT3_BAD_SEQ), SIM_FAULT_BIT (GT3_REPLAY) };
  SimFixture               f;

  sim_fixture_init (&f,
                    "[{\"code\":\"GW-0001\",\"kind\":\"dial_in\",\"proto\":\"1f1f\",\"secret\":\"0123456789abcdef\",\"at\":\"127.0.0.1:1\",\"buses\":["
                    "{\"cabinets\":[{\"table\":1,\"single\":3}]},{\"port\":2,\"cabinets\":[{\"table\":1,\"single\":3}]}]}]", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (envelope); i++)
    {
      sim_fixture_faults (&f, envelope[i]);
      f.envelope = 0;
      sim_fixture_ask (&f, 1, READ_COUNT);
      g_assert_cmpuint (f.sends, ==, 1);
      g_assert_cmphex (f.envelope, ==, bits[i]);
    }
  sim_fixture_faults (&f, "{\"reconnect_twin\":1}");
  sim_fixture_ask (&f, 1, READ_COUNT);
  g_assert_cmpuint (f.twins, ==, 1);
  g_assert_cmpuint (f.sends, ==, 1);
  sim_fixture_faults (&f, "{\"freeze\":[1,1000,1000]}");
  sim_fixture_ask (&f, 1, READ_COUNT);
  sim_fixture_faults (&f, "{}");
  g_assert_cmpint (f.campus->links[0].buses[1].frozen_until_us, >, tilld_clock_boot_us (f.clock));
  sim_fixture_step (&f, 1001);
  sim_fixture_ask (&f, 1, READ_COUNT);
  g_assert_cmpuint (f.sends, ==, 1);
  sim_fixture_clear (&f);
}

/* A meter that starts anew says nothing for a while and has lost nothing. */
static void
test_restart (void)
{
  static const char request[] = "{\"do\":\"restart\",\"gateway\":\"GW-0001\",\"unit\":1,\"seconds\":3}";
  SimFixture        f;
  gboolean          quit;
  g_autofree char  *answer = NULL;

  sim_fixture_init (&f, CABINET ("rtu_tcp", ""), NULL);
  answer = sim_control_answer (f.campus, request, strlen (request), &quit);
  g_assert_true (g_str_has_prefix (answer, "{\"ok\":true"));
  sim_fixture_ask (&f, 1, READ_COUNT);
  sim_fixture_step (&f, 2990);
  g_assert_cmpuint (f.sends, ==, 0);
  sim_fixture_ask (&f, 2, READ_COUNT);
  g_assert_cmpuint (f.sends, ==, 1);
  sim_fixture_step (&f, 20);
  sim_fixture_ask (&f, 1, READ_COUNT);
  g_assert_cmpuint (f.sends, ==, 1);
  sim_fixture_clear (&f);
}

/* Behind Modbus TCP a spoiled answer arrives as the gateway's exception 0B, half a frame breaks the connection. */
static void
test_faults_behind_gateway (void)
{
  SimFixture f;

  sim_fixture_init (&f, CABINET ("modbus_tcp", ""), NULL);
  sim_fixture_faults (&f, "{\"corrupt\":1}");
  sim_fixture_ask (&f, 1, READ_COUNT);
  g_assert_cmpstr (sim_fixture_hex (&f), ==, "12340000000301830b");
  sim_fixture_faults (&f, "{\"truncate\":1}");
  sim_fixture_ask (&f, 1, READ_COUNT);
  g_assert_cmpuint (f.resets, ==, 1);
  sim_fixture_clear (&f);
}

/* The rate is what the file says, the same for the same seed, and another fault or bus decides for itself. */
static void
test_decisions (void)
{
  g_autoptr (SimFaults) faults = sim_faults_parse ("f", "{\"drop_reply\":0.05,\"corrupt\":0.05,\"delay_reply\":[0.5,10,20]}", -1, NULL);
  SimFrameId            frame = { .seed = 9, .path = sim_fnv1a64 (SIM_FNV_START, "GW-00011"), .code = "GW-0001" };
  guint                 drops = 0, both = 0, ms = 0;

  for (frame.k = 0; frame.k < 100000; frame.k++)
    {
      gboolean drop = sim_faults_hit (faults, &frame, SIM_FAULT_DROP_REPLY, NULL);

      g_assert_cmpint (drop, ==, sim_faults_hit (faults, &frame, SIM_FAULT_DROP_REPLY, NULL));
      drops += drop;
      both += drop && sim_faults_hit (faults, &frame, SIM_FAULT_CORRUPT, NULL);
      g_assert_false (sim_faults_hit (faults, &frame, SIM_FAULT_SPLIT, NULL));
      if (sim_faults_hit (faults, &frame, SIM_FAULT_DELAY_REPLY, &ms))
        g_assert_true (ms >= 10 && ms <= 20);
    }
  g_assert_cmpuint (drops, >, 4700);
  g_assert_cmpuint (drops, <, 5300);
  g_assert_cmpuint (both, >, 150);
  g_assert_cmpuint (both, <, 350);
}

static void
test_windows (void)
{
  g_autoptr (GError)    error = NULL;
  g_autoptr (SimFaults) faults
      = sim_faults_parse ("f", "{\"drop_reply\":0,\"windows\":[{\"from_s\":10,\"to_s\":20,\"links\":[\"GW-0002\"],\"drop_reply\":1}]}", -1, &error);
  SimFrameId frame = { .code = "GW-0002", .since_us = 9999999 };

  g_assert_no_error (error);
  g_assert_false (sim_faults_hit (faults, &frame, SIM_FAULT_DROP_REPLY, NULL));
  frame.since_us = 10000000;
  g_assert_true (sim_faults_hit (faults, &frame, SIM_FAULT_DROP_REPLY, NULL));
  frame.code = "GW-0001";
  g_assert_false (sim_faults_hit (faults, &frame, SIM_FAULT_DROP_REPLY, NULL));
  frame = (SimFrameId){ .code = "GW-0002", .since_us = 20000000 };
  g_assert_false (sim_faults_hit (faults, &frame, SIM_FAULT_DROP_REPLY, NULL));
}

static void
test_bad_files (void)
{
  static const char *const rows[][2] = {
    { "{\"drop_reply\":2}", "bad.json:drop_reply: must be a probability*" },
    { "{\"drop_reply\":-0.1}", "bad.json:drop_reply: must be a probability*" },
    { "{\"drop_reply\":\"0.1\"}", "bad.json:drop_reply: must be a probability*" },
    { "{\"drop_reply\":null}", "bad.json:drop_reply: must be a probability*" },
    { "{\"drop_answer\":0.1}", "bad.json:drop_answer: no such fault" },
    { "{\"edit_credit\":0.1}", "bad.json:edit_credit: is the verb edit of the control socket" },
    { "{\"sms_slow\":0.1}", "bad.json:sms_slow: belongs to modems, which this build does not serve" },
    { "{\"delay_reply\":[0.1,5]}", "bad.json:delay_reply: must be ?probability, min_ms, max_ms?" },
    { "{\"delay_reply\":[0.1,9,5]}", "bad.json:delay_reply: must be ?probability, min_ms, max_ms?" },
    { "{\"windows\":[{\"from_s\":5,\"to_s\":5}]}", "bad.json:windows?0?.to_s: must be after from_s" },
    { "{\"windows\":[{\"links\":[]}]}", "bad.json:windows?0?.links: *" },
    { "{\"from_s\":5}", "bad.json:from_s: no such fault" },
    { "[]", "bad.json:*" },
    { "{\"drop_reply\":0.1,\"drop_reply\":0.1}", "bad.json:*" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (sim_faults_parse ("bad.json", rows[i][0], -1, &error));
      g_test_message ("%s -> %s", rows[i][0], error->message);
      g_assert_true (g_pattern_match_simple (rows[i][1], error->message));
    }
}

static void
test_shipped_sets (gconstpointer data)
{
  g_autoptr (GError)    error = NULL;
  g_autofree char      *path = till_test_source_path (data);
  g_autoptr (SimFaults) faults = sim_faults_load (path, &error);

  g_assert_no_error (error);
  g_assert_nonnull (faults);
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/sim/frame/vectors", test_vectors);
  g_test_add_func ("/sim/frame/mbap", test_mbap);
  g_test_add_func ("/sim/bus/answers", test_answers);
  g_test_add_func ("/sim/bus/timing", test_timing);
  g_test_add_func ("/sim/bus/faults", test_faults);
  g_test_add_func ("/sim/bus/old-answers", test_old_answers);
  g_test_add_func ("/sim/bus/gateway-faults", test_gateway_faults);
  g_test_add_func ("/sim/bus/restart", test_restart);
  g_test_add_func ("/sim/bus/faults-behind-gateway", test_faults_behind_gateway);
  g_test_add_func ("/sim/faults/decisions", test_decisions);
  g_test_add_func ("/sim/faults/windows", test_windows);
  g_test_add_func ("/sim/faults/bad-files", test_bad_files);
  g_test_add_data_func ("/sim/faults/light", "tests/simulator/worlds/faults-light.json", test_shipped_sets);
  g_test_add_data_func ("/sim/faults/chaos", "tests/simulator/worlds/faults-chaos.json", test_shipped_sets);
  return till_test_run ();
}
