/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-window.h: the main window: header, sidebar, strip, pages, status line. Actions: win.show-page (name, target),
 * win.toast (text), win.refresh, win.find, win.export, win.print, win.search, win.sell, win.lock, win.sign-out … */
#pragma once
#include <adwaita.h>
#include "client/pages/till-page.h"
#include "client/service/till-context.h"

G_BEGIN_DECLS

#define TILL_TYPE_WINDOW (till_window_get_type ())
G_DECLARE_FINAL_TYPE (TillWindow, till_window, TILL, WINDOW, AdwApplicationWindow)

/* Signals: "locked": the operator asked for it; "signed-out". */
TillWindow *till_window_new (GtkApplication *application, TillContext *context);
void        till_window_show_page (TillWindow *self, const char *name, const char *target);
TillPage   *till_window_get_page (TillWindow *self, const char *name); /* built if it is not there yet; NULL = no such page */
void        till_window_set_locked (TillWindow *self, gboolean locked);
const char *till_window_get_page_name (TillWindow *self);

G_END_DECLS
