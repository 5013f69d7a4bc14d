/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-gateways-view.h: the operations view: how fresh the estate is, every gateway with its link, what knocks at the door. */
#pragma once
#include "client/pages/till-list-page.h"

G_BEGIN_DECLS

#define TILL_TYPE_GATEWAYS_VIEW (till_gateways_view_get_type ())
G_DECLARE_FINAL_TYPE (TillGatewaysView, till_gateways_view, TILL, GATEWAYS_VIEW, TillListPage)

G_END_DECLS
