/* SPDX-License-Identifier: GPL-2.0-or-later
 * bus.h: one RS485 line behind a link: the unit of exclusion. One request in flight; order by priority; polls are asked for when
 * the line is free, so that nothing waits behind more than one read. Belongs to the field thread. */
#pragma once
#include "server/core/reactor.h"
#include "server/field/link.h"
#include "server/modbus/mb-plan.h"

G_BEGIN_DECLS

/* POLL is asked of next_poll, nothing is queued there. CONFIG: when no poll is due, or after half a minute. */
typedef enum { TILLD_BUS_URGENT, TILLD_BUS_MONEY, TILLD_BUS_COMMAND, TILLD_BUS_POLL, TILLD_BUS_CONFIG, TILLD_BUS_PRIORITIES } TilldBusPriority;

typedef enum {
  TILLD_BUS_OK,        /* matching answer */
  TILLD_BUS_EXCEPTION,
  TILLD_BUS_TIMEOUT,
  TILLD_BUS_GARBAGE,
  TILLD_BUS_LINK_LOST, /* bytes may have left */
  TILLD_BUS_NOT_SENT,  /* no byte left: deadline passed, other connection, waited too long */
} TilldBusOutcome;

typedef struct _TilldBusJob TilldBusJob;
/* The job is out of the bus when this is called: it may be queued again or freed. reply only with OK and EXCEPTION. */
typedef void (*TilldBusDone) (TilldBusJob *job, TilldBusOutcome outcome, const TilldMbReply *reply, gpointer data);

/* Embedded in its owner; nothing is allocated for a transaction. */
struct _TilldBusJob {
  TilldBusJob     *next;
  TilldMbRequest   request;
  TilldBusPriority priority;
  gint64           queued_us;
  gint64           deadline_us; /* boot time before which the first byte must leave; 0 = none */
  gint64           instance;    /* connection it is meant for; 0 = any */
  gboolean         busy;        /* queued or in flight */
  TilldBusDone     done;
  gpointer         data;
  const guint8    *reply_pdu;   /* in done, with OK and EXCEPTION: the bytes of the answer */
  guint            reply_len;
};

typedef enum { TILLD_BUS_IDLE, TILLD_BUS_IN_FLIGHT, TILLD_BUS_QUIET } TilldBusState;

struct _TilldBus {
  TilldLink      *link;         /* the connection it is reached by; NULL = none */
  TilldReactor   *reactor;
  guint8          port;         /* of the gateway, from 1 */
  char            parity;       /* of the line: N, E, O */
  TilldBusState   state;
  TilldBusJob    *head[TILLD_BUS_PRIORITIES], *tail[TILLD_BUS_PRIORITIES];
  TilldBusJob    *in_flight;
  TilldTimer      timer;
  TilldPlanTiming timing;
  TilldPace       pace;
  guint           timeout_first_ms, timeout_min_ms, timeout_max_ms;
  gint64          srtt_us, sent_us, quiet_since_us, last_byte_us;
  guint           quiet_ms;     /* silence that ends the quiet time */
  gboolean        doubled;      /* after a timeout, once */
  /* The front's: what it waits for on this line. */
  gboolean        expecting;
  guint8          expected_unit;
  guint16         tid;
  gboolean        last_was_command;
  gint64          window_us, window_busy_us; /* share of the classes above polls in this minute */
  guint64         answers, timeouts, garbage;
  /* NULL = nothing due now; the scheduler kicks the bus when that changes. */
  TilldBusJob  *(*next_poll) (TilldBus *bus, gpointer data);
  gboolean      (*poll_overdue) (TilldBus *bus, gpointer data);
  gpointer        data;
};

void     tilld_bus_init (TilldBus *bus, TilldReactor *reactor, guint port, guint baud);
void     tilld_bus_clear (TilldBus *bus); /* its link is gone already: every job has ended */
void     tilld_bus_queue (TilldBus *bus, TilldBusJob *job, TilldBusPriority priority);
void     tilld_bus_kick (TilldBus *bus);
/* A link that is UP reaches it; and which one (0 = none). */
gboolean tilld_bus_is_up (const TilldBus *bus);
gint64   tilld_bus_instance (const TilldBus *bus);
/* By fronts. answered: the request in flight is over (too late: nothing happens). OK: pdu is the answer or an exception, it is judged
 * here; TIMEOUT, GARBAGE: what the gateway says of its line; NOT_SENT: it promises that no byte reached the line. FALSE: the link is
 * another connection now, or none. heard: a byte of this line came that is no answer. quiet: bytes of it are to be thrown away. */
gboolean tilld_bus_answered (TilldBus *bus, TilldBusOutcome outcome, const guint8 *pdu, guint len);
void     tilld_bus_heard (TilldBus *bus);
gboolean tilld_bus_is_quiet (const TilldBus *bus);
/* By the link. */
void     tilld_bus_set_pace (TilldBus *bus, TilldPace pace);
void     tilld_bus_link_changed (TilldBus *bus);
guint    tilld_bus_timeout_ms (const TilldBus *bus, const TilldMbRequest *request);

G_END_DECLS
