/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-orders-view.h: what was ordered of meters, by whom, and what became of it: newest first, by days, kind and state. */
#pragma once
#include "client/pages/till-list-page.h"

G_BEGIN_DECLS

#define TILL_TYPE_ORDERS_VIEW (till_orders_view_get_type ())
G_DECLARE_FINAL_TYPE (TillOrdersView, till_orders_view, TILL, ORDERS_VIEW, TillListPage)

G_END_DECLS
