/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-money-out.h: the three dialogs by which money goes back: refund, reversal, and the payment of what is owed. The id is made when a
 * dialog opens: a retry is the same refund. */
#pragma once
#include <gtk/gtk.h>
#include "client/service/till-context.h"

G_BEGIN_DECLS

/* changed: called with data when the server took it. meter: loaded; sale: a verified refund or reversal that was not paid. */
typedef struct { GtkWidget *parent; TillContext *context; void (*changed) (gpointer data); gpointer data; } TillMoneyOut;
void till_refund_dialog_show (const TillMoneyOut *out, TillMeter *meter);
/* Takes a wrong sale back: at once while it is not on the meter, else as far as the meter still holds it. */
void till_reverse_dialog_show (const TillMoneyOut *out, TillSale *sale);
void till_pay_dialog_show (const TillMoneyOut *out, TillSale *sale);

/* What makes sense for a sale (NULL: nothing does); the server decides. */
gboolean till_reverse_is_possible (gpointer sale);
gboolean till_pay_is_due (gpointer sale);

G_END_DECLS
