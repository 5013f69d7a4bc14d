/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-sim-vendor.c: frames of the vendor's 4G meters and ANE gateways against the published ones, and both devices live with the
 * test as the server. */
#include <string.h>
#include "tests/simulator/unit/dial-fixture.h"
#include "tests/simulator/vendor-frame.h"

#define LINK(rest, buses) "[{\"code\":\"GW-0001\",\"kind\":\"dial_in\",\"at\":\"127.0.0.1:1\"," rest ",\"buses\":[" buses "]}]"
#define METER(profile, unit) "{\"profile\":\"" profile "\",\"unit\":" #unit ",\"serial\":\"202609000001\",\"balance\":\"50.00\"}"
#define SECRET "0123456789abcdef"

static void
test_7b_frames (void)
{
  static const struct { guint8 cmd; const char *payload, *frame; } rows[] = {
    { 0x84, "", "7b7b84bf237d7d" }, { 0x91, "", "7b7b917eec7d7d" }, { 0x90, "010303060002244e", "7b7b90010303060002244ee6fd7d7d" },
    { 0x90, "7d7d01", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      guint8 payload[64], frame[128], expected[64];
      gsize  n = call_unhex (rows[i].payload, payload), size = sim_7b_wrap (rows[i].cmd, payload, n, frame);
      Sim7b  back;

      if (rows[i].frame)
        {
          call_unhex (rows[i].frame, expected);
          g_assert_cmpmem (frame, size, expected, strlen (rows[i].frame) / 2);
        }
      for (gsize part = 0; part < size; part++)
        g_assert_cmpuint (sim_7b_next (frame, part, &back), ==, 0);
      g_assert_cmpuint (sim_7b_next (frame, size, &back), ==, size);
      g_assert_cmpuint (back.cmd, ==, rows[i].cmd);
      g_assert_cmpmem (back.payload, back.n, payload, n);
      frame[3] ^= 1;
      g_assert_cmpuint (sim_7b_next (frame, size, &back), ==, 0);
    }
  g_assert_cmpuint (sim_7b_next ((const guint8 *) "xyz", 3, &(Sim7b){ 0 }), ==, 1);
}

static void
test_1f_frames (void)
{
  static const char  text[] = "01025|1903030600022796";
  guint8             frame[64], expected[64];
  gsize              n, size = call_unhex ("1f1ff1000000207649c35cd5a0655b4660077bd91ca2e4751f351f53167ae11ae21da094a170ba", expected);
  g_autoptr (GBytes) sealed = sim_1f_encrypt (SECRET, (const guint8 *) text, strlen (text)), back = NULL;
  const guint8      *bytes = g_bytes_get_data (sealed, &n);

  sim_1f_head (0xf1, n, frame);
  memcpy (frame + SIM_1F_HEAD, bytes, n);
  g_assert_cmpmem (frame, SIM_1F_HEAD + n, expected, size);
  back = sim_1f_decrypt (SECRET, bytes, n);
  g_assert_cmpmem (g_bytes_get_data (back, NULL), g_bytes_get_size (back), text, strlen (text));
  g_assert_null (sim_1f_decrypt (SECRET, bytes, n - 1));
  g_assert_null (sim_1f_decrypt ("fedcba9876543210", bytes, n));
}

static void
say_7b (Call *call, guint8 cmd, const char *hex)
{
  guint8 payload[128], frame[256];

  call_say (call, frame, sim_7b_wrap (cmd, payload, call_unhex (hex, payload), frame));
}

/* The next frame; its payload is copied. */
static guint8
hear_7b (Call *call, guint8 *payload, gsize *n)
{
  for (gsize want = 1; !call->closed; want = call->in->len + 1)
    {
      Sim7b frame;
      gsize used;

      call_hear (call, want);
      used = sim_7b_next (call->in->data, call->in->len, &frame);
      if (used == 0)
        continue;
      g_assert_cmpuint (frame.cmd, !=, 0);
      memcpy (payload, frame.payload, frame.n);
      *n = frame.n;
      call_drop (call, used);
      return frame.cmd;
    }
  return 0;
}

static void
test_7b (void)
{
  DialFixture d;
  Call        call;
  guint8      payload[SIM_7B_MAX];
  gsize       n = 0;

  dial_fixture_init (&d, LINK ("\"proto\":\"7b7b\",\"upload_s\":90", "{\"meters\":[" METER ("ddsy1352", 1) "]}"));
  dial_fixture_accept (&d, &call);
  g_assert_cmpuint (hear_7b (&call, payload, &n), ==, 0x84);
  g_assert_cmpuint (n, ==, 58);
  g_assert_cmpmem (payload, 20, "202609000001\0\0\0\0\0\0\0\0", 20);
  g_assert_cmpuint (payload[50], >=, 1);
  g_assert_cmpuint (payload[50], <=, 31);
  say_7b (&call, 0x90, "010302150002d477"); /* before it is registered: not heard */
  say_7b (&call, 0x84, "");
  g_assert_cmpuint (hear_7b (&call, payload, &n), ==, 0x93);
  say_7b (&call, 0x93, "1a090102080000");
  say_7b (&call, 0x90, "010302150002d477");
  g_assert_cmpuint (hear_7b (&call, payload, &n), ==, 0x90);
  g_assert_cmpuint (n, ==, 20 + 9);
  g_assert_cmphex (sim_crc16 (payload + 20, 9), ==, 0);
  say_7b (&call, 0x90, "020302150002d444"); /* nobody has this unit: the number alone */
  g_assert_cmpuint (hear_7b (&call, payload, &n), ==, 0x90);
  g_assert_cmpuint (n, ==, 20);
  g_assert_cmpuint (hear_7b (&call, payload, &n), ==, 0x94);
  g_assert_cmpuint (hear_7b (&call, payload, &n), ==, 0x91);
  g_assert_cmpmem (payload + 20, 10, "[[001((\x01\x03\x60", 10);
  g_assert_cmpmem (payload + n - 4, 4, "))]]", 4);
  g_assert_cmpuint (n, ==, 20 + 7 + 3 + 96 + 2 + 4);
  g_assert_cmphex (sim_crc16 (payload + 27, 3 + 96 + 2), ==, 0);
  call_close (&call);
  dial_fixture_clear (&d);
}

static void
say_1f (Call *call, guint8 type, const void *data, gsize n)
{
  g_autofree guint8 *frame = g_malloc (SIM_1F_HEAD + n);

  sim_1f_head (type, n, frame);
  memcpy (frame + SIM_1F_HEAD, data, n);
  call_say (call, frame, SIM_1F_HEAD + n);
}

static char *
hear_1f (Call *call, guint8 *type, gsize *n)
{
  char *data;

  call_hear (call, SIM_1F_HEAD);
  if (call->closed)
    return NULL;
  g_assert_cmpmem (call->in->data, 2, "\x1f\x1f", 2);
  *type = call->in->data[2];
  *n = (gsize) call->in->data[5] << 8 | call->in->data[6];
  call_hear (call, SIM_1F_HEAD + *n);
  data = g_malloc0 (*n + 1);
  memcpy (data, call->in->data + SIM_1F_HEAD, *n);
  call_drop (call, SIM_1F_HEAD + *n);
  return data;
}

static void
validate (Call *call, const char *verdict)
{
  static const char sequence[] = "<root><common/><id_validate operation=\"sequence\"><sequence>12345678901234567890</sequence></id_validate></root>";
  g_autofree char  *result = g_strdup_printf ("<root><common/><id_validate operation=\"result\"><result>%s</result></id_validate></root>", verdict);
  g_autofree char  *expected = g_compute_checksum_for_string (G_CHECKSUM_MD5, SECRET "12345678901234567890", -1);
  guint8            type;
  gsize             n;
  g_autofree char  *request = hear_1f (call, &type, &n), *md5 = NULL, *gateway = NULL, *sum = NULL;

  g_assert_cmpuint (type, ==, 1);
  gateway = sim_1f_element (request, n, "gateway_id");
  g_assert_cmpstr (gateway, ==, "GW-0001");
  say_1f (call, 1, sequence, strlen (sequence));
  md5 = hear_1f (call, &type, &n);
  sum = sim_1f_element (md5, n, "md5");
  g_assert_cmpstr (sum, ==, expected);
  say_1f (call, 1, result, strlen (result));
}

static void
say_through (Call *call, const char *text)
{
  g_autoptr (GBytes) sealed = sim_1f_encrypt (SECRET, (const guint8 *) text, strlen (text));

  say_1f (call, 0xf1, g_bytes_get_data (sealed, NULL), g_bytes_get_size (sealed));
}

static char *
hear_sealed (Call *call, guint8 *type)
{
  gsize              n;
  g_autofree char   *data = hear_1f (call, type, &n);
  g_autoptr (GBytes) plain = sim_1f_decrypt (SECRET, (const guint8 *) data, n);

  g_assert_nonnull (plain);
  return g_strndup (g_bytes_get_data (plain, NULL), g_bytes_get_size (plain));
}

static void
test_1f (void)
{
  DialFixture d;
  Call        call;
  guint8      type;
  gsize       n;

  dial_fixture_init (&d, LINK ("\"proto\":\"1f1f\",\"secret\":\"" SECRET "\",\"upload_s\":70",
                               "{\"meters\":[" METER ("dtsy1352", 25) "]},{\"port\":2,\"meters\":[" METER ("ddsy1352", 1) "]}"));
  dial_fixture_accept (&d, &call);
  validate (&call, "fail");
  g_assert_null (hear_1f (&call, &type, &n));
  call_close (&call);
  dial_fixture_accept (&d, &call);
  validate (&call, "pass");
  say_through (&call, "03001|010302150002d477"); /* no such port: nothing comes */
  say_through (&call, "1x001|010302150002d477");
  say_through (&call, "02001|010302150002d477");
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *text = NULL;

      if (i == 1)
        say_through (&call, "01025|190302150002d7af");
      text = hear_sealed (&call, &type);
      g_assert_cmpuint (type, ==, 0xf2);
      g_assert_true (g_str_has_prefix (text, i == 0 ? "02001|010304" : "01025|190304"));
      g_assert_cmpuint (strlen (text), ==, 6 + 18);
    }
  {
    g_autofree char *beat = hear_1f (&call, &type, &n), *data = NULL, *zipped = NULL;

    g_assert_cmpuint (type, ==, 2);
    g_assert_nonnull (strstr (beat, "<type>heart_beat</type>"));
    data = hear_sealed (&call, &type);
    g_assert_cmpuint (type, ==, 3);
    g_assert_nonnull (strstr (data, "<meter id=\"01025\"><function id=\"WPP\" error=\"\">"));
    g_assert_nonnull (strstr (data, "<function id=\"EPISG\""));
    zipped = hear_1f (&call, &type, &n);
    g_assert_cmpuint (type, ==, 4);
  }
  call_close (&call);
  dial_fixture_clear (&d);
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/sim/vendor/7b7b-frames", test_7b_frames);
  g_test_add_func ("/sim/vendor/1f1f-frames", test_1f_frames);
  g_test_add_func ("/sim/vendor/7b7b", test_7b);
  g_test_add_func ("/sim/vendor/1f1f", test_1f);
  return till_test_run ();
}
