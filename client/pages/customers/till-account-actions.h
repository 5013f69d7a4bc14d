/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-account-actions.h: what is done to an account by one question: suspend, resume, hand over to another customer, add or remove meters. */
#pragma once
#include <gtk/gtk.h>
#include "client/service/till-context.h"

G_BEGIN_DECLS

/* changed: called with the widget when the server took it. */
typedef struct { GtkWidget *widget; TillContext *context; void (*changed) (GtkWidget *widget); } TillAccountAsk;
void till_account_suspend_show (const TillAccountAsk *ask, TillAccount *account);
void till_account_resume_show (const TillAccountAsk *ask, TillAccount *account);
void till_account_transfer_show (const TillAccountAsk *ask, TillAccount *account);
void till_account_add_meter_show (const TillAccountAsk *ask, TillAccount *account);
void till_account_remove_meter_show (const TillAccountAsk *ask, TillAccount *account);

G_END_DECLS
