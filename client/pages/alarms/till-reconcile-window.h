/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-reconcile-window.h: the books were restored from a backup: what the journal told, what each meter says, and the proposal to release
 * the server. A second operator decides under Approvals. */
#pragma once
#include <adwaita.h>
#include "client/service/till-context.h"

G_BEGIN_DECLS

#define TILL_TYPE_RECONCILE_WINDOW (till_reconcile_window_get_type ())
G_DECLARE_FINAL_TYPE (TillReconcileWindow, till_reconcile_window, TILL, RECONCILE_WINDOW, AdwWindow)

/* Returns the window (borrowed; it owns itself). */
TillReconcileWindow *till_reconcile_window_show (GtkWidget *parent, TillContext *context);

G_END_DECLS
