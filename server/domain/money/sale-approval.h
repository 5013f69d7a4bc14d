/* SPDX-License-Identifier: GPL-2.0-or-later
 * sale-approval.h: sales above the amount of the site wait for a second operator. */
#pragma once
#include "server/domain/money/sale.h"

G_BEGIN_DECLS

typedef struct {
  const TilldSaleRequest *in;
  const guint8           *hash; /* 32 bytes: of its body */
  gint64                  area;
} TilldSaleProposal;

/* Outside any transaction. Always FALSE: stored, or found, and the error is APPROVAL_REQUIRED with its number; or why it could not be. */
gboolean tilld_sale_propose (TilldDb *db, const TilldActor *who, const TilldSaleProposal *proposal, GError **error);

G_END_DECLS
