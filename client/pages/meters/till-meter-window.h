/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-meter-window.h: one meter: now, its readings, its sales. Several may be open. */
#pragma once
#include <adwaita.h>
#include "client/service/till-context.h"

G_BEGIN_DECLS

#define TILL_TYPE_METER_WINDOW (till_meter_window_get_type ())
G_DECLARE_FINAL_TYPE (TillMeterWindow, till_meter_window, TILL, METER_WINDOW, AdwWindow)

GtkWindow *till_meter_window_show (GtkWidget *parent, TillContext *context, gint64 meter);

G_END_DECLS
