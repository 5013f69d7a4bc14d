/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-open-window.h: the assistant that opens an account: customer, meters, price and limits, money, a page that says what will happen, and
 * what becomes of it. Signal "opened": there is an account more. */
#pragma once
#include "client/pages/till-page.h"

G_BEGIN_DECLS

#define TILL_TYPE_OPEN_WINDOW (till_open_window_get_type ())
G_DECLARE_FINAL_TYPE (TillOpenWindow, till_open_window, TILL, OPEN_WINDOW, AdwWindow)

/* What is known already: customer NULL, meter 0 = nothing. Returns the window (borrowed; it owns itself). */
typedef struct { TillCustomer *customer; gint64 meter; } TillOpenFrom;
TillOpenWindow *till_open_window_show (TillPage *page, const TillOpenFrom *from);

G_END_DECLS
