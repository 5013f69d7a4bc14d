/* SPDX-License-Identifier: GPL-2.0-or-later
 * refund-store.h: rows of money that goes out: what must be known, under locks, and what is written. */
#pragma once
#include "server/domain/money/ledger-append.h"
#include "server/domain/office/actor.h"
#include "server/rules/refund-rules.h"

G_BEGIN_DECLS

/* One meter and its account, read after its purse was locked. */
typedef struct {
  TilldPurseFacts facts; /* without what the profile says */
  gint64   site, area, gateway, account, customer, price;
  gint32   epoch;
  char    *model;        /* owned */
  gint64   debit_proof;  /* version of the recorded proof, 0 = none */
  TillMoney limit_refund, limit_reversal; /* -1 = never a second operator */
  gint64   drawer;       /* open one of the operator, 0 = none */
  TillTime drawer_since, now;
} TilldOutContext;

void     tilld_out_context_clear (TilldOutContext *context);
/* Locks meter_purse, then reads. NOT_FOUND: no such meter in the areas of the actor. */
gboolean tilld_out_context_lock (TilldDb *db, const TilldActor *who, gint64 meter, TilldOutContext *ret_context, GError **error);

/* A sale that is to be reversed, or money that is to be paid out. Read after the purse of its meter was locked. */
typedef struct {
  TilldReversalFacts facts;
  gint64    meter, account, customer, operator_id, tx_n, energy, price;
  TillMoney amount;
  TillChannel channel;
  TillTime  created_at;
  gboolean  has_energy, original_subsidy, paid;
  gint64    drawer, paid_by;
} TilldOutSale;

gboolean tilld_out_sale_meter (TilldDb *db, const TilldActor *who, const TillId *id, gint64 *ret_meter, GError **error); /* NOT_FOUND */
gboolean tilld_out_sale_lock (TilldDb *db, const TillId *id, TilldOutSale *ret_sale, GError **error);

typedef struct {
  TillId        id;
  TillSaleKind  kind;
  TillSaleState state;
  gint64        meter, account, customer, price, approver; /* 0 = none */
  TillMoney     amount;
  gboolean      has_command, has_energy, has_before;
  gint64        purse_amount, energy, before;
  TillChannel   channel;
  const TillId *reverses; /* NULL = none */
  const char   *note;
} TilldMoneyOut;

gboolean tilld_money_out_insert (TilldDb *db, const TilldActor *who, const TilldMoneyOut *in, GError **error);
gboolean tilld_money_out_paid (TilldDb *db, const TilldActor *who, const TillId *id, TillChannel channel, gint64 drawer, GError **error);
/* FALSE with STALE: the courier has it now. */
gboolean tilld_delivery_cancel (TilldDb *db, const TillId *id, TillCommandKind kind, const char *why, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TilldOutContext, tilld_out_context_clear)

G_END_DECLS
