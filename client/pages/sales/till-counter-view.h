/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-counter-view.h: the counter: find > fresh reading > amount > method > one confirmation > paid, sent, verified. Needs no mouse. */
#pragma once
#include <gtk/gtk.h>
#include "client/service/till-context.h"

G_BEGIN_DECLS

#define TILL_TYPE_COUNTER_VIEW (till_counter_view_get_type ())
G_DECLARE_FINAL_TYPE (TillCounterView, till_counter_view, TILL, COUNTER_VIEW, GtkWidget)

void till_counter_view_set_context (TillCounterView *self, TillContext *context);
void till_counter_view_begin (TillCounterView *self);                 /* next customer: empty, focus in Find */
void till_counter_view_open_meter (TillCounterView *self, gint64 id); /* from a table or the board */

G_END_DECLS
