/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-alarms-page.h: nothing goes unseen: alarms, cases that two persons decide, and what was ordered of meters. */
#pragma once
#include "client/pages/till-section-page.h"

G_BEGIN_DECLS

#define TILL_TYPE_ALARMS_PAGE (till_alarms_page_get_type ())
G_DECLARE_FINAL_TYPE (TillAlarmsPage, till_alarms_page, TILL, ALARMS_PAGE, TillSectionPage)

G_END_DECLS
