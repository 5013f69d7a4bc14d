/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-calendar-view.h: seasons and the three kinds of day of a tariff version, the chosen one as a clock band or as a table. To read, or to
 * change in place: seasons added, dated and removed, a day copied from another. Signal "changed". */
#pragma once
#include <adwaita.h>
#include "client/model/till-tariff-version.h"

G_BEGIN_DECLS

#define TILL_TYPE_CALENDAR_VIEW (till_calendar_view_get_type ())
G_DECLARE_FINAL_TYPE (TillCalendarView, till_calendar_view, TILL, CALENDAR_VIEW, AdwBin)

/* version is borrowed and changed in place; NULL: nothing is shown. */
void till_calendar_view_set_version (TillCalendarView *self, TillTariffVersion *version, gboolean editable);
/* Rates that have prices changed: what may be chosen follows. */
void till_calendar_view_update_rates (TillCalendarView *self);
/* What the server says of a member ("seasons[1].restday[2].rate"): shown where it is; FALSE: not one of ours. */
gboolean till_calendar_view_mark (TillCalendarView *self, const char *member, const char *reason);
void till_calendar_view_clear_marks (TillCalendarView *self);

G_END_DECLS
