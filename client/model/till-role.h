/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-role.h: one role.
 * Fields: id name permissions (strv). */
#pragma once
#include "client/model/till-record.h"

G_BEGIN_DECLS

#define TILL_TYPE_ROLE (till_role_get_type ())
TILL_DECLARE_RECORD (TillRole, till_role, ROLE)

G_END_DECLS
