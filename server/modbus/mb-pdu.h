/* SPDX-License-Identifier: GPL-2.0-or-later
 * mb-pdu.h: Modbus requests, and replies decoded given the request. Only FC 03, 04, 06 and 16. Pure. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

#define TILLD_MB_PDU_MAX   253
#define TILLD_MB_READ_MAX  125
#define TILLD_MB_WRITE_MAX 123
#define TILLD_MB_EXCEPTION_FIRST 1
#define TILLD_MB_EXCEPTION_LAST  11

typedef struct {
  guint8  unit, fc;
  guint16 at, count; /* registers */
  guint16 len;       /* of pdu */
  guint8  pdu[TILLD_MB_PDU_MAX];
} TilldMbRequest;

typedef enum { TILLD_MB_OK, TILLD_MB_EXCEPTION, TILLD_MB_BAD } TilldMbReplyKind;

typedef struct {
  TilldMbReplyKind kind;
  guint8           exception;
  guint8           n; /* registers of a read */
  guint16          regs[TILLD_MB_READ_MAX];
} TilldMbReply;

/* Bounds are the caller's duty (asserted): count 1..125, n 1..123, FC 06 with n = 1. */
void     tilld_mb_read (TilldMbRequest *request, guint8 unit, guint8 fc, guint16 at, guint count);
void     tilld_mb_write (TilldMbRequest *request, guint8 unit, guint8 fc, guint16 at, const guint16 *words, guint n);
gboolean tilld_mb_is_write (const TilldMbRequest *request);
/* Length of the PDU of a normal reply. */
guint    tilld_mb_reply_len (const TilldMbRequest *request);
/* BAD: not an answer to this request. An exception code outside 1..11 is BAD. */
void     tilld_mb_decode (const TilldMbRequest *request, const guint8 *pdu, guint len, TilldMbReply *ret);

G_END_DECLS
