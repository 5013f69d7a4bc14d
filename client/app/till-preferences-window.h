/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-preferences-window.h: what this station remembers, changed at once. */
#pragma once
#include <adwaita.h>
#include "client/service/till-context.h"

G_BEGIN_DECLS

#define TILL_TYPE_PREFERENCES_WINDOW (till_preferences_window_get_type ())
G_DECLARE_FINAL_TYPE (TillPreferencesWindow, till_preferences_window, TILL, PREFERENCES_WINDOW, AdwWindow)

GtkWindow *till_preferences_window_show (GtkWindow *parent, TillContext *context);

G_END_DECLS
