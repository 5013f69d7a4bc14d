/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-overview-page.h: the day at a glance, each figure a door. */
#pragma once
#include "client/pages/till-page.h"

G_BEGIN_DECLS

#define TILL_TYPE_OVERVIEW_PAGE (till_overview_page_get_type ())
G_DECLARE_FINAL_TYPE (TillOverviewPage, till_overview_page, TILL, OVERVIEW_PAGE, TillPage)

G_END_DECLS
