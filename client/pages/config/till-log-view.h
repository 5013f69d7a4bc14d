/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-log-view.h: the system log: who did what when from where, with what was before and after; and whether nobody touched it. */
#pragma once
#include "client/pages/till-list-page.h"

G_BEGIN_DECLS

#define TILL_TYPE_LOG_VIEW (till_log_view_get_type ())
G_DECLARE_FINAL_TYPE (TillLogView, till_log_view, TILL, LOG_VIEW, TillListPage)

G_END_DECLS
