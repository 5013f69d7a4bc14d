/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-unknown-view.h: gateways that call and that nobody registered; adopted with one form. */
#pragma once
#include "client/pages/till-list-page.h"

G_BEGIN_DECLS

#define TILL_TYPE_UNKNOWN_VIEW (till_unknown_view_get_type ())
G_DECLARE_FINAL_TYPE (TillUnknownView, till_unknown_view, TILL, UNKNOWN_VIEW, TillListPage)

G_END_DECLS
