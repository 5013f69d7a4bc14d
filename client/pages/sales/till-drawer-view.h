/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-drawer-view.h: cash boxes: open with a float, count blind, close; those of all operators for who may see them. */
#pragma once
#include "client/pages/till-list-page.h"

G_BEGIN_DECLS

#define TILL_TYPE_DRAWER_VIEW (till_drawer_view_get_type ())
G_DECLARE_FINAL_TYPE (TillDrawerView, till_drawer_view, TILL, DRAWER_VIEW, TillListPage)

G_END_DECLS
