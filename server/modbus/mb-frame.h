/* SPDX-License-Identifier: GPL-2.0-or-later
 * mb-frame.h: bytes of a stream -> Modbus replies. RTU in a byte stream has no framing: a frame is found because the
 * request says how long its answer is. MBAP announces lengths. Pure: no sockets, no clock, no allocation. */
#pragma once
#include "server/modbus/mb-pdu.h"

G_BEGIN_DECLS

#define TILLD_RTU_MAX       256
#define TILLD_RTU_BUFFER    512
#define TILLD_RTU_NOISE_MAX 256
#define TILLD_RTU_PATTERN_MAX 64
#define TILLD_RTU_PATTERNS  2
#define TILLD_MBAP_MAX      261

typedef enum { TILLD_FRAME_NEED_MORE, TILLD_FRAME_REPLY, TILLD_FRAME_BAD } TilldFrameResult;

guint16 tilld_rtu_crc (const guint8 *bytes, gsize len);

typedef struct {
  guint8  buf[TILLD_RTU_BUFFER];
  guint   len;
  guint8  noise[TILLD_RTU_NOISE_MAX]; /* dropped since the request, to recognise strangers that came in pieces */
  guint   n_noise;
  guint64 heartbeats, noise_bytes;    /* counters of the link */
  guint8  pattern[TILLD_RTU_PATTERNS][TILLD_RTU_PATTERN_MAX]; /* what is taken out: heartbeat, prefix of each packet */
  guint   pattern_len[TILLD_RTU_PATTERNS];
  const TilldMbRequest *request; /* NULL = idle */
  guint8  pdu[TILLD_RTU_MAX];    /* the reply */
  guint   pdu_len;
} TilldRtuFrame;

void  tilld_rtu_init (TilldRtuFrame *frame, const guint8 *heartbeat, guint heartbeat_len);
/* Text that stands before each packet of a DTU and is taken out like a heartbeat. */
void  tilld_rtu_set_prefix (TilldRtuFrame *frame, const guint8 *prefix, guint prefix_len);
/* Whole ADU into out (at least 256 bytes); returns its length. */
guint tilld_rtu_encode (const TilldMbRequest *request, guint8 *out);
/* What came before a request can be no answer to it: the buffer is emptied. request stays the caller's; NULL = idle. */
void  tilld_rtu_expect (TilldRtuFrame *frame, const TilldMbRequest *request);
/* Feeds bytes (idle: counted and dropped). REPLY: frame->pdu is the answer and the request is done. BAD: garbage, quiet. */
TilldFrameResult tilld_rtu_feed (TilldRtuFrame *frame, const guint8 *bytes, guint len);

typedef struct {
  guint8  buf[TILLD_MBAP_MAX];
  guint   len;
  guint16 tid; /* of the frame found */
  guint8  unit;
  guint8  pdu[TILLD_MB_PDU_MAX];
  guint   pdu_len;
} TilldMbapFrame;

void  tilld_mbap_init (TilldMbapFrame *frame);
guint tilld_mbap_encode (const TilldMbRequest *request, guint16 tid, guint8 *out);
/* Takes bytes up to the end of one frame; *ret_used says how many. BAD: no Modbus TCP, close. */
TilldFrameResult tilld_mbap_feed (TilldMbapFrame *frame, const guint8 *bytes, guint len, guint *ret_used);
/* The frame found is the answer to the request with this tid; trusted: the gateway gives back the tid it was given. */
gboolean tilld_mbap_answers (const TilldMbapFrame *frame, guint16 tid, gboolean trusted);

G_END_DECLS
