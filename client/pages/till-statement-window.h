/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-statement-window.h: the balance of a meter explained line by line over a period: on the screen, as a sheet, on paper. For a customer or
 * an account with several meters one of them is chosen. */
#pragma once
#include <adwaita.h>
#include "client/service/till-context.h"

G_BEGIN_DECLS

#define TILL_TYPE_STATEMENT_WINDOW (till_statement_window_get_type ())
G_DECLARE_FINAL_TYPE (TillStatementWindow, till_statement_window, TILL, STATEMENT_WINDOW, AdwWindow)

/* One of them, the others are 0. */
typedef struct { gint64 meter, customer, account; } TillStatementOf;
TillStatementWindow *till_statement_window_show (GtkWidget *parent, TillContext *context, const TillStatementOf *of);

G_END_DECLS
