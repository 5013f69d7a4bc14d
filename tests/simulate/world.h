/* SPDX-License-Identifier: GPL-2.0-or-later
 * world.h: everything there is in one history: three meters on a line, two servers, the database, the people, the faults. Single threaded,
 * no real clock and no real I/O: one number is the whole history. What is decided, the server's own rules decide. */
#pragma once
#include "server/core/bug.h"
#include "server/modbus/mb-frame.h"
#include "server/rules/case-rules.h"
#include "server/rules/counter-rules.h"
#include "server/rules/ledger-rules.h"
#include "server/rules/relay-rules.h"

#define METERS 3 /* of class A, B and C */
#define NODES  2
#define DEVICES 6
#define ROWS   64
#define ORDERS 96
#define EVENTS 512
#define QUEUE  24
#define TRACE  (1 << 12)
#define SECOND_US (G_GINT64_CONSTANT (1000000))
#define QUIET_MS (5000)      /* of this line: nothing comes later than this */
#define POLL_US (150 * SECOND_US)
#define SITE 1

typedef enum { FAULT_LOST, FAULT_REPLY_LOST, FAULT_DUPLICATE, FAULT_REORDER, FAULT_LATE, FAULT_CORRUPT, FAULT_SPLIT, FAULT_CLOG, FAULT_RECONNECT,
               FAULT_REFUSED, FAULT_CRASH, FAULT_STALL, FAULT_WALL, FAULT_COMMIT_LOST, FAULT_ANSWER_LOST, FAULT_CARD, FAULT_N } Fault;
typedef enum { AT_IDLE, AT_QUEUED, AT_SENT, AT_VERIFYING, AT_HELD, AT_RELAY_QUEUED, AT_RELAY_SENT, AT_N } At;

/* --- meters --- */
typedef struct {
  gint32   count, refund_count;
  gint64   total, balance, last_amount, refunded_total; /* units of the purse */
  gint64   initial, credited, debited, from_card;       /* its own journal, and what it held when it came */
  gint64   energy, used;    /* Wh; units of the purse */
  gint64   power_w, seen_us, rest; /* rest: W x us not yet a step */
  gint     relay;           /* TilldRelayWish */
  gint64   relay_generation;
} Device;

typedef struct {
  TillMeterClass meter_class;
  TillPurse purse;
  gint      proof;          /* TilldProof of a recharge; a debit has its own */
  guint32   have;
  gint64    unit, modulus;
  Device    devices[DEVICES];
  guint     device, n_devices; /* which hangs there */
} Meter;

/* --- the database --- */
typedef struct {
  gint32           client_id;
  guint            meter;
  TillSaleKind     kind;
  TillSaleState    state;
  TillChannel      channel;
  TillMoney        amount;
  gint64           purse_amount, not_before, claimed_until, doubt_since;
  gboolean         has_command, reversed, paid, given_up;
  gint             reverses; /* row, or -1 */
  gint64           tx;       /* of the sale in the books */
  TilldDelivery    delivery;
} Row;

typedef struct {
  guint               meter;
  TillCommandKind     kind;
  TillCommandState    state;
  TillDeliveryOutcome outcome;
  gint32              attempt, refusals;
  gint64              created, sent_at, not_before, claimed_until;
} Order; /* its place is its generation */

typedef struct {
  TilldPurse purse;
  gint32     epoch;
  guint      device_of[64];  /* epoch -> device */
  gboolean   account, has_state;
  TilldMoneyReading state, seen; /* last status; of a meter with a case */
  gint64     state_at, seen_at, seen_energy;
  gboolean   open_case;
  TillCaseReason reason;
  gint       case_row;
  guint      held, guesses;  /* cases about a delivery; decisions without a reading */
  gint64     net[DEVICES];   /* credit the books believe in, units of the purse */
  gint64     settled_energy; /* of the device that hangs there */
  gint64     residue;        /* of earlier devices in on_meter */
  guint      off_set;
  gboolean   forced_on;
  gint       ordered;        /* last automatic or given relay order, -1 */
  gint64     ordered_at, hour_from, charged;
  guint      in_hour;
} Record;

typedef struct { Row rows[ROWS]; guint n_rows; Order orders[ORDERS]; guint n_orders; Record records[METERS]; gint64 balances[10][8];
                 GString *lines; guint8 hash[32]; gint64 n_tx; guint commits, audits; gint owner; gint64 lease_until, session; guint owner_life; } Store;

/* --- people --- */
typedef struct { gboolean acked, done; } Intent;

typedef struct _Node Node;
typedef struct _World {
  guint64  random;
  guint32  seed;
  gint64   now, calm_at, decided_at, wall[NODES], intents_left, verified_generation[METERS], sent_generation[METERS];
  gboolean trace_on, mbap;
  guint    n_events, n_free, heap[EVENTS], free_[EVENTS];
  guint64  serial;
  struct _Event *events;
  Meter    meters[METERS];
  Store    store;
  Node    *nodes;
  Intent   intents[200];
  guint    n_intents;
  const char *wrong;
  char     trace[TRACE][112];
  guint    n_trace;
} World;

#include "tests/simulate/parts.h"
