/* SPDX-License-Identifier: GPL-2.0-or-later
 * link.h: one byte stream to a gateway: its state, its connection, its counters. Dial-out TCP today; what the bytes mean is the
 * front's, when they are sent is the bus's. Belongs to the field thread. */
#pragma once
#include <gio/gio.h>
#include "server/core/backoff.h"
#include "server/core/reactor.h"
#include "server/modbus/mb-frame.h"
#include "shared/api/till-enums.h"

G_BEGIN_DECLS

typedef struct _TilldBus TilldBus;
typedef struct _TilldFront TilldFront;
typedef struct _TilldLink TilldLink;

typedef enum {
  TILLD_LINK_DOWN,       /* not wanted, or between attempts */
  TILLD_LINK_RESOLVING,
  TILLD_LINK_CONNECTING,
  TILLD_LINK_UP,
  TILLD_LINK_STATES
} TilldLinkState;

/* Protocol of a link: requests to bytes, bytes to answers. front->reply of link holds the answer's PDU. */
struct _TilldFront {
  gboolean trusted_tid; /* a late answer is known by its dead tid: no quiet time */
  void (*begin) (TilldLink *link);
  guint (*request) (TilldLink *link, const TilldMbRequest *request, guint8 *out); /* encodes and begins to expect */
  void (*idle) (TilldLink *link);                                                 /* no answer is expected any more */
  TilldFrameResult (*feed) (TilldLink *link, const guint8 *bytes, guint len, guint *ret_used, const guint8 **ret_pdu, guint *ret_pdu_len);
};

extern const TilldFront tilld_front_rtu, tilld_front_mbap, tilld_front_mbap_fixed_tid;

typedef void (*TilldLinkChanged) (TilldLink *link, gpointer data); /* after every change of state */

struct _TilldLink {
  TilldReactor    *reactor;
  const TilldFront *front;
  TilldBus        *bus;
  TilldLinkState   state;
  gboolean         wanted;
  char             code[17], host[112];
  guint16          port;
  int              fd;
  TilldWatch       watch;
  TilldTimer       timer; /* connect limit, next attempt, or silence */
  TilldBackoff     backoff;
  GCancellable    *resolving;
  gint64           instance;      /* number of this connection in this process, never used twice */
  gint64           session_epoch; /* gateway_session of this connection; 0 = not committed yet */
  gint64           heard_us;      /* boot time of the last byte */
  guint            silence_ms;    /* without a byte for so long: close */
  guint8           out[TILLD_MBAP_MAX];
  guint            out_len;
  guint64          bytes_in, bytes_out, requests, failures, connects;
  TilldLinkChanged changed;
  gpointer         data;
  guint8           heartbeat[TILLD_RTU_PATTERN_MAX];
  guint            heartbeat_len;
  guint16          tid;
  guint8           expected_unit;
  gboolean         expecting;
  union { TilldRtuFrame rtu; TilldMbapFrame mbap; } frame;
};

/* address: HOST:PORT, [IPv6]:PORT. INVALID otherwise. */
gboolean tilld_link_init (TilldLink *link, TilldReactor *reactor, const TilldFront *front, const char *code, const char *address, GError **error);
void     tilld_link_clear (TilldLink *link);
void     tilld_link_open (TilldLink *link);                      /* dials, and dials again until stopped */
void     tilld_link_stop (TilldLink *link);
void     tilld_link_close (TilldLink *link, const char *reason); /* drops the connection; dials again when still wanted */
/* FALSE: the connection is gone (closed already). At most one request is on its way, so it always fits. */
gboolean tilld_link_send (TilldLink *link, const guint8 *bytes, guint len);
/* Legal moves as a bit set per state; the only writer of link->state asserts it, a test walks it. */
extern const guint8 tilld_link_edges[TILLD_LINK_STATES];
void     tilld_link_set_state (TilldLink *link, TilldLinkState next);

/* transport-tcp.c */
void     tilld_tcp_dial (TilldLink *link);
void     tilld_tcp_drop (TilldLink *link);

G_END_DECLS
