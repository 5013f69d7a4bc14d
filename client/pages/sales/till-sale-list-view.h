/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-sale-list-view.h: records of sales: period, state, method, search; receipt of the selected one. */
#pragma once
#include <gtk/gtk.h>
#include "client/service/till-context.h"

G_BEGIN_DECLS

#define TILL_TYPE_SALE_LIST_VIEW (till_sale_list_view_get_type ())
G_DECLARE_FINAL_TYPE (TillSaleListView, till_sale_list_view, TILL, SALE_LIST_VIEW, GtkWidget)

void       till_sale_list_view_set_context (TillSaleListView *self, TillContext *context);
void       till_sale_list_view_refresh (TillSaleListView *self);
void       till_sale_list_view_print (TillSaleListView *self); /* receipt of the selected sale */
void       till_sale_list_view_find (TillSaleListView *self);
TillQuery *till_sale_list_view_get_query (TillSaleListView *self); /* borrowed */

G_END_DECLS
