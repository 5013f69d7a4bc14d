/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-tariffs-page.h: every tariff with its versions, hours and prices, and what the meters hold of it. Changes open windows of their own.
 * Target of win.show-page: the id of a tariff. */
#pragma once
#include "client/pages/till-page.h"

G_BEGIN_DECLS

#define TILL_TYPE_TARIFFS_PAGE (till_tariffs_page_get_type ())
G_DECLARE_FINAL_TYPE (TillTariffsPage, till_tariffs_page, TILL, TARIFFS_PAGE, TillPage)

G_END_DECLS
