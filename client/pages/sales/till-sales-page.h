/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-sales-page.h: take money safely and fast: counter and records. Target of win.show-page: "meter:ID" begins a sale, "records" the list. */
#pragma once
#include "client/pages/till-page.h"

G_BEGIN_DECLS

#define TILL_TYPE_SALES_PAGE (till_sales_page_get_type ())
G_DECLARE_FINAL_TYPE (TillSalesPage, till_sales_page, TILL, SALES_PAGE, TillPage)

G_END_DECLS
