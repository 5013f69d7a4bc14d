/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-close-window.h: an account is closed: fresh final readings, the settlement as a preview, then what has been done and what is waited
 * for, until it is closed. Closing the window stops nothing; opened again it goes on under the same id. */
#pragma once
#include <adwaita.h>
#include "client/service/till-context.h"

G_BEGIN_DECLS

#define TILL_TYPE_CLOSE_WINDOW (till_close_window_get_type ())
G_DECLARE_FINAL_TYPE (TillCloseWindow, till_close_window, TILL, CLOSE_WINDOW, AdwWindow)

/* Signal "changed": the account is another one now. */
TillCloseWindow *till_close_window_show (GtkWidget *parent, TillContext *context, TillAccount *account);

G_END_DECLS
