/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-discovery-window.h: looks for the circuits behind one port of a gateway and adds those that are chosen as meters. */
#pragma once
#include <adwaita.h>
#include "client/service/till-context.h"

G_BEGIN_DECLS

#define TILL_TYPE_DISCOVERY_WINDOW (till_discovery_window_get_type ())
G_DECLARE_FINAL_TYPE (TillDiscoveryWindow, till_discovery_window, TILL, DISCOVERY_WINDOW, AdwWindow)

/* Signal "added": meters were added. code: of the gateway. */
TillDiscoveryWindow *till_discovery_window_show (GtkWidget *parent, TillContext *context, gint64 gateway, const char *code);

G_END_DECLS
