/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-replace-window.h: another device behind a meter: the final reading of the old one (read, typed, or dead with a provisional credit), what
 * the new one is, what goes over, and what becomes of it. And a provisional credit put right when the old device was read after all.
 * Signal "replaced". */
#pragma once
#include <adwaita.h>
#include "client/service/till-context.h"

G_BEGIN_DECLS

#define TILL_TYPE_REPLACE_WINDOW (till_replace_window_get_type ())
G_DECLARE_FINAL_TYPE (TillReplaceWindow, till_replace_window, TILL, REPLACE_WINDOW, AdwWindow)

/* Returns the window (borrowed; it owns itself). */
TillReplaceWindow *till_replace_window_show (GtkWidget *parent, TillContext *context, TillMeter *meter);

/* carried: what went over provisionally; devices: "A > B". corrected is called on widget when it is done. */
typedef struct { gint64 carried; const char *devices; void (*corrected) (GtkWidget *widget); } TillProvisional;
void till_replace_correct_show (GtkWidget *widget, TillContext *context, TillMeter *meter, const TillProvisional *provisional);

G_END_DECLS
