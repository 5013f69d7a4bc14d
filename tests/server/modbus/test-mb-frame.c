/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-mb-frame.c: bad input of RTU streams and Modbus TCP: garbage or ignored, never a wrong value, the next request right. */
#include <string.h>
#include "server/modbus/mb-frame.h"
#include "tests/lib/test-main.h"

static TilldMbRequest request;
static guint8         good[9]; /* unit 1, FC 03, 2 registers: 0001 86A0 */
static guint8         ff[65536];

static void
set_up (void)
{
  static const guint8 body[] = { 0x01, 0x03, 0x04, 0x00, 0x01, 0x86, 0xa0 };
  guint16             crc = tilld_rtu_crc (body, sizeof body);

  memcpy (good, body, sizeof body);
  good[7] = (guint8) crc;
  good[8] = (guint8) (crc >> 8);
  memset (ff, 0xff, sizeof ff);
  tilld_mb_read (&request, 1, 3, 0x0306, 2);
}

/* The vectors of the wire format. */
static void
test_vectors (void)
{
  static const guint8  read[] = { 0x01, 0x03, 0x03, 0x06, 0x00, 0x02, 0x24, 0x4e };
  static const guint8  recharge[] = { 0x01, 0x10, 0x05, 0x0d, 0x00, 0x03, 0x06, 0x00, 0x00, 0x27, 0x10, 0x00, 0x01, 0xac, 0x07 };
  static const guint8  answer[] = { 0x01, 0x03, 0x04, 0x00, 0x01, 0x86, 0xa0, 0xc9, 0xeb };
  static const guint16 words[] = { 0x0000, 0x2710, 0x0001 };
  guint8               out[TILLD_RTU_MAX];
  TilldMbRequest       write;

  g_assert_cmpmem (out, tilld_rtu_encode (&request, out), read, sizeof read);
  g_assert_cmpmem (good, sizeof good, answer, sizeof answer);
  tilld_mb_write (&write, 1, 16, 0x050d, words, 3);
  g_assert_cmpmem (out, tilld_rtu_encode (&write, out), recharge, sizeof recharge);
}

static void
assert_answer (TilldRtuFrame *frame)
{
  TilldMbReply reply;

  tilld_mb_decode (&request, frame->pdu, frame->pdu_len, &reply);
  g_assert_cmpint (reply.kind, ==, TILLD_MB_OK);
  g_assert_cmpuint (reply.n, ==, 2);
  g_assert_cmphex (reply.regs[0], ==, 0x0001);
  g_assert_cmphex (reply.regs[1], ==, 0x86a0);
}

static TilldFrameResult
feed (TilldRtuFrame *frame, const guint8 *bytes, guint len, guint segment)
{
  TilldFrameResult result = TILLD_FRAME_NEED_MORE;

  for (guint i = 0; i < len && result == TILLD_FRAME_NEED_MORE; i += segment)
    result = tilld_rtu_feed (frame, bytes + i, MIN (segment, len - i));
  return result;
}

typedef struct { const char *name; const char *hex; TilldFrameResult verdict; } Row;

#define GOOD "010304000186a0c9eb"

/* Heartbeat of the link: fefdfc. Each row runs with every segment length. */
static const Row rows[] = {
  { "good", GOOD, TILLD_FRAME_REPLY },
  { "crc off by one", "010304000186a0c9ec", TILLD_FRAME_NEED_MORE },
  { "byte count odd", "010303000186" "0000", TILLD_FRAME_NEED_MORE },
  { "byte count of another read, good CRC", "010302000179" "84", TILLD_FRAME_BAD },
  { "noise before", "aabbcc" GOOD, TILLD_FRAME_REPLY },
  { "noise that looks like the beginning", "0103" GOOD, TILLD_FRAME_REPLY },
  { "unit byte twice", "01" GOOD, TILLD_FRAME_REPLY },
  { "heartbeat before", "fefdfc" GOOD, TILLD_FRAME_REPLY },
  { "two heartbeats before", "fefdfcfefdfc" GOOD, TILLD_FRAME_REPLY },
  { "heartbeat inside", "01030400fefdfc0186a0c9eb", TILLD_FRAME_REPLY },
  { "heartbeat before the CRC", "010304000186a0fefdfcc9eb", TILLD_FRAME_REPLY },
  { "heartbeat cut off", "fefd" GOOD, TILLD_FRAME_REPLY },
  { "two answers in one segment", GOOD GOOD, TILLD_FRAME_REPLY },
  { "exception 2", "018302c0f1", TILLD_FRAME_REPLY },
  { "exception 0", "0183004130", TILLD_FRAME_BAD },
  { "exception 0c", "01830c4135", TILLD_FRAME_BAD },
  { "exception ff", "0183ff0170", TILLD_FRAME_BAD },
};

static guint
unhex (const char *hex, guint8 *out)
{
  guint n = 0;

  for (; *hex != '\0'; hex++)
    if (*hex != ' ')
      {
        out[n++] = (guint8) (g_ascii_xdigit_value (hex[0]) << 4 | g_ascii_xdigit_value (hex[1]));
        hex++;
      }
  return n;
}

static void
fix_crc (guint8 *bytes, guint len)
{
  guint16 crc = tilld_rtu_crc (bytes, len - 2);

  bytes[len - 2] = (guint8) crc;
  bytes[len - 1] = (guint8) (crc >> 8);
}

static void
test_row (gconstpointer data)
{
  static const guint8 heartbeat[] = { 0xfe, 0xfd, 0xfc };
  const Row          *row = data;
  guint8              bytes[64];
  guint               len = unhex (row->hex, bytes);

  if (row->verdict == TILLD_FRAME_BAD || g_str_has_prefix (row->name, "exception"))
    fix_crc (bytes, len);
  for (guint segment = 1; segment <= len; segment++)
    {
      TilldRtuFrame frame;

      tilld_rtu_init (&frame, heartbeat, sizeof heartbeat);
      tilld_rtu_expect (&frame, &request);
      g_assert_cmpint (feed (&frame, bytes, len, segment), ==, row->verdict);
      if (row->verdict == TILLD_FRAME_REPLY && !g_str_has_prefix (row->name, "exception"))
        assert_answer (&frame);
      tilld_rtu_expect (&frame, &request); /* the next request is right whatever came before */
      g_assert_cmpint (feed (&frame, good, sizeof good, segment), ==, TILLD_FRAME_REPLY);
      assert_answer (&frame);
    }
}

static void
test_cut_at_every_byte (void)
{
  for (guint n = 0; n < sizeof good; n++)
    {
      TilldRtuFrame frame;

      tilld_rtu_init (&frame, NULL, 0);
      tilld_rtu_expect (&frame, &request);
      g_assert_cmpint (tilld_rtu_feed (&frame, good, n), ==, TILLD_FRAME_NEED_MORE);
    }
}

/* A good frame of somebody else, in one piece and byte by byte, is garbage: two talk on this line. */
static void
test_strangers (void)
{
  static const guint8 kinds[][9] = { { 2, 3, 4, 0, 1, 0x86, 0xa0 }, { 1, 4, 4, 0, 1, 0x86, 0xa0 }, { 1, 3, 2, 0, 1 }, { 1, 16, 5, 13, 0, 3 } };
  static const guint  lens[] = { 9, 9, 7, 8 };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    for (guint segment = 1; segment <= 9; segment++)
      {
        TilldRtuFrame frame;
        guint8        bytes[9];

        memcpy (bytes, kinds[i], 9);
        fix_crc (bytes, lens[i]);
        tilld_rtu_init (&frame, NULL, 0);
        tilld_rtu_expect (&frame, &request);
        g_assert_cmpint (feed (&frame, bytes, lens[i], segment), ==, TILLD_FRAME_BAD);
      }
}

static void
test_flood (void)
{
  for (guint segment = 1; segment <= sizeof ff; segment = segment * 7 + 1)
    {
      TilldRtuFrame frame;

      tilld_rtu_init (&frame, NULL, 0);
      g_assert_cmpint (feed (&frame, ff, sizeof ff, segment), ==, TILLD_FRAME_NEED_MORE); /* idle: counted only */
      g_assert_cmpuint (frame.noise_bytes, ==, sizeof ff);
      tilld_rtu_expect (&frame, &request);
      g_assert_cmpint (feed (&frame, ff, sizeof ff, segment), ==, TILLD_FRAME_BAD);
    }
}

/* An answer that came before the request is no answer to it. */
static void
test_before_request (void)
{
  TilldRtuFrame frame;

  tilld_rtu_init (&frame, NULL, 0);
  g_assert_cmpint (tilld_rtu_feed (&frame, good, sizeof good), ==, TILLD_FRAME_NEED_MORE);
  tilld_rtu_expect (&frame, &request);
  g_assert_cmpint (tilld_rtu_feed (&frame, good, 0), ==, TILLD_FRAME_NEED_MORE);
  g_assert_cmpint (tilld_rtu_feed (&frame, good, 4), ==, TILLD_FRAME_NEED_MORE);
  tilld_rtu_expect (&frame, &request); /* half of it, then the next request */
  g_assert_cmpint (tilld_rtu_feed (&frame, good + 4, 5), ==, TILLD_FRAME_NEED_MORE);
}

static void
test_write_replies (void)
{
  static const guint16 words[] = { 0x0000, 0x2710, 0x0001 };
  TilldMbRequest       write;
  TilldMbReply         reply;
  guint8               pdu[5] = { 16, 0x05, 0x0d, 0, 3 };

  tilld_mb_write (&write, 1, 16, 0x050d, words, 3);
  tilld_mb_decode (&write, pdu, 5, &reply);
  g_assert_cmpint (reply.kind, ==, TILLD_MB_OK);
  for (guint i = 0; i < 5; i++)
    {
      pdu[i] ^= 1;
      tilld_mb_decode (&write, pdu, 5, &reply);
      g_assert_cmpint (reply.kind, ==, TILLD_MB_BAD);
      pdu[i] ^= 1;
    }
  tilld_mb_write (&write, 9, 6, 0x0010, words + 1, 1);
  tilld_mb_decode (&write, (const guint8[]){ 6, 0, 0x10, 0x27, 0x10 }, 5, &reply);
  g_assert_cmpint (reply.kind, ==, TILLD_MB_OK);
  tilld_mb_decode (&write, (const guint8[]){ 6, 0, 0x10, 0x27, 0x11 }, 5, &reply);
  g_assert_cmpint (reply.kind, ==, TILLD_MB_BAD);
}

static void
test_mbap (void)
{
  static const struct { const char *hex; TilldFrameResult verdict; } mbap[] = {
    { "1234 0000 0007 01 0304 000186a0", TILLD_FRAME_REPLY }, { "1234 0000 0000 01", TILLD_FRAME_BAD }, { "1234 0000 0001 01", TILLD_FRAME_BAD },
    { "1234 0000 00ff 01", TILLD_FRAME_BAD },                 { "1234 0000 ffff 01", TILLD_FRAME_BAD }, { "1234 0001 0007 01", TILLD_FRAME_BAD },
    { "1234 0000 0007 01 0304 000186", TILLD_FRAME_NEED_MORE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (mbap); i++)
    {
      guint8 bytes[32];
      guint  len = unhex (mbap[i].hex, bytes);

      for (guint segment = 1; segment <= len; segment++)
        {
          TilldMbapFrame   frame;
          TilldFrameResult result = TILLD_FRAME_NEED_MORE;

          tilld_mbap_init (&frame);
          for (guint at = 0, used = 0; at < len && result == TILLD_FRAME_NEED_MORE; at += used)
            result = tilld_mbap_feed (&frame, bytes + at, MIN (segment, len - at), &used);
          g_assert_cmpint (result, ==, mbap[i].verdict);
          if (result == TILLD_FRAME_REPLY)
            {
              g_assert_cmphex (frame.tid, ==, 0x1234);
              g_assert_cmpuint (frame.unit, ==, 1);
              g_assert_cmpmem (frame.pdu, frame.pdu_len, bytes + 7, 6);
            }
        }
    }
}

/* A short length eats the beginning of the next ADU: the framer gets out of step, but what it gives is no answer. */
static void
test_mbap_short_len (void)
{
  guint8         bytes[32];
  guint          len = unhex ("1234 0000 0004 01 0304 0001 86a0 1235 0000 0007 01 0304 000186a0", bytes), used = 0, at = 0;
  TilldMbapFrame frame;
  TilldMbReply   reply;

  tilld_mbap_init (&frame);
  while (at < len)
    {
      TilldFrameResult result = tilld_mbap_feed (&frame, bytes + at, len - at, &used);

      at += used;
      if (result == TILLD_FRAME_BAD)
        return;
      if (result != TILLD_FRAME_REPLY)
        break;
      tilld_mb_decode (&request, frame.pdu, frame.pdu_len, &reply);
      g_assert_cmpint (reply.kind, ==, TILLD_MB_BAD);
    }
  g_assert_not_reached ();
}

static void
test_mbap_answers (void)
{
  const TilldMbapFrame frame = { .tid = 0x1234 };

  g_assert_true (tilld_mbap_answers (&frame, 0x1234, TRUE));
  g_assert_false (tilld_mbap_answers (&frame, 0x1235, TRUE));
  g_assert_true (tilld_mbap_answers (&frame, 0x1235, FALSE));
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  set_up ();
  g_test_add_func ("/frame/vectors", test_vectors);
  g_test_add_func ("/frame/cut-at-every-byte", test_cut_at_every_byte);
  g_test_add_func ("/frame/strangers", test_strangers);
  g_test_add_func ("/frame/flood", test_flood);
  g_test_add_func ("/frame/before-request", test_before_request);
  g_test_add_func ("/frame/write-replies", test_write_replies);
  g_test_add_func ("/frame/mbap", test_mbap);
  g_test_add_func ("/frame/mbap-short-length", test_mbap_short_len);
  g_test_add_func ("/frame/mbap-answers", test_mbap_answers);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = g_strdup_printf ("/frame/rtu/%s", rows[i].name);

      g_test_add_data_func (path, &rows[i], test_row);
    }
  return till_test_run ();
}
