/* SPDX-License-Identifier: GPL-2.0-or-later
 * till-area.h: one place of the tree site, building, floor, room.
 * Fields: id parent (int) name kind (enum area-kind) path site meters version. */
#pragma once
#include "client/model/till-record.h"
#include "client/model/till-words.h"

G_BEGIN_DECLS

#define TILL_TYPE_AREA (till_area_get_type ())
TILL_DECLARE_RECORD (TillArea, till_area, AREA)

G_END_DECLS
