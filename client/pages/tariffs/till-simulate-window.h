/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-simulate-window.h: what the meters of an area would have paid by a version of a tariff, beside what they paid. Changes nothing. */
#pragma once
#include "client/model/till-tariff-version.h"
#include "client/pages/till-page.h"

G_BEGIN_DECLS

#define TILL_TYPE_SIMULATE_WINDOW (till_simulate_window_get_type ())
G_DECLARE_FINAL_TYPE (TillSimulateWindow, till_simulate_window, TILL, SIMULATE_WINDOW, AdwWindow)

/* version: copied. */
TillSimulateWindow *till_simulate_window_show (TillPage *page, JsonObject *tariff, const TillTariffVersion *version);

G_END_DECLS
