/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-plant-view.h: the records of all meters: where each hangs, what it is, how it is billed; made, changed and retired here. */
#pragma once
#include "client/pages/till-list-page.h"

G_BEGIN_DECLS

#define TILL_TYPE_PLANT_VIEW (till_plant_view_get_type ())
G_DECLARE_FINAL_TYPE (TillPlantView, till_plant_view, TILL, PLANT_VIEW, TillListPage)

G_END_DECLS
