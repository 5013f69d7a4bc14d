/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-sale-form.h: amount, method, given, note, and one confirmation in place. Checks with the rules both sides share; decides no money.
 * The id of the sale is made when a meter is set and stays until till_sale_form_renew: a retry is the same sale.
 * Signal "sell": confirmed. Property "busy" (boolean). */
#pragma once
#include <gtk/gtk.h>
#include "client/model/till-meter.h"
#include "client/service/till-sales-service.h"

G_BEGIN_DECLS

#define TILL_TYPE_SALE_FORM (till_sale_form_get_type ())
G_DECLARE_FINAL_TYPE (TillSaleForm, till_sale_form, TILL, SALE_FORM, GtkWidget)

typedef struct { const gint64 *amounts; guint n; TillMoney sale_max; } TillSaleFormSetup;

void        till_sale_form_set_up (TillSaleForm *self, const TillSaleFormSetup *setup); /* quick amounts, limit of the operator */
void        till_sale_form_set_meter (TillSaleForm *self, TillMeter *meter); /* NULL = insensitive; another meter renews the id */
void        till_sale_form_renew (TillSaleForm *self);                       /* after a sale: new id, empty amount */
void        till_sale_form_get_draft (TillSaleForm *self, TillSaleDraft *ret_draft); /* texts borrowed */
void        till_sale_form_set_busy (TillSaleForm *self, gboolean busy);
void        till_sale_form_show_error (TillSaleForm *self, const char *text); /* under the amount; NULL clears */
void        till_sale_form_focus_amount (TillSaleForm *self);
void        till_sale_form_ask (TillSaleForm *self);  /* F12: to the confirmation, if the input is right */
gboolean    till_sale_form_back (TillSaleForm *self); /* Escape: FALSE when there was nothing to go back from */
void        till_sale_form_set_quick (TillSaleForm *self, guint index); /* Ctrl+1..4 */

G_END_DECLS
