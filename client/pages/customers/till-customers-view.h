/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-customers-view.h: people and shops. */
#pragma once
#include "client/pages/till-list-page.h"

G_BEGIN_DECLS

#define TILL_TYPE_CUSTOMERS_VIEW (till_customers_view_get_type ())
G_DECLARE_FINAL_TYPE (TillCustomersView, till_customers_view, TILL, CUSTOMERS_VIEW, TillListPage)

G_END_DECLS
