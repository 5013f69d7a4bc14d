/* SPDX-License-Identifier: GPL-2.0-or-later
 * mb-pdu.c: any bytes as the answer to reads and writes of any size. */
#include "server/modbus/mb-pdu.h"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static const guint16 words[TILLD_MB_WRITE_MAX] = { 0, 10000, 1 };
  TilldMbRequest       request;
  TilldMbReply         reply;

  if (size < 4)
    return 0;
  for (guint fc = 3; fc <= 4; fc++)
    {
      tilld_mb_read (&request, data[0], (guint8) fc, (guint16) (data[1] << 7), 1 + data[2] % TILLD_MB_READ_MAX);
      tilld_mb_decode (&request, data + 3, (guint) (size - 3), &reply);
      g_assert_true (reply.kind != TILLD_MB_OK || reply.n == request.count);
      g_assert_true (reply.kind != TILLD_MB_EXCEPTION || (reply.exception >= 1 && reply.exception <= 11));
    }
  tilld_mb_write (&request, data[0], 16, (guint16) (data[1] << 7), words, 1 + data[2] % TILLD_MB_WRITE_MAX);
  tilld_mb_decode (&request, data + 3, (guint) (size - 3), &reply);
  tilld_mb_write (&request, data[0], 6, (guint16) (data[1] << 8 | data[2]), words + 1, 1);
  tilld_mb_decode (&request, data + 3, (guint) (size - 3), &reply);
  return 0;
}
