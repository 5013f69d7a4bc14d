/* SPDX-License-Identifier: GPL-2.0-or-later
 * link.h: one byte stream to a gateway, or one tty: its state, its transport, its front, the lines (ports) behind it. What the bytes
 * mean is the front's, how they travel the transport's, when requests are sent the bus's. Belongs to the field thread.
 *   transport  moves bytes: TCP that dials, TCP that was accepted, TLS over either, a tty (serial-bus).
 *   front      requests of a bus -> bytes; bytes -> tilld_bus_answered (bus, outcome, pdu, len). It may call tilld_link_close () at
 *              any time; after every call that can end the connection it looks whether it still holds (tilld_bus_answered tells).
 *   ports      one TilldBus for each line the connection reaches: all of a gateway (GT3, 1F1F), or one (the rest). The same bus moves
 *              to the next connection; while there is none, bus->link is NULL.
 * A link that dials lives as long as its station. A link that was accepted lives from accept to close: GREETING until the front has
 * found out who it is and tilld_greeting_accept () made it UP; it is freed by its listener some turns after it is DOWN. */
#pragma once
#include <gio/gio.h>
#include "server/core/backoff.h"
#include "server/core/reactor.h"
#include "server/modbus/mb-frame.h"
#include "shared/api/till-enums.h"

G_BEGIN_DECLS

typedef struct _TilldBus TilldBus;
typedef struct _TilldFront TilldFront;
typedef struct _TilldGreeting TilldGreeting;
typedef struct _TilldLink TilldLink;
typedef struct _TilldRecorder TilldRecorder;
typedef struct _TilldStation TilldStation;
typedef struct _TilldTransport TilldTransport;

#define TILLD_PORTS_MAX 32   /* ports are numbered from 1 */
#define TILLD_LINK_OUT  2048 /* bytes on their way out: a request a port does not pile up, a front sends one at a time and port */

typedef enum {
  TILLD_LINK_DOWN,       /* not wanted, or between attempts, or over */
  TILLD_LINK_RESOLVING,
  TILLD_LINK_CONNECTING, /* also a TLS handshake of ours */
  TILLD_LINK_GREETING,   /* accepted, nobody knows yet who it is */
  TILLD_LINK_UP,
  TILLD_LINK_STATES
} TilldLinkState;

/* How long to wait for answers (field.md 3.1). */
typedef enum { TILLD_PACE_SERIAL, TILLD_PACE_LAN, TILLD_PACE_MOBILE, TILLD_PACE_GT3 } TilldPace;

struct _TilldFront {
  const char *name;
  gsize       state_size;  /* of link->front_state: zeroed before begin, wiped and freed after end */
  TilldPace   pace;
  gboolean    trusted_tid; /* a late answer is known by its dead tid: no quiet time */
  /* NULL = nothing to do. begin: the connection stands (link->state GREETING or, for one we dialled, UP). end: it is over. */
  void    (*begin) (TilldLink *link);
  void    (*end) (TilldLink *link);
  /* Encodes and sends; timeout_ms is what the line itself may take. FALSE: nothing left, the link is closed. */
  gboolean (*request) (TilldLink *link, TilldBus *bus, const TilldMbRequest *request, guint timeout_ms);
  void    (*idle) (TilldLink *link, TilldBus *bus); /* no answer is expected on this bus any more */
  void    (*feed) (TilldLink *link, const guint8 *bytes, guint len);
  void    (*timer) (TilldLink *link); /* link->front_timer fired */
  void    (*farewell) (TilldLink *link, gboolean replaced); /* a last word: a newer connection takes over, or the server stops */
  guint   extra_ms;                   /* how much longer than timeout_ms the bus waits (GT3: ttl + 2 s) */
};

extern const TilldFront tilld_front_rtu, tilld_front_mbap, tilld_front_mbap_fixed_tid, tilld_front_serial, tilld_front_stream; /* DTU, TLS */

typedef void (*TilldLinkChanged) (TilldLink *link, gpointer data); /* after every change of state */

struct _TilldLink {
  TilldReactor   *reactor;
  const TilldTransport *transport;
  gpointer        transport_state; /* the transport's own: a TLS session, a tty */
  const TilldFront *front;
  gpointer        front_state;
  TilldRecorder  *recorder;        /* NULL: nobody asked for a capture */
  TilldStation   *station;         /* whose link this is; NULL while GREETING */
  TilldGreeting  *greeting;        /* accepted ones: what was learned before it was known */
  TilldBus      **ports;           /* those reached by this connection, in order of port */
  guint           n_ports;
  TilldLinkState  state;
  TillLinkClass   link_class;
  gboolean        wanted, receiving, deaf; /* deaf: what comes is not looked at */
  char            code[17], host[112];
  guint16         port;            /* of the address */
  int             fd;
  TilldWatch      watch;
  TilldTimer      timer;           /* connect limit, next attempt, or silence */
  TilldTimer      front_timer;
  TilldBackoff    backoff;
  GCancellable   *resolving;
  gint64          instance;        /* number of this connection in this process, never used twice */
  gint64          heard_us, up_us; /* boot time of the last byte, of becoming UP */
  guint           silence_ms;      /* without a byte for so long: close */
  guint8         *out;             /* bytes on their way to the socket: they leave at the end of the turn, or when it takes them */
  guint16         out_len, out_room;
  TilldDeferred   leave;           /* the transport's */
  guint           greeting_limit;  /* bytes before it is UP */
  guint64         bytes_in, bytes_out, requests, failures, connects;
  TilldLinkChanged changed;
  gpointer        data;
  guint8          heartbeat[TILLD_RTU_PATTERN_MAX], prefix[TILLD_RTU_PATTERN_MAX];
  guint           heartbeat_len, prefix_len;
};
/* address: HOST:PORT, [IPv6]:PORT, or the path of a tty where the transport takes one (NULL: accepted). INVALID otherwise. */
gboolean tilld_link_init (TilldLink *link, TilldReactor *reactor, const TilldTransport *transport, const TilldFront *front, const char *code,
                          const char *address, GError **error);
void     tilld_link_clear (TilldLink *link);                     /* and lets its ports go */
/* Before it is UP. The bus takes its pace from the front. */
void     tilld_link_add_port (TilldLink *link, TilldBus *bus);
void     tilld_link_forget_ports (TilldLink *link);              /* when DOWN: they may go to another connection */
TilldBus *tilld_link_port (TilldLink *link, guint port);         /* NULL: not reached by this link */
/* Other bytes from now on: end of the old front, begin of the new one. */
void     tilld_link_set_front (TilldLink *link, const TilldFront *front);
void     tilld_link_open (TilldLink *link);                      /* dials, and dials again until stopped */
void     tilld_link_stop (TilldLink *link);
void     tilld_link_close (TilldLink *link, const char *reason); /* drops the connection; dials again when still wanted */
gboolean tilld_link_send (TilldLink *link, const guint8 *bytes, guint len); /* by fronts. FALSE: the connection is gone */
/* By transports, with what arrived. Afterwards the link may be another connection, or none. */
void     tilld_link_receive (TilldLink *link, const guint8 *bytes, guint len);
gboolean tilld_link_holds (const TilldLink *link, gint64 instance); /* it is still that connection */
/* Legal moves as a bit set per state; the only writer of link->state asserts it, a test walks it. */
extern const guint8 tilld_link_edges[TILLD_LINK_STATES];
void     tilld_link_set_state (TilldLink *link, TilldLinkState next);

G_END_DECLS
