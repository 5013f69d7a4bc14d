/* SPDX-License-Identifier: GPL-2.0-or-later
 * counter-rules.h: the ledger's purse against what a meter says, on every status reply; adoption of the first baseline.
 * A deviation counts only when a second read, planned with another length, agrees with the first. */
#pragma once
#include "server/rules/money-reading.h"

G_BEGIN_DECLS

typedef enum {
  TILLD_COUNTER_FINE,
  TILLD_COUNTER_READ_AGAIN, /* deviation or first baseline reading seen once */
  TILLD_COUNTER_ADOPT,      /* two agreeing readings and no baseline of this epoch: post `adopted` */
  TILLD_COUNTER_MISMATCH,   /* seen twice: alarm, case, freeze */
} TilldCounterVerdict;

/* Kept per meter by the watcher; all zero = nothing pending. */
typedef struct {
  gboolean       pending;
  TillCaseReason reason;
  gint32         epoch;
  gint32         count;
  gint64         total;
  gint64         balance;
  gint32         refund_count;
  gint64         refunded_total;
} TilldCounterWatch;

/* One comparison without memory: NONE = fine. Also the gate of r0. */
TillCaseReason      tilld_counter_compare (const TilldPurse *purse, const TilldMoneyTerms *terms, const TilldMoneyReading *reading);

/* With memory. command_open: a money command of the meter is in {sent, verifying}: nothing is compared. */
TilldCounterVerdict tilld_counter_watch (TilldCounterWatch *watch, const TilldPurse *purse, const TilldMoneyTerms *terms,
                                         gboolean command_open, const TilldMoneyReading *reading, TillCaseReason *ret_reason);

/* Totals wrap on the meter: equal, and sum, modulo terms->total_modulus. */
gboolean            tilld_total_equal (const TilldMoneyTerms *terms, gint64 a, gint64 b);

/* What the ledger believes after a verdict or an adoption. A meter without counts is counted by us. */
void                tilld_purse_after (TilldPurse *purse, const TilldMoneyReading *reading, gint32 own_count, gint32 own_refunds);

G_END_DECLS
