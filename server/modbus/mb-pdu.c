/* SPDX-License-Identifier: GPL-2.0-or-later
 * mb-pdu.c: builds and judges PDUs. Knows no transport. */
#include "server/modbus/mb-pdu.h"
#include <string.h>

static void
put_u16 (guint8 *at, guint value)
{
  at[0] = (guint8) (value >> 8);
  at[1] = (guint8) value;
}

void
tilld_mb_read (TilldMbRequest *request, guint8 unit, guint8 fc, guint16 at, guint count)
{
  g_assert ((fc == 3 || fc == 4) && count >= 1 && count <= TILLD_MB_READ_MAX && at + count <= 0x10000);
  request->unit = unit;
  request->fc = request->pdu[0] = fc;
  request->at = at;
  request->count = (guint16) count;
  put_u16 (request->pdu + 1, at);
  put_u16 (request->pdu + 3, count);
  request->len = 5;
}

void
tilld_mb_write (TilldMbRequest *request, guint8 unit, guint8 fc, guint16 at, const guint16 *words, guint n)
{
  g_assert ((fc == 16 && n >= 1 && n <= TILLD_MB_WRITE_MAX) || (fc == 6 && n == 1));
  g_assert (at + n <= 0x10000);
  request->unit = unit;
  request->fc = request->pdu[0] = fc;
  request->at = at;
  request->count = (guint16) n;
  put_u16 (request->pdu + 1, at);
  if (fc == 6)
    {
      put_u16 (request->pdu + 3, words[0]);
      request->len = 5;
      return;
    }
  put_u16 (request->pdu + 3, n);
  request->pdu[5] = (guint8) (2 * n);
  for (guint i = 0; i < n; i++)
    put_u16 (request->pdu + 6 + 2 * i, words[i]);
  request->len = (guint16) (6 + 2 * n);
}

gboolean
tilld_mb_is_write (const TilldMbRequest *request)
{
  return request->fc == 6 || request->fc == 16;
}

guint
tilld_mb_reply_len (const TilldMbRequest *request)
{
  return tilld_mb_is_write (request) ? 5 : 2 + 2u * request->count;
}

void
tilld_mb_decode (const TilldMbRequest *request, const guint8 *pdu, guint len, TilldMbReply *ret)
{
  ret->kind = TILLD_MB_BAD;
  ret->exception = 0;
  ret->n = 0;
  if (len == 2 && pdu[0] == (request->fc | 0x80))
    {
      if (pdu[1] < TILLD_MB_EXCEPTION_FIRST || pdu[1] > TILLD_MB_EXCEPTION_LAST)
        return;
      ret->kind = TILLD_MB_EXCEPTION;
      ret->exception = pdu[1];
      return;
    }
  if (len != tilld_mb_reply_len (request) || pdu[0] != request->fc)
    return;
  if (tilld_mb_is_write (request))
    {
      /* FC 06 echoes the whole request, FC 16 its first five bytes. */
      ret->kind = memcmp (pdu, request->pdu, 5) == 0 ? TILLD_MB_OK : TILLD_MB_BAD;
      return;
    }
  if (pdu[1] != 2 * request->count)
    return;
  for (guint i = 0; i < request->count; i++)
    ret->regs[i] = (guint16) (pdu[2 + 2 * i] << 8 | pdu[3 + 2 * i]);
  ret->n = (guint8) request->count;
  ret->kind = TILLD_MB_OK;
}
