/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-operator.h: one person who may sign in.
 * Fields: id user name phone kind (enum) roles (strv) area-paths (strv) totp (bool) must-change sale-limit active (bool) last-sign-in version. */
#pragma once
#include "client/model/till-record.h"
#include "client/model/till-words.h"

G_BEGIN_DECLS

#define TILL_TYPE_OPERATOR (till_operator_get_type ())
TILL_DECLARE_RECORD (TillOperator, till_operator, OPERATOR)

G_END_DECLS
