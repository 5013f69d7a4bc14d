/* SPDX-License-Identifier: GPL-2.0-or-later
 * refund.h: money that goes out: refunds, reversals, and the hand that pays them. All run inside the caller's transaction. The order
 * never changes: the meter loses the money, that is verified, then cash leaves the drawer. */
#pragma once
#include "server/domain/money/sale.h"
#include "server/domain/office/approval.h"

G_BEGIN_DECLS

typedef struct {
  TillId      id;
  gint64      meter;
  TillMoney   amount;
  TillChannel channel; /* how it will be paid */
  const char *reason;
} TilldRefundRequest;

typedef struct {
  TillId      id;      /* of the reversal */
  TillId      sale;
  const char *reason;
} TilldReversalRequest;

/* What became of a request: approval <> 0: stored as a proposal, nothing moved; else the row. */
typedef struct {
  gint64   approval;
  gboolean replayed;
} TilldOutResult;

gboolean tilld_refund_create (TilldDb *db, const TilldProfiles *profiles, const TilldActor *who, const TilldRefundRequest *in, TilldOutResult *ret,
                              GError **error);
gboolean tilld_sale_reverse (TilldDb *db, const TilldProfiles *profiles, const TilldActor *who, const TilldReversalRequest *in, TilldOutResult *ret,
                             GError **error);

/* A verified refund or reversal is handed out: cash from the operator's open drawer. channel -1: as it was asked for. Again by the same
 * operator is a repetition; by another a CONFLICT. */
gboolean tilld_refund_pay (TilldDb *db, const TilldActor *who, const TillId *id, int channel, gboolean *ret_replayed, GError **error);

G_END_DECLS
