/* SPDX-License-Identifier: GPL-2.0-or-later
 * delivery-store.h: rows of money commands and purses. */
#pragma once
#include "server/db/db-conn.h"
#include "server/domain/money/delivery.h"

G_BEGIN_DECLS

/* A command as it stands now, without locks: what settle judges. */
typedef struct {
  TilldDeliveryOrder order;
  gint64             site, money_amount; /* of the sale, 1/10000 */
  gboolean           money_purse;
  gint64             customer, reverses; /* debit: who gets it; place in the chain of the sale that it takes back, 0 = none */
  gboolean           subsidy;            /* debit: of a free allowance */
} TilldDeliveryCase;

gboolean tilld_delivery_load (TilldDb *db, const TillId *id, TilldDeliveryCase *ret_case, GError **error); /* NOT_FOUND */
gboolean tilld_delivery_store_again (TilldDb *db, const TillId *id, gint32 attempt, guint wait_ms, const TilldMoneyReading *reading, GError **error);
gboolean tilld_delivery_store_hold (TilldDb *db, const TillId *id, TillCommandState state, gint32 attempt, TillCaseReason reason,
                                    const TilldMoneyReading *reading, GError **error);

typedef struct {
  gint64     site;
  TilldPurse purse;
  gboolean   on_meter;       /* meter-settled with a purse: its balance is in the books */
  gboolean   energy;         /* of energy: by what it is worth */
  TillMoney  price;          /* per kWh now; 0 = no tariff */
} TilldPurseRow;
gboolean tilld_purse_load (TilldDb *db, gint64 meter, TilldPurseRow *ret_row, GError **error);

G_END_DECLS
