/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-cases-view.h: deliveries and counters in doubt, open and closed. */
#pragma once
#include "client/pages/till-list-page.h"

G_BEGIN_DECLS

#define TILL_TYPE_CASES_VIEW (till_cases_view_get_type ())
G_DECLARE_FINAL_TYPE (TillCasesView, till_cases_view, TILL, CASES_VIEW, TillListPage)

G_END_DECLS
