/* SPDX-License-Identifier: GPL-2.0-or-later
 * delivery-rules.h: the machine that moves money to a meter: states, verdicts, outcomes, quarantine. Pure: state + event
 * -> effects. delivery.c turns effects into one transaction, the courier into bytes, tests into arrays. */
#pragma once
#include "server/rules/money-reading.h"

G_BEGIN_DECLS

typedef enum {
  TILLD_PROOF_NONE = 0,
  TILLD_PROOF_COUNT_TOTAL,
  TILLD_PROOF_COUNT_LAST,
  TILLD_PROOF_TOTAL,
  TILLD_PROOF_REFUNDS, /* refund_count + refunded_total */
  TILLD_PROOF_BALANCE,
  TILLD_PROOF_N
} TilldProof;

const char *tilld_proof_word (TilldProof proof);
gboolean    tilld_proof_from_word (const char *word, int *ret_proof);

typedef enum { TILLD_VERDICT_APPLIED, TILLD_VERDICT_NOT_APPLIED, TILLD_VERDICT_CONTRADICTION } TilldVerdict;

/* Legal edges of money commands: the only ones. The database holds the same table; a test compares them. */
typedef struct {
  TillCommandState from, to;
  const char      *step; /* name in the description of the machine: t1 .. t7, h = decision of a held case */
} TilldDeliveryEdge;

const TilldDeliveryEdge *tilld_delivery_edges (guint *ret_n);
gboolean                 tilld_delivery_edge_legal (TillCommandState from, TillCommandState to);

/* A money command as the machine sees it. */
typedef struct {
  TillCommandState    state;
  TillCommandKind     kind;    /* recharge or debit */
  gint32              epoch;
  gint32              seq;     /* count sent: fixed by the first t2, then never changed; 0 before */
  gint64              amount;  /* server units of the purse, > 0 */
  gint32              attempt; /* writes so far */
  TillDeliveryOutcome outcome; /* of the last write */
  TilldMoneyReading   baseline; /* committed with t2 */
} TilldDelivery;

typedef enum {
  TILLD_EVENT_READ_BEFORE, /* r0: reading */
  TILLD_EVENT_WRITTEN,     /* t3: outcome of the one write */
  TILLD_EVENT_READ_BACK,   /* r1: reading */
  TILLD_EVENT_CANCEL,      /* by an operator */
  TILLD_EVENT_RESTART,     /* process start or takeover */
  TILLD_EVENT_N
} TilldDeliveryEventKind;

typedef struct {
  TilldDeliveryEventKind   kind;
  const TilldMoneyReading *reading; /* READ_BEFORE, READ_BACK */
  gboolean                 confirmed; /* a second read of another length gave the same values */
  TillDeliveryOutcome      outcome; /* WRITTEN */
} TilldDeliveryEvent;

typedef enum {
  TILLD_EFFECT_WRITE = 1 << 0,       /* after the commit of `sent`: the bytes, once */
  TILLD_EFFECT_POST = 1 << 1,        /* postings of `delivered` (recharge) or `debited` */
  TILLD_EFFECT_PURSE = 1 << 2,       /* meter_purse := reading */
  TILLD_EFFECT_CASE = 1 << 3,        /* alarm count_mismatch, open case, freeze sales */
  TILLD_EFFECT_REVERSE = 1 << 4,     /* reversing postings of a cancelled sale */
  TILLD_EFFECT_CLOSE_LINK = 1 << 5,  /* class B after an ambiguous outcome: the quiet time counts from the close */
  TILLD_EFFECT_READ_BACK = 1 << 6,   /* r1 is due after wait_ms */
  TILLD_EFFECT_NEED_BASELINE = 1 << 7, /* no baseline of this epoch yet: nothing is written before adoption */
  TILLD_EFFECT_ILLEGAL = 1 << 8,     /* the event does not fit the state: nothing changes */
  TILLD_EFFECT_READ_AGAIN = 1 << 9,  /* a deviation seen once: read again at once with another length, then `confirmed` */
  TILLD_EFFECT_FROZEN = 1 << 10,     /* the meter has an open case: the command waits */
} TilldEffect;

typedef struct {
  TillCommandState next;
  guint32          effects;
  TillCaseReason   reason; /* with CASE */
  gint32           seq;
  gint32           attempt;
  TillDeliveryOutcome outcome;
  guint            wait_ms; /* before r1, or before the next attempt */
} TilldDeliveryStep;

TilldDeliveryStep tilld_delivery_step (const TilldDelivery *delivery, const TilldPurse *purse, const TilldMoneyTerms *terms,
                                       const TilldDeliveryEvent *event);

/* The table of proofs alone. ret_reason is set with CONTRADICTION. */
TilldVerdict      tilld_delivery_judge (const TilldDelivery *delivery, const TilldMoneyTerms *terms,
                                        const TilldMoneyReading *reading, TillCaseReason *ret_reason);

guint             tilld_delivery_max_attempts (TillMeterClass effective);
gboolean          tilld_outcome_is_ambiguous (TillDeliveryOutcome outcome);
/* Quiet time of a link kind before a read-back, ms; gateway_quarantine_s (0 = none) if longer. */
guint             tilld_delivery_quarantine_ms (TillLinkKind link, TillLinkClass link_class, gboolean local_network,
                                                guint gateway_quarantine_s);
/* When r1 did not answer: 1, 5, 15, 60 s, then 0 = with each sweep. */
guint             tilld_delivery_read_back_wait_ms (guint tries);
/* What people see: queued with the link up is `paid`. */
TillSaleState     tilld_delivery_sale_state (TillCommandState state, gboolean link_up);

G_END_DECLS
