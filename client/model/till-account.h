/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-account.h: one account: a customer with meters.
 * Fields: id code customer customer-name customer-code meters (int: how many) settled state (enum account-state) opened-at closed-at
 * closing (id under which it is being closed). */
#pragma once
#include "client/model/till-record.h"
#include "client/model/till-words.h"

G_BEGIN_DECLS

#define TILL_TYPE_ACCOUNT (till_account_get_type ())
TILL_DECLARE_RECORD (TillAccount, till_account, ACCOUNT)

G_END_DECLS
