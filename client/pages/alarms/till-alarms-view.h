/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-alarms-view.h: nothing goes unseen: current and past alarms, acknowledged with a note. */
#pragma once
#include "client/pages/till-list-page.h"

G_BEGIN_DECLS

#define TILL_TYPE_ALARMS_VIEW (till_alarms_view_get_type ())
G_DECLARE_FINAL_TYPE (TillAlarmsView, till_alarms_view, TILL, ALARMS_VIEW, TillListPage)

G_END_DECLS
