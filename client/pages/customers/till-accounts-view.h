/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-accounts-view.h: accounts of customers. */
#pragma once
#include "client/pages/till-list-page.h"

G_BEGIN_DECLS

#define TILL_TYPE_ACCOUNTS_VIEW (till_accounts_view_get_type ())
G_DECLARE_FINAL_TYPE (TillAccountsView, till_accounts_view, TILL, ACCOUNTS_VIEW, TillListPage)

G_END_DECLS
