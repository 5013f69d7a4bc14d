/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-login-window.h: who works here, and is the server the right one. Signal "signed-in". The password leaves this window
 * only towards the server and is not kept. */
#pragma once
#include <adwaita.h>
#include "client/service/till-context.h"

G_BEGIN_DECLS

#define TILL_TYPE_LOGIN_WINDOW (till_login_window_get_type ())
G_DECLARE_FINAL_TYPE (TillLoginWindow, till_login_window, TILL, LOGIN_WINDOW, AdwWindow)

/* parent NULL: the start of the program; else it stands over the window whose session ended. */
TillLoginWindow *till_login_window_new (TillContext *context, GtkWindow *parent);
/* From the command line; NULL = as remembered. */
void             till_login_window_propose (TillLoginWindow *self, const char *server, const char *user);

G_END_DECLS
