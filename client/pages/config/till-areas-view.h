/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-areas-view.h: the tree of sites and areas, to be changed in place, and beside it what lies in the chosen area. */
#pragma once
#include "client/pages/till-list-page.h"

G_BEGIN_DECLS

#define TILL_TYPE_AREAS_VIEW (till_areas_view_get_type ())
G_DECLARE_FINAL_TYPE (TillAreasView, till_areas_view, TILL, AREAS_VIEW, TillListPage)

G_END_DECLS
