/* SPDX-License-Identifier: GPL-2.0-or-later
 * mb-frame.c: a stream of any bytes in any pieces, RTU and Modbus TCP: stays in its buffers, and an answer it gives has the
 * shape of the request. */
#include "server/modbus/mb-frame.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
feed_rtu (const guint8 *data, gsize size, guint segment, const TilldMbRequest *request)
{
  static const guint8 heartbeat[] = { 0xfe, 0x01, 0x03 };
  TilldRtuFrame       frame;
  TilldMbReply        reply;

  tilld_rtu_init (&frame, heartbeat, sizeof heartbeat);
  tilld_rtu_expect (&frame, request);
  for (gsize at = 0; at < size; at += segment)
    {
      TilldFrameResult result = tilld_rtu_feed (&frame, data + at, (guint) MIN (segment, size - at));

      g_assert_cmpuint (frame.len, <=, TILLD_RTU_BUFFER);
      if (result == TILLD_FRAME_NEED_MORE)
        continue;
      if (result == TILLD_FRAME_REPLY)
        {
          tilld_mb_decode (request, frame.pdu, frame.pdu_len, &reply);
          g_assert_cmpint (reply.kind, !=, TILLD_MB_BAD);
        }
      tilld_rtu_expect (&frame, request);
    }
}

static void
feed_mbap (const guint8 *data, gsize size, guint segment)
{
  TilldMbapFrame frame;

  tilld_mbap_init (&frame);
  for (gsize at = 0; at < size;)
    {
      guint            used = 0;
      TilldFrameResult result = tilld_mbap_feed (&frame, data + at, (guint) MIN (segment, size - at), &used);

      g_assert_cmpuint (used, <=, segment);
      at += used;
      if (result == TILLD_FRAME_BAD)
        return;
      if (result == TILLD_FRAME_REPLY)
        g_assert_cmpuint (frame.pdu_len, <=, TILLD_MB_PDU_MAX);
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static const guint16 words[] = { 0, 10000, 1 };
  TilldMbRequest       read, write;

  tilld_mb_read (&read, 1, 3, 0x0306, 2);
  tilld_mb_write (&write, 1, 16, 0x050d, words, 3);
  for (guint segment = 1; segment <= 512; segment = segment * 3 + 1)
    {
      feed_rtu (data, size, segment, &read);
      feed_rtu (data, size, segment, &write);
      feed_mbap (data, size, segment);
    }
  return 0;
}
