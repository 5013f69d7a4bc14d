/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-meter-cards.h: the meter before the cashier in twelve figures: balance with its age, arrears, breaker, mode, purchases,
 * limits, days left, tariff. CSS node: tillcards. */
#pragma once
#include <gtk/gtk.h>
#include "client/model/till-meter.h"

G_BEGIN_DECLS

#define TILL_TYPE_METER_CARDS (till_meter_cards_get_type ())
G_DECLARE_FINAL_TYPE (TillMeterCards, till_meter_cards, TILL, METER_CARDS, GtkWidget)

void till_meter_cards_set_meter (TillMeterCards *self, TillMeter *meter);    /* NULL = empty; follows the record */
void till_meter_cards_set_reading (TillMeterCards *self, gboolean reading);  /* a fresh reading is under way */

G_END_DECLS
