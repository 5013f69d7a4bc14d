/* SPDX-License-Identifier: GPL-2.0-or-later
 * money-json.h: money readings and ledger items as the JSON that the database keeps and ledger_post () takes. */
#pragma once
#include "server/domain/money/ledger.h"
#include "shared/base/till-json-write.h"

G_BEGIN_DECLS

char *tilld_money_reading_to_json (const TilldMoneyReading *reading);
/* FALSE when the text is not one of ours: a damaged row, never taken for zeros. */
gboolean tilld_money_reading_from_json (const char *json, TilldMoneyReading *ret_reading, GError **error);
void  tilld_ledger_item_write_json (const TilldLedgerItem *item, guint ord, TillJsonWrite *w);

G_END_DECLS
