/* SPDX-License-Identifier: GPL-2.0-or-later
 * ledger-rules.h: event -> postings. Debit positive, credit negative; every set sums to zero, asserted here and by a
 * deferred trigger in the database. */
#pragma once
#include "shared/api/till-enums.h"
#include "shared/base/till-money.h"

G_BEGIN_DECLS

#define TILLD_POSTINGS_MAX 4

/* Owner: cash and over_short: drawer; bank: channel; transit, on_meter, suspense: meter; server_balance: account;
 * refund_due: customer; revenue, subsidy: site. */
typedef struct {
  TillLedgerAccount kind;
  gint64            owner;
  TillMoney         amount;
} TilldPosting;

typedef struct {
  TillLedgerEvent event;
  TillMoney       amount; /* > 0; ADOPTED, SETTLED and DRAWER_CLOSED also < 0 */
  TillChannel     channel;
  gboolean        server_settled; /* SALE_PAID, SUBSIDY_GIVEN, REVERSED, DEBITED, SETTLED: server_balance instead of transit / on_meter */
  gboolean        subsidy;        /* REVERSED, DEBITED, GIVEN_UP: what was given goes back where it came from, to nobody's hand */
  gint64          site, meter, meter_to, account, customer, drawer;
} TilldLedgerFact;

/* INVALID when the fact is not complete (no drawer for cash, amount out of range ...). */
gboolean tilld_ledger_postings (const TilldLedgerFact *fact, TilldPosting ret_postings[TILLD_POSTINGS_MAX], guint *ret_n, GError **error);

G_END_DECLS
