/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-approval.h: one operation that waits for a second operator.
 * Fields: id kind (enum approval-kind) permission state (enum approval-state) request meter meter-code room amount reason proposed-by
 * proposed-by-name proposed-at expires-at decided-by decided-by-name decided-at note. */
#pragma once
#include "client/model/till-record.h"
#include "client/model/till-words.h"

G_BEGIN_DECLS

#define TILL_TYPE_APPROVAL (till_approval_get_type ())
TILL_DECLARE_RECORD (TillApproval, till_approval, APPROVAL)

G_END_DECLS
