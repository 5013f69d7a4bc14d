/* SPDX-License-Identifier: GPL-2.0-or-later
 * case-rules.h: what two persons may decide about a case, and what follows from it for the command, the purse and the books. Pure; asked
 * when it is proposed and again, under locks, when it is agreed to. */
#pragma once
#include "server/rules/delivery-rules.h"
#include "shared/base/till-money.h"

G_BEGIN_DECLS

typedef enum {
  TILLD_DECIDE_APPLIED,    /* the meter has the money */
  TILLD_DECIDE_SEND_AGAIN, /* it has not: once more */
  TILLD_DECIDE_RETURN,     /* it has not, and will not: back to the customer */
  TILLD_DECIDE_ACCEPT,     /* no command in doubt: the meter's values are right from now on */
  TILLD_DECIDE_EXPLAINED,  /* a difference of the books that has an explanation: nothing changes */
  TILLD_DECIDE_N
} TilldCaseDecision;

const char *tilld_case_decision_word (TilldCaseDecision decision); /* "applied", "send_again", "return", "accept_meter", "explained" */
gboolean    tilld_case_decision_from_word (const char *word, int *ret_decision);

typedef struct {
  TilldCaseDecision        decision;
  gboolean                 accept;      /* together with applied or return: the meter's values too */
  TillCaseReason           reason;
  gboolean                 has_command; /* held */
  TilldDelivery            delivery;
  TilldPurse               purse;       /* what the ledger believes */
  const TilldMoneyReading *reading;     /* at most 60 s old; NULL: a person says why none is possible */
  TilldMoneyTerms          terms;       /* of the command, else of the recharge */
  gint64                   on_meter;    /* credit of the meter in the books, units of its purse */
} TilldCaseFacts;

typedef struct {
  gboolean         command_moves;
  TillCommandState command_next;
  gboolean         new_epoch;
  gint64           difference; /* units of the purse: what the meter has more than the books explain, to suspense */
  TilldPurse       purse;      /* afterwards, not frozen */
} TilldCaseOutcome;

/* CONFLICT says what would be right; INVALID: the decision does not fit the case. */
gboolean tilld_case_decide (const TilldCaseFacts *facts, TilldCaseOutcome *ret_outcome, GError **error);

#define TILLD_CASE_ENTRIES 3
typedef struct {
  TillLedgerEvent event;
  TillMoney       amount;
} TilldCaseEntry;

/* What the books say of it. sold: money of the sale the command delivers. in_books: the meter keeps its own purse; the
 * difference in money then, for a purse of energy what it is worth. */
guint tilld_case_entries (const TilldCaseFacts *facts, const TilldCaseOutcome *outcome, TillMoney sold, gboolean in_books,
                          TilldCaseEntry ret[TILLD_CASE_ENTRIES]);

G_END_DECLS
