/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-money-entry.h: decimal text <-> int64 without floating point. A GtkWidget that is a GtkEditable.
 * CSS node: entry. Properties: "amount" (int64, 1/10000; TILL_UNKNOWN while the text is no number), "decimals" (uint, 2 or 4),
 * "minimum", "maximum" (int64), "valid" (boolean, read-only), "placeholder-text". Signal "activate". */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define TILL_TYPE_MONEY_ENTRY (till_money_entry_get_type ())
G_DECLARE_FINAL_TYPE (TillMoneyEntry, till_money_entry, TILL, MONEY_ENTRY, GtkWidget)

GtkWidget *till_money_entry_new (void);
gint64     till_money_entry_get_amount (TillMoneyEntry *self);
void       till_money_entry_set_amount (TillMoneyEntry *self, gint64 amount);
gboolean   till_money_entry_is_valid (TillMoneyEntry *self);

G_END_DECLS
