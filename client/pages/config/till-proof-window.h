/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-proof-window.h: one commissioning walk: its plan, the question of its step with the answers there are, and its protocol. */
#pragma once
#include <adwaita.h>
#include "client/service/till-context.h"

G_BEGIN_DECLS

#define TILL_TYPE_PROOF_WINDOW (till_proof_window_get_type ())
G_DECLARE_FINAL_TYPE (TillProofWindow, till_proof_window, TILL, PROOF_WINDOW, AdwWindow)

GtkWindow *till_proof_window_show (GtkWidget *parent, TillContext *context, const char *proof);

G_END_DECLS
