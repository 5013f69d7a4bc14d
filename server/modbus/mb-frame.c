/* SPDX-License-Identifier: GPL-2.0-or-later
 * mb-frame.c: assembles replies from RTU streams and from Modbus TCP. Never looks beyond what has arrived. */
#include "server/modbus/mb-frame.h"
#include <string.h>
#include "server/core/bug.h"

guint16
tilld_rtu_crc (const guint8 *bytes, gsize len)
{
  /* Sixteen entries, two steps a byte: small enough to stay in the cache of any machine. */
  static const guint16 table[16] = { 0x0000, 0xcc01, 0xd801, 0x1400, 0xf001, 0x3c00, 0x2800, 0xe401,
                                     0xa001, 0x6c00, 0x7800, 0xb401, 0x5000, 0x9c01, 0x8801, 0x4400 };
  guint16              crc = 0xffff;

  for (gsize i = 0; i < len; i++)
    {
      crc = (guint16) (table[(crc ^ bytes[i]) & 0xf] ^ (crc >> 4));
      crc = (guint16) (table[(crc ^ (bytes[i] >> 4)) & 0xf] ^ (crc >> 4));
    }
  return crc;
}

static gboolean
crc_good (const guint8 *adu, guint len)
{
  guint16 crc = tilld_rtu_crc (adu, len - 2);

  return adu[len - 2] == (crc & 0xff) && adu[len - 1] == crc >> 8;
}

static void
set_pattern (TilldRtuFrame *frame, guint which, const guint8 *bytes, guint len)
{
  g_assert (len <= TILLD_RTU_PATTERN_MAX);
  if (len > 0)
    memcpy (frame->pattern[which], bytes, len);
  frame->pattern_len[which] = len;
}

void
tilld_rtu_init (TilldRtuFrame *frame, const guint8 *heartbeat, guint heartbeat_len)
{
  memset (frame, 0, sizeof *frame);
  set_pattern (frame, 0, heartbeat, heartbeat_len);
}

void
tilld_rtu_set_prefix (TilldRtuFrame *frame, const guint8 *prefix, guint prefix_len)
{
  set_pattern (frame, 1, prefix, prefix_len);
}

guint
tilld_rtu_encode (const TilldMbRequest *request, guint8 *out)
{
  guint16 crc;

  out[0] = request->unit;
  memcpy (out + 1, request->pdu, request->len);
  crc = tilld_rtu_crc (out, request->len + 1u);
  out[request->len + 1] = (guint8) (crc & 0xff);
  out[request->len + 2] = (guint8) (crc >> 8);
  return request->len + 3u;
}

void
tilld_rtu_expect (TilldRtuFrame *frame, const TilldMbRequest *request)
{
  frame->noise_bytes += frame->len;
  frame->len = 0;
  frame->n_noise = 0;
  frame->request = request;
}

static void
cut (TilldRtuFrame *frame, guint at, guint n)
{
  frame->len -= n;
  memmove (frame->buf + at, frame->buf + at + n, frame->len - at);
}

/* Length that the bytes announce for themselves as a reply, 0 = they are none or too short to say. */
static guint
announced_len (const guint8 *adu, guint len)
{
  if (len < 3 || adu[0] == 0 || adu[0] > 247)
    return 0;
  if (adu[1] & 0x80)
    return 5;
  if (adu[1] == 6 || adu[1] == 16)
    return 8;
  return (adu[1] == 3 || adu[1] == 4) && adu[2] <= 250 ? 5u + adu[2] : 0;
}

/* A whole good frame that is not our answer ends in the byte dropped last: somebody else talks on this line. */
static gboolean
stranger_ends_here (const TilldRtuFrame *frame)
{
  for (guint i = 0; i + 5 <= frame->n_noise; i++)
    {
      guint left = frame->n_noise - i;

      if (announced_len (frame->noise + i, left) == left && crc_good (frame->noise + i, left))
        return TRUE;
    }
  return FALSE;
}

static TilldFrameResult
drop_byte (TilldRtuFrame *frame)
{
  frame->noise_bytes++;
  if (frame->n_noise == TILLD_RTU_NOISE_MAX)
    return TILLD_FRAME_BAD;
  frame->noise[frame->n_noise++] = frame->buf[0];
  cut (frame, 0, 1);
  return stranger_ends_here (frame) ? TILLD_FRAME_BAD : TILLD_FRAME_NEED_MORE;
}

/* Length of the answer that begins at offset 0 as far as present; 0 = it cannot be ours. */
static guint
own_len (const TilldRtuFrame *frame)
{
  const TilldMbRequest *request = frame->request;
  const guint8         *b = frame->buf;

  if (b[0] != request->unit)
    return 0;
  if (frame->len >= 2 && b[1] == (request->fc | 0x80))
    return 5;
  if (frame->len >= 2 && b[1] != request->fc)
    return 0;
  if (frame->len >= 3 && !tilld_mb_is_write (request) && b[2] != 2 * request->count)
    return 0;
  return tilld_mb_reply_len (request) + 3;
}

/* Rule (b): a whole pattern goes; a beginning of one waits. */
static gboolean
at_pattern (TilldRtuFrame *frame, guint which, gboolean *ret_waits)
{
  guint n = MIN (frame->len, frame->pattern_len[which]);

  *ret_waits = FALSE;
  if (n == 0 || memcmp (frame->buf, frame->pattern[which], n) != 0)
    return FALSE;
  *ret_waits = n < frame->pattern_len[which];
  if (!*ret_waits)
    {
      cut (frame, 0, n);
      frame->heartbeats++;
    }
  return TRUE;
}

/* A whole one of either goes before a beginning of the other waits. */
static gboolean
at_heartbeat (TilldRtuFrame *frame, gboolean *ret_waits)
{
  gboolean waits = FALSE;

  for (guint which = 0; which < TILLD_RTU_PATTERNS; which++)
    {
      if (at_pattern (frame, which, ret_waits) && !*ret_waits)
        return TRUE;
      waits = waits || *ret_waits;
    }
  *ret_waits = waits;
  return waits;
}

/* Rule (c): a heartbeat that fell into the middle of an answer. */
static gboolean
cut_inner_heartbeat (TilldRtuFrame *frame, guint len)
{
  for (guint which = 0; which < TILLD_RTU_PATTERNS; which++)
    for (guint n = frame->pattern_len[which], at = 1; n > 0 && at < len && at + n <= frame->len; at++)
      if (memcmp (frame->buf + at, frame->pattern[which], n) == 0)
        {
          cut (frame, at, n);
          frame->heartbeats++;
          return TRUE;
        }
  return FALSE;
}

/* The middle of an answer ends in the beginning of a heartbeat: the rest of both is on its way. */
static gboolean
ends_in_heartbeat (const TilldRtuFrame *frame)
{
  for (guint which = 0; which < TILLD_RTU_PATTERNS; which++)
    for (guint n = 1; n < frame->pattern_len[which] && n < frame->len; n++)
      if (memcmp (frame->buf + frame->len - n, frame->pattern[which], n) == 0)
        return TRUE;
  return FALSE;
}

static TilldFrameResult
take_reply (TilldRtuFrame *frame, guint len)
{
  TilldMbReply reply;

  frame->pdu_len = len - 3;
  memcpy (frame->pdu, frame->buf + 1, frame->pdu_len);
  cut (frame, 0, len);
  tilld_mb_decode (frame->request, frame->pdu, frame->pdu_len, &reply);
  if (reply.kind == TILLD_MB_BAD)
    return TILLD_FRAME_BAD;
  frame->request = NULL;
  return TILLD_FRAME_REPLY;
}

static TilldFrameResult
assemble (TilldRtuFrame *frame)
{
  while (frame->len > 0)
    {
      guint    len = own_len (frame);
      gboolean waits;

      if (len > frame->len)
        return TILLD_FRAME_NEED_MORE;
      if (len > 0)
        {
          if (crc_good (frame->buf, len))
            return take_reply (frame, len);
          if (cut_inner_heartbeat (frame, len))
            {
              if (len > frame->len)
                return TILLD_FRAME_NEED_MORE;
              if (crc_good (frame->buf, len))
                return take_reply (frame, len);
            }
          else if (ends_in_heartbeat (frame))
            return TILLD_FRAME_NEED_MORE;
        }
      if (at_heartbeat (frame, &waits))
        {
          if (waits)
            return TILLD_FRAME_NEED_MORE;
          continue;
        }
      if (drop_byte (frame) == TILLD_FRAME_BAD)
        return TILLD_FRAME_BAD;
    }
  return TILLD_FRAME_NEED_MORE;
}

TilldFrameResult
tilld_rtu_feed (TilldRtuFrame *frame, const guint8 *bytes, guint len)
{
  TilldFrameResult result = TILLD_FRAME_NEED_MORE;

  while (len > 0 && result == TILLD_FRAME_NEED_MORE)
    {
      guint n = MIN (len, TILLD_RTU_BUFFER - frame->len);

      if (frame->request == NULL)
        {
          frame->noise_bytes += len;
          return TILLD_FRAME_NEED_MORE;
        }
      memcpy (frame->buf + frame->len, bytes, n);
      frame->len += n;
      bytes += n;
      len -= n;
      result = assemble (frame);
    }
  frame->noise_bytes += len;
  return result;
}

void
tilld_mbap_init (TilldMbapFrame *frame)
{
  memset (frame, 0, sizeof *frame);
}

guint
tilld_mbap_encode (const TilldMbRequest *request, guint16 tid, guint8 *out)
{
  guint len = request->len + 1u;

  out[0] = (guint8) (tid >> 8);
  out[1] = (guint8) tid;
  out[2] = out[3] = 0;
  out[4] = (guint8) (len >> 8);
  out[5] = (guint8) len;
  out[6] = request->unit;
  memcpy (out + 7, request->pdu, request->len);
  return request->len + 7u;
}

TilldFrameResult
tilld_mbap_feed (TilldMbapFrame *frame, const guint8 *bytes, guint len, guint *ret_used)
{
  guint used = 0;

  for (;;)
    {
      guint wanted = frame->len < 7 ? 7 : 6u + (frame->buf[4] << 8 | frame->buf[5]);
      guint n = MIN (len - used, wanted - frame->len);

      memcpy (frame->buf + frame->len, bytes + used, n);
      frame->len += n;
      used += n;
      *ret_used = used;
      if (frame->len == 7)
        {
          guint body = frame->buf[4] << 8 | frame->buf[5];

          if (frame->buf[2] != 0 || frame->buf[3] != 0 || body < 2 || body > 254)
            return TILLD_FRAME_BAD;
          if (used == len)
            return TILLD_FRAME_NEED_MORE;
          continue;
        }
      if (frame->len < wanted)
        return TILLD_FRAME_NEED_MORE;
      frame->tid = (guint16) (frame->buf[0] << 8 | frame->buf[1]);
      frame->unit = frame->buf[6];
      frame->pdu_len = wanted - 7;
      memcpy (frame->pdu, frame->buf + 7, frame->pdu_len);
      frame->len = 0;
      return TILLD_FRAME_REPLY;
    }
}

/* A late answer is known by its dead tid. */
gboolean
tilld_mbap_answers (const TilldMbapFrame *frame, guint16 tid, gboolean trusted)
{
  return !trusted || frame->tid == tid || TILLD_HAS_BUG (TILLD_BUG_OTHER_REPLY);
}
