/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-steps.h: the frame of an assistant: the names of the steps above, one of them shown, Back and the next step below. Knows no step: the owner
 * says what may be gone to. Signals: "next", "shown" (const char *name). Back goes one step back by itself, and loses nothing. */
#pragma once
#include <gtk/gtk.h>

G_BEGIN_DECLS

#define TILL_TYPE_STEPS (till_steps_get_type ())
G_DECLARE_FINAL_TYPE (TillSteps, till_steps, TILL, STEPS, GtkWidget)

GtkWidget  *till_steps_new (void);
void        till_steps_add (TillSteps *self, const char *name, const char *title, GtkWidget *child);
void        till_steps_go (TillSteps *self, const char *name);
const char *till_steps_get (TillSteps *self);
/* A step that is done carries a check mark. */
void        till_steps_set_done (TillSteps *self, const char *name, gboolean done);
/* label NULL: no such button. */
void        till_steps_set_next (TillSteps *self, const char *label, gboolean ready);
void        till_steps_set_back (TillSteps *self, gboolean may);
/* A button of the owner at the foot, at its left. */
void        till_steps_add_button (TillSteps *self, GtkWidget *button);

G_END_DECLS
