/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-global-search.h: one entry for meters, customers and receipts (Ctrl+K). Enter opens, Ctrl+Enter or F8 starts a sale. */
#pragma once
#include <gtk/gtk.h>
#include "client/service/till-context.h"

G_BEGIN_DECLS

#define TILL_TYPE_GLOBAL_SEARCH (till_global_search_get_type ())
G_DECLARE_FINAL_TYPE (TillGlobalSearch, till_global_search, TILL, GLOBAL_SEARCH, GtkWidget)

void till_global_search_set_context (TillGlobalSearch *self, TillContext *context);

G_END_DECLS
