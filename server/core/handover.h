/* SPDX-License-Identifier: GPL-2.0-or-later
 * handover.h: a call for the thread that runs a main context, from any other. */
#pragma once
#include <glib.h>

G_BEGIN_DECLS

/* As g_main_context_invoke_full, but what belongs to the main thread is never called in another, not even while its loop does not run:
 * before it has begun, between the turns of an end that waits. */
void tilld_hand_over (GMainContext *context, int priority, GSourceFunc func, gpointer data, GDestroyNotify notify);

G_END_DECLS
