/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-sidebar.h: the pages an operator may see. CSS class till-sidebar. Properties: "narrow" (boolean: icons only).
 * Signal "picked" (const char *name). */
#pragma once
#include <gtk/gtk.h>
#include "client/core/till-session.h"

G_BEGIN_DECLS

#define TILL_TYPE_SIDEBAR (till_sidebar_get_type ())
G_DECLARE_FINAL_TYPE (TillSidebar, till_sidebar, TILL, SIDEBAR, GtkWidget)

void till_sidebar_fill (TillSidebar *self, TillSession *session);
void till_sidebar_select (TillSidebar *self, const char *name); /* emits nothing */
void till_sidebar_set_badge (TillSidebar *self, const char *name, guint count);

G_END_DECLS
