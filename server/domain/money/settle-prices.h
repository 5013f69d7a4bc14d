/* SPDX-License-Identifier: GPL-2.0-or-later
 * settle-prices.h: what a meter charged by, and since when. Its tariffs as the model holds them, and above them what was read back of it; a
 * price that reached it within an interval bounds what the interval can have cost. Used by settle*.c only. */
#pragma once
#include "server/domain/money/settle-store.h"

G_BEGIN_DECLS

typedef struct {
  TilldTariff    *held;      /* what spans point to */
  GArray         *spans;     /* TilldTariffSpan: the tariffs as the model holds them */
  GArray         *versions;  /* what was in force, by time; empty: the spans tell */
  TilldTariff     low, high; /* of the interval that was asked last */
  TilldTariffSpan low_span, high_span;
} TilldMeterPrices;

void     tilld_meter_prices_clear (TilldMeterPrices *prices);
/* spans: TilldTariffSpan of the meter, not empty. A model without prices is compared with the exact ones. */
gboolean tilld_meter_prices_load (TilldDb *db, const TilldSettleMeter *m, const TilldProfile *profile, const GArray *spans, GTimeZone *zone,
                                  TilldMeterPrices *ret, GError **error);
/* terms: civil and heads are the caller's. Both are the same unless the price changed within the interval: then everything at the lower and
 * everything at the higher prices. Good until the next call. */
void     tilld_meter_prices_at (TilldMeterPrices *prices, TillTime from, TillTime to, TilldSettleTerms *ret_low, TilldSettleTerms *ret_high);
TillMoney tilld_meter_prices_max (const TilldMeterPrices *prices);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (TilldMeterPrices, tilld_meter_prices_clear)

G_END_DECLS
