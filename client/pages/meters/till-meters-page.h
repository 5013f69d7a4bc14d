/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-meters-page.h: the table of all meters. Targets of win.show-page: "meter:ID" opens its window, "ids:1,2" shows these,
 * "stale" those without a reading for 3 minutes, "state:NAME". */
#pragma once
#include "client/pages/till-page.h"

G_BEGIN_DECLS

#define TILL_TYPE_METERS_PAGE (till_meters_page_get_type ())
G_DECLARE_FINAL_TYPE (TillMetersPage, till_meters_page, TILL, METERS_PAGE, TillPage)

G_END_DECLS
