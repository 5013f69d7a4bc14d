/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-second-factor.h: the code of an authenticator: begun by the operator, asked for at sign-in. */
#pragma once
#include "client/service/till-context.h"
#include "client/widgets/till-ask-window.h"

G_BEGIN_DECLS

/* Asks the server for a secret, shows it once and takes the first code. Says on the parent's toast what came of it. */
void           till_second_factor_begin (GtkWindow *parent, TillContext *context);
/* The window that asks for a code; wrong: the last one was not it. till_ask_window_get_note () is the code once it is answered. */
TillAskWindow *till_second_factor_ask (GtkWindow *parent, gboolean wrong);

G_END_DECLS
