/* SPDX-License-Identifier: GPL-2.0-or-later
 * refund-rules.h: may money go out, which way, how much, and who must agree. Pure; the verbs ask with rows that they hold locked. */
#pragma once
#include "shared/api/till-enums.h"
#include "shared/base/till-money.h"

G_BEGIN_DECLS

/* Purse amounts are server units of the purse: money 1/10000, energy Wh. */
typedef struct {
  TillSettlement settlement;
  TillPurse      purse;
  gboolean       installed;
  const char    *model;           /* for people; NULL = none known */
  gboolean       has_debit;       /* the model can give back */
  gboolean       debit_sets;      /* the model's debit writes a whole new balance, with the relay open: never sent */
  gboolean       debit_allowed;   /* evidence or a recorded proof lets it be written */
  gint64         unit, debit_min, debit_max;
  gboolean       has_account;     /* somebody to give it to */
  gboolean       frozen, has_baseline, link_up, has_reading;
  gint64         reading_age_s;
  gint64         balance;         /* on the meter, or of the account when the server settles */
  gint64         going_out;       /* debits of this meter that are not through yet */
  gint64         price;           /* per kWh: what the energy in an energy purse was paid for with; 0 = unknown */
} TilldPurseFacts;

/* Money -> what the purse loses: energy rounded up to the unit of the meter, so that what leaves it is worth what is paid. */
gboolean tilld_refund_purse_amount (const TilldPurseFacts *facts, TillMoney amount, gint64 *ret_purse_amount, GError **error);
/* TRUE: ret_state is queued (the meter gives it back first) or verified (the server settles). INVALID, CONFLICT, DISPUTE, LIMIT,
 * UNSUPPORTED, OFFLINE. */
gboolean tilld_refund_decide (const TilldPurseFacts *facts, TillMoney amount, gint64 purse_amount, TillSaleState *ret_state, GError **error);

typedef enum {
  TILLD_REVERSE_CANCEL, /* never reached the meter: the command is cancelled, the money is there */
  TILLD_REVERSE_DEBIT,  /* on the meter: taken back like a refund, at most what it still holds */
  TILLD_REVERSE_SERVER, /* of an account that the server settles */
} TilldReversalWay;

typedef struct {
  TillSaleKind     kind;
  TillSaleState    state;
  gboolean         reversed;      /* once already */
  gboolean         has_command;
  TillCommandState command_state;
} TilldReversalFacts;

gboolean tilld_reversal_decide (const TilldReversalFacts *facts, TilldReversalWay *ret_way, GError **error);
/* A refund or reversal whose money shall leave the house. */
typedef struct {
  TillSaleKind  kind;
  TillSaleState state;
  gboolean      paid, paid_by_same; /* already; by who asks now */
  gboolean      of_subsidy;         /* what it takes back was nobody's money */
} TilldPayFacts;

/* TRUE with *ret_replayed: the same asked twice, nothing is paid. CONFLICT. */
gboolean tilld_refund_may_pay (const TilldPayFacts *facts, gboolean *ret_replayed, GError **error);

/* What a device that goes holds and its successor is given: money in whole fen, energy in whole steps at the price of now. LIMIT. */
gboolean tilld_refund_carry (const TilldPurseFacts *facts, gint64 balance, TillMoney *ret_carried, gint64 *ret_purse_amount, GError **error);

/* How much of a delivered sale can still be taken back; 0 = nothing. ret_purse_amount in units of the purse. */
TillMoney tilld_reversal_amount (const TilldPurseFacts *facts, TillMoney sold, gint64 sold_energy, gint64 *ret_purse_amount);

/* limit < 0: never. A reversal within it is alone only for the same operator in the same shift. */
gboolean tilld_refund_needs_second (TillMoney amount, TillMoney limit);
gboolean tilld_reversal_needs_second (TillMoney amount, TillMoney limit, gboolean same_operator, gboolean same_shift);

G_END_DECLS
