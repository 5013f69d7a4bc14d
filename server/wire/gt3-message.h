/* SPDX-License-Identifier: GPL-2.0-or-later
 * gt3-message.h: plaintexts of the gateway envelope, for both ends: requests and replies with their RTU ADU, heartbeats, time, facts
 * about the gateway, errors. Pure. What does not parse is error 2 (bad plaintext). */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

#define TILLD_GT3_ADU_MAX     256
#define TILLD_GT3_REQUEST_MAX (8 + TILLD_GT3_ADU_MAX)
#define TILLD_GT3_TEXT_MAX    200
#define TILLD_GT3_INFO_MAX    1000

typedef enum {
  TILLD_GT3_REQUEST = 1,
  TILLD_GT3_REPLY = 2,
  TILLD_GT3_HEARTBEAT = 3,
  TILLD_GT3_TIME = 4,
  TILLD_GT3_INFO = 5,
  TILLD_GT3_REKEY = 6,
  TILLD_GT3_ERROR = 7,
} TilldGt3Type;

typedef enum {
  TILLD_GT3_STATUS_OK,
  TILLD_GT3_STATUS_TIMEOUT,
  TILLD_GT3_STATUS_GARBAGE,
  TILLD_GT3_STATUS_EXPIRED, /* this and those below: no byte reached the bus */
  TILLD_GT3_STATUS_FULL,
  TILLD_GT3_STATUS_NO_PORT,
} TilldGt3Status;

typedef enum {
  TILLD_GT3_ERROR_TYPE = 1,
  TILLD_GT3_ERROR_PLAIN,
  TILLD_GT3_ERROR_REKEY,
  TILLD_GT3_ERROR_STOPPING,
  TILLD_GT3_ERROR_REPLACED,
  TILLD_GT3_ERROR_LIMIT,
} TilldGt3ErrorCode;

typedef struct {
  guint16       tid, timeout_ms, ttl_ms;
  guint8        port, flags;
  const guint8 *adu; /* of the caller, or into the plaintext */
  guint         adu_len;
} TilldGt3Request;

typedef struct {
  guint16       tid;
  guint8        port, status; /* TilldGt3Status */
  const guint8 *adu;
  guint         adu_len;
} TilldGt3Reply;

/* What a gateway tells of itself; texts are UTF-8 without control characters, cut to what fits; "" = not told. */
typedef struct {
  char  serial[33], vendor[33], model[33], fw[33], iccid[33], imei[33];
  guint n_ports;
  struct { guint port, baud; char parity; } ports[32];
} TilldGt3Info;

guint    tilld_gt3_request_write (const TilldGt3Request *request, guint8 ret[TILLD_GT3_REQUEST_MAX]);
gboolean tilld_gt3_request_read (const guint8 *plain, guint len, TilldGt3Request *ret_request);
guint    tilld_gt3_reply_write (const TilldGt3Reply *reply, guint8 ret[TILLD_GT3_REQUEST_MAX]);
/* An ADU with status 0 alone; 4..256 bytes; status 0..5; port from 1. */
gboolean tilld_gt3_reply_read (const guint8 *plain, guint len, TilldGt3Reply *ret_reply);
guint    tilld_gt3_heartbeat_write (guint32 uptime_s, gint8 rssi_dbm, guint8 ret[5]); /* the gateway's */
gboolean tilld_gt3_heartbeat_read (const guint8 *plain, guint len, guint32 *ret_uptime_s, gint8 *ret_rssi_dbm);
guint    tilld_gt3_time_write (gint64 unix_ms, gint16 east_min, guint8 ret[11]); /* the server's */
gboolean tilld_gt3_time_read (const guint8 *plain, guint len, gint64 *ret_unix_ms, gint16 *ret_east_min);
guint    tilld_gt3_error_write (TilldGt3ErrorCode code, const char *text, guint8 ret[1 + TILLD_GT3_TEXT_MAX]);
gboolean tilld_gt3_error_read (const guint8 *plain, guint len, guint8 *ret_code, char ret_text[TILLD_GT3_TEXT_MAX + 1]);
/* Unknown keys are passed over; FALSE: no UTF-8, a control character, too long, a line without '='. */
gboolean tilld_gt3_info_read (const guint8 *plain, guint len, TilldGt3Info *ret_info);

G_END_DECLS
