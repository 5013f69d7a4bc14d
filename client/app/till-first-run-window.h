/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-first-run-window.h: from an empty server to the first sale, step by step: each says what it is for, how far it has come, and opens the page or
 * window where it is done. What is done the server knows, so that it can be left and gone on with at any time, by anybody. */
#pragma once
#include <adwaita.h>
#include "client/service/till-context.h"

G_BEGIN_DECLS

#define TILL_TYPE_FIRST_RUN_WINDOW (till_first_run_window_get_type ())
G_DECLARE_FINAL_TYPE (TillFirstRunWindow, till_first_run_window, TILL, FIRST_RUN_WINDOW, AdwWindow)

/* Opens at the first step that is not done. */
TillFirstRunWindow *till_first_run_window_show (GtkWindow *parent, TillContext *context);
/* Shows it if the server has neither gateway nor meter and the operator may set them up. */
void                till_first_run_offer (GtkWindow *parent, TillContext *context);

G_END_DECLS
