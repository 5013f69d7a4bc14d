/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-case-dialog.h: one case: the ledger beside the meter, what can be proposed, why. A second operator agrees under Approvals. */
#pragma once
#include "client/pages/till-page.h"

G_BEGIN_DECLS

/* record: TillCase, open. done: called when the proposal was taken. */
void till_case_dialog_show (TillPage *page, gpointer record, void (*done) (TillPage *page));

G_END_DECLS
