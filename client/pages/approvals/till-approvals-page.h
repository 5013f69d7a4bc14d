/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-approvals-page.h: what waits for a second operator: to be decided here, proposed from here, decided before. */
#pragma once
#include "client/pages/till-list-page.h"

G_BEGIN_DECLS

#define TILL_TYPE_APPROVALS_PAGE (till_approvals_page_get_type ())
G_DECLARE_FINAL_TYPE (TillApprovalsPage, till_approvals_page, TILL, APPROVALS_PAGE, TillListPage)

G_END_DECLS
