/* SPDX-License-Identifier: GPL-2.0-or-later
 * gt3-frame.h: the frames after the handshake, both suites, both ends: lengths, sequence, tag, cipher, padding in that order; change
 * of keys. Pure: bytes in, frames out; random bytes from the system where the caller gives none. The first failure ends the session. */
#pragma once
#include "server/crypto/cipher.h"
#include "server/crypto/mac.h"
#include "server/wire/gt3-handshake.h"

G_BEGIN_DECLS

#define TILLD_GT3_PLAIN_MAX  1024
#define TILLD_GT3_FRAME_MAX  (2 + 1065)
#define TILLD_GT3_REKEY_BLOCKS (1u << 19) /* suite 1, one direction: time for new keys */
#define TILLD_GT3_LAST_BLOCK   (1u << 20) /* suite 1: no further */
#define TILLD_GT3_REKEY_FRAMES (1u << 24) /* suite 2, one direction: time for new keys */
#define TILLD_GT3_LAST_FRAME   (1u << 25) /* suite 2: no further */

typedef enum { TILLD_GT3_GATEWAY, TILLD_GT3_SERVER } TilldGt3End;

typedef enum {
  TILLD_GT3_NEED_MORE,
  TILLD_GT3_FRAME,
  TILLD_GT3_BAD_LENGTH,
  TILLD_GT3_BAD_SEQUENCE,
  TILLD_GT3_BAD_TAG,
  TILLD_GT3_BAD_PADDING, /* after a good tag: a bug of the peer */
  TILLD_GT3_BAD_LIMIT,   /* too much on one key, or no number left for a frame */
} TilldGt3Result;

/* One direction. */
typedef struct {
  TilldDes *des;
  TilldGcm *gcm;
  guint8    mac[TILLD_SHA256], niv[TILLD_GCM_NONCE];
  guint64   seq;          /* of the next frame */
  guint64   blocks, frames; /* on these keys */
} TilldGt3Half;

typedef struct {
  TilldGt3End   end;
  TilldGt3Suite suite;
  guint8        id[TILLD_GT3_ID], prk[TILLD_SHA256];
  TilldGt3Half  in, out;
  gboolean      over, rekeying; /* no more; server: the 01 is out, nothing may follow until the 02 */
  guint8        nonce[TILLD_GT3_NONCE]; /* of the 01 */
  guint8       *buf; /* a frame that has begun; only while one has */
  guint         len;
} TilldGt3Session;

typedef struct {
  guint8 type;
  guint  len;
  guint8 plain[TILLD_GT3_PLAIN_MAX + 8]; /* room for padding */
} TilldGt3Frame;

/* FALSE: the keys that came out may not be used (weak DES keys): close. */
gboolean       tilld_gt3_session_init (TilldGt3Session *session, TilldGt3End end, const TilldGt3Handshake *handshake,
                                       const guint8 master[TILLD_GT3_MASTER]);
void           tilld_gt3_session_clear (TilldGt3Session *session);
/* Takes bytes up to the end of one frame; *ret_used says how many. FRAME: *ret_frame. BAD: close; nothing is taken any more. */
TilldGt3Result tilld_gt3_feed (TilldGt3Session *session, const guint8 *bytes, gsize len, gsize *ret_used, TilldGt3Frame *ret_frame);
/* 1..1,024 bytes -> a frame in ret (TILLD_GT3_FRAME_MAX); its length, or 0: too much on one key, or new keys are being agreed: say so
 * and close, or wait. iv: 8 bytes, NULL = random (suite 1 alone uses it). */
guint          tilld_gt3_seal (TilldGt3Session *session, guint8 type, const guint8 *plain, gsize len, const guint8 *iv, guint8 *ret);
/* Either direction has come to its limit: the error frame that says so, from the room that seal leaves for it; the session is over. 0:
 * no room. Its 01 may be out: a peer that has not answered it still reads the old keys, one that has closes as well. */
guint          tilld_gt3_seal_limit (TilldGt3Session *session, const guint8 *iv, guint8 *ret);
gboolean       tilld_gt3_wants_rekey (const TilldGt3Session *session);

/* Server: seals the 01 (sends nothing after it); takes the nonce of the 02. */
guint          tilld_gt3_rekey_begin (TilldGt3Session *session, const guint8 nonce[TILLD_GT3_NONCE], const guint8 *iv, guint8 *ret);
gboolean       tilld_gt3_rekey_end (TilldGt3Session *session, const guint8 nonce[TILLD_GT3_NONCE]);
/* Gateway: answers the nonce of an 01: the 02 is its last frame under the old keys. 0: close. */
guint          tilld_gt3_rekey_answer (TilldGt3Session *session, const guint8 nonce_s[TILLD_GT3_NONCE], const guint8 nonce_g[TILLD_GT3_NONCE],
                                       const guint8 *iv, guint8 *ret);
const char    *tilld_gt3_result_text (TilldGt3Result result);

G_END_DECLS
