/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-operators-view.h: who may sign in: made, changed, switched off, given another password. Target "new" opens the form of a new one. */
#pragma once
#include "client/pages/till-list-page.h"

G_BEGIN_DECLS

#define TILL_TYPE_OPERATORS_VIEW (till_operators_view_get_type ())
G_DECLARE_FINAL_TYPE (TillOperatorsView, till_operators_view, TILL, OPERATORS_VIEW, TillListPage)

G_END_DECLS
