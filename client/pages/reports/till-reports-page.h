/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-reports-page.h: every figure on screen and in Excel. Target of win.show-page: the name of a report. */
#pragma once
#include "client/pages/till-page.h"

G_BEGIN_DECLS

#define TILL_TYPE_REPORTS_PAGE (till_reports_page_get_type ())
G_DECLARE_FINAL_TYPE (TillReportsPage, till_reports_page, TILL, REPORTS_PAGE, TillPage)

G_END_DECLS
