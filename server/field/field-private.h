/* SPDX-License-Identifier: GPL-2.0-or-later
 * field-private.h: the parts of the field role as they see each other. All of it belongs to the field thread. */
#pragma once
#include "server/domain/money/delivery.h"
#include "server/field/callers.h"
#include "server/field/field.h"
#include "server/field/ingest.h"
#include "server/field/listener.h"
#include "server/field/money-read.h"
#include "server/field/scheduler.h"
#include "server/field/station.h"

G_BEGIN_DECLS

typedef struct _TilldCaptures TilldCaptures;
typedef struct _TilldChecks TilldChecks;
typedef struct _TilldCourier TilldCourier;
typedef struct _TilldDiscoverer TilldDiscoverer;
typedef struct _TilldOwner TilldOwner;
typedef struct _TilldSessions TilldSessions;
typedef struct _TilldSetter TilldSetter;
typedef struct _TilldTrials TilldTrials;

struct _TilldFieldRole {
  TilldFieldOptions options;
  GThread          *thread;
  GMainContext     *context;
  GMainLoop        *loop;
  TilldReactor     *reactor;
  TilldClock       *clock;
  TilldIngest      *ingest;
  TilldCourier     *courier;
  TilldSetter      *setter;
  TilldCaptures    *captures;
  TilldDiscoverer  *discoverer;
  TilldChecks      *checks;
  TilldTrials      *trials;
  TilldOwner       *owner;
  TilldCallers     *callers;
  TilldGreeter     *greeter;
  TilldTls *tls;
  TilldListener    *listener; /* NULL: draining, or nothing to listen on */
  TilldTimer        scan, rest; /* rest: while it runs, those without a pace of their own are not looked at again */
  gboolean          scanning_soon, rang; /* rang: while they rested */
  TilldSessions    *sessions;
  guint64           groups, in_use;  /* of dialled gateways: held; with lines here (under the lock) */
  gint64            granted_us;      /* boot time before the groups were asked for that are held */
  guint             pending; /* lane jobs under way */
  guint             ticks;
  gboolean          draining; /* the field thread's own, as all of this but what the lock guards */
  GMutex            lock;    /* of health and in_use alone */
  TilldFieldHealth  health;
};

/* A lane job whose done runs in the field thread; FALSE (BUSY): done is not called. */
gboolean tilld_field_push (TilldFieldRole *field, TilldLaneKind lane, gboolean transaction, TilldLaneWork work, TilldLaneDone done, gpointer data,
                           GError **error);
/* Boot time from which on nothing is written to a meter, unless the leases are renewed before. */
gint64   tilld_field_write_until (const TilldFieldRole *field);
/* Orders, sessions and purses are looked at within 50 ms. */
void     tilld_field_scan_soon (TilldFieldRole *field);
/* To be called first in every done of such a job. */
void     tilld_field_job_ended (TilldFieldRole *field);

/* owner.c: the plant in memory. */
TilldOwner   *tilld_owner_new (TilldFieldRole *field);
void          tilld_owner_end_polls (TilldOwner *owner);
void          tilld_owner_stop (TilldOwner *owner); /* closes every link: what was under way ends */
void          tilld_owner_free (TilldOwner *owner);
void          tilld_owner_reload (TilldOwner *owner);
void          tilld_owner_tick (TilldOwner *owner);
TilldCircuit *tilld_owner_circuit (TilldOwner *owner, gint64 meter); /* NULL */
TilldLine    *tilld_owner_line (TilldOwner *owner, gint64 gateway, guint port); /* NULL: not held here, or on its way out */
/* Gateways with a link that is up and a committed session; caller frees. */
TilldOwnedGateway *tilld_owner_gateways (TilldOwner *owner, guint *ret_n);
/* Their ids alone, as claims of orders want them; NULL: none. Caller frees. */
gint64       *tilld_owner_gateway_ids (TilldOwner *owner, guint *ret_n);
/* Claims of money orders whose giving back is not known: of all gateways; and whether any that tilld_owner_gateways lists has such. */
void          tilld_owner_lose_claims (TilldOwner *owner);
gboolean      tilld_owner_take_lost (TilldOwner *owner);
/* The record of a gateway that is held here, NULL. What its links carry goes to recorder from now on; NULL: no more. */
const TilldFieldGateway *tilld_owner_gateway (TilldOwner *owner, gint64 gateway);
void          tilld_owner_record (TilldOwner *owner, gint64 gateway, TilldRecorder *recorder);
/* By stations: purses of a gateway are wanted now; its state is to be told soon. */
void          tilld_owner_session_opened (TilldOwner *owner, TilldStation *station);
void          tilld_owner_pulse_soon (TilldOwner *owner);
guint64       tilld_owner_groups (const TilldOwner *owner); /* those that have lines here */
void          tilld_owner_health (TilldOwner *owner, TilldFieldHealth *health);

/* session.c: opens sessions in batches. */
TilldSessions *tilld_sessions_new (TilldFieldRole *field);
void           tilld_sessions_free (TilldSessions *sessions); /* before the owner */

/* watch.c: each money group that came by, compared with the ledger. */
void tilld_watch_status (TilldFieldRole *field, TilldCircuit *circuit, const TilldMoneyReading *reading);
/* Terms of the recharge or debit of a circuit. FALSE: it may not be written. */
gboolean tilld_watch_terms (const TilldCircuit *circuit, TillCommandKind kind, TilldMoneyTerms *ret_terms);

/* courier.c: money orders. */
TilldCourier *tilld_courier_new (TilldFieldRole *field);
void          tilld_courier_free (TilldCourier *courier);
void          tilld_courier_scan (TilldCourier *courier);
guint         tilld_courier_orders (TilldCourier *courier);

/* setter.c: read_now, relay, prices, limits, schedules, clocks. */
TilldSetter *tilld_setter_new (TilldFieldRole *field);
void         tilld_setter_free (TilldSetter *setter);
void         tilld_setter_scan (TilldSetter *setter);
void         tilld_setter_reading (TilldSetter *setter, TilldCircuit *circuit); /* a good status came */
guint        tilld_setter_orders (TilldSetter *setter);

G_END_DECLS
