/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-customers-page.h: who lives where, on which account. */
#pragma once
#include "client/pages/till-section-page.h"

G_BEGIN_DECLS

#define TILL_TYPE_CUSTOMERS_PAGE (till_customers_page_get_type ())
G_DECLARE_FINAL_TYPE (TillCustomersPage, till_customers_page, TILL, CUSTOMERS_PAGE, TillSectionPage)

G_END_DECLS
