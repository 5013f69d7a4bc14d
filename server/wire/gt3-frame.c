/* SPDX-License-Identifier: GPL-2.0-or-later
 * gt3-frame.c: layout in memory while a frame is worked on: direction byte, then the frame as on the wire, so that what the tag
 * covers is one run of bytes. */
#include "server/wire/gt3-frame.h"
#include <string.h>
#include "server/wire/gt3-message.h"
#include "shared/base/till-error.h"

#define LEN_1_MIN 41   /* suite 1: 33 and one block */
#define LEN_1_MAX 1065 /* 1,024 bytes and their padding */
#define LEN_2_MIN 26
#define LEN_2_MAX 1049
#define HEAD      12   /* direction, len, type, seq */
#define TAG       16

/* Left in each direction for a last error frame with the longest text. */
#define LAST_WORD_BLOCKS ((1 + TILLD_GT3_TEXT_MAX) / TILLD_DES_BLOCK + 1)
#define LAST_WORD_FRAMES 1

static guint8
direction (const TilldGt3Session *session, gboolean incoming)
{
  return (session->end == TILLD_GT3_SERVER) == incoming ? 'G' : 'S';
}

static void
half_clear (TilldGt3Half *half)
{
  g_clear_pointer (&half->des, tilld_des_free);
  g_clear_pointer (&half->gcm, tilld_gcm_free);
  tilld_wipe (half, sizeof *half);
}

/* HKDF-Expand (PRK, "gt3/1" | suite | direction | purpose | id16, len) */
static void
expand (const TilldGt3Session *session, gboolean incoming, const char *purpose, guint8 *ret, gsize len)
{
  guint8 info[5 + 1 + 3 + 3 + TILLD_GT3_ID];

  memcpy (info, "gt3/1", 5);
  info[5] = (guint8) session->suite;
  memcpy (info + 6, direction (session, incoming) == 'G' ? "g2s" : "s2g", 3);
  memcpy (info + 9, purpose, 3);
  memcpy (info + 12, session->id, TILLD_GT3_ID);
  tilld_hkdf_expand (session->prk, info, sizeof info, ret, len);
}

static gboolean
half_key (const TilldGt3Session *session, gboolean incoming, TilldGt3Half *half)
{
  guint8 key[32];

  half_clear (half);
  if (session->suite == TILLD_GT3_3DES)
    {
      expand (session, incoming, "enc", key, TILLD_DES_KEY);
      expand (session, incoming, "mac", half->mac, sizeof half->mac);
      half->des = tilld_des_new (key, NULL);
    }
  else
    {
      expand (session, incoming, "enc", key, 32);
      expand (session, incoming, "niv", half->niv, sizeof half->niv);
      half->gcm = tilld_gcm_new (key, 32);
    }
  tilld_wipe (key, sizeof key);
  return half->des != NULL || half->gcm != NULL;
}

static gboolean
key_both (TilldGt3Session *session)
{
  gboolean good = half_key (session, TRUE, &session->in);

  good = half_key (session, FALSE, &session->out) && good;
  session->over = session->over || !good;
  return good;
}

gboolean
tilld_gt3_session_init (TilldGt3Session *session, TilldGt3End end, const TilldGt3Handshake *handshake, const guint8 master[TILLD_GT3_MASTER])
{
  memset (session, 0, sizeof *session);
  session->end = end;
  session->suite = tilld_gt3_suite (handshake);
  memcpy (session->id, handshake->hello + 4, TILLD_GT3_ID);
  tilld_gt3_first_prk (handshake, master, session->prk);
  return key_both (session);
}

static void
drop_buffer (TilldGt3Session *session)
{
  g_clear_pointer (&session->buf, g_free);
  session->len = 0;
}

void
tilld_gt3_session_clear (TilldGt3Session *session)
{
  half_clear (&session->in);
  half_clear (&session->out);
  drop_buffer (session);
  tilld_wipe (session, sizeof *session);
  session->over = TRUE;
}

static gboolean
length_is_allowed (TilldGt3Suite suite, guint len)
{
  if (suite == TILLD_GT3_3DES)
    return len >= LEN_1_MIN && len <= LEN_1_MAX && (len - 33) % TILLD_DES_BLOCK == 0;
  return len >= LEN_2_MIN && len <= LEN_2_MAX;
}

static void
write_u64 (guint8 *at, guint64 value)
{
  guint64 wire = GUINT64_TO_BE (value);

  memcpy (at, &wire, 8);
}

static guint64
read_u64 (const guint8 *at)
{
  guint64 wire;

  memcpy (&wire, at, 8);
  return GUINT64_FROM_BE (wire);
}

static void
gcm_nonce (const TilldGt3Half *half, guint64 seq, guint8 ret[TILLD_GCM_NONCE])
{
  memset (ret, 0, 4);
  write_u64 (ret + 4, seq);
  for (guint i = 0; i < TILLD_GCM_NONCE; i++)
    ret[i] ^= half->niv[i];
}

/* work: direction and the whole frame. */
static TilldGt3Result
open_3des (TilldGt3Half *half, const guint8 *work, guint frame_len, TilldGt3Frame *ret_frame)
{
  guint  n = frame_len - 2 - 33;
  guint8 tag[TILLD_SHA256];
  gsize  plain_len;

  tilld_hmac (half->mac, sizeof half->mac, work, 1 + frame_len - TAG, tag);
  if (!tilld_equal (tag, work + 1 + frame_len - TAG, TAG))
    return TILLD_GT3_BAD_TAG;
  half->blocks += n / TILLD_DES_BLOCK;
  if (half->blocks > TILLD_GT3_LAST_BLOCK)
    return TILLD_GT3_BAD_LIMIT;
  memcpy (ret_frame->plain, work + HEAD + TILLD_DES_BLOCK, n);
  if (!tilld_des_decrypt (half->des, work + HEAD, ret_frame->plain, n, NULL) ||
      !tilld_pkcs7_strip (ret_frame->plain, n, TILLD_DES_BLOCK, &plain_len) || plain_len == 0 || plain_len > TILLD_GT3_PLAIN_MAX)
    return TILLD_GT3_BAD_PADDING;
  ret_frame->len = (guint) plain_len;
  return TILLD_GT3_FRAME;
}

static TilldGt3Result
open_gcm (TilldGt3Half *half, const guint8 *work, guint frame_len, TilldGt3Frame *ret_frame)
{
  guint8 nonce[TILLD_GCM_NONCE];
  guint  sealed = frame_len - (HEAD - 1);

  gcm_nonce (half, half->seq, nonce);
  if (!tilld_gcm_open (half->gcm, nonce, (TilldBytes){ work, HEAD }, (TilldBytes){ work + HEAD, sealed }, ret_frame->plain, NULL))
    return TILLD_GT3_BAD_TAG;
  if (half->frames >= TILLD_GT3_LAST_FRAME)
    return TILLD_GT3_BAD_LIMIT;
  ret_frame->len = sealed - TAG;
  return TILLD_GT3_FRAME;
}

static TilldGt3Result
open_frame (TilldGt3Session *session, const guint8 *frame, guint frame_len, TilldGt3Frame *ret_frame)
{
  guint8         work[1 + TILLD_GT3_FRAME_MAX];
  TilldGt3Half  *half = &session->in;
  TilldGt3Result result;

  work[0] = direction (session, TRUE);
  memcpy (work + 1, frame, frame_len);
  if (read_u64 (work + 4) != half->seq)
    return TILLD_GT3_BAD_SEQUENCE;
  if (half->seq == G_MAXUINT64)
    return TILLD_GT3_BAD_LIMIT;
  result = session->suite == TILLD_GT3_3DES ? open_3des (half, work, frame_len, ret_frame) : open_gcm (half, work, frame_len, ret_frame);
  if (result != TILLD_GT3_FRAME)
    {
      tilld_wipe (ret_frame, sizeof *ret_frame);
      return result;
    }
  ret_frame->type = work[3];
  half->seq++;
  half->frames++;
  return TILLD_GT3_FRAME;
}

static TilldGt3Result
end_with (TilldGt3Session *session, TilldGt3Result result)
{
  session->over = TRUE;
  drop_buffer (session);
  return result;
}

/* The two length bytes are judged before anything behind them is kept. */
TilldGt3Result
tilld_gt3_feed (TilldGt3Session *session, const guint8 *bytes, gsize len, gsize *ret_used, TilldGt3Frame *ret_frame)
{
  gsize          used = 0;
  TilldGt3Result result;
  guint          wanted = 2;

  *ret_used = 0;
  g_return_val_if_fail (!session->over, TILLD_GT3_BAD_SEQUENCE);
  if (len == 0)
    return TILLD_GT3_NEED_MORE;
  if (session->buf == NULL)
    session->buf = g_malloc (TILLD_GT3_FRAME_MAX);
  while (used < len)
    {
      gsize take;

      if (session->len >= 2)
        wanted = 2 + (guint) (session->buf[0] << 8 | session->buf[1]);
      take = MIN (len - used, wanted - session->len);
      memcpy (session->buf + session->len, bytes + used, take);
      session->len += (guint) take;
      used += take;
      if (session->len == 2 && !length_is_allowed (session->suite, (guint) (session->buf[0] << 8 | session->buf[1])))
        return end_with (session, TILLD_GT3_BAD_LENGTH);
      if (session->len > 2 && session->len == wanted)
        break;
    }
  *ret_used = used;
  if (session->len <= 2 || session->len < wanted)
    return TILLD_GT3_NEED_MORE;
  result = open_frame (session, session->buf, session->len, ret_frame);
  if (result != TILLD_GT3_FRAME)
    return end_with (session, result);
  drop_buffer (session);
  return result;
}

static guint
seal_3des (TilldGt3Half *half, guint8 *work, const guint8 *plain, gsize len, const guint8 *iv)
{
  guint  n = (guint) (len / TILLD_DES_BLOCK + 1) * TILLD_DES_BLOCK, covered = HEAD + TILLD_DES_BLOCK + n;
  guint8 tag[TILLD_SHA256];

  half->blocks += n / TILLD_DES_BLOCK;
  work[1] = (guint8) ((33 + n) >> 8);
  work[2] = (guint8) (33 + n);
  if (iv != NULL)
    memcpy (work + HEAD, iv, TILLD_DES_BLOCK);
  else
    tilld_random (work + HEAD, TILLD_DES_BLOCK);
  memcpy (work + HEAD + TILLD_DES_BLOCK, plain, len);
  tilld_pkcs7_pad (work + HEAD + TILLD_DES_BLOCK, len, TILLD_DES_BLOCK);
  if (!tilld_des_encrypt (half->des, work + HEAD, work + HEAD + TILLD_DES_BLOCK, n, NULL))
    return 0;
  tilld_hmac (half->mac, sizeof half->mac, work, covered, tag);
  memcpy (work + covered, tag, TAG);
  return covered + TAG - 1;
}

static guint
seal_gcm (TilldGt3Half *half, guint8 *work, const guint8 *plain, gsize len)
{
  guint8 nonce[TILLD_GCM_NONCE];

  work[1] = (guint8) ((25 + len) >> 8);
  work[2] = (guint8) (25 + len);
  gcm_nonce (half, half->seq, nonce);
  tilld_gcm_seal (half->gcm, nonce, (TilldBytes){ work, HEAD }, (TilldBytes){ plain, len }, work + HEAD);
  return HEAD - 1 + (guint) len + TAG;
}

/* kept: what has to be left behind this frame, in last words. */
static gboolean
has_room (const TilldGt3Session *session, gsize len, guint kept)
{
  const TilldGt3Half *half = &session->out;

  if (half->seq >= G_MAXUINT64 - kept * LAST_WORD_FRAMES)
    return FALSE;
  if (session->suite == TILLD_GT3_3DES)
    return half->blocks + len / TILLD_DES_BLOCK + 1 + kept * LAST_WORD_BLOCKS <= TILLD_GT3_LAST_BLOCK;
  return half->frames + kept * LAST_WORD_FRAMES < TILLD_GT3_LAST_FRAME;
}

static guint
seal_frame (TilldGt3Session *session, guint8 type, TilldBytes plain, const guint8 *iv, guint8 *ret)
{
  guint8        work[1 + TILLD_GT3_FRAME_MAX];
  TilldGt3Half *half = &session->out;
  guint         n;

  work[0] = direction (session, FALSE);
  work[3] = type;
  write_u64 (work + 4, half->seq);
  n = session->suite == TILLD_GT3_3DES ? seal_3des (half, work, plain.data, plain.len, iv) : seal_gcm (half, work, plain.data, plain.len);
  half->seq += n > 0;
  half->frames += n > 0;
  memcpy (ret, work + 1, n);
  tilld_wipe (work, sizeof work);
  return n;
}

guint
tilld_gt3_seal (TilldGt3Session *session, guint8 type, const guint8 *plain, gsize len, const guint8 *iv, guint8 *ret)
{
  guint n;

  g_return_val_if_fail (len >= 1 && len <= TILLD_GT3_PLAIN_MAX, 0);
  if (session->over || session->rekeying)
    return 0;
  n = has_room (session, len, 1) ? seal_frame (session, type, (TilldBytes){ plain, len }, iv, ret) : 0;
  session->over = n == 0;
  return n;
}

guint
tilld_gt3_seal_limit (TilldGt3Session *session, const guint8 *iv, guint8 *ret)
{
  guint8 plain[1 + TILLD_GT3_TEXT_MAX];
  guint  len = tilld_gt3_error_write (TILLD_GT3_ERROR_LIMIT, tilld_gt3_result_text (TILLD_GT3_BAD_LIMIT), plain);

  session->over = TRUE;
  return has_room (session, len, 0) ? seal_frame (session, TILLD_GT3_ERROR, (TilldBytes){ plain, len }, iv, ret) : 0;
}

gboolean
tilld_gt3_wants_rekey (const TilldGt3Session *session)
{
  if (session->suite == TILLD_GT3_3DES)
    return MAX (session->in.blocks, session->out.blocks) >= TILLD_GT3_REKEY_BLOCKS;
  return MAX (session->in.frames, session->out.frames) >= TILLD_GT3_REKEY_FRAMES;
}

static gboolean
next_keys (TilldGt3Session *session, const guint8 *nonce_g, const guint8 *nonce_s)
{
  guint8 salt[2 * TILLD_GT3_NONCE], prk[TILLD_SHA256];

  memcpy (salt, nonce_g, TILLD_GT3_NONCE);
  memcpy (salt + TILLD_GT3_NONCE, nonce_s, TILLD_GT3_NONCE);
  tilld_hkdf_extract (salt, sizeof salt, session->prk, sizeof session->prk, prk);
  memcpy (session->prk, prk, sizeof prk);
  tilld_wipe (prk, sizeof prk);
  return key_both (session);
}

guint
tilld_gt3_rekey_begin (TilldGt3Session *session, const guint8 nonce[TILLD_GT3_NONCE], const guint8 *iv, guint8 *ret)
{
  guint8 plain[1 + TILLD_GT3_NONCE] = { 0x01 };
  guint  n;

  g_return_val_if_fail (session->end == TILLD_GT3_SERVER, 0);
  memcpy (plain + 1, nonce, TILLD_GT3_NONCE);
  memcpy (session->nonce, nonce, TILLD_GT3_NONCE);
  n = tilld_gt3_seal (session, 0x06, plain, sizeof plain, iv, ret);
  session->rekeying = n > 0;
  return n;
}

gboolean
tilld_gt3_rekey_end (TilldGt3Session *session, const guint8 nonce[TILLD_GT3_NONCE])
{
  if (!session->rekeying)
    return FALSE;
  session->rekeying = FALSE;
  return next_keys (session, nonce, session->nonce);
}

guint
tilld_gt3_rekey_answer (TilldGt3Session *session, const guint8 nonce_s[TILLD_GT3_NONCE], const guint8 nonce_g[TILLD_GT3_NONCE],
                        const guint8 *iv, guint8 *ret)
{
  guint8 plain[1 + TILLD_GT3_NONCE] = { 0x02 };
  guint  n;

  g_return_val_if_fail (session->end == TILLD_GT3_GATEWAY, 0);
  memcpy (plain + 1, nonce_g, TILLD_GT3_NONCE);
  n = tilld_gt3_seal (session, 0x06, plain, sizeof plain, iv, ret);
  return n > 0 && next_keys (session, nonce_g, nonce_s) ? n : 0;
}

const char *
tilld_gt3_result_text (TilldGt3Result result)
{
  static const char *const texts[] = {
    [TILLD_GT3_NEED_MORE] = "incomplete",        [TILLD_GT3_FRAME] = "frame",
    [TILLD_GT3_BAD_LENGTH] = "length not allowed", [TILLD_GT3_BAD_SEQUENCE] = "out of sequence",
    [TILLD_GT3_BAD_TAG] = "wrong tag",           [TILLD_GT3_BAD_PADDING] = "wrong padding behind a good tag",
    [TILLD_GT3_BAD_LIMIT] = "too much on one key",
  };

  return texts[result];
}
