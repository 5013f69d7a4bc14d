/* SPDX-License-Identifier: GPL-2.0-or-later
 * sale-store.h: rows of sales, and what must be known to decide one. */
#pragma once
#include "server/domain/money/sale.h"
#include "server/rules/sale-rules.h"

G_BEGIN_DECLS

/* One read without locks; ledger_post () checks again what may change. Texts owned. */
typedef struct {
  gboolean found;          /* FALSE: no such meter in the areas of the actor, and nothing else is set */
  TilldSaleFacts facts;    /* without what the profile says */
  gboolean known, known_same;      /* the id exists already, with this body */
  gint64   site, account, customer, area, gateway, price;
  gint32   epoch;
  char    *meter_code, *account_code, *customer_name, *room, *model;
  gboolean drawer_is_open; /* the drawer named, or, when none was, one of the operator */
  gint64   drawer;
  gboolean proof_any, proof_is_a; /* a recorded proof of this model's recharge stands for this gateway */
  gint64   proof_version;
  gint64   energy_rest;    /* a purse of energy: paid before, bought no whole unit */
  TillMoney approve_above; /* a sale of more waits for a second operator; -1 = never */
} TilldSaleContext;

void     tilld_sale_context_clear (TilldSaleContext *context);

typedef struct {
  const TilldActor       *who;
  const TilldSaleRequest *in;
  const guint8           *body_hash; /* 32 bytes */
} TilldSaleAsk;

/* For all of them one query; ret_contexts: n of them, zero before. */
gboolean tilld_sale_contexts_load (TilldDb *db, const TilldSaleAsk *asks, guint n, TilldSaleContext *ret_contexts, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TilldSaleContext, tilld_sale_context_clear)

G_END_DECLS
