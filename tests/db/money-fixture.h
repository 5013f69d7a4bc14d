/* SPDX-License-Identifier: GPL-2.0-or-later
 * money-fixture.h: a small site for tests of money: one site, area, gateway, six meters of the generic models, accounts, two cashiers, a
 * ledger lane. Every test ends in money_free (), which asks ledger_violations () and both chains. */
#pragma once
#include "server/domain/money/delivery.h"
#include "server/domain/money/sale.h"
#include "tests/lib/pg-fixture.h"

G_BEGIN_DECLS

#define MONEY_METER_A 1      /* adf400l-1p, proven, link up, account open */
#define MONEY_METER_B 2      /* gridtill-generic-b */
#define MONEY_METER_SERVER 3 /* server-settled */
#define MONEY_METER_DOWN 4   /* link down */
#define MONEY_METER_CLOSED 5 /* its account is suspended */
#define MONEY_METER_BARE 6   /* unproven model at a gateway that is not simulated, link up */
#define MONEY_CASHIER 1
#define MONEY_SECOND 2
#define MONEY_LIMITED 3      /* may sell 100.00 at once */
#define MONEY_GATEWAY 1
#define MONEY_GATEWAY_EPOCH 7

typedef struct {
  TestPg        *pg;
  TilldLedger   *ledger;
  TilldProfiles *profiles;
  TilldActor     cashier, second, limited;
  gboolean       confirmed; /* money_settle: a second read agreed */
  int            proof;     /* money_sent, money_settle: TilldProof; 0 = count + total */
} Money;

Money   *money_new (void);
void     money_free (Money *money); /* asserts the invariants */
void     money_assert_invariants (Money *money);

TilldSaleRequest money_request (gint64 meter, TillMoney amount, TillChannel channel);
/* Sells or asserts; returns the id. */
TillId   money_sell (Money *money, gint64 meter, TillMoney amount);
/* -1 = sold, else the code of the refusal. */
int      money_try (Money *money, const TilldActor *who, const TilldSaleRequest *request);
gint64   money_balance (Money *money, TillLedgerAccount kind, gint64 owner); /* debits - credits, from the postings */

/* The meter of the tests says this. */
TilldMoneyReading money_reading (gint32 count, gint64 total, gint64 balance);
TilldMoneyTerms   money_terms (void);
/* The same of a meter that counts what was taken off it. */
TilldMoneyReading money_reading_out (gint32 count, gint64 total, gint64 balance, gint32 refunds, gint64 refunded);
/* First baseline of a meter; asserts. */
void     money_adopt (Money *money, gint64 meter, const TilldMoneyReading *reading);

/* Makes them people of finance: they may refund, reverse and approve. */
void     money_of_finance (TilldActor *who);
/* Any verb in its own transaction: TRUE, or FALSE with the code in *ret_code (may be NULL: then it must succeed). */
gboolean money_run (Money *money, gboolean (*verb) (TilldDb *db, gpointer data, GError **error), gpointer data, int *ret_code);

/* Steps of the courier, each in its own transaction; FALSE with the code in *ret_code (may be NULL). */
gboolean money_claim (Money *money, TilldDeliveryOrder *ret_order);
gboolean money_sent (Money *money, const TilldDeliveryOrder *order, const TilldMoneyReading *before, TilldDeliveryStep *ret_step, int *ret_code);
gboolean money_written (Money *money, const TillId *id, gint32 attempt, TillDeliveryOutcome outcome, int *ret_code);
gboolean money_settle (Money *money, const TillId *id, gint32 attempt, const TilldMoneyReading *after, TilldDeliveryStep *ret_step,
                       int *ret_code);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Money, money_free)

G_END_DECLS
