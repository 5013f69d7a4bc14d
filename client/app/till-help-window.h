/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-help-window.h: the manual beside the work: topics left, text right. */
#pragma once
#include <adwaita.h>

G_BEGIN_DECLS

#define TILL_TYPE_HELP_WINDOW (till_help_window_get_type ())
G_DECLARE_FINAL_TYPE (TillHelpWindow, till_help_window, TILL, HELP_WINDOW, AdwWindow)

/* page: name of the page in view; its topic opens. */
GtkWindow *till_help_window_show (GtkApplication *application, const char *page);

G_END_DECLS
