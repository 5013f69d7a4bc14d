/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-gateway-window.h: one gateway: how its link does now, and recordings of its raw exchanges for support. */
#pragma once
#include <adwaita.h>
#include "client/service/till-context.h"

G_BEGIN_DECLS

#define TILL_TYPE_GATEWAY_WINDOW (till_gateway_window_get_type ())
G_DECLARE_FINAL_TYPE (TillGatewayWindow, till_gateway_window, TILL, GATEWAY_WINDOW, AdwWindow)

GtkWindow *till_gateway_window_show (GtkWidget *parent, TillContext *context, gint64 gateway);

G_END_DECLS
