/* SPDX-License-Identifier: GPL-2.0-or-later
 * vendor-1f1f.h: frames of one vendor's gateways (field.md 2.7), for both ends. Pure. AES-128-CBC with key = IV = secret and no tag:
 * it hides, it proves nothing; the md5 of the greeting is all the authentication there is. */
#pragma once
#include "server/core/types.h"
#include "shared/api/till-enums.h"

G_BEGIN_DECLS

#define TILLD_1F1F_HEAD     7
#define TILLD_1F1F_SECRET   16
#define TILLD_1F1F_CLEAR    4096  /* data bytes before authentication */
#define TILLD_1F1F_MAX      65536 /* and after */
#define TILLD_1F1F_INFLATED (1024 * 1024)
#define TILLD_1F1F_SEQUENCE 20    /* digits */
#define TILLD_1F1F_MD5      32    /* hex digits */
#define TILLD_1F1F_TEXT     65
#define TILLD_1F1F_METERS   1024  /* of one report */

typedef enum {
  TILLD_1F1F_VALIDATE = 0x01,
  TILLD_1F1F_BEAT = 0x02,
  TILLD_1F1F_DATA = 0x03,
  TILLD_1F1F_DATA_ZIP = 0x04,
  TILLD_1F1F_DOWN = 0xf1,
  TILLD_1F1F_UP = 0xf2,
} Tilld1f1fType;

typedef enum { TILLD_1F1F_NEED_MORE, TILLD_1F1F_FRAME, TILLD_1F1F_CLOSE } Tilld1f1fResult;

typedef struct {
  guint8  head[TILLD_1F1F_HEAD];
  guint   head_len, data_len, data_wanted;
  guint8 *data;  /* while a frame has begun, and until the call after it was given out */
  guint   limit; /* TILLD_1F1F_CLEAR, later TILLD_1F1F_MAX */
} Tilld1f1fParser;

typedef struct {
  guint8        type;
  const guint8 *data; /* until the next call */
  guint         len;
} Tilld1f1fFrame;

typedef enum { TILLD_1F1F_REQUEST, TILLD_1F1F_ASK, TILLD_1F1F_PROVE, TILLD_1F1F_RESULT } Tilld1f1fStep;

/* Texts of a greeting; "" = not there. */
typedef struct {
  Tilld1f1fStep step;
  char          building[TILLD_1F1F_TEXT], gateway[TILLD_1F1F_TEXT];
  char          sequence[TILLD_1F1F_SEQUENCE + 1], md5[TILLD_1F1F_MD5 + 1];
  gboolean      passed;
} Tilld1f1fHello;

/* One meter of a report: energies in Wh, -1 = not told. */
typedef struct {
  guint8 port, unit;
  gint64 total, rate[TILL_N_RATES];
} Tilld1f1fReading;

typedef struct {
  guint8 port, unit;
  guint  adu_len;
  guint8 adu[256];
} Tilld1f1fAdu;

void            tilld_1f1f_init (Tilld1f1fParser *parser);
void            tilld_1f1f_clear (Tilld1f1fParser *parser);
/* Takes bytes up to the end of one frame. CLOSE: no such frame, or a length beyond the limit (judged before anything is kept). */
Tilld1f1fResult tilld_1f1f_feed (Tilld1f1fParser *parser, const guint8 *bytes, gsize len, gsize *ret_used, Tilld1f1fFrame *ret_frame);

/* What stands in a frame; INVALID: drop it (before authentication: close). */
gboolean        tilld_1f1f_hello_read (const Tilld1f1fFrame *frame, Tilld1f1fHello *ret_hello, GError **error);
gboolean        tilld_1f1f_data_read (const Tilld1f1fFrame *frame, const guint8 secret[TILLD_1F1F_SECRET], GArray *ret_readings, GError **error);
gboolean        tilld_1f1f_adu_read (const Tilld1f1fFrame *frame, const guint8 secret[TILLD_1F1F_SECRET], Tilld1f1fAdu *ret_adu, GError **error);

/* Whole frames appended to ret. */
void            tilld_1f1f_write (guint8 type, const guint8 *data, gsize len, GByteArray *ret);
void            tilld_1f1f_hello_write (const Tilld1f1fHello *hello, GByteArray *ret);
/* local: "yyyyMMddHHmmss". */
void            tilld_1f1f_beat_write (const Tilld1f1fHello *hello, const char *local, GByteArray *ret);
void            tilld_1f1f_adu_write (guint8 type, const guint8 secret[TILLD_1F1F_SECRET], const Tilld1f1fAdu *adu, GByteArray *ret);
void            tilld_1f1f_data_write (guint8 type, const guint8 secret[TILLD_1F1F_SECRET], const char *xml, GByteArray *ret);
/* Digits from the system generator; lower-case hex MD5 (secret | sequence). */
void            tilld_1f1f_sequence (char ret[TILLD_1F1F_SEQUENCE + 1]);
void            tilld_1f1f_md5 (const guint8 secret[TILLD_1F1F_SECRET], const char *sequence, char ret[TILLD_1F1F_MD5 + 1]);
/* In constant time, without case. */
gboolean        tilld_1f1f_md5_check (const guint8 secret[TILLD_1F1F_SECRET], const char *sequence, const char *md5);

G_END_DECLS
