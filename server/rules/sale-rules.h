/* SPDX-License-Identifier: GPL-2.0-or-later
 * sale-rules.h: may this sale be taken, and in which state does it begin. Pure; the ledger checks limits, disputes and
 * states once more under locks. */
#pragma once
#include "shared/api/till-enums.h"
#include "shared/base/till-money.h"

G_BEGIN_DECLS

typedef struct {
  TillSaleKind kind;
  TillChannel  channel;
  TillMoney    amount;
  gint64       purse_amount;       /* what the purse gets: the amount, or Wh in a purse of energy; 0 = not worked out */
  /* meter and profile */
  TillSettlement settlement;
  TillPurse      purse;
  gboolean       installed;        /* not taken down */
  gboolean       write_allowed;    /* evidence or a recorded proof lets the recharge be written */
  gint64         unit;             /* server units of one raw unit of the recharge amount */
  gint64         write_min, write_max;
  gint64         purse_max;        /* the meter cannot hold more; 0 = unknown */
  /* people */
  gboolean       has_account;
  TillAccountState account_state;
  TillMoney      operator_max;     /* 0 = none */
  TillMoney      hoard_limit;      /* 0 = none */
  /* now */
  gboolean       frozen;
  gboolean       link_up;
  gboolean       may_queue;        /* setting of the site: sell with the link down */
  gboolean       has_reading;
  gint64         reading_age_s;
  TillMoney      balance;          /* of the last reading, or of the account when the server settles */
  TillMoney      waiting;          /* paid and not yet on the meter */
} TilldSaleFacts;

/* energy_given: the caller named Wh and their price. Else the amount, with what earlier ones left over (rest, of energy-rules), buys as many
 * whole units as it covers. INVALID, CONFLICT (no price). */
typedef struct { gboolean energy_given; gint64 energy, price, rest; } TilldEnergyWish;
gboolean tilld_sale_purse_amount (const TilldSaleFacts *facts, const TilldEnergyWish *wish, gint64 *ret_purse_amount, GError **error);

/* Highest balance this sale may lead to: the smaller of hoard limit and purse. G_MAXINT64 = no bound. */
TillMoney tilld_sale_balance_limit (const TilldSaleFacts *facts);

/* TRUE: ret_state is paid, queued or, server-settled, verified. FALSE: INVALID, CONFLICT, DISPUTE, LIMIT, UNSUPPORTED or OFFLINE. */
gboolean tilld_sale_decide (const TilldSaleFacts *facts, TillSaleState *ret_state, GError **error);

G_END_DECLS
