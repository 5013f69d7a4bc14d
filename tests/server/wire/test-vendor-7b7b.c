/* SPDX-License-Identifier: GPL-2.0-or-later
 * test-vendor-7b7b.c: the published frames of the vendor's 4G meters, and frames that are none: dropped, closed after eight in a row,
 * and how the bytes were cut makes no difference. */
#include <string.h>
#include "server/modbus/mb-frame.h"
#include "server/wire/vendor-7b7b.h"
#include "tests/lib/test-main.h"
#include "tests/server/wire/hex-bytes.h"

typedef struct {
  guint    frames, closed;
  guint8   cmds[32];
  Tilld7b7bFrame last;
} Seen;

static void
feed (Tilld7b7bParser *parser, const guint8 *bytes, gsize len, gsize segment, Seen *seen)
{
  Tilld7b7bFrame frame;

  for (gsize at = 0; at < len && !seen->closed;)
    {
      gsize           used = 0, n = MIN (segment, len - at);
      Tilld7b7bResult result = tilld_7b7b_feed (parser, bytes + at, n, &used, &frame);

      g_assert_cmpuint (used, <=, n);
      at += used;
      while (result == TILLD_7B7B_FRAME)
        {
          seen->last = frame;
          seen->cmds[seen->frames++ % 32] = frame.cmd;
          result = tilld_7b7b_feed (parser, NULL, 0, &used, &frame);
        }
      seen->closed = result == TILLD_7B7B_CLOSE;
    }
}

static void
append (GByteArray *to, guint8 cmd, const void *payload, guint len)
{
  guint8 frame[TILLD_7B7B_MAX];

  g_byte_array_append (to, frame, tilld_7b7b_write (cmd, payload, len, frame));
}

static void
test_vectors (void)
{
  guint8                 frame[64];
  Tilld7b7bTime          time = { 2026, 9, 1, 2, 8, 30, 59 };
  g_autoptr (GByteArray) read = hex_bytes ("010303060002244e");

  hex_assert (frame, tilld_7b7b_write (TILLD_7B7B_REGISTER, NULL, 0, frame), "7b7b84bf237d7d");
  hex_assert (frame, tilld_7b7b_write (TILLD_7B7B_UPLOAD, NULL, 0, frame), "7b7b917eec7d7d");
  hex_assert (frame, tilld_7b7b_write (TILLD_7B7B_TRANSPARENT, read->data, read->len, frame), "7b7b90010303060002244ee6fd7d7d");
  tilld_7b7b_time (&time, frame);
  hex_assert (frame, 7, "1a0901 02 081e3b");
  g_assert_cmpint (tilld_7b7b_dbm (20), ==, -73);
  g_assert_cmpint (tilld_7b7b_dbm (0), ==, 0);
}

static void
make_register (guint8 payload[59])
{
  memset (payload, 0, 59);
  memcpy (payload, "12345678901234", 14);
  memcpy (payload + 20, "89860000000000000001", 20);
  payload[50] = 20;
  memcpy (payload + 51, "\1\2\3\4\5\6", 6);
  payload[57] = 15;
}

static void
test_life (void)
{
  g_autoptr (GByteArray) stream = g_byte_array_new (), answer = hex_bytes ("010304000186a0c9eb"), section = hex_bytes ("010304000186a0");
  guint8                 payload[59], serial[20] = "12345678901234";
  GByteArray            *through = g_byte_array_new (), *upload = g_byte_array_new ();
  Tilld7b7bParser        parser;
  Tilld7b7bSection       got;
  Seen                   seen = { 0 };

  make_register (payload);
  tilld_7b7b_init (&parser);
  append (stream, TILLD_7B7B_REGISTER, payload, 58);
  feed (&parser, stream->data, stream->len, 1, &seen);
  g_assert_cmpuint (seen.frames, ==, 1);
  g_assert_cmpstr (seen.last.serial, ==, "12345678901234");
  g_assert_cmpstr (seen.last.iccid, ==, "89860000000000000001");
  g_assert_cmpstr (seen.last.fw, ==, "0102.0304.0506");
  g_assert_cmpuint (seen.last.interval_min, ==, 15);

  g_byte_array_append (through, serial, 20);
  g_byte_array_append (through, answer->data, answer->len);
  g_byte_array_set_size (stream, 0);
  append (stream, TILLD_7B7B_TRANSPARENT, answer->data, answer->len); /* without the serial, too */
  feed (&parser, stream->data, stream->len, 3, &seen);
  g_assert_cmpmem (seen.last.adu, seen.last.adu_len, answer->data, answer->len);
  g_byte_array_set_size (stream, 0);
  append (stream, TILLD_7B7B_TRANSPARENT, through->data, through->len);
  feed (&parser, stream->data, stream->len, 100, &seen);
  g_assert_cmpmem (seen.last.adu, seen.last.adu_len, answer->data, answer->len);
  g_byte_array_set_size (stream, 0);
  append (stream, TILLD_7B7B_TRANSPARENT, serial, 20); /* the meter did not answer */
  feed (&parser, stream->data, stream->len, 100, &seen);
  g_assert_null (seen.last.adu);
  g_assert_cmpuint (seen.frames, ==, 4);

  g_byte_array_append (upload, serial, 20);
  for (guint i = 0; i < 2; i++)
    {
      const GByteArray *body = i == 0 ? section : answer; /* CRC missing, CRC there */

      g_byte_array_append (upload, (const guint8 *) "[[meter 1((", 11);
      g_byte_array_append (upload, body->data, body->len);
      g_byte_array_append (upload, (const guint8 *) "))]]", 4);
    }
  g_byte_array_set_size (stream, 0);
  append (stream, TILLD_7B7B_UPLOAD, upload->data, upload->len);
  feed (&parser, stream->data, stream->len, 7, &seen);
  for (guint i = 0; i < 2; i++)
    {
      g_assert_true (tilld_7b7b_section (&seen.last, &got));
      g_assert_cmpstr (got.address, ==, "meter 1");
      g_assert_cmpuint (got.unit, ==, 1);
      hex_assert (got.data, got.data_len, "000186a0");
    }
  g_assert_false (tilld_7b7b_section (&seen.last, &got));
  g_byte_array_unref (through);
  g_byte_array_unref (upload);
}

/* Verdict of one frame: taken or dropped. */
static void
test_bad_frames (void)
{
  static const struct { const char *name; guint8 cmd; const char *payload; gboolean taken; } rows[] = {
    { "heartbeat", 0x94, "", TRUE },
    { "alarm", 0x89, "0102", TRUE },
    { "7d7d in the payload", 0x89, "7d7d017d7d7d", TRUE },
    { "7b7b in the payload", 0x89, "7b7b94", TRUE },
    { "nested frame", 0x89, "7b7b847d7d", TRUE },
    { "transparent of 4 bytes", 0x90, "01030000", FALSE },
    { "transparent, wrong CRC", 0x90, "010304000186a0c9ec", FALSE },
    { "upload empty", 0x91, "", FALSE },
    { "upload without ))", 0x91, "5b5b312828010304000186a0c9eb5d5d", FALSE },
    { "upload without ]]", 0x91, "5b5b312828010304000186a0c9eb2929", FALSE },
    { "upload without CRC", 0x91, "5b5b312828010304000186a029295d5d", TRUE },
    { "upload, wrong CRC", 0x91, "5b5b312828010304000186a0c9ec29295d5d", FALSE },
    { "byte count beyond the frame", 0x91, "5b5b3128280103f0000186a0c9eb29295d5d", FALSE },
    { "odd byte count", 0x91, "5b5b312828010303000186c9eb29295d5d", FALSE },
    { "control character in the address", 0x91, "5b5b072828010304000186a029295d5d", FALSE },
    { "a write in an upload", 0x91, "5b5b312828011004000186a029295d5d", FALSE },
    { "second section broken", 0x91, "5b5b312828010304000186a029295d5d5b5b", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    for (gsize segment = 1; segment < 64; segment *= 7)
      {
        g_autoptr (GByteArray) payload = hex_bytes (rows[i].payload), stream = g_byte_array_new ();
        Tilld7b7bParser        parser;
        Seen                   seen = { 0 };

        tilld_7b7b_init (&parser);
        append (stream, rows[i].cmd, payload->data, payload->len);
        append (stream, TILLD_7B7B_HEARTBEAT, NULL, 0);
        feed (&parser, stream->data, stream->len, segment, &seen);
        g_test_message ("%s", rows[i].name);
        g_assert_cmpuint (seen.frames, ==, rows[i].taken ? 2 : 1);
        g_assert_cmpuint (seen.last.cmd, ==, TILLD_7B7B_HEARTBEAT);
        g_assert_cmpuint (parser.dropped, ==, rows[i].taken ? 0 : 1);
      }
}

static void
test_registers (void)
{
  static const struct { const char *name; guint len, at; guint8 value; gboolean taken; } rows[] = {
    { "as it should be", 58, 0, '1', TRUE },   { "57 bytes", 57, 0, '1', FALSE },         { "59 bytes", 59, 0, '1', FALSE },
    { "control character", 58, 3, 7, FALSE },  { "nothing but NUL", 58, 0, 0, FALSE },    { "NUL inside", 58, 3, 0, FALSE },
    { "byte above 7e", 58, 3, 0x80, FALSE },   { "signal of 99", 58, 50, 99, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GByteArray) stream = g_byte_array_new ();
      guint8                 payload[59];
      Tilld7b7bParser        parser;
      Seen                   seen = { 0 };

      make_register (payload);
      payload[rows[i].at] = rows[i].value;
      tilld_7b7b_init (&parser);
      append (stream, TILLD_7B7B_REGISTER, payload, rows[i].len);
      feed (&parser, stream->data, stream->len, 1000, &seen);
      g_test_message ("%s", rows[i].name);
      g_assert_cmpuint (seen.frames, ==, rows[i].taken ? 1 : 0);
    }
}

/* Eight in a row close; a good one between begins the count anew. */
static void
test_eight_in_a_row (void)
{
  for (guint good_after = 0; good_after < 8; good_after += 7)
    {
      g_autoptr (GByteArray) stream = g_byte_array_new ();
      Tilld7b7bParser        parser;
      Seen                   seen = { 0 };

      tilld_7b7b_init (&parser);
      for (guint i = 0; i < 8; i++)
        {
          append (stream, TILLD_7B7B_TRANSPARENT, "1234", 4);
          if (good_after > 0 && i == good_after - 1)
            append (stream, TILLD_7B7B_HEARTBEAT, NULL, 0);
        }
      feed (&parser, stream->data, stream->len, 5, &seen);
      g_assert_cmpuint (seen.closed, ==, good_after == 0);
    }
}

/* 64 KiB that are none: closed, and never more than the buffer is kept. */
static void
test_noise (void)
{
  static guint8 noise[65536];

  for (guint kind = 0; kind < 3; kind++)
    for (gsize segment = 1; segment <= 65536; segment *= 256)
      {
        Tilld7b7bParser parser;
        Seen            seen = { 0 };

        memset (noise, kind == 0 ? 0xff : kind == 1 ? 0x7b : 0x7d, sizeof noise);
        tilld_7b7b_init (&parser);
        feed (&parser, noise, sizeof noise, segment, &seen);
        g_assert_true (seen.closed);
        g_assert_cmpuint (seen.frames, ==, 0);
      }
}

/* A frame whose end was lost: what comes behind it is found after a silence, and at once when it was damaged elsewhere. */
static void
test_silence (void)
{
  g_autoptr (GByteArray) stream = g_byte_array_new ();
  Tilld7b7bParser        parser;
  Tilld7b7bFrame         frame;
  Seen                   seen = { 0 };
  gsize                  used;

  tilld_7b7b_init (&parser);
  append (stream, TILLD_7B7B_ALARM, "1234567", 7);
  g_byte_array_set_size (stream, stream->len - 2);
  append (stream, TILLD_7B7B_HEARTBEAT, NULL, 0);
  feed (&parser, stream->data, stream->len, 4, &seen);
  g_assert_cmpuint (seen.frames, ==, 0);
  g_assert_cmpint (tilld_7b7b_silent (&parser, &frame), ==, TILLD_7B7B_FRAME);
  g_assert_cmpuint (frame.cmd, ==, TILLD_7B7B_HEARTBEAT);
  g_assert_cmpint (tilld_7b7b_feed (&parser, NULL, 0, &used, &frame), ==, TILLD_7B7B_NEED_MORE);
  g_assert_cmpuint (parser.len, ==, 0);
}

int
main (int argc, char **argv)
{
  till_test_init (&argc, &argv);
  g_test_add_func ("/7b7b/bad-frames", test_bad_frames);
  g_test_add_func ("/7b7b/eight-in-a-row", test_eight_in_a_row);
  g_test_add_func ("/7b7b/life", test_life);
  g_test_add_func ("/7b7b/noise", test_noise);
  g_test_add_func ("/7b7b/registers", test_registers);
  g_test_add_func ("/7b7b/silence", test_silence);
  g_test_add_func ("/7b7b/vectors", test_vectors);
  return till_test_run ();
}
