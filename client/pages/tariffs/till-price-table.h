/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-price-table.h: prices of a tariff version by tier and rate, the period of the tiers, fixed fee and free allowance. To read, or to change
 * in place. Signals "changed"; "rates-changed": a rate is used now or no longer. */
#pragma once
#include <gtk/gtk.h>
#include "client/model/till-tariff-version.h"

G_BEGIN_DECLS

#define TILL_TYPE_PRICE_TABLE (till_price_table_get_type ())
G_DECLARE_FINAL_TYPE (TillPriceTable, till_price_table, TILL, PRICE_TABLE, GtkWidget)

/* version is borrowed and changed in place; NULL: nothing is shown. */
void     till_price_table_set_version (TillPriceTable *self, TillTariffVersion *version, gboolean editable);
/* FALSE: an entry is empty or no number; it is marked, has the focus, and the sentence stands below. */
gboolean till_price_table_check (TillPriceTable *self);
/* What the server says of a member ("prices.flat", "tiers.steps[1].to", "fixed_per_day"); FALSE: not one of ours. */
gboolean till_price_table_mark (TillPriceTable *self, const char *member, const char *reason);
void     till_price_table_clear_marks (TillPriceTable *self);

G_END_DECLS
