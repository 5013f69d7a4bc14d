/* SPDX-License-Identifier: GPL-2.0-or-later
 * vendor-7b7b.h: frames of one vendor's 4G meters (field.md 2.6), for both ends. Pure. There is no length on the wire: a frame ends
 * where its CRC says so. The frame has no authentication whatever: what comes this way is a clear link's. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

#define TILLD_7B7B_MAX     2048 /* of a frame */
#define TILLD_7B7B_SERIAL  20
#define TILLD_7B7B_BAD_MAX 8    /* frames dropped in a row: close */
#define TILLD_7B7B_NOISE_MAX 2048

typedef enum {
  TILLD_7B7B_ALARM = 0x89,
  TILLD_7B7B_HEARTBEAT = 0x94,
  TILLD_7B7B_REGISTER = 0x84,
  TILLD_7B7B_TIME = 0x93,
  TILLD_7B7B_TRANSPARENT = 0x90,
  TILLD_7B7B_UPLOAD = 0x91,
} Tilld7b7bCommand;

typedef enum { TILLD_7B7B_NEED_MORE, TILLD_7B7B_FRAME, TILLD_7B7B_CLOSE } Tilld7b7bResult;

typedef struct {
  guint8  buf[TILLD_7B7B_MAX];
  guint   len, scanned, found; /* scanned: so much of it holds no end; found: the frame that was given out last */
  guint8  serial[TILLD_7B7B_SERIAL]; /* of the last registration, as it came */
  gboolean registered;
  guint   bad_in_row, noise_in_row; /* frames; bytes that belong to none */
  guint64 dropped;      /* frames, over the life of the link */
} Tilld7b7bParser;

/* What a meter sent. Pointers lead into the parser until the next call. */
typedef struct {
  guint8        cmd;
  char          serial[TILLD_7B7B_SERIAL + 1]; /* register, else "" or that of the frame */
  char          iccid[31];                     /* register */
  guint8        csq, interval_min;             /* register: signal 1..31 */
  char          fw[24];                        /* "0102.0304.0506" */
  const guint8 *adu; /* transparent: an RTU ADU with a good CRC, NULL = the meter did not answer */
  guint         adu_len;
  const guint8 *sections; /* upload: read them with tilld_7b7b_section */
  guint         sections_len;
} Tilld7b7bFrame;

/* One answer of a meter in an upload. */
typedef struct {
  char          address[33];
  guint8        unit, fc;
  const guint8 *data; /* registers */
  guint         data_len;
} Tilld7b7bSection;

void            tilld_7b7b_init (Tilld7b7bParser *parser);
/* Takes all bytes that have room; call again with the rest, and with none until NEED_MORE. */
Tilld7b7bResult tilld_7b7b_feed (Tilld7b7bParser *parser, const guint8 *bytes, gsize len, gsize *ret_used, Tilld7b7bFrame *ret_frame);
/* The line was silent: what has begun will not end. Drops one beginning, then as feed. */
Tilld7b7bResult tilld_7b7b_silent (Tilld7b7bParser *parser, Tilld7b7bFrame *ret_frame);
/* Next section; FALSE at the end. */
gboolean        tilld_7b7b_section (Tilld7b7bFrame *frame, Tilld7b7bSection *ret_section);

/* Frame around a payload; ret has room for len + 7; returns the length. */
guint           tilld_7b7b_write (guint8 cmd, const guint8 *payload, guint len, guint8 *ret);
/* Payload of the answer to 93: YY MM DD WK hh mm ss, weekday 0 = Sunday. */
typedef struct { guint year, month, day, weekday, hour, minute, second; } Tilld7b7bTime;
void            tilld_7b7b_time (const Tilld7b7bTime *time, guint8 ret[7]);
/* -113 + 2 x csq; 0 = unknown. */
int             tilld_7b7b_dbm (guint8 csq);

G_END_DECLS
