/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-receipt-dialog.h: the server's receipt of a sale, on screen and on paper. */
#pragma once
#include <adwaita.h>
#include "client/service/till-context.h"

G_BEGIN_DECLS

#define TILL_TYPE_RECEIPT_DIALOG (till_receipt_dialog_get_type ())
G_DECLARE_FINAL_TYPE (TillReceiptDialog, till_receipt_dialog, TILL, RECEIPT_DIALOG, AdwWindow)

/* Modal to the window of parent. Returns the dialog (borrowed; it owns itself). */
TillReceiptDialog *till_receipt_dialog_show (GtkWidget *parent, TillContext *context, TillSale *sale);

G_END_DECLS
