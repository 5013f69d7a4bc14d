/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-holidays-view.h: the days of the calendar that are not what their weekday says: holidays, rest days, and weekends that are worked. Days to
 * come are set and taken back here; one that was charged stays. */
#pragma once
#include "client/pages/till-list-page.h"

G_BEGIN_DECLS

#define TILL_TYPE_HOLIDAYS_VIEW (till_holidays_view_get_type ())
G_DECLARE_FINAL_TYPE (TillHolidaysView, till_holidays_view, TILL, HOLIDAYS_VIEW, TillListPage)

G_END_DECLS
