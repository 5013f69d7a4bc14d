/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-sale-progress.h: one sale on its way: paid > sent > verified, with times and the purchase count, live. After a time-out it says what
 * is known and offers [Check]. Never turns a doubt into a success.
 * Signals: "receipt" (TillSale): the button, and by itself at the moment the settings ask for; "finished": verified, held or cancelled. */
#pragma once
#include <gtk/gtk.h>
#include "client/service/till-context.h"

G_BEGIN_DECLS

#define TILL_TYPE_SALE_PROGRESS (till_sale_progress_get_type ())
G_DECLARE_FINAL_TYPE (TillSaleProgress, till_sale_progress, TILL, SALE_PROGRESS, GtkWidget)

void      till_sale_progress_set_context (TillSaleProgress *self, TillContext *context);
void      till_sale_progress_follow (TillSaleProgress *self, TillSale *sale);
/* The answer to a sale did not come: nobody knows yet. */
void      till_sale_progress_doubt (TillSaleProgress *self, const TillId *id, const char *what_is_known);
TillSale *till_sale_progress_get_sale (TillSaleProgress *self); /* borrowed or NULL */
gboolean  till_sale_progress_is_open (TillSaleProgress *self);  /* under way or in doubt */
void      till_sale_progress_clear (TillSaleProgress *self);

G_END_DECLS
