/* SPDX-License-Identifier: GPL-2.0-or-later
 * money-reading.h: the money group of a meter as one reply gave it, and what the ledger believes of the same meter.
 * All amounts are server units of the purse (money: 1/10000 currency unit; energy: Wh). */
#pragma once
#include "shared/api/till-enums.h"

G_BEGIN_DECLS

#define TILLD_SERIAL_TEXT 33 /* as many as a meter record takes, and the NUL */

typedef enum {
  TILLD_MONEY_COUNT = 1 << 0,
  TILLD_MONEY_TOTAL = 1 << 1,
  TILLD_MONEY_BALANCE = 1 << 2,
  TILLD_MONEY_LAST = 1 << 3,    /* amount of the newest recharge */
  TILLD_MONEY_REFUNDS = 1 << 4, /* refund count and refunded total */
  TILLD_MONEY_RECORD = 1 << 5,  /* newest recharge record: count and amount */
  TILLD_MONEY_SERIAL = 1 << 6,
} TilldMoneyHave;

/* One agreeing set of values; `have` says which of them the profile and this reply carry. A million of these and of the next are kept:
 * widest members first. */
typedef struct {
  gint64  total;
  gint64  balance;
  gint64  last_amount;
  gint64  refunded_total;
  gint64  record_amount;
  gint64  at_us;     /* UTC, when the reply was complete */
  guint32 have;
  gint32  epoch;     /* installation epoch of the meter record the read was planned for */
  gint32  count;
  gint32  refund_count;
  gint32  record_count;
  char    serial[TILLD_SERIAL_TEXT];
} TilldMoneyReading;

/* Row of meter_purse: changed only by verdicts, adoption and two-person decisions. */
typedef struct {
  gint64   meter;
  gint64   total;
  gint64   balance;  /* at the last verdict or adoption */
  gint64   last_amount;
  gint64   refunded_total;
  gint64   at_us;
  gint32   epoch;
  guint32  have;     /* which values were adopted */
  gint32   count;
  gint32   refund_count;
  char     serial[TILLD_SERIAL_TEXT];
  guint8   has_baseline : 1;
  guint8   frozen : 1; /* an open case: no sale, no write */
  guint8   closed : 1; /* after a restore: no sale, no write until its counters agree */
} TilldPurse;

/* What the profile and its proofs say about money writes of one kind on one meter. */
typedef struct {
  TillMeterClass effective;     /* A only with a proven count rule, else B; C and NONE never write */
  gint           proof;         /* TilldProof */
  gboolean       record;        /* the newest record must agree too */
  gint64         unit;          /* server units of one raw unit, >= 1 */
  gint64         total_modulus; /* server units at which the meter's total wraps; 0 = never */
  gint64         power_w;       /* contracted power: bound of consumption between two reads */
  gint64         price_max;     /* highest price per kWh, 1/10000 */
  guint          quarantine_ms; /* Tq of the link kind (field.md 5.5) */
  guint          settle_ms;
} TilldMoneyTerms;

G_END_DECLS
