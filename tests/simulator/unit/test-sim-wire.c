/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-sim-wire.c: the simulator's gateways against the server's own codecs: two programs written from the same page meet here. */
#include <string.h>
#include "server/wire/gt3-frame.h"
#include "server/wire/vendor-1f1f.h"
#include "server/wire/vendor-7b7b.h"
#include "tests/simulator/unit/dial-fixture.h"

#define LINK(rest, buses) "[{\"code\":\"GW-0001\",\"kind\":\"dial_in\",\"at\":\"127.0.0.1:1\"," rest ",\"buses\":[" buses "]}]"
#define KEY "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define SECRET "0123456789abcdef"
#define METER(profile, unit) "{\"profile\":\"" profile "\",\"unit\":" #unit ",\"serial\":\"202609000001\",\"load\":\"w3600\",\"balance\":\"50.00\"}"

typedef struct { DialFixture d; Call call; TilldGt3Session session; guint8 master[TILLD_GT3_MASTER]; } Served;

static void
shake (Served *s, TilldGt3Suite suite)
{
  TilldGt3Handshake handshake;
  char              code[TILLD_GT3_ID + 1];
  guint8            nonce[TILLD_GT3_NONCE];

  dial_fixture_accept (&s->d, &s->call);
  call_hear (&s->call, TILLD_GT3_HELLO);
  g_assert_true (tilld_gt3_hello_read (s->call.in->data, &handshake, code));
  g_assert_cmpstr (code, ==, "GW-0001");
  g_assert_cmpint (tilld_gt3_suite (&handshake), ==, suite);
  call_drop (&s->call, TILLD_GT3_HELLO);
  tilld_random (nonce, sizeof nonce);
  tilld_gt3_answer_write (&handshake, s->master, nonce);
  call_say (&s->call, handshake.answer, sizeof handshake.answer);
  call_hear (&s->call, TILLD_GT3_PROVE);
  g_assert_true (tilld_gt3_prove_check (&handshake, s->master, s->call.in->data));
  call_drop (&s->call, TILLD_GT3_PROVE);
  g_assert_true (tilld_gt3_session_init (&s->session, TILLD_GT3_SERVER, &handshake, s->master));
}

static void
hear (Served *s, guint8 type, TilldGt3Frame *frame)
{
  TilldGt3Result result = TILLD_GT3_NEED_MORE;

  while (result == TILLD_GT3_NEED_MORE)
    {
      gsize used = 0;

      call_hear (&s->call, 1);
      g_assert_false (s->call.closed);
      result = tilld_gt3_feed (&s->session, s->call.in->data, s->call.in->len, &used, frame);
      call_drop (&s->call, used);
    }
  g_assert_cmpstr (tilld_gt3_result_text (result), ==, tilld_gt3_result_text (TILLD_GT3_FRAME));
  g_assert_cmpuint (frame->type, ==, type);
}

static void
say (Served *s, guint8 type, const char *hex)
{
  guint8 plain[64], frame[TILLD_GT3_FRAME_MAX];
  gsize  n = call_unhex (hex, plain);

  call_say (&s->call, frame, tilld_gt3_seal (&s->session, type, plain, n, NULL, frame));
}

static void
rekey (Served *s)
{
  guint8        nonce[TILLD_GT3_NONCE], frame[TILLD_GT3_FRAME_MAX];
  TilldGt3Frame back;

  tilld_random (nonce, sizeof nonce);
  call_say (&s->call, frame, tilld_gt3_rekey_begin (&s->session, nonce, NULL, frame));
  hear (s, 6, &back);
  g_assert_cmpuint (back.len, ==, 17);
  g_assert_cmpint (back.plain[0], ==, 2);
  g_assert_true (tilld_gt3_rekey_end (&s->session, back.plain + 1));
}

static void
test_gt3 (gconstpointer data)
{
  gboolean        aes = data != NULL;
  g_autofree char *links = g_strdup_printf (LINK ("\"proto\":\"gt3\",\"suite\":%d,\"key\":\"" KEY "\"", "{\"meters\":[" METER ("gridtill-generic", 1) "]}"), aes ? 2 : 1);
  Served          s = { 0 };
  TilldGt3Frame   frame;

  call_unhex (KEY, s.master);
  dial_fixture_init (&s.d, links);
  shake (&s, aes ? TILLD_GT3_AES : TILLD_GT3_3DES);
  hear (&s, 5, &frame);
  for (guint i = 0; i < 200; i++)
    {
      g_autofree char *hex = g_strdup_printf ("%04x010003e807d001030010000185cf", i + 1);

      if (i % 50 == 49)
        rekey (&s);
      say (&s, 1, hex);
      hear (&s, 2, &frame);
      g_assert_cmpuint (frame.plain[0] << 8 | frame.plain[1], ==, i + 1);
      g_assert_cmpuint (frame.plain[3], ==, 0);
      g_assert_cmpuint (frame.len, ==, 4 + 7);
    }
  tilld_gt3_session_clear (&s.session);
  call_close (&s.call);
  dial_fixture_clear (&s.d);
}

/* The next frame by the server's parser. */
static void
hear_7b (Call *call, Tilld7b7bParser *parser, guint8 cmd, Tilld7b7bFrame *frame)
{
  Tilld7b7bResult result;
  gsize           used = 0;

  while ((result = tilld_7b7b_feed (parser, call->in->data, call->in->len, &used, frame)) == TILLD_7B7B_NEED_MORE)
    {
      call_drop (call, used);
      call_hear (call, 1);
      g_assert_false (call->closed);
    }
  call_drop (call, used);
  g_assert_cmpint (result, ==, TILLD_7B7B_FRAME);
  g_assert_cmphex (frame->cmd, ==, cmd);
}

static void
say_7b (Call *call, guint8 cmd, const guint8 *payload, guint n)
{
  guint8 frame[TILLD_7B7B_MAX];

  call_say (call, frame, tilld_7b7b_write (cmd, payload, n, frame));
}

static void
test_7b (void)
{
  DialFixture         d;
  Call                call;
  Tilld7b7bParser     parser;
  Tilld7b7bFrame      frame;
  Tilld7b7bSection    section;
  guint8              request[8];

  tilld_7b7b_init (&parser);
  dial_fixture_init (&d, LINK ("\"proto\":\"7b7b\",\"upload_s\":600", "{\"meters\":[" METER ("ddsy1352", 1) "]}"));
  dial_fixture_accept (&d, &call);
  hear_7b (&call, &parser, TILLD_7B7B_REGISTER, &frame);
  g_assert_cmpstr (frame.serial, ==, "202609000001");
  g_assert_cmpuint (frame.interval_min, ==, 10);
  g_assert_cmpuint (strlen (frame.iccid), ==, 20);
  say_7b (&call, TILLD_7B7B_REGISTER, NULL, 0);
  hear_7b (&call, &parser, TILLD_7B7B_TIME, &frame);
  call_unhex ("010302150002d477", request);
  say_7b (&call, TILLD_7B7B_TRANSPARENT, request, sizeof request);
  hear_7b (&call, &parser, TILLD_7B7B_TRANSPARENT, &frame);
  g_assert_cmpuint (frame.adu_len, ==, 9);
  request[0] = 2; /* and a sum that is wrong: the meter says nothing */
  say_7b (&call, TILLD_7B7B_TRANSPARENT, request, sizeof request);
  hear_7b (&call, &parser, TILLD_7B7B_TRANSPARENT, &frame);
  g_assert_null (frame.adu);
  for (guint beats = 0; beats < 9; beats++)
    hear_7b (&call, &parser, TILLD_7B7B_HEARTBEAT, &frame);
  dial_fixture_run (&d, 70000);
  do
    {
      gsize used = 0;

      call_hear (&call, 1);
      g_assert_cmpint (tilld_7b7b_feed (&parser, call.in->data, call.in->len, &used, &frame), ==, TILLD_7B7B_FRAME);
      call_drop (&call, used);
    }
  while (frame.cmd == TILLD_7B7B_HEARTBEAT);
  g_assert_cmphex (frame.cmd, ==, TILLD_7B7B_UPLOAD);
  g_assert_true (tilld_7b7b_section (&frame, &section));
  g_assert_cmpuint (section.unit, ==, 1);
  g_assert_cmpuint (section.fc, ==, 3);
  g_assert_cmpuint (section.data_len, ==, 96);
  g_assert_cmpuint (section.data[0] << 8 | section.data[1], ==, 7); /* 0200: the model */
  g_assert_false (tilld_7b7b_section (&frame, &section));
  g_assert_cmpuint (parser.dropped, ==, 0);
  call_close (&call);
  dial_fixture_clear (&d);
}

static void
hear_1f (Call *call, Tilld1f1fParser *parser, guint8 type, Tilld1f1fFrame *frame)
{
  Tilld1f1fResult result;
  gsize           used = 0;

  while ((result = tilld_1f1f_feed (parser, call->in->data, call->in->len, &used, frame)) == TILLD_1F1F_NEED_MORE)
    {
      call_drop (call, used);
      call_hear (call, 1);
      g_assert_false (call->closed);
    }
  call_drop (call, used);
  g_assert_cmpint (result, ==, TILLD_1F1F_FRAME);
  g_assert_cmphex (frame->type, ==, type);
}

static void
say_1f (Call *call, GByteArray *bytes)
{
  call_say (call, bytes->data, bytes->len);
  g_byte_array_set_size (bytes, 0);
}

static void
validate (Call *call, Tilld1f1fParser *parser, GByteArray *out)
{
  g_autoptr (GError) error = NULL;
  Tilld1f1fFrame     frame;
  Tilld1f1fHello     hello = { 0 };
  char               sequence[TILLD_1F1F_SEQUENCE + 1];

  hear_1f (call, parser, TILLD_1F1F_VALIDATE, &frame);
  g_assert_true (tilld_1f1f_hello_read (&frame, &hello, &error));
  g_assert_no_error (error);
  g_assert_cmpint (hello.step, ==, TILLD_1F1F_REQUEST);
  g_assert_cmpstr (hello.gateway, ==, "GW-0001");
  tilld_1f1f_sequence (sequence);
  hello.step = TILLD_1F1F_ASK;
  g_strlcpy (hello.sequence, sequence, sizeof hello.sequence);
  tilld_1f1f_hello_write (&hello, out);
  say_1f (call, out);
  hear_1f (call, parser, TILLD_1F1F_VALIDATE, &frame);
  g_assert_true (tilld_1f1f_hello_read (&frame, &hello, &error));
  g_assert_cmpint (hello.step, ==, TILLD_1F1F_PROVE);
  g_assert_true (tilld_1f1f_md5_check ((const guint8 *) SECRET, sequence, hello.md5));
  hello.step = TILLD_1F1F_RESULT;
  hello.passed = TRUE;
  tilld_1f1f_hello_write (&hello, out);
  say_1f (call, out);
  parser->limit = TILLD_1F1F_MAX;
}

static void
test_1f (void)
{
  DialFixture            d;
  Call                   call;
  Tilld1f1fParser        parser;
  Tilld1f1fFrame         frame;
  Tilld1f1fAdu           adu = { .port = 2, .unit = 1, .adu_len = 8 }, back;
  g_autoptr (GByteArray) out = g_byte_array_new ();
  g_autoptr (GArray)     readings = g_array_new (FALSE, TRUE, sizeof (Tilld1f1fReading));
  g_autoptr (GError)     error = NULL;

  tilld_1f1f_init (&parser);
  dial_fixture_init (&d, LINK ("\"proto\":\"1f1f\",\"secret\":\"" SECRET "\",\"upload_s\":40",
                               "{\"meters\":[" METER ("dtsy1352", 25) "," METER ("adw300-readonly", 26) "]},{\"port\":2,\"meters\":[" METER ("ddsy1352", 1) "]}"));
  dial_fixture_accept (&d, &call);
  validate (&call, &parser, out);
  call_unhex ("010302150002d477", adu.adu);
  tilld_1f1f_adu_write (TILLD_1F1F_DOWN, (const guint8 *) SECRET, &adu, out);
  say_1f (&call, out);
  hear_1f (&call, &parser, TILLD_1F1F_UP, &frame);
  g_assert_true (tilld_1f1f_adu_read (&frame, (const guint8 *) SECRET, &back, &error));
  g_assert_cmpuint (back.port, ==, 2);
  g_assert_cmpuint (back.unit, ==, 1);
  g_assert_cmpuint (back.adu_len, ==, 9);
  hear_1f (&call, &parser, TILLD_1F1F_DATA, &frame);
  g_assert_true (tilld_1f1f_data_read (&frame, (const guint8 *) SECRET, readings, &error));
  g_assert_no_error (error);
  hear_1f (&call, &parser, TILLD_1F1F_DATA_ZIP, &frame);
  g_assert_true (tilld_1f1f_data_read (&frame, (const guint8 *) SECRET, readings, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (readings->len, ==, 3);
  for (guint i = 0; i < readings->len; i++)
    {
      const Tilld1f1fReading *reading = &g_array_index (readings, Tilld1f1fReading, i);
      SimMeter               *meter = sim_campus_meter (d.sim.campus, "GW-0001", reading->port, reading->unit);

      g_assert_nonnull (meter);
      g_assert_cmpint (reading->total, ==, sim_meter_energy_wh (meter) / 10 * 10);
    }
  dial_fixture_run (&d, 25000); /* the sixtieth second comes after the next report's */
  hear_1f (&call, &parser, TILLD_1F1F_BEAT, &frame);
  tilld_1f1f_clear (&parser);
  call_close (&call);
  dial_fixture_clear (&d);
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_data_func ("/sim/wire/gt3-3des", NULL, test_gt3);
  g_test_add_data_func ("/sim/wire/gt3-aes", "2", test_gt3);
  g_test_add_func ("/sim/wire/7b7b", test_7b);
  g_test_add_func ("/sim/wire/1f1f", test_1f);
  return till_test_run ();
}
