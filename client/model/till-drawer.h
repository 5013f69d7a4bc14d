/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-drawer.h: the cash of one shift.
 * Fields: id operator operator-name float counted taken (cash booked so far) opened-at closed-at. */
#pragma once
#include "client/model/till-record.h"
#include "client/model/till-words.h"

G_BEGIN_DECLS

#define TILL_TYPE_DRAWER (till_drawer_get_type ())
TILL_DECLARE_RECORD (TillDrawer, till_drawer, DRAWER)

G_END_DECLS
