/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-hours-view.h: protected hours: when nobody is cut off for arrears, for all or for a class of use. */
#pragma once
#include "client/pages/till-page.h"

G_BEGIN_DECLS

#define TILL_TYPE_HOURS_VIEW (till_hours_view_get_type ())
G_DECLARE_FINAL_TYPE (TillHoursView, till_hours_view, TILL, HOURS_VIEW, TillPage)

G_END_DECLS
